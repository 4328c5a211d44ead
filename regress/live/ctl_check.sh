# keylessctl check and show stores, of a daemon with good and bad stores.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir "$T/empty.d"
put_key p256 pkcs8-pem "$T/a.key"
stores() {
	config <<-END
		check_age: 0s
		private_key_stores:
		- file: $T/a.key
		- dir: $T/empty.d
		$1
	END
}
# The first store is marked, so the empty one does not count.
stores '' && sed -i 's/^- file:.*/&\n  required: yes/' "$CONF"
daemon_start
ctl show stores >"$T/out"
contains "$T/out" "^untested +yes +never +1 +0 +([0-9]+) of \\1 +$T/a\.key\$"
contains "$T/out" "^untested +no +never +0 +0 +0 of 0 +$T/empty\.d\$"
ctl check >"$T/out"
contains "$T/out" "^signs +[0-9]+s ago +$T/a\.key\$"
lacks "$T/out" 'empty\.d'
[ "$(tail -n 1 "$T/out")" = ready ] || fail "check: $(cat "$T/out")"
ctl -j check >"$T/out"
contains "$T/out" '^\{"ready":true,"reason":null,"stores":\[\{"number":0,'
contains "$T/out" '"health":"signs","verified_time":[0-9]+,"tests":2,'

# Now both count.
stores ''
ctl reload >"$T/out"
status=0
ctl check >"$T/out" || status=$?
[ "$status" -eq 1 ] || fail "check: exit status $status: $(cat "$T/out")"
contains "$T/out" "^signs .*$T/a\.key"
contains "$T/out" "^fails +never +$T/empty\.d +no usable key\$"
[ "$(tail -n 1 "$T/out")" = \
    "not ready: store $T/empty.d: no usable key" ] ||
    fail "check: $(cat "$T/out")"
daemon_stop

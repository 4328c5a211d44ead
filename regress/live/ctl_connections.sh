# keylessctl show connections: who is connected, and no longer when gone.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
ctl show connections >"$T/out"
[ "$(wc -l <"$T/out")" -eq 1 ] || fail "nobody: $(cat "$T/out")"

client_start -T 1.2 sign ecdsa-sha256 "$K/p256.pub" 5 , closed 60
first=$STARTED
# rows REGEX ...: these are all that is shown, in this order
rows() {
	ctl show connections | tail -n +2 >"$T/out"
	[ "$(wc -l <"$T/out")" -eq $# ] || return 1
	for row in "$@"; do
		IFS= read -r shown || return 1
		echo "$shown" | grep -Eq "$row" || return 1
	done <"$T/out"
}
name='CN *= *keylessd regress client$'
one="^ *1 +127\\.0\\.0\\.1:[0-9]+ +open +[0-9ms]+ +[0-9ms]+ +0 +5 +0 .*$name"
wait_until rows "$one" || fail "one client: $(cat "$T/out")"

client_start -T 1.3 -e 2 -i unknown sign ecdsa-sha256 "$K/p256.pub" 3 , \
    closed 60
second=$STARTED
two="^ *2 +127\\.0\\.0\\.1:[0-9]+ +open .* 0 +3 +3 .*$name"
wait_until rows "$one" "$two" || fail "two clients: $(cat "$T/out")"
ctl -v show connections >"$T/out"
contains "$T/out" '^ *1 .* 5 +0 +TLSv1\.2 +[A-Z0-9-]+ '
contains "$T/out" '^ *2 .* 3 +3 +TLSv1\.3 +[A-Z0-9_-]+ '
ctl -j show connections >"$T/out"
contains "$T/out" '"id":2,.*"state":"open",.*"requests":3,"errors":3,'
kill "$first"
wait_until rows "$two" || fail "the second client: $(cat "$T/out")"
kill "$second"
wait_until rows || fail "left behind: $(cat "$T/out")"
daemon_stop

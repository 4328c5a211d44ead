# The token is in no argument, environment, log or core file while it is used,
# and the process that uses it can do nothing with anything else.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
# field PID NAME
field() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '
}
same() {
	[ "$2" = "$3" ] || fail "$1: $2, expected $3"
}
# hidden PID ...: the token is nowhere that others can look at
hidden() {
	for pid in "$@"; do
		tr '\0' '\n' <"/proc/$pid/cmdline" >"$T/words"
		if [ -r "/proc/$pid/environ" ]; then
			tr '\0' '\n' <"/proc/$pid/environ" >>"$T/words"
		fi
		no_token "$T/words"
		contains "/proc/$pid/limits" '^Max core file size +0 +0 '
		same NoNewPrivs "$(field "$pid" NoNewPrivs)" 1
		same "owner in /proc" "$(stat -c %u "/proc/$pid/mem")" 0
	done
	ps -ewwo args >"$T/ps"
	no_token "$T/ps"
}
has_asked() {
	[ "$(api_asked)" -gt 0 ]
}

# keylessctl, and what it starts.
with_token | enroll_config
api_answers '1 wait go'
"$KEYLESSCTL" -f "$CONF" -e "$ENROLL" -v enroll >"$T/out" 2>&1 </dev/null &
ctl=$!
wait_until has_asked || fail 'it does not ask'
# shellcheck disable=SC2046
hidden "$ctl" $(children "$ctl")
: >"$A/go"
wait "$ctl" || fail "$(cat "$T/out")"
no_token "$T/out"
rm "$A/go" "$E/server.pem"
: >"$A/requests"

# In the configuration itself: the harder case.
enroll_config </dev/null
echo "api_token: $API_TOKEN" >>"$CONF"
echo 'loglevel: 0' >>"$CONF"
api_answers '1 wait go'
need_programs
"$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
DAEMON=$!
wait_until has_asked || fail 'it does not ask'

asker=$(children "$DAEMON" keyless-enroll)
[ "$(echo "$asker" | wc -w)" -eq 1 ] || fail "askers: $asker"
enroller=$(children "$DAEMON" keylessd)
[ "$(echo "$enroller" | wc -w)" -eq 1 ] || fail "enrollers: $enroller"
hidden "$DAEMON" "$asker" "$enroller"

for pid in "$asker" "$enroller"; do
	same Seccomp "$(field "$pid" Seccomp)" 2
	[ ! -s "/proc/$pid/environ" ] || fail 'an environment'
done
if is_root; then
	id=$(id -u "$FRONTEND_USER")
	same 'uids' "$(field "$asker" Uid)" "$id $id $id $id"
	for caps in CapInh CapPrm CapEff CapBnd CapAmb; do
		same "$caps" "$(field "$asker" $caps)" 0000000000000000
	done
	same 'caps of the enroller' "$(field "$enroller" CapEff)" \
	    0000000000000003
	# It sees the resolver's files, and neither key nor configuration.
	[ -e "/proc/$asker/root/etc/resolv.conf" ] ||
	    [ ! -e /etc/resolv.conf ] || fail 'no resolv.conf'
	for path in /proc "$T" /usr /etc/passwd; do
		[ ! -e "/proc/$asker/root$path" ] || fail "it sees $path"
	done
	# The key is there, and the token is not where the key is.
	[ -s "$E/server-key.pem.new" ] || fail 'no new key'
	scan() {
		status=0
		"$TOP/regress/memory/memscan" "$1" "$API_TOKEN" \
		    >"$T/scan" 2>&1 || status=$?
		same "token in process $1" "$status" "$2"
	}
	scan "$enroller" 1
	scan "$asker" 0
fi
: >"$A/go"
wait_log 'ready keys='
ctl show config >"$T/config"
no_token "$LOG" "$T/config"
contains "$T/config" '^# api_token: \(set\)$'
wait_until gone "$asker" || fail 'keyless-enroll is left'
wait_until gone "$enroller" || fail 'the enroller is left'
daemon_stop

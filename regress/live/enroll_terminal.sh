# At a terminal, keylessctl enroll asks for what the configuration lacks, and
# does not show the token.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
enroll_config </dev/null
sed -i -e '/^hostname/d' -e '/^zone_id/d' "$CONF"

# asked STATUS: run it, with answers on standard input
asked() {
	status=0
	python3 "$TOP/regress/enroll/answer.py" "$T/out" "$KEYLESSCTL" \
	    -f "$CONF" -e "$ENROLL" enroll || status=$?
	[ "$status" -eq "$1" ] || fail "status $status: $(cat "$T/out")"
	no_token "$T/out"
}
printf '%s\t%s\n' 'hostname' '\n' 'hostname' " $HOST\\n" \
    'zone_id' '0123456789abcdef\n' 'not shown' "$API_TOKEN\\n" |
    asked 0
contains "$T/out" "Not all that is needed is in $CONF"
contains "$T/out" "Installed $E/server.pem, for $HOST until"
contains "$T/out" "Write what was asked for into $CONF"
pair_good

# ^C in the middle of the token: nothing is done, the terminal is as it was.
rm -r "$E"
mkdir "$E"
printf '%s\t%s\n' 'hostname' "$HOST\\n" 'zone_id' '0123456789abcdef\n' \
    'not shown' 'sesam\x03' | asked 130
[ -z "$(ls "$E")" ] || fail "something was done: $(ls "$E")"
# ^D is no answer either.
printf '%s\t%s\n' 'hostname' '\x04' | asked 1
contains "$T/out" 'nothing was typed, nothing is changed'

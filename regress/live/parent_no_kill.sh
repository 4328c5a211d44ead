# Root without CAP_KILL, as some containers have it: that is said, and when the
# parent is killed, its children are gone all the same, also one that hangs in
# its module, whom the parent's end sends no signal.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
sign_timeout: 60s
END
cat >"$T/keylessd" <<END
#!/bin/sh
exec setpriv --bounding-set -kill --inh-caps -kill "$KEYLESSD" "\$@"
END
chmod 755 "$T/keylessd"
KEYLESSD=$T/keylessd daemon_start
contains "$LOG" 'cannot be killed reason="CAP_KILL is missing"'
client sign ecdsa-sha256 "$T/hsm/p256.pub"
forget_calls
quirk C_Sign=hang
client_start sign ecdsa-sha256 "$T/hsm/p256.pub"
wait_call 'C_Sign hang'

left=$(children "$DAEMON")
[ "$(echo "$left" | wc -w)" -ge 5 ] || fail "children: $left"
kill -KILL "$DAEMON"
for pid in $left; do
	wait_until gone "$pid" ||
	    fail "child is left behind: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
done
wait "$DAEMON" || :
DAEMON=

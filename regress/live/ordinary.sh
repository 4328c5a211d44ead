# Started by an ordinary user: one warning, and everything else works.
# run-as: user
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client all "$K/p256.pub" , sign pss "$T/hsm/rsa.pub"
[ "$(grep -c ' warning: ' "$LOG")" -eq 1 ] ||
    fail "not one warning: $(grep ' warning: ' "$LOG")"
contains "$LOG" ' warning: .*(root|privilege|chroot)'
[ "$(children "$DAEMON" | wc -l)" -ge 4 ] || fail 'not four processes'
for pid in "$DAEMON" $(children "$DAEMON"); do
	contains "/proc/$pid/status" '^NoNewPrivs:.1'
	contains "/proc/$pid/status" '^CapEff:.0000000000000000'
	# Others of the same user may not look into it.
	if cat "/proc/$pid/environ" >"$T/environ" 2>/dev/null; then
		fail "the environment of $pid can be read"
	fi
done
daemon_stop

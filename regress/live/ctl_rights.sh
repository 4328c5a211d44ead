# The control socket: who may not look, who may look, who may change things.
# run-as: root
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
chmod 755 "$T"

stranger() {
	setpriv --reuid nobody --clear-groups --inh-caps=-all \
	    "$KEYLESSCTL" -s "$T/control.sock" "$@" >"$T/out" 2>&1
}
refuse stranger show keys
contains "$T/out" "permission denied: .* in the group $FRONTEND_USER"

member() {
	setpriv --reuid nobody --regid "$(id -g nobody)" \
	    --groups "$FRONTEND_USER" --inh-caps=-all \
	    "$KEYLESSCTL" -s "$T/control.sock" "$@" >"$T/out" 2>&1
}
member show keys || fail "$(cat "$T/out")"
for command in 'log verbose' reload; do
	# shellcheck disable=SC2086
	refuse member $command
	contains "$T/out" 'permission denied: only root and the user that'
done
client sign ecdsa "$K/p256.pub"
lacks "$LOG" ' debug: '
ctl log verbose
daemon_stop

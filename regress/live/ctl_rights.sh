# The control socket: who may only look, and who may change things.
# run-as: root
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
stranger() {
	setpriv --reuid nobody --clear-groups --inh-caps=-all \
	    "$KEYLESSCTL" -s "$T/control.sock" "$@" >"$T/out" 2>&1
}
chmod 755 "$T"
refuse stranger log verbose
refuse stranger reload
client sign ecdsa "$K/p256.pub"
lacks "$LOG" ' debug: '
ctl log verbose
daemon_stop

# A token that refuses read-only sessions gets read-write ones.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'required: yes' </dev/null
for quirk in rw-only rw-only=CKR_TOKEN_WRITE_PROTECTED; do
	quirk "$quirk"
	daemon_start
	client all "$T/hsm/p256.pub" || fail "$quirk"
	quirk "$quirk" lose-sessions=1
	signs p256 10 || fail "$quirk: after the sessions were lost"
	daemon_stop
done

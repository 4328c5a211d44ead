# Sessions, login and object handles get lost while requests come in: they are
# found again, and no client sees an error.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

# loses QUIRK LOGINS: so many more logins of a set with one process
loses() {
	forget_calls
	quirk "$1"
	signs p256 20 || fail "$1: errors"
	called 'C_Login CKR_OK' "$2"
	forget_calls
	signs p256 20 || fail "$1: errors later"
	called 'C_' 0
}

quirk_init
quirk_config "$(quirk_uri id=%02 max-sessions=1)" </dev/null
daemon_start
signs p256 20
neighbour_start

loses lose-sessions=1 1
loses lose-sessions=2 1
loses lose-login=1 1
loses lose-objects=1 0
for error in SESSION_CLOSED SESSION_HANDLE_INVALID USER_NOT_LOGGED_IN \
    DEVICE_ERROR GENERAL_ERROR; do
	loses "C_SignInit=CKR_$error once" 1
	loses "C_Sign=CKR_$error once" 1
done
loses 'C_Sign=CKR_KEY_HANDLE_INVALID once' 0

neighbour_stop
daemon_stop

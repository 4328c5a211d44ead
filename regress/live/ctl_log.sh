# keylessctl log verbose and log brief change what all processes log.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client sign ecdsa "$K/p256.pub"
lacks "$LOG" ' debug: '
ctl log verbose
client sign ecdsa "$K/p256.pub"
wait_log ' debug: '
ctl log brief
# Whatever was on its way is written before the answer to this.
ctl show stats >"$T/out"
lines=$(grep -c ' debug: ' "$LOG")
client sign ecdsa "$K/p256.pub"
ctl show stats >"$T/out"
[ "$lines" -eq "$(grep -c ' debug: ' "$LOG")" ] ||
    fail 'still debug lines after log brief'
daemon_stop

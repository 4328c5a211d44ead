# A module that cannot be loaded: the log has the reason that the dynamic
# linker gives; the other keys work.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
echo 'no library' >"$T/text.so"
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa "$PIN" "$T/absent.so")")
$(token_store "$(token_uri object=rsa "$PIN" "$T/text.so")")
END
daemon_start
contains "$LOG" 'ready keys=1 failed=2'
contains "$LOG" 'absent.so: cannot open shared object file'
contains "$LOG" 'text.so: (invalid ELF header|file too short)'
client sign ecdsa "$K/p256.pub"
ctl show keys >"$T/out"
contains "$T/out" 'failed.*absent.so'
contains "$T/out" 'failed.*text.so'
daemon_stop

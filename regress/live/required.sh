# A store with required: yes whose key fails keeps keylessd from starting.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
(umask 077 && echo hello >"$T/b.key")
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
  required: yes
END
daemon_refuses 'required'
contains "$LOG" "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
  required: yes
- file: $T/b.key
END
daemon_start
client sign ecdsa "$K/p256.pub"
daemon_stop

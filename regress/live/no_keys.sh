# Without any usable key keylessd does not start, and says so.
# run-as: both
. "$(dirname "$0")/lib.sh"

(umask 077 && echo hello >"$T/a.key")
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_refuses 'no usable key'
contains "$LOG" "$T/a.key"
[ ! -e "$T/control.sock" ] || fail 'a control socket is left behind'
[ ! -e "$T/keylessd.pid" ] || fail 'a pid file is left behind'
# One of a daemon that runs stays as it is.
echo 4711 >"$T/keylessd.pid"
daemon_refuses 'no usable key'
[ "$(cat "$T/keylessd.pid")" = 4711 ] || fail 'a pid file is overwritten'

# A directory without any key is no better.
mkdir "$T/none"
config <<END
private_key_stores:
- dir: $T/none
END
daemon_refuses 'no usable key|no key'

# A directory that is not there.
config <<END
private_key_stores:
- dir: $T/absent
END
daemon_refuses "$T/absent"

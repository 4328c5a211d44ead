# Listening sockets come and go with a reload while connections stay; a port
# that is taken lets the reload fail with none of the others left bound; and a
# daemon that has long given up root in its frontend binds a privileged port.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

# free_port KIND: one that is free at $A (privileged: below 1024)
free_port() {
	python3 - "$A" "$1" <<-'END'
		import socket, sys
		ports = range(1023, 511, -1) if sys.argv[2] == "privileged" \
		    else range(30000, 30512)
		for port in ports:
		    try:
		        socket.socket().bind((sys.argv[1], port))
		    except OSError:
		        continue
		    print(port)
		    break
	END
}

# nobody_at PORT: nothing listens at $A
nobody_at() {
	python3 - "$A" "$1" <<-'END'
		import socket, sys
		s = socket.socket()
		sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))) == 0)
	END
}

# at ADDRESS:PORT: a signature asked for there
at() {
	client -N -a "$1" sign ecdsa "$K/p256.pub"
}

# listens WORD ...: to be reloaded
listens() {
	sed -i "s|^listen: .*|listen: [$(printf '"%s",' "$@" |
	    sed 's/,$//')]|" "$CONF"
}

A=$(own_address)
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client_waits sign ecdsa "$K/p256.pub" , wait , sign ecdsa "$K/p256.pub"

# Added.
listens 127.0.0.1:0 "$A:0"
reload_ok '^reloaded: '
wait_log "listening address=$A:"
added=$(last_port "$A")
at "$A:$added"
at "127.0.0.1:$PORT"

# Taken by somebody else, after one that is free; and refused in the end for
# another reason, after all were bound.
free=$(free_port any)
listens 127.0.0.1:0 "$A:0" "$A:$free" "127.0.0.1:$added"
at "$A:$added"
taken=$T/taken
python3 - "$A" >"$taken" <<'END' &
import socket, sys, time
s = socket.socket()
s.bind((sys.argv[1], 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
time.sleep(1000)
END
background $!
wait_until test -s "$taken" || fail 'cannot take a port'
listens 127.0.0.1:0 "$A:0" "$A:$free" "$A:$(cat "$taken")"
reload_fails \
    "cannot listen address=$A port=$(cat "$taken") reason=.Address already"
nobody_at "$free" || fail 'a port stays bound after a reload that failed'
listens 127.0.0.1:0 "$A:0" "$A:$free"
cp "$CONF" "$T/good.conf"
sed -i "s|^auth_cert: .*|auth_cert: $FIX/pki/client.pem|" "$CONF"
reload_fails 'auth_cert'
nobody_at "$free" || fail 'a port stays bound after a reload that failed'
cp "$T/good.conf" "$CONF"
at "$A:$added"
at "127.0.0.1:$PORT"

if is_root; then
	low=$(free_port privileged)
	sed -i "s|$A:$free|$A:$low|" "$CONF"
	reload_ok '^reloaded: '
	wait_log "listening address=$A:$low\$"
	at "$A:$low"
	at "$A:$added"
	at "127.0.0.1:$PORT"
fi

# Removed: nothing is there any more, the connection stays.
listens "$A:0"
reload_ok '^reloaded: '
[ "$(last_port "$A")" -eq "${low:-$added}" ] || fail 'the port has changed'
at "$A:$added"
refuse at "127.0.0.1:$PORT" >"$T/out" 2>&1
! is_root || nobody_at "$low" || fail 'a port that was removed stays'
go
client_went_on
daemon_stop

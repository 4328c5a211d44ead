# ssh logs in with an RSA and an EC key of keyless-pkcs11.so.

need_edge openssh-client ssh ssh-keygen || return 0
need_edge openssh-server sshd || return 0
case $(getent passwd "$(id -un)") in
*/nologin|*/false)
	MISSING="$MISSING a shell of $(id -un) to log in to;"
	return 0 ;;
esac
if is_root; then
	mkdir -p /run/sshd	# as its service does
fi
port=$(free_port)
ssh-keygen -q -t ed25519 -N '' -f "$T/host_key"
cat >"$T/sshd_config" <<END
ListenAddress 127.0.0.1
Port $port
HostKey $T/host_key
AuthorizedKeysFile $T/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
END
/usr/sbin/sshd -D -e -f "$T/sshd_config" >"$T/sshd.log" 2>&1 </dev/null &
up $! "$port" "$T/sshd.log"
(host ssh-keygen -D "$SO") >"$T/keys" 2>"$T/ssh-keygen.log" ||
    fail "ssh-keygen: $(cat "$T/ssh-keygen.log")"
for kind in ssh-rsa ecdsa-sha2-nistp256 ecdsa-sha2-nistp384; do
	grep "^$kind " "$T/keys" >"$T/authorized" ||
	    fail "ssh-keygen shows no $kind"
	(host ssh -F /dev/null -o "PKCS11Provider=$SO" -o BatchMode=yes \
	    -o "UserKnownHostsFile=$T/known" -o StrictHostKeyChecking=no \
	    -o IdentityFile=none -o IdentityAgent=none \
	    -p "$port" "$(id -un)@127.0.0.1" 'echo hello') \
	    >"$T/out" 2>"$T/ssh.log" </dev/null ||
	    fail "$kind: $(cat "$T/ssh.log" "$T/sshd.log")"
	contains "$T/out" '^hello$'
	contains "$T/sshd.log" 'Accepted publickey'
	: >"$T/sshd.log"
done

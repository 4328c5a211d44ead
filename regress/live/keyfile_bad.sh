# A directory full of files that are no usable keys: each is skipped, said to
# be failed and why; what is no *.key is not looked at; the good key works.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir "$T/keys"
cd "$T/keys" || fail "no directory"
put_key p256 pkcs8-pem good.key
put_key p256 pkcs8-pem good.key.bak
put_key p384 pkcs8-pem .hidden.key
put_key p521 pkcs8-pem world.key
chmod 604 world.key
put_key p521 pkcs8-pem group.key
chmod 640 group.key		# of a group that is not the signers'
put_key rsa1024 pkcs8-pem small.key
put_key k256 pkcs8-pem curve.key
make_pki
(
	umask 077
	cp "$FIX/pki/server.pem" cert.key
	cp "$K/p256.pub" public.key
	echo 'hello, world' >text.key
	: >empty.key
	openssl pkcs8 -topk8 -in "$K/p384.pem" -passout pass:secret \
	    -out encrypted.key
	head -c 100 "$K/p384.pem" >cut.key
	openssl pkey -in "$K/p384.pem" -outform DER |
	    head -c 100 >cut-der.key
	ln -s nowhere dangling.key
	mkfifo pipe.key
	mkdir directory.key
	echo 'not a key' >README
)
bad='world small curve cert public text empty encrypted cut cut-der
    dangling pipe'
if is_root; then
	bad="$bad group"
else
	rm -f group.key		# the signers' group is ours
	put_key p521 pkcs8-pem unreadable.key
	chmod 000 unreadable.key
	bad="$bad unreadable"
fi
cd "$TOP" || fail "no directory"
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
# shellcheck disable=SC2086
set -- $bad
contains "$LOG" "ready keys=1 failed=$#"
ctl -v show keys >"$T/out"
for name; do
	contains "$T/out" "^failed .*$T/keys/$name\.key|^failed .*$name\.key"
	# Once, at warning or above.
	lines=$(grep -Ec "(warning|error): .*/$name\.key" "$LOG" || :)
	[ "$lines" -eq 1 ] || fail "$lines lines of the log name $name.key"
done
reason() {
	contains "$LOG" "/$1\.key.*$2"
}
reason world 'mode 0?604|access'
if is_root; then
	reason group 'mode 0?640|access|group'
fi
reason small 2048
reason curve 'P-256, P-384, P-521'
reason cert certificate
reason public 'public key'
reason text 'no private key|neither PEM nor DER'
reason empty empty
reason encrypted encrypted
reason dangling 'No such file'
lacks "$T/out" 'good.key.bak|hidden|README'
lacks "$LOG" 'good.key.bak|hidden|README'
client sign ecdsa "$K/p256.pub"
client -e 2 sign ecdsa "$K/p384.pub" , sign ecdsa "$K/p521.pub"
daemon_stop

# Keys in AWS KMS: every operation that each kind of key has, every request
# signed; what is not offered is error 1 without asking.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start rsa2048 p256 p384 p521 ed25519
cloud_tell cloud=aws alias.web=p384
config <<END
loglevel: 0
private_key_stores:
$(for k in rsa2048 p256 p521 ed25519; do aws_store $k; aws_static; done
aws_store p384 | sed 's|:key/p384|:alias/web|'
aws_static)
END
daemon_start
contains "$LOG" 'ready keys=5 failed=0'

for op in RSASignSHA256 RSASignSHA384 RSASignSHA512 pss; do
	client -d 4 sign $op "$K/rsa2048.pub" 4
done
for k in p256 p384 p521; do
	for op in ECDSASignSHA256 ECDSASignSHA384 ECDSASignSHA512; do
		client -d 4 sign $op "$K/$k.pub" 4
	done
done
client -d 4 sign Ed25519Sign "$K/ed25519.pub" 10

asked=$(cloud_asked 'POST / status')
client -e 1 sign RSASignSHA1 "$K/rsa2048.pub"
client -e 1 sign RSASignMD5SHA1 "$K/rsa2048.pub"
client -e 1 sign ECDSASignSHA1 "$K/p256.pub"
client -e 1 decrypt "$K/rsa2048.pub"
[ "$(cloud_asked 'POST / status')" -eq "$asked" ] ||
    fail 'the service was asked for what it does not offer'
conns=$(sed -n 's|^POST / status.* conn=\([0-9]*\) .*|\1|p' \
    "$W/requests.log" | sort -u | wc -l)
[ "$conns" -eq 2 ] || fail "$conns connections of 2 processes"
daemon_stop
cloud_quiet

# A wrong secret: the service says so, and repeats the whole request, of which
# nothing may be logged.
cloud_tell secret=another
config <<END
loglevel: 0
private_key_stores:
$(aws_store p256; aws_static)
END
daemon_refuses 'credentials refused \(environment\): 400 InvalidSignature'
lacks "$LOG" 'Canonical'
cloud_quiet

# Keys in Google Cloud KMS: a version has one algorithm; what does not fit is
# refused without asking, the rest is signed, with checksums both ways.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start rsa2048 rsa2048-pss rsa3072 rsa4096 p256 p384 ed25519
google_account
cloud_tell cloud=google algorithm.rsa2048-pss=RSA_SIGN_PSS_2048_SHA256 \
    algorithm.rsa3072=RSA_SIGN_RAW_PKCS1_3072 \
    algorithm.rsa4096=RSA_SIGN_PSS_4096_SHA512
config <<END
loglevel: 0
private_key_stores:
$(for k in rsa2048 rsa2048-pss rsa3072 rsa4096 p256 p384 ed25519; do
	google_store $k
	google_file
done)
END
daemon_start
contains "$LOG" 'ready keys=7 failed=0'

# only KEY OPERATION ...: signed; anything else refused without being asked
only() {
	only_key=$K/$1.pub
	shift
	for op in "$@"; do
		client -d 4 sign "$op" "$only_key" 3
	done
	asked=$(cloud_asked ':asymmetricSign status')
	for op in RSASignMD5SHA1 RSASignSHA1 RSASignSHA224 RSASignSHA256 \
	    RSASignSHA384 RSASignSHA512 RSAPSSSignSHA256 RSAPSSSignSHA384 \
	    RSAPSSSignSHA512; do
		case " $* " in
		*" $op "*) ;;
		*) client -e 1 sign "$op" "$only_key" ;;
		esac
	done
	client -e 1 decrypt "$only_key"
	[ "$(cloud_asked ':asymmetricSign status')" -eq "$asked" ] ||
	    fail "asked for what $only_key does not do"
}
only rsa2048 RSASignSHA256
only rsa2048-pss RSAPSSSignSHA256
only rsa4096 RSAPSSSignSHA512
only rsa3072 RSASignMD5SHA1 RSASignSHA1 RSASignSHA224 RSASignSHA256 \
    RSASignSHA384 RSASignSHA512
for k in p256 p384; do
	for op in ECDSASignSHA256 ECDSASignSHA384 ECDSASignSHA512; do
		client -d 4 sign $op "$K/$k.pub" 4
	done
	client -e 1 sign ECDSASignSHA1 "$K/$k.pub"
done
client -d 4 sign Ed25519Sign "$K/ed25519.pub" 10
[ "$(cloud_asked 'token by=service-account')" -eq 2 ] ||
    fail "tokens: $(cloud_asked 'google token') fetched, expected 2"

# A signature, or a request, that arrives as another is not passed on.
cloud_tell corrupt=1
client -e 1 sign ECDSASignSHA256 "$K/p256.pub"
wait_log "operation failed key=\"p256\".*the signature's checksum is wrong"
cloud_tell unverified=1
client -e 1 sign ECDSASignSHA256 "$K/p384.pub"
wait_log "did not verify the request's checksum"
client sign ECDSASignSHA256 "$K/p256.pub" 4
ctl -j show tokens >"$T/tokens"
contains "$T/tokens" '"model": *"service account"'
daemon_stop
cloud_quiet

# keylessd -n signs with each of them.
"$KEYLESSD" -n -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null ||
    fail 'keylessd -n does not like it'
contains "$LOG" 'check finished good=7 bad=0'

# A public key whose checksum is wrong, an algorithm that is none of ours.
cloud_tell corrupt=1 algorithm.p256=EC_SIGN_SECP256K1_SHA256
config <<END
private_key_stores:
$(for k in rsa2048 p256 p384; do google_store $k; google_file; done)
  signers: 1
END
sed -i '/^  signers: 2/d' "$CONF"
daemon_start
contains "$LOG" 'ready keys=1 failed=2'
contains "$LOG" "rsa2048.*the public key's checksum is wrong"
contains "$LOG" 'p256.*EC_SIGN_SECP256K1_SHA256 is of no use'
daemon_stop

# Keys in Azure: every operation that each kind of key has, by the vault's own
# rules, PSS (so TLS 1.3) among them; what it does not offer is error 1.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start rsa2048 p256 p384 p521
cloud_tell hsm='rsa2048 p384'
config <<END
loglevel: 0
private_key_stores:
$(for k in rsa2048 p256 p384 p521; do azure_store $k; azure_secret; done)
END
daemon_start
contains "$LOG" 'ready keys=4 failed=0'

for op in RSASignSHA256 RSASignSHA384 RSASignSHA512 pss; do
	client -d 4 sign $op "$K/rsa2048.pub" 4
done
contains "$W/requests.log" 'azure sign key=rsa2048 alg=PS512'
for k in p256 p384 p521; do
	for op in ECDSASignSHA256 ECDSASignSHA384 ECDSASignSHA512; do
		client -d 4 sign $op "$K/$k.pub" 4
	done
done
contains "$W/requests.log" 'azure sign key=p521 alg=ES512'

# One account, one set; its processes keep their connections and tokens.
[ "$(ctl show signers | grep -c 'Azure tests.vault.azure.net')" -eq 2 ] ||
    fail "signers: $(ctl show signers)"
[ "$(cloud_asked 'azure token by=secret')" -eq 2 ] ||
    fail "tokens: $(cloud_asked 'azure token') fetched, expected 2"
conns=$(sed -n 's|.*/sign status.* conn=\([0-9]*\) .*|\1|p' \
    "$W/requests.log" | sort -u | wc -l)
[ "$conns" -le 2 ] || fail "$conns connections for signatures"

# Not offered: refused without asking the service.
asked=$(cloud_asked '/sign status')
client -e 1 sign RSASignSHA1 "$K/rsa2048.pub"
client -e 1 sign RSASignMD5SHA1 "$K/rsa2048.pub"
client -e 1 sign RSASignSHA224 "$K/rsa2048.pub"
client -e 1 sign ECDSASignSHA1 "$K/p256.pub"
client -e 1 decrypt "$K/rsa2048.pub"
[ "$(cloud_asked '/sign status')" -eq "$asked" ] ||
    fail 'the service was asked for what it does not offer'
contains "$LOG" 'no operation for key="rsa2048" .*OpRSADecrypt'

ctl show tokens >"$T/tokens"
contains "$T/tokens" 'Azure'
ctl -j show tokens >"$T/tokens"
contains "$T/tokens" '"model": *"client secret"'
contains "$T/tokens" 'PS256'
daemon_stop
cloud_quiet

# A cloud that is away when the daemon starts: its keys are failed, those in
# files are served, and it is asked again until it answers.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256 p384
put_key p521 pkcs8-pem "$T/a.key"
cloud_tell broken=1000000
config <<END
start_timeout: 20s
private_key_stores:
- file: $T/a.key
$(azure_store p256; azure_secret)
END
daemon_start
contains "$LOG" 'store not usable set="Azure tests.vault.azure.net"'
contains "$LOG" 'no answer from https://127.0.0.1'
client sign ECDSASignSHA512 "$K/p521.pub"
ctl show keys >"$T/keys"
contains "$T/keys" '^failed .*no answer from'
cloud_tell broken=0
is_back() {
	ctl show keys >"$T/keys"
	grep -q '^ready .*vault' "$T/keys"
}
WAIT_TRIES=900 wait_until is_back || fail 'it is not asked again'
client sign ECDSASignSHA256 "$K/p256.pub"
daemon_stop
cloud_quiet

# Nobody but the authorities that `ca' names is believed.
config <<END
private_key_stores:
$(azure_store p256 | sed 's|cloud-ca|server-ca|'; azure_secret)
END
daemon_refuses 'no answer from .*certificate'
[ "$(cloud_asked 'by=secret')" -le 20 ] || fail 'it was asked all the same'

# Files that are no authorities, or are not there.
config <<END
private_key_stores:
- file: $T/a.key
$(azure_store p256 | sed "s|ca: .*|ca: $T/none|"; azure_secret)
$(azure_store p384 | sed "s|ca: .*|ca: $K/p521.pub|"; azure_secret)
END
daemon_start
contains "$LOG" "cannot open ca $T/none"
contains "$LOG" 'no certificate in the file of authorities'
daemon_stop

# Without the program, a cloud's URI says what to install.
mkdir "$T/bin"
cp "$SIGNER" "$T/bin/signer"
chmod 755 "$T/bin" "$T/bin/signer"
config <<END
private_key_stores:
- file: $T/a.key
$(azure_store p256; azure_secret)
END
SIGNER=$T/bin/signer
daemon_start
ctl show keys >"$T/keys"
contains "$T/keys" 'cannot run .*/signer-cloud: No such file.*libjansson-dev'
daemon_stop

# Where secrets of a cloud's store can not be seen: arguments, environment,
# logs, the printed configuration, core files; and what the program is
# linked with, alone.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256
config <<END
loglevel: 0
private_key_stores:
$(azure_store p256; azure_secret)
END
"$KEYLESSD" -nv -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null ||
    fail 'keylessd -nv'
contains "$LOG" 'key usable key="https://tests.vault.azure.net/keys/p256/'
contains "$LOG" 'AZURE_CLIENT_SECRET: \(set\)'
cloud_quiet
daemon_start
client sign ECDSASignSHA256 "$K/p256.pub" 3
cloud_tell revoke=1 busy=2
client sign ECDSASignSHA256 "$K/p256.pub" 3
for pid in $(signers_cloud); do
	tr '\0' '\n' <"/proc/$pid/cmdline" >"$T/cmdline"
	contains "$T/cmdline" '^keyless-signer-cloud: Azure tests.vault.azure'
	lacks "$T/cmdline" "$CLOUD_SECRET"
	if is_root; then
		tr '\0' '\n' <"/proc/$pid/environ" >"$T/environ"
		[ ! -s "$T/environ" ] || fail 'there is an environment'
		contains "/proc/$pid/status" "^Uid:.$(id -u "$SIGNER_USER")"
	else
		refuse cat "/proc/$pid/environ" 2>/dev/null
	fi
	contains "/proc/$pid/limits" 'Max core file size +0 +0 '
done
daemon_stop
cloud_quiet

# The service that gives a token, another host, has a connection of its own,
# which is kept: what it was read into is wiped.
if is_root; then
	{
		azure_store p256
		azure_secret | sed 's|https://127.0.0.1|https://localhost|'
	} | sed 's/signers: 2/signers: 1/' | config_stores
	daemon_start
	cloud_tell revoke=1
	client sign ECDSASignSHA256 "$K/p256.pub" 3
	"$TOP/regress/memory/memscan" "$(signers_cloud)" \
	    "$(cut -c 400-460 "$W/token")" >"$T/found" || fail 'no token'
	lacks "$T/found" 'heap'
	daemon_stop
fi

# Stores that differ in nothing but the secret are different ones.
: >"$T/keylessd.conf"
{
	azure_store p256
	azure_secret | sed 's/\(SECRET: .*\)/\1x/'
	azure_store p256
	azure_secret
} | config_stores
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
client sign ECDSASignSHA256 "$K/p256.pub"
daemon_stop
cloud_quiet

ldd "$CLOUD" >"$T/out"
contains "$T/out" libcurl
contains "$T/out" libjansson
lacks "$T/out" 'libtls|libevent|libpkcs11|libyaml'
for program in "$KEYLESSD" "$SIGNER"; do
	ldd "$program" >"$T/out"
	lacks "$T/out" 'libcurl|libjansson'
done

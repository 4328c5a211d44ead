# Keys that are disabled, deleted or forbidden, at the start and later: a state
# that is shown, and that ends when the key may be used again.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256 p384 p521 rsa2048
google_account

# state KEY REGEX: what show keys says
state_is() {
	ctl show keys >"$T/keys"
	grep -E "$1" "$T/keys" | grep -Eq "^$2"
}
state() {
	state_is "$@" || {
		cat "$T/keys"
		fail "$1 is not $2"
	}
}

# try CLOUD STORE ENVIRONMENT
try() {
	cloud_tell "cloud=$1" disabled=p384 deleted=p521 forbidden=rsa2048
	{
		echo 'private_key_stores:'
		# Google has no keys on P-521 to be destroyed.
		for k in p256 p384 rsa2048 $([ "$1" = google ] || echo p521); do
			"$2" $k
			"$3"
		done
	} | config
	daemon_start
	state p256 ready
	state p384 'failed .*key is disabled'
	[ "$1" = google ] || state p521 "failed .*$4"
	state rsa2048 "failed .*$5"

	cloud_tell disabled='p256 p384'
	client -e 1 sign ECDSASignSHA256 "$K/p256.pub"
	state p256 'disabled .*key is disabled'
	ctl -j show stores >"$T/stores"
	contains "$T/stores" '"name":"[^"]*p256[^"]*"[^}]*"keys_ready":0'
	cloud_tell disabled= deleted=p256
	client -e 1 sign ECDSASignSHA256 "$K/p256.pub"
	state p256 'disabled .*key is deleted'
	cloud_tell deleted=
	client sign ECDSASignSHA256 "$K/p256.pub"
	state p256 ready
	cloud_tell forbidden=p256
	client -e 1 sign ECDSASignSHA256 "$K/p256.pub"
	contains "$LOG" "operation failed key=\"p256\".*$5"
	cloud_tell forbidden=

	ctl reload >"$T/out"
	contains "$T/out" ' 0 failed'
	client sign ECDSASignSHA256 "$K/p384.pub"
	daemon_stop
	cloud_quiet
}
try azure azure_store azure_secret '404 KeyNotFound' \
    '403 Forbidden/ForbiddenByPolicy'
try google google_store google_file '' '403 PERMISSION_DENIED'
try aws aws_store aws_static 'pending deletion' '400 AccessDeniedException'

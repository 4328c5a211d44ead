# Without `endpoint', each cloud is asked at its own names, here through a
# proxy that leads them all to ours; what is inside a machine needs no proxy.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256 p384
cloud_federation sts.amazonaws.com
google_account https://oauth2.googleapis.com/token
proxy="https_proxy: http://127.0.0.1:$PROXY"

# at HOST ... : the proxy was asked for those; and for nothing else
at() {
	client sign ECDSASignSHA256 "$K/p256.pub"
	for host in "$@"; do
		contains "$W/requests.log" "^proxy CONNECT $host:443\$"
	done
	others=$(grep -c '^proxy' "$W/requests.log")
	[ "$(cloud_asked "^proxy CONNECT ($(echo "$*" | tr ' ' '|')):443\$")" \
	    -eq "$others" ] || fail "asked elsewhere, too"
	daemon_stop
	cloud_quiet
	cloud_forget
}
# stores URI VARIABLE ...
stores() {
	{
		echo "- uri: $1"
		echo "  ca: $FIX/pki/cloud-ca.pem"
		echo '  signers: 1'
		echo '  environment:'
		shift
		printf '    %s\n' "$proxy" "$@"
	} | config_stores
}
start() {
	stores "$@"
	daemon_start
}
azure() {
	start "https://tests.$1/keys/p256" "AZURE_TENANT_ID: $TENANT" \
	    "AZURE_CLIENT_ID: $APP" "AZURE_CLIENT_SECRET: $CLOUD_SECRET"
}
azure vault.azure.net
at tests.vault.azure.net login.microsoftonline.com
azure managedhsm.azure.net
at tests.managedhsm.azure.net login.microsoftonline.com
azure vault.azure.cn
at tests.vault.azure.cn login.chinacloudapi.cn
start https://tests.vault.azure.net/keys/p256 \
    "AZURE_POD_IDENTITY_AUTHORITY_HOST: http://127.0.0.1:$HTTP" \
    "http_proxy: http://127.0.0.1:$PROXY"
at tests.vault.azure.net

cloud_tell cloud=google
start $RING/p256/cryptoKeyVersions/1 \
    "GOOGLE_APPLICATION_CREDENTIALS: $W/account.json"
at cloudkms.googleapis.com oauth2.googleapis.com

cloud_tell cloud=aws
start $ARN:key/p256 "AWS_WEB_IDENTITY_TOKEN_FILE: $W/federated.jwt" \
    'AWS_ROLE_ARN: arn:aws:iam::111122223333:role/tests'
at kms.eu-central-1.amazonaws.com sts.eu-central-1.amazonaws.com
# The port that https: has anyway is no part of the name that is signed.
stores $ARN:key/p256 'AWS_ACCESS_KEY_ID: AKIDEXAMPLE' \
    "AWS_SECRET_ACCESS_KEY: $CLOUD_SECRET"
sed -i 's|^  ca: |  endpoint: https://kms.eu-central-1.amazonaws.com:443\n&|' \
    "$CONF"
daemon_start
at kms.eu-central-1.amazonaws.com

# Whoever answers must be who was asked: no certificate is for this one.
stores arn:aws:kms:eu-west-1:111122223333:key/p256 \
    'AWS_ACCESS_KEY_ID: AKIDEXAMPLE' "AWS_SECRET_ACCESS_KEY: $CLOUD_SECRET"
daemon_refuses 'no answer from https://kms.eu-west-1.*(certificate|name)'
[ "$(cloud_asked '^POST')" -eq 0 ] || fail 'something was sent to it'

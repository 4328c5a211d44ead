# AWS: every way in; temporary credentials are renewed before they end, and
# when the service has had enough of them.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

: "${CLOUD_SIGNERS:=1}"
cloud_start p256
cloud_federation sts.amazonaws.com
cloud_tell cloud=aws
cat >"$W/credentials" <<END
[default]
aws_access_key_id = AKIDOTHER
aws_secret_access_key = other

[tests]
# comment
aws_access_key_id=AKIDEXAMPLE
  aws_secret_access_key =  $CLOUD_SECRET
region = eu-central-1
END
echo "$CLOUD_SECRET" >"$W/container.token"
cloud_private "$W/credentials"
cloud_private "$W/container.token"

# start VARIABLE ...: a daemon with those
start() {
	cloud_forget
	{
		aws_store p256
		echo '  environment:'
		printf '    %s\n' "$@"
	} | config_stores
	daemon_start
	client sign ECDSASignSHA256 "$K/p256.pub"
}
stop() {
	ctl -j show tokens >"$T/tokens"
	contains "$T/tokens" "\"model\": *\"$1\""
	daemon_stop
	cloud_quiet
}
shared="AWS_SHARED_CREDENTIALS_FILE: $W/credentials"
start "$shared" 'AWS_PROFILE: tests'
stop 'shared file'
start 'AWS_ACCESS_KEY_ID: AKIDEXAMPLE' \
    "AWS_SECRET_ACCESS_KEY: $CLOUD_SECRET" "$shared"
stop environment

web="AWS_WEB_IDENTITY_TOKEN_FILE: $W/federated.jwt"
role='AWS_ROLE_ARN: arn:aws:iam::111122223333:role/tests'
start "$web" "$role" "AWS_ENDPOINT_URL_STS: https://127.0.0.1:$HTTPS/"
contains "$W/requests.log" 'aws credentials by=web-identity'
# Revoked: one renewal, and no request is lost.
cloud_tell revoke=1
client sign ECDSASignSHA256 "$K/p256.pub" 3
[ "$(cloud_asked 'aws credentials')" -eq 2 ] ||
    fail "credentials were fetched $(cloud_asked 'aws credentials') times"
stop 'web identity'

# Of five seconds, the last one is not waited for.
cloud_tell token_life=5
start "AWS_EC2_METADATA_SERVICE_ENDPOINT: http://127.0.0.1:$HTTP"
renewed() {
	client sign ECDSASignSHA256 "$K/p256.pub"
	[ "$(cloud_asked 'credentials by=instance')" -ge 2 ]
}
wait_until renewed || fail 'credentials are not renewed'
[ "$(cloud_asked 'status=400')" -eq 0 ] || fail 'they had expired before'
stop instance

# Nor is a request lost to a renewal that does not end.
cloud_tell token_life=20
start "AWS_EC2_METADATA_SERVICE_ENDPOINT: http://127.0.0.1:$HTTP"
cloud_tell only=latest slow=60000
not_renewed() {
	client -t 10 sign ECDSASignSHA256 "$K/p256.pub" ||
	    fail 'lost to a renewal'
	log_has 'credentials not renewed, the old ones are still good'
}
WAIT_TRIES=600 wait_until not_renewed || fail 'no renewal is given up'
cloud_tell only= slow=0 token_life=3600
stop instance

start "AWS_CONTAINER_CREDENTIALS_FULL_URI: http://127.0.0.1:$HTTP/container" \
    "AWS_CONTAINER_AUTHORIZATION_TOKEN: $CLOUD_SECRET"
stop container
start "AWS_CONTAINER_CREDENTIALS_FULL_URI: http://127.0.0.1:$HTTP/container" \
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: $W/container.token"
stop container

# refused REGEX VARIABLE ...
refused() {
	why=$1
	shift
	{
		aws_store p256
		echo '  environment:'
		printf '    %s\n' "$@"
	} | config_stores
	daemon_refuses "$why"
	cloud_quiet
}
refused 'no access key among the credentials' "$shared" 'AWS_PROFILE: none'
refused 'UnrecognizedClientException' "$shared"
refused 'needs AWS_ROLE_ARN' "$web"
refused 'nor inside this machine' \
    'AWS_CONTAINER_CREDENTIALS_FULL_URI: http://192.0.2.1/container'
echo 'bad.token.here' >"$W/federated.jwt"
refused 'InvalidIdentityToken' "$web" "$role" \
    "AWS_ENDPOINT_URL_STS: https://127.0.0.1:$HTTPS/"

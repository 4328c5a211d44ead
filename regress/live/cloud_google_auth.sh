# Google: Application Default Credentials of every kind.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

: "${CLOUD_SIGNERS:=1}"
cloud_start p256
google_account
cloud_federation https://iam.googleapis.com
cloud_tell cloud=google

paths=
# way HOW MODEL VARIABLE ...: a key is loaded and signs by those variables
way() {
	how=$1
	model=$2
	shift 2
	cloud_forget
	{
		google_store p256
		[ -z "$paths" ] || echo "  paths: [$paths]"
		echo '  environment:'
		printf '    %s\n' "$@"
	} | config_stores
	daemon_start
	client sign ECDSASignSHA256 "$K/p256.pub"
	contains "$W/requests.log" "google token by=$how"
	ctl -j show tokens >"$T/tokens"
	contains "$T/tokens" "\"model\": *\"$model\""
	daemon_stop
	cloud_quiet
	lacks "$LOG" 'refresh-3141'
}
# credentials FILE: a file of credentials, from standard input
credentials() {
	cat >"$W/$1"
	cloud_private "$W/$1"
}
metadata="GCE_METADATA_HOST: 127.0.0.1:$HTTP"

way service-account 'service account' "$metadata" \
    "GOOGLE_APPLICATION_CREDENTIALS: $W/account.json"
# A person's requests must say whose quota they use.
credentials application_default_credentials.json <<END
{ "type": "authorized_user", "client_id": "c", "refresh_token":
  "1//refresh-3141", "client_secret": "$CLOUD_SECRET",
  "quota_project_id": "payer-1",
  "token_uri": "https://127.0.0.1:$HTTPS/token" }
END
way user 'authorized user' "CLOUDSDK_CONFIG: $W" "$metadata"
way metadata 'metadata server' "$metadata"

# external MORE: workload identity federation
pool='//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/'
external() {
	credentials external.json <<-END
		{ "type": "external_account",
		  "audience": "${pool}pool/providers/tests",
		  "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
		  "token_url": "https://127.0.0.1:$HTTPS/v1/token", $1 }
	END
}
file="GOOGLE_APPLICATION_CREDENTIALS: $W/external.json"
external "\"credential_source\": { \"file\": \"$W/federated.jwt\" }"
paths=$W
way exchange 'workload identity' "$file"
printf '{ "id_token": "%s" }\n' "$(cat "$W/federated.jwt")" |
    credentials token.json
accounts=https://127.0.0.1:$HTTPS/v1/projects/-/serviceAccounts
external "\"credential_source\": { \"file\": \"$W/token.json\",
  \"format\": { \"type\": \"json\", \"subject_token_field_name\": \"id_token\" }
  }, \"service_account_impersonation_url\":
  \"$accounts/tests@project.iam.gserviceaccount.com:generateAccessToken\""
way impersonation 'workload identity' "$file"

# refused REGEX: with external.json
refused() {
	{
		google_store p256
		echo '  environment:'
		echo "    $file"
	} | config_stores
	daemon_refuses "$1"
	cloud_quiet
}
external "\"credential_source\": { \"file\": \"$T/absent\" }"
refused "cannot open $T/absent: .* among the store's .paths"
external '"credential_source": { "url": "http://127.0.0.1/" }'
refused 'the only credential_source that is supported is a file'
echo '{ "type": "gdch_service_account" }' | credentials external.json
refused 'type is none of service_account'
echo 'no JSON' | credentials external.json
refused 'external.json: not JSON'
sed 's|"project_id"|"quota_project_id": "a b", &|' "$W/account.json" |
    credentials external.json
refused 'quota_project_id is no name of a project'
sed 's|https://|http://|' "$W/account.json" | credentials external.json
refused 'token_uri does not begin with https://'
google_account https://127.0.0.1:1/token
cp "$W/account.json" "$W/external.json"
refused 'no answer from'

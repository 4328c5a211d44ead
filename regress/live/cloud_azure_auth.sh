# Azure: every way in, in their order, of the vault and of a managed HSM; a
# wrong secret; credentials that are not complete.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

: "${CLOUD_SIGNERS:=1}"
cloud_start p256
cloud_federation api://AzureADTokenExchange
key rsa2048-app
(
	umask 077
	openssl req -x509 -key "$K/rsa2048-app.pem" -subj /CN=app -days 2 \
	    -out "$W/client.pem"
	cat "$K/rsa2048-app.pem" "$W/client.pem" >"$W/app.pem"
	printf '%s\n' "$CLOUD_SECRET" >"$W/app.secret"
)
chmod 644 "$W/client.pem"
cloud_private "$W/app.pem"
cloud_private "$W/app.secret"

# way HOW MODEL VARIABLE ...: a key is loaded and signs by those variables
way() {
	how=$1
	model=$2
	shift 2
	cloud_forget
	{
		azure_store p256 "${HOST:-tests.vault.azure.net}"
		echo '  environment:'
		printf '    %s\n' "$@"
	} | config_stores
	daemon_start
	client sign ECDSASignSHA256 "$K/p256.pub"
	contains "$W/requests.log" "azure token by=$how"
	[ "$(cloud_asked 'azure token')" -eq 1 ] || fail "$how: more than one"
	ctl -j show tokens >"$T/tokens"
	contains "$T/tokens" "\"model\": *\"$model\""
	daemon_stop
	cloud_quiet
}
host="AZURE_AUTHORITY_HOST: https://127.0.0.1:$HTTPS/"
tenant="AZURE_TENANT_ID: $TENANT"
app="AZURE_CLIENT_ID: $APP"
federated="AZURE_FEDERATED_TOKEN_FILE: $W/federated.jwt"

# Of several, the first one counts.
way secret 'client secret' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_SECRET: $CLOUD_SECRET" "$federated" \
    "AZURE_CLIENT_CERTIFICATE_PATH: $W/app.pem"
way secret 'client secret' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_SECRET_FILE: $W/app.secret"
way certificate 'client certificate' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_CERTIFICATE_PATH: $W/app.pem" "$federated"
cloud_tell federated=1
way federated 'workload identity' "$host" "$tenant" "$app" "$federated"
cloud_tell federated=
# This one is away now and then.
cloud_tell updating=2
way 'managed client=-' 'managed identity' \
    "AZURE_POD_IDENTITY_AUTHORITY_HOST: http://127.0.0.1:$HTTP"
way "managed client=$APP" 'managed identity' "$app" \
    "AZURE_POD_IDENTITY_AUTHORITY_HOST: http://127.0.0.1:$HTTP"
way app 'managed identity' \
    "IDENTITY_ENDPOINT: http://127.0.0.1:$HTTP/msi/token" \
    "IDENTITY_HEADER: $CLOUD_SECRET"

# A managed HSM wants tokens of its own.
cloud_tell audience=https://managedhsm.azure.net
HOST=tests.managedhsm.azure.net
way secret 'client secret' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_SECRET: $CLOUD_SECRET"
HOST=
cloud_tell audience=https://vault.azure.net

# refused REGEX VARIABLE ...
refused() {
	why=$1
	shift
	{
		azure_store p256
		echo '  environment:'
		printf '    %s\n' "$@"
	} | config_stores
	daemon_refuses "$why"
	cloud_quiet
}
refused 'no credentials: AZURE_CLIENT_SECRET is set: it needs AZURE_TENANT_ID' \
    "$host" "AZURE_CLIENT_SECRET: $CLOUD_SECRET"
refused 'AADSTS7000215' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_SECRET: not-$CLOUD_SECRET"
refused 'AUTHORITY_HOST must begin with https' "$tenant" "$app" \
    "AZURE_AUTHORITY_HOST: http://127.0.0.1:$HTTPS" \
    "AZURE_CLIENT_SECRET: $CLOUD_SECRET"
refused 'refused .managed identity.: status 404 from the service' \
    "AZURE_POD_IDENTITY_AUTHORITY_HOST: http://127.0.0.1:$HTTP/none"
refused "cannot open $W/none" "$host" "$tenant" "$app" \
    "AZURE_CLIENT_CERTIFICATE_PATH: $W/none"
refused 'expected PEM with an RSA key' "$host" "$tenant" "$app" \
    "AZURE_CLIENT_CERTIFICATE_PATH: $W/client.pem"

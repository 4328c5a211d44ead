# A cluster renews its tokens by putting new files in the place of old ones:
# the signer, whose root holds nothing but their directory, sees the new one.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256
cloud_tell federated=1
mkdir "$T/token"
chmod 755 "$T/token"

# rotate KEY: a new token, signed by that key, and by no other is it good
rotate() {
	key "$1"
	cp "$K/$1.pub" "$W/federation.pub"
	python3 "$TOP/regress/cloud/mkjwt.py" "$K/$1.pem" \
	    api://AzureADTokenExchange >"$W/new"
	cloud_private "$W/new"
	mv "$W/new" "$T/token/jwt"
}
rotate rsa2048-federation
{
	CLOUD_SIGNERS=1 azure_store p256
	cat <<-END
		  environment:
		    AZURE_AUTHORITY_HOST: https://127.0.0.1:$HTTPS
		    AZURE_TENANT_ID: $TENANT
		    AZURE_CLIENT_ID: $APP
		    AZURE_FEDERATED_TOKEN_FILE: $T/token/jwt
	END
} | config_stores
daemon_start
sign_one
before=$(signers_cloud)
rotate rsa2048-account
cloud_forget
cloud_tell revoke=1
sign_one 3
[ "$(cloud_asked 'azure token by=')" -eq 1 ] || fail 'token not renewed'
[ "$before" = "$(signers_cloud)" ] || fail 'the process was replaced'
daemon_stop
cloud_quiet

# shellcheck shell=sh
# What the tests of keys in clouds share: the clouds themselves, which are a
# process of ours on loopback (regress/cloud), and the stores that name them.

CLOUD=${CLOUD_PROGRAM:-$SIGNER-cloud}
TENANT=11111111-2222-3333-4444-555555555555
APP=99999999-8888-7777-6666-555555555555
VERSION=0123456789abcdef0123456789abcdef
CLOUD_SECRET=sesame~96.Q8z
ARN=arn:aws:kms:eu-central-1:111122223333
RING=projects/p/locations/l/keyRings/r/cryptoKeys
W=$T/cloud		# the world of the clouds
HTTPS=			# ports: the services,
HTTP=			# what is inside a machine,
PROXY=			# and a proxy

# cloud_names: DNS names that the clouds' certificate is for
cloud_names() {
	printf 'subjectAltName=IP:127.0.0.1,DNS:localhost'
	for name in '*.vault.azure.net' '*.managedhsm.azure.net' \
	    '*.vault.azure.cn' login.microsoftonline.com \
	    login.chinacloudapi.cn '*.googleapis.com' \
	    '*.eu-central-1.amazonaws.com' '*.cn-north-1.amazonaws.com.cn'; do
		printf ',DNS:%s' "$name"
	done
}

make_cloud_cert() {
	[ ! -f "$FIX/pki/cloud.done" ] || return 0
	make_pki
	ca cloud-ca
	cert cloud cloud-ca 2 "$(cloud_names)" 'extendedKeyUsage=serverAuth'
	: >"$FIX/pki/cloud.done"
}

# cloud_start KEY ...: the clouds, with those keys
cloud_start() {
	[ -x "$CLOUD" ] || skip "not built: $CLOUD (libcurl, jansson)"
	python3 -c 'import cryptography' 2>/dev/null ||
	    skip 'python3-cryptography is not installed (make deps)'
	make_cloud_cert
	mkdir -p "$W/keys"
	cp "$FIX/pki/cloud.pem" "$W/cert.pem"
	cp "$FIX/pki/cloud.key" "$W/cert.key"
	for cloud_key in "$@"; do
		key "$cloud_key"
		cp "$K/$cloud_key.pem" "$W/keys/$cloud_key.pem"
	done
	python3 "$TOP/regress/cloud/server.py" run "$W" >"$W/log" 2>&1 &
	background $!
	wait_until test -f "$W/ports" || fail "no clouds: $(cat "$W/log")"
	# shellcheck disable=SC2046
	set -- $(cat "$W/ports")
	# shellcheck disable=SC2034
	HTTPS=$1 HTTP=$2 PROXY=$4
	cloud_tell "secret=$CLOUD_SECRET"
}

# cloud_tell NAME=VALUE ...: change how they behave
cloud_tell() {
	python3 "$TOP/regress/cloud/server.py" tell "$W" "$@" ||
	    fail "the clouds do not listen: $*"
}

# cloud_asked REGEX: how many requests match
cloud_asked() {
	grep -Ec -e "$1" "$W/requests.log" || :
}

cloud_forget() {
	: >"$W/requests.log"
}

# azure_store KEY [HOST]: a store, without its environment
azure_store() {
	cat <<-END
		- uri: https://${2:-tests.vault.azure.net}/keys/$1/$VERSION
		  endpoint: https://127.0.0.1:$HTTPS
		  ca: $FIX/pki/cloud-ca.pem
		  signers: ${CLOUD_SIGNERS:-2}
	END
}

# azure_secret: the environment of an application with a secret
azure_secret() {
	cat <<-END
		  environment:
		    AZURE_AUTHORITY_HOST: https://127.0.0.1:$HTTPS
		    AZURE_TENANT_ID: $TENANT
		    AZURE_CLIENT_ID: $APP
		    AZURE_CLIENT_SECRET: $CLOUD_SECRET
	END
}

# cloud_quiet: no secret has got into a log
cloud_quiet() {
	lacks "$LOG" "$CLOUD_SECRET|Bearer [A-Za-z0-9._-]{9}|eyJ|PRIVATE"
	lacks "$LOG" ' (critical|fatal): '
}

# google_store KEY: a store, without its environment
google_store() {
	cat <<-END
		- uri: $RING/$1/cryptoKeyVersions/1
		  endpoint: https://127.0.0.1:$HTTPS
		  ca: $FIX/pki/cloud-ca.pem
		  signers: ${CLOUD_SIGNERS:-2}
	END
}

# google_account [TOKEN_URI]: a service account's file, for the clouds, too
google_account() {
	key rsa2048-account
	python3 - "$K/rsa2048-account.pem" \
	    "${1:-https://127.0.0.1:$HTTPS/token}" >"$W/account.json" <<-END
		import json, sys
		print(json.dumps({
		    "type": "service_account", "project_id": "p",
		    "private_key_id": "31415926",
		    "private_key": open(sys.argv[1]).read(),
		    "client_email": "tests@project.iam.gserviceaccount.com",
		    "client_id": "1", "token_uri": sys.argv[2]}))
	END
	cloud_private "$W/account.json"
}

# cloud_private FILE: only the signers may read it
cloud_private() {
	chmod 600 "$1"
	if is_root; then
		chown "$SIGNER_USER" "$1"
	fi
}

# google_file: the environment of that file
google_file() {
	cat <<-END
		  environment:
		    GOOGLE_APPLICATION_CREDENTIALS: $W/account.json
	END
}

# aws_store KEY: a store, without its environment
aws_store() {
	cat <<-END
		- uri: $ARN:key/$1
		  endpoint: https://127.0.0.1:$HTTPS
		  ca: $FIX/pki/cloud-ca.pem
		  signers: ${CLOUD_SIGNERS:-2}
	END
}

# aws_static: the environment of an access key
aws_static() {
	cat <<-END
		  environment:
		    AWS_ACCESS_KEY_ID: AKIDEXAMPLE
		    AWS_SECRET_ACCESS_KEY: $CLOUD_SECRET
	END
}

# config_stores: a configuration whose stores come on standard input
config_stores() {
	{
		echo 'loglevel: 0'
		echo 'private_key_stores:'
		cat
	} | config
}

# cloud_federation AUDIENCE: a token of somebody else, in federated.jwt
cloud_federation() {
	key rsa2048-federation
	cp "$K/rsa2048-federation.pub" "$W/federation.pub"
	python3 "$TOP/regress/cloud/mkjwt.py" "$K/rsa2048-federation.pem" \
	    "$1" >"$W/federated.jwt"
	cloud_private "$W/federated.jwt"
}

# signers_cloud: process ids of the signers of clouds
signers_cloud() {
	children "$DAEMON" keyless-signer-
}

# one_signer CLOUD: one process that serves p256 there, in three seconds
one_signer() {
	cloud_tell "cloud=$1"
	{
		echo 'sign_timeout: 3s'
		echo "metrics_listen: [\"$T/http.sock\"]"
		echo 'private_key_stores:'
		"${1}_store" p256
		case $1 in
		azure)	azure_secret ;;
		google)	google_file ;;
		aws)	aws_static ;;
		esac
	} | config
	sed -i 's/signers: 2/signers: 1/' "$CONF"
	daemon_start
	client sign ECDSASignSHA256 "$K/p256.pub"
	cloud_forget
}

# sign_one [N], refused_one: with that key
sign_one() {
	client -t 10 sign ECDSASignSHA256 "$K/p256.pub" "$@"
}

refused_one() {
	client -t 10 -e 1 sign ECDSASignSHA256 "$K/p256.pub"
}

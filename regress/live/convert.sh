# keylessctl convert: what it prints is taken and means the same, a secret is
# not in it, and keylessd serves with it as with the file it was made of.
# run-as: both
. "$(dirname "$0")/lib.sh"

CONFCHECK=$TOP/regress/conf/confcheck
mkdir "$T/there" "$T/here"

# same FILE: FILE and its conversion, elsewhere, print the same, but for what
# is instead of a secret
same() {
	cp "$1" "$T/there/gokeyless.yaml"
	chmod 600 "$T/there/gokeyless.yaml"
	"$KEYLESSCTL" convert "$T/there/gokeyless.yaml" >"$T/here/new.conf" \
	    2>"$T/err" || fail "$1: $(cat "$T/err")"
	lacks "$T/here/new.conf" 'S3CRET'
	for file in there/gokeyless.yaml here/new.conf; do
		"$CONFCHECK" "$T/$file" >"$T/out" 2>"$T/err" ||
		    fail "$file of $1: $(cat "$T/err" "$T/$file")"
		sed -E -e '/^ *#/d' -e '/^  pin_file: /d' \
		    -e '/^(api_token_file|renew|enroll_timeout): /d' \
		    "$T/out" >"$T/${file%%/*}.out"
	done
	diff "$T/there.out" "$T/here.out" >"$T/diff" ||
	    fail "$1: $(cat "$T/diff")"
}

for name in gokeyless gokeyless-old gokeyless-tracing uris every aliases \
    relative pin-source utf8 listen-forms access; do
	same "$TOP/regress/conf/$name.in"
done

# What the documentation of the Go server shows, with secrets.
cat >"$T/docs.yaml" <<'END'
loglevel: 0
hostname: 11aa40b4a5db06d4889e48e2f738950ddfa50b7349d09b5f.example.com
zone_id: 5c7004f5221ba2a24c998bd609244a39
origin_ca_api_key: v1.0-S3CRET
api_token: S3CRET-too
private_key_stores:
- dir: keys
- file: /etc/keyless/www.key
- uri: pkcs11:token=HSM;id=%03?module-path=/usr/lib/a.so&pin-value=S3CRET
- uri: pkcs11:token=HSM;id=%04?module-path=/usr/lib/a.so&pin-value=S3CRET
metrics_port: 2406
pid_file: keyless.pid
END
same "$T/docs.yaml"
contains "$T/here/new.conf" '^api_token_file: /etc/keyless/api-token$'
contains "$T/here/new.conf" '^  pin_file: /etc/keyless/store3.pin$'
contains "$T/here/new.conf" '^  pin_file: /etc/keyless/store4.pin$'
contains "$T/here/new.conf" '# origin_ca_api_key was set'
contains "$T/here/new.conf" "^- dir: \"$T/there/keys\"\$"

# A mistake is said as a person reads it.
echo 'prot: 2407' >"$T/wrong.yaml"
refuse "$KEYLESSCTL" convert "$T/wrong.yaml" >"$T/out" 2>"$T/err"
contains "$T/err" "^keylessctl: error: $T/wrong.yaml:1:1: unknown key prot; is "
refuse "$KEYLESSCTL" convert "$T/nowhere.yaml" >"$T/out" 2>"$T/err"
contains "$T/err" '^keylessctl: error: cannot read config file='

# The real thing: a token, its PIN in the URI, then in the file that is named.
token_init
config <<END
private_key_stores:
$(token_store "$(token_uri 'object=p256')")
END
"$KEYLESSCTL" convert "$CONF" >"$T/new.conf" || fail 'not converted'
(umask 077 && echo "$PIN" >"$T/store1.pin")
sed "s|/etc/keyless/store1.pin|$T/store1.pin|" "$T/new.conf" >"$CONF"
if is_root; then
	chgrp "$SIGNER_USER" "$T/store1.pin"
fi
"$KEYLESSD" -n -f "$CONF" -s "$SIGNER" >"$T/out" 2>&1 ||
    fail "keylessd -n: $(cat "$T/out")"
daemon_start
client sign ecdsa "$T/hsm/p256.pub"
daemon_stop

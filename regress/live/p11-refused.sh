# Keys that cannot be used are refused, with the reason that the manual has,
# and cost nobody else anything.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init

# refused QUIRK KEY REGEX
refused() {
	quirk "$1"
	quirk_config "$(quirk_uri "$2")" </dev/null
	daemon_start
	ctl -j show keys >"$T/keys"
	contains "$T/keys" "\"reason\":\"$3"
	client -t 1 all "$K/p256.pub" || fail "$1: the key in the file"
	daemon_stop
}

refused duplicate-id id=%02 'more than one private key .*: (p256 \(id 02\), '\
'p256-copy \(id 02\)|p256-copy \(id 02\), p256 \(id 02\))'
refused no-public id=%02 'no public part of key p256'
refused ec-point=wrong id=%02 '.*CKA_EC_POINT is not on the curve'
refused ec-params=P-384 id=%02 '.*CKA_EC_POINT does not have the curve'
refused ec-params=secp256k1 id=%02 '.*CKA_EC_PARAMS is none of'
refused hide=CKA_ID id=%02 'no such private key on token .*p256 \(no id\)'
refused hide=CKA_LABEL object=p256 'no such private key on token .*\(id 02\)'
refused hide=CKA_KEY_TYPE id=%02 'key p256 is none of RSA, EC, Ed25519'
refused no-mechanism=CKM_ECDSA id=%02 'key p256 can do nothing'
refused no-mechanism=CKM_EDDSA id=%04 'key ed25519 can do nothing'

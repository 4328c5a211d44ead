# shellcheck shell=sh
# What the tests of misbehaving tokens share: a token behind quirk.so (see
# regress/module/README), and a key in a file that has to be served all the
# time, whatever becomes of the token.

QUIRK_SO=$TOP/regress/module/quirk.so
QUIRKS=$T/quirk/control
CALLS=$T/quirk/log	# what the module was asked
SET="token $TOKEN"	# the name of the token's signers
POISON=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
NEIGHBOUR=

# quirk_init: a token in $T/hsm, a key file $T/file.key, no quirks
quirk_init() {
	[ -f "$QUIRK_SO" ] || fail "not built: $QUIRK_SO (make regress)"
	token_init
	put_key p256 pkcs8-pem "$T/file.key"
	mkdir "$T/quirk"
	quirk
	: >"$CALLS"
	chmod 666 "$CALLS"
}

# quirk [LINE ...]: these lines from now on, in place of all others
# shellcheck disable=SC2120
quirk() {
	printf '%s\n' "$@" >"$QUIRKS.new"
	chmod 666 "$QUIRKS.new"
	mv "$QUIRKS.new" "$QUIRKS"
}

# quirk_uri KEY [URI-QUERY]: a key of the token behind quirk.so
quirk_uri() {
	token_uri "$1" "$PIN" "$QUIRK_SO"
	printf '%s' "${2:+&$2}"
}

# quirk_store URI: an item of private_key_stores
quirk_store() {
	token_store "$1"
	cat <<-END
		    QUIRK_MODULE: $MODULE
		    QUIRK_CONTROL: $QUIRKS
		    QUIRK_LOG: $CALLS
		  paths: ["$T/hsm:rw", "$T/quirk:rw"]
	END
}

# quirk_config URI [LINE ...]: a file key and the token's; LINEs are more of
# the store, standard input more of the rest
quirk_config() {
	quirk_config_uri=$1
	shift
	{
		cat
		cat <<-END
			private_key_stores:
			- file: $T/file.key
		END
		quirk_store "$quirk_config_uri"
		[ $# -eq 0 ] || printf '  %s\n' "$@"
	} | config
}

# calls REGEX: how often the module logged such a line since the last forget
calls() {
	grep -Ec -e "$1" "$CALLS" || :
}

# called REGEX NUMBER: exactly so often
called() {
	[ "$(calls "$1")" -eq "$2" ] && return
	echo '--- calls of the module:'
	cat "$CALLS"
	fail "not $2 calls as expected but $(calls "$1"): $1"
}

was_called() {
	grep -Eq -e "$1" "$CALLS"
}

wait_call() {
	wait_until was_called "$1" || fail "not called: $1"
}

forget_calls() {
	: >"$CALLS"
}

# token_signers: process ids of the signers of the token
token_signers() {
	for pid in $(signers); do
		if grep -aq "$SET" "/proc/$pid/cmdline"; then
			echo "$pid"
		fi
	done
}

# ctl_has REGEX WHAT: keylessctl show WHAT has such a line
ctl_has() {
	ctl show "$2" >"$T/ctl.out" && grep -Eq -e "$1" "$T/ctl.out"
}

# wait_ctl REGEX WHAT
wait_ctl() {
	wait_until ctl_has "$1" "$2" ||
	    fail "keylessctl show $2 lacks: $1: $(cat "$T/ctl.out")"
}

# request OP KEY HEX: the message that asks for it, in hexadecimal
request() {
	request_body=110001${1}040014$("$CLIENT" ski "$2")
	request_body=$request_body$(printf '12%04x' $((${#3} / 2)))$3
	printf '0100%04x%08x%s' $((${#request_body} / 2)) "$$" "$request_body"
}

# ask_poison [OPTION ...]: ECDSA of $POISON with the token's P-256 key
ask_poison() {
	client "$@" raw "$(request 15 "$T/hsm/p256.pub" "$POISON")"
}

# signs KEY [COUNT]: signatures of whatever, which must be right
signs() {
	case $1 in
	rsa)	signs_op=rsa-sha256 ;;
	ed25519) signs_op=ed25519 ;;
	*)	signs_op=ecdsa-sha256 ;;
	esac
	client -t 10 sign "$signs_op" "$T/hsm/$1.pub" "${2:-1}"
}

# recovers KEY: its requests are answered again
recovers() {
	wait_until signs "$1" || fail "no signatures by $1 any more"
}

# neighbour_start: from now on the key in the file must answer each request
# within a second and without error
neighbour_start() {
	mkdir "$T/neighbour"
	(
		T=$T/neighbour
		until [ -e "$T/stop" ]; do
			client -t 1 load ecdsa-sha256 "$K/p256.pub" 1 20
			: >"$T/served"
		done
	) &
	NEIGHBOUR=$!
	background "$NEIGHBOUR"
	wait_until neighbour_told
}

neighbour_stop() {
	rm -f "$T/neighbour/served"
	wait_until neighbour_told	# once more
	: >"$T/neighbour/stop"
	wait "$NEIGHBOUR" && return
	tail -n 5 "$T/neighbour/client.log"
	fail 'the key in the file was not served well meanwhile'
}

neighbour_told() {
	[ -e "$T/neighbour/served" ] || gone "$NEIGHBOUR"
}

# ---- keys in other shapes

# key_name FORM KEY: what names the key in a URI: its id, its object, or both
key_name() {
	case $2 in
	rsa)	key_id=id=%01 ;;
	p256)	key_id=id=%02 ;;
	p384)	key_id=id=%03 ;;
	*)	key_id=id=%04 ;;
	esac
	case $1 in
	id)	echo "$key_id" ;;
	object)	echo "object=$2" ;;
	both)	echo "$key_id;object=$2" ;;
	esac
}

# works QUIRKS FORM KEY ...: with these quirks (between semicolons) the keys,
# named in that form, load and do all that they can
works() {
	works_what="$1 (by $2)"
	quirk "$(echo "$1" | tr ';' '\n')"
	works_form=$2
	shift 2
	{
		# Some sign again and again until a signature is odd enough.
		echo 'sign_timeout: 1m'
		echo 'private_key_stores:'
		for key; do
			quirk_store "$(quirk_uri \
			    "$(key_name "$works_form" "$key")")"
			echo '  required: yes'
		done
	} | config
	daemon_start
	for key; do
		client -t 60 all "$T/hsm/$key.pub" ||
		    fail "$works_what: $key"
	done
	daemon_stop
}

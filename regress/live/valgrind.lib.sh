# shellcheck shell=sh
# For tests that run the signers under valgrind; sourced after lib.sh.  The
# signer program is then a script that starts it so; valgrind's findings are in
# $T/valgrind/PID.
#
# Under valgrind a process makes many more system calls than it does itself, so
# these are programs without their sandbox.  Those with AddressSanitizer do not
# run under valgrind either: then others are built here.

VALGRIND=$(command -v valgrind) || skip 'valgrind is not installed (make deps)'

plain_programs() {
	mkdir -p "$T/tree/regress"
	cp -R "$TOP/Makefile" "$TOP/lib" "$TOP/keyless-signer" "$TOP/keylessd" \
	    "$T/tree"
	cp -R "$TOP/regress/plain" "$T/tree/regress"
	find "$T/tree" -name '*.[oa]' -exec rm -f {} +
	rm -f "$T/tree/regress/plain/keyless"*
	env -u MAKEFLAGS -u CFLAGS -u LDFLAGS make -s -C "$T/tree" \
	    regress/plain/keylessd regress/plain/keyless-signer \
	    >"$T/make.log" 2>&1 || fail "make: $(cat "$T/make.log")"
	PLAIN=$T/tree/regress/plain
}

PLAIN=$TOP/regress/plain
if grep -q __asan_init "$SIGNER"; then
	plain_programs
fi
# shellcheck disable=SC2034
KEYLESSD=$PLAIN/keylessd
SIGNER=$PLAIN/keyless-signer

# valgrind_signers [SUPPRESSIONS]: put the script in the place of the signer.
# The environment of a signer is empty, and what it opens late is out of reach.
valgrind_signers() {
	mkdir "$T/valgrind"
	chmod 1777 "$T/valgrind"
	cat >"$T/signer" <<-END
		#!/bin/sh
		exec $VALGRIND --quiet --vgdb=no --log-file=$T/valgrind/%p \
		    --leak-check=full --show-leak-kinds=all \
		    --errors-for-leak-kinds=definite,indirect,possible \
		    --child-silent-after-fork=yes --num-callers=30 \
		    ${1:+--suppressions=$1} $SIGNER "\$@"
	END
	chmod 755 "$T/signer"
	SIGNER=$T/signer
}

# What is in the logs but for what is still reachable at the end: caches of
# libcrypto, for the most part.
valgrind_errors() {
	sed 's/^==[0-9]*== *//' "$T/valgrind"/* | awk '
	    BEGIN { RS = ""; ORS = "\n\n" }
	    !/^[0-9,]+ bytes in [0-9,]+ blocks are still reachable/'
}

# Numbers of keys and keys that are still there, reachable or not.
valgrind_keys() {
	sed 's/^==[0-9]*== *//' "$T/valgrind"/* | awk '
	    BEGIN { RS = ""; FS = "\n"; ORS = "\n\n" }
	    { top = $2 $3 $4 $5 }
	    top ~ /: (BN_|EVP_PKEY_new|RSA_new|EC_|ECPKPARAMETERS|keyring)/'
}

# valgrind_clean PROCESSES: so many signers have left a log, and nothing in it
# is wrong.
valgrind_clean() {
	found=$(find "$T/valgrind" -type f -size +0 | wc -l)
	[ "$found" -ge "$1" ] || fail "$found signers ran, expected $1"
	valgrind_errors >"$T/errors"
	valgrind_keys >>"$T/errors"
	[ ! -s "$T/errors" ] || {
		cat "$T/errors"
		fail 'valgrind has found something'
	}
}

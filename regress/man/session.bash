# shellcheck shell=bash
# Before the commands of a "session": what they may do, and what they need.
set -u

example_failed() {
	echo "FAILED: $2"
	cat "$OUT/$1"
	exit 1
}

# Nobody waits for an example.
sleep() {
	command sleep 0.1
}

# A program that loads keyless-pkcs11.so, if that was built with a sanitizer.
pkcs11-tool() {
	case "$*" in
	*keyless-pkcs11.so*)
		ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD=$SANITIZER \
		    command pkcs11-tool "$@" ;;
	*)	command pkcs11-tool "$@" ;;
	esac
}

make-changes() {
	:
}

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

make-changes() {
	:
}

# The programs and roles that only keylessd starts say so to anybody else, with
# whatever descriptor 3 is, and do nothing.
# run-as: both
. "$(dirname "$0")/lib.sh"

# refuses WHAT PROGRAM [ARGUMENT]
refuses() {
	what=$1
	shift
	for fd in '3<&-' '3</dev/null' "3>$T/file"; do
		status=0
		eval '"$@"' "$fd" </dev/null >"$T/out" 2>&1 || status=$?
		[ "$status" -eq 1 ] || fail "$* $fd: exit status $status"
		contains "$T/out" "$what"
	done
	status=0
	: | "$@" 3<&0 </dev/null >"$T/out" 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "$* with a pipe: exit status $status"
	contains "$T/out" "$what"
	[ ! -s "$T/file" ] || fail "$* wrote: $(cat "$T/file")"
}
for role in F L E; do
	refuses "keylessd -$role is for keylessd itself" "$KEYLESSD" "-$role"
done
refuses 'started by keylessd only' "$SIGNER"
if [ -x "$(dirname "$SIGNER")/keyless-signer-cloud" ]; then
	refuses 'started by keylessd only' \
	    "$(dirname "$SIGNER")/keyless-signer-cloud"
	refuses 'started by keylessd and keylessctl only' \
	    "$(dirname "$SIGNER")/keyless-enroll"
fi

# Which program is linked with what.
# run-as: any
. "$(dirname "$0")/lib.sh"

need_programs
needs() {
	ldd "$1" >"$T/out"
	contains "$T/out" "$2"
}
needs_no() {
	ldd "$1" >"$T/out"
	lacks "$T/out" "$2"
}
needs "$KEYLESSD" libtls
needs "$KEYLESSD" libevent
needs_no "$KEYLESSD" pkcs11
needs "$SIGNER" libpkcs11-helper
needs_no "$SIGNER" 'libtls|libevent|libyaml'
needs_no "$KEYLESSCTL" 'libtls|libevent|pkcs11'
# What speaks to the API is one program, which no key comes near.
enroll=$(dirname "$SIGNER")/keyless-enroll
needs "$enroll" libcurl
needs "$enroll" libjansson
needs_no "$enroll" 'libtls|libevent|pkcs11|libyaml'
for program in "$KEYLESSD" "$SIGNER" "$KEYLESSCTL"; do
	readelf -d "$program" >"$T/out"
	lacks "$T/out" 'curl|jansson'
done

# The hooks of the tests are in none that is installed.
for program in keylessd/keylessd keyless-signer/keyless-signer; do
	hooked=$TOP/regress/captured/${program#*/}
	grep -aq 'keylessd regress captured' "$hooked" ||
	    fail "no mark in $hooked (make regress)"
	grep -aq '^captured' "$hooked" || grep -aq 'captured %s' "$hooked" ||
	    fail "no attack in $hooked"
done
for program in "$KEYLESSD" "$SIGNER" "$KEYLESSCTL" "$enroll"; do
	! grep -aEq 'regress captured|captured %s|attack_run' "$program" ||
	    fail "$program has the tests' hooks in it"
done
case $(uname -s) in
Linux)	needs "$KEYLESSD" libseccomp
	needs "$SIGNER" libseccomp ;;
esac
for program in "$KEYLESSD" "$SIGNER" "$KEYLESSCTL" "$enroll"; do
	readelf -hld "$program" >"$T/out"
	contains "$T/out" 'Type: +DYN'
	contains "$T/out" 'GNU_RELRO'
	contains "$T/out" 'BIND_NOW|Flags:.* NOW'
	contains "$T/out" 'GNU_STACK'
	lacks "$T/out" 'RPATH|RUNPATH'
done

# The module shows three functions and ends no process.
module=$TOP/keyless-pkcs11/keyless-pkcs11.so
[ -f "$module" ] || fail "not built: $module (make)"
nm -D --defined-only "$module" | awk '{ print $3 }' | sort >"$T/out"
printf '%s\n' C_GetFunctionList C_GetInterface C_GetInterfaceList >"$T/three"
cmp "$T/out" "$T/three" || fail "$module shows: $(cat "$T/out")"
nm -D --undefined-only "$module" >"$T/out"
lacks "$T/out" \
    ' (exit|_exit|abort|atexit|fatalx?|fork|openlog|signal|sigaction)(@|$)'
readelf -ld "$module" >"$T/out"
contains "$T/out" 'GNU_RELRO'
contains "$T/out" 'NODELETE'
lacks "$T/out" 'RPATH|RUNPATH|TEXTREL|pkcs11-helper|libevent'

# Readiness, proved by a signature: keylessctl check and GET /ready say yes
# only if each store that counts signed, and /healthz that the process lives.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
metrics_listen: ["127.0.0.1:0", $T/http.sock]
check_age: 0s
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri 'object=p256')")
END
daemon_start
HTTP=$(sed -n 's/.* metrics address=\(127.0.0.1:[0-9]*\)$/\1/p' "$LOG")
[ -n "$HTTP" ] || fail 'no line "metrics address="'
contains "$LOG" "metrics address=$T/http.sock$"

# get PATH STATUS REGEX: what HTTP answers
get() {
	got=$(curl -s -o "$T/body" -w '%{http_code}' "http://$HTTP$1") ||
	    fail "curl $1: exit status $?"
	[ "$got" = "$2" ] || fail "$1: status $got, not $2: $(cat "$T/body")"
	contains "$T/body" "$3"
}

# Signers may have a view of the directory of their own: empty it.
token_away() {
	mkdir "$T/away"
	mv "$T/hsm/tokens"/* "$T/away"
}
token_back() {
	mv "$T/away"/* "$T/hsm/tokens"
	rmdir "$T/away"
}

get /healthz 200 '^ok$'
get /ready 200 '^ready$'
get / 404 .
got=$(curl -s -o /dev/null -w '%{http_code}' -X POST -d x "http://$HTTP/ready")
[ "$got" = 405 ] || [ "$got" = 501 ] || fail "POST: status $got"
curl -s --unix-socket "$T/http.sock" http://localhost/ready >"$T/body"
contains "$T/body" '^ready$'
ctl check >"$T/out" || fail "check: $(cat "$T/out")"
contains "$T/out" '^ready$'
ctl show stores >"$T/out"
[ "$(grep -c 'a.key\|pkcs11:' "$T/out")" -eq 2 ] || fail "$(cat "$T/out")"

# The token is gone: its store says so, whichever signer is asked.
token_away
not_ready() {
	! ctl check >"$T/out" 2>&1
}
wait_until not_ready || fail 'ready without the token'
contains "$T/out" 'not ready: store pkcs11:'
lacks "$T/out" "store $T/a.key: "
get /ready 503 '^store pkcs11:'
get /healthz 200 '^ok$'
contains "$LOG" 'test signature failed store="pkcs11:'
token_back
is_ready() {
	ctl check >"$T/out" 2>&1
}
WAIT_TRIES=400 wait_until is_ready || fail "not ready: $(cat "$T/out")"

# Only the required stores count, if there are any.
sed -i "s|^- file: .*|&\\n  required: yes|" "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
token_away
ctl check >"$T/out" || fail "check: $(cat "$T/out")"
lacks "$T/out" pkcs11:
get /ready 200 '^ready$'
token_back

# Nobody signs for a check that was answered within check_age.
sed -i 's/^check_age: .*/check_age: 1h/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
for round in 1 2 3; do
	ctl check >"$T/out" || fail "check $round: $(cat "$T/out")"
done
ctl -j show stores >"$T/out"
contains "$T/out" '"tests": ?1,'

# Drained it is not ready, but it lives.
ctl drain
get /ready 503 '^draining$'
get /healthz 200 '^ok$'
refuse ctl check >"$T/out" 2>&1
contains "$T/out" 'not ready: draining'
ctl undrain
get /ready 200 '^ready$'
daemon_stop
[ ! -e "$T/http.sock" ] || fail 'the socket for HTTP is left behind'

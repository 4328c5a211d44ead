# The variables of the environment that the Go server's containers have: they
# come before the file, a secret among them is warned of, wiped, and in no
# other process.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
sign_timeout: 7s
hostname: file.example.com
private_key_stores:
- file: $T/a.key
END
sed -i '/^auth_cert/d' "$CONF"
cp "$FIX/pki/server.pem" "$T/cert.pem"

TOKEN_TEXT=token-that-nobody-must-see-4711
export KEYLESS_AUTH_CERT=cert.pem KEYLESS_SIGN_TIMEOUT=3s \
    KEYLESS_HOSTNAME='a "quoted\name' KEYLESS_API_TOKEN=$TOKEN_TEXT \
    KEYLESS_LOGLEVEL=0 KEYLESS_PRIVATE_KEY_DIRS=/nowhere KEYLESS_PORT='' \
    KEYLESS_CURRENT_TIME=2020-01-01T00:00:00Z
daemon_start
client sign ecdsa "$K/p256.pub"
ctl show config >"$T/out"
contains "$T/out" "^auth_cert: \"$T/cert.pem\"\$"
contains "$T/out" '^sign_timeout: 3s$'
contains "$T/out" '^loglevel: 0$'
contains "$T/out" '^port: 2407$'
contains "$T/out" '^hostname: "a \\"quoted\\\\name"$'
contains "$T/out" '^# api_token: \(set\)$'
wait_log 'warning: secret in the environment variable=KEYLESS_API_TOKEN reason='
wait_log 'reason=".*api_token_file.*pin_file'
wait_log 'warning: variable ignored variable=KEYLESS_PRIVATE_KEY_DIRS'
wait_log 'warning: environment:[0-9]+:[0-9]+: tracing_\* and current_time have'

# The kernel shows it in no process; the children have no environment at all.
for pid in $DAEMON $(children "$DAEMON"); do
	if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
	    grep -q "$TOKEN_TEXT"; then
		fail "the token is in the environment of process $pid"
	fi
done
for pid in $(children "$DAEMON"); do
	if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -q KEYLESS
	then
		fail "process $pid has an environment"
	fi
done
lacks "$LOG" "$TOKEN_TEXT"

# A reload has them still.
sed -i 's/^sign_timeout: .*/sign_timeout: 8s/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
ctl show config >"$T/out"
contains "$T/out" '^sign_timeout: 3s$'
contains "$T/out" '^# api_token: \(set\)$'
daemon_stop

# A mistake is one, and named as what it is.
export KEYLESS_PORT=70000
daemon_refuses 'environment:[0-9]+:[0-9]+: port: expected a number from 0 to 6'

# What happens shows in the metrics: requests and their errors, handshakes that
# fail, keys that are refused, errors of a token, signers that are killed, test
# signatures, limits, reloads.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/metrics.lib.sh"

quirk_init
key p256-nobody
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
metrics_listen: ["$T/http.sock"]
check_age: 0s
sign_timeout: 10s
policy:
- opcodes: [all, no-OpECDSASignSHA1]
END
echo broken >"$T/broken.key"
chmod 600 "$T/broken.key"
is_root && chown "$SIGNER_USER" "$T/broken.key"
echo "- file: $T/broken.key" >>"$CONF"
daemon_start

crypto='cryptography error'
unknown='key not found due to no matching SKI/SNI/ServerIP'
exec=keyless_request_exec_duration_per_opcode
total=keyless_request_total_duration_per_opcode

# A signature, a ping; nothing of that is an error.
is 'keyless_requests{opcode="OpECDSASignSHA256"}' 0
client sign ecdsa-sha256 "$K/p256.pub" 3
client ping 10 2
is 'keyless_requests{opcode="OpECDSASignSHA256"}' 3
is 'keyless_requests{opcode="OpPing"}' 2
is "${exec}_count{type=\"ecdsa\",error=\"no error\"}" 3
is "${exec}_bucket{type=\"ecdsa\",error=\"no error\",le=\"+Inf\"}" 3
is "${total}_count{type=\"ecdsa\",error=\"no error\"}" 3
is "${total}_count{type=\"other\",error=\"no error\"}" 2
is 'keylessd_signer_operations_total{set="files"}' 3
is 'keylessd_responses_total' 5
is 'keylessd_request_errors_total{error="cryptography error"}' 0
is 'keylessd_handshakes_total' 2
is 'keylessd_connections_accepted_total' 2

# The time of signers is that of both histograms, if not by chance 0.
[ "$(sample "${exec}_sum{type=\"ecdsa\",error=\"no error\"}")" = \
    "$(sample 'keylessd_signer_busy_seconds_total{set="files"}')" ] ||
    fail 'execution and busy time differ'
case $(sample 'keylessd_signer_busy_seconds_total{set="files"}') in
0.000000|'') fail 'signing took no time' ;;
esac

# A key that nobody has, an operation that is not allowed, one that does not
# fit, nonsense.
client -e 2 sign ecdsa-sha256 "$K/p256-nobody.pub"
is "${exec}_count{type=\"ecdsa\",error=\"$unknown\"}" 1
is "keylessd_request_errors_total{error=\"$unknown\"}" 1
client -e 5 sign ecdsa-sha1 "$K/p256.pub"
is 'keylessd_requests_denied_total' 1
is 'keyless_requests{opcode="OpECDSASignSHA1"}' 1
client -e 5 send 0x99 10
is 'keyless_requests{opcode="unknown"}' 1
is "${total}_count{type=\"unknown\",error=\"bad opcode\"}" 1
is "${total}_bucket{type=\"unknown\",error=\"bad opcode\",le=\"0.0001\"}" 1

# Clients who are not let in, and one who breaks off.
client_as stranger -H
client_as expired -H
client_as notclient -H
is 'keylessd_handshake_failures_total{reason="untrusted"}' 1
is 'keylessd_handshake_failures_total{reason="expired"}' 1
is 'keylessd_handshake_failures_total{reason="not_client_auth"}' 1
curl -s -o "$T/out" "http://127.0.0.1:$PORT/" || :
is 'keylessd_handshake_failures_total{reason="not_tls"}' 1
is 'keyless_failed_connection' 0
is 'keylessd_handshakes_total' 5

# Keys by state: the broken one is not usable.
is 'keylessd_keys{set="files",state="ready"}' 1
is 'keylessd_keys{set="files",state="failed"}' 1
is "keylessd_keys{set=\"$SET\",state=\"ready\"}" 1

# An error of the token has its name.
is "keylessd_token_logins_total{set=\"$SET\"}" 2
is "keylessd_token_errors_total{set=\"$SET\",error=\"CKR_DATA_INVALID\"}" ''
quirk 'C_Sign=CKR_DATA_INVALID once'
client -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub"
is "keylessd_token_errors_total{set=\"$SET\",error=\"CKR_DATA_INVALID\"}" 1
is "keylessd_request_errors_total{error=\"$crypto\"}" 1
is "${exec}_count{type=\"ecdsa\",error=\"$crypto\"}" 1

# A signer that is killed is replaced, and counted.
is 'keylessd_signer_restarts_total{set="files"}' 0
for pid in $(signers); do
	case " $(token_signers | tr '\n' ' ')" in
	*" $pid "*) ;;
	*) kill -KILL "$pid"; break ;;
	esac
done
is 'keylessd_signer_restarts_total{set="files"}' 1
is 'keylessd_signers{set="files",state="waiting"}' 0
scrape
[ "$(sample 'keylessd_signers{set="files",state="ready"}')" -ge 1 ] ||
    fail 'no signer is ready'
is "keylessd_signers{set=\"$SET\",state=\"ready\"}" 2

# Nobody has asked whether the stores sign; then somebody does.
is 'keylessd_stores{health="untested"}' 3
is "keylessd_store_signs{store=\"$T/file.key\"}" ''
ctl check >"$T/out" 2>&1 || :
is 'keylessd_stores{health="signs"}' 2
is 'keylessd_stores{health="fails"}' 1
is "keylessd_store_signs{store=\"$T/file.key\"}" 1
is "keylessd_store_signs{store=\"$T/broken.key\"}" 0
verified=keylessd_store_last_verified_timestamp_seconds
[ "$(sample "$verified{store=\"$T/broken.key\"}")" = '' ] ||
    fail 'a broken key was verified'
age=$(($(date +%s) - $(sample "$verified{store=\"$T/file.key\"}")))
[ "$age" -ge 0 ] && [ "$age" -lt 60 ] || fail "verified $age seconds ago"

# The token goes: its signers and keys are lost.
is "keylessd_token_lost{set=\"$SET\"}" 0
quirk token-absent
client -t 10 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" || :
for pid in $(token_signers); do
	kill -KILL "$pid" 2>/dev/null || :
done
is "keylessd_token_lost{set=\"$SET\"}" 1
is "keylessd_signers{set=\"$SET\",state=\"lost\"}" 2
is "keylessd_keys{set=\"$SET\",state=\"lost\"}" 1
quirk
is "keylessd_token_lost{set=\"$SET\"}" 0
is "keylessd_keys{set=\"$SET\",state=\"ready\"}" 1

# Reloads, good and bad.
is 'keylessd_last_reload_successful' 1
is 'keylessd_reloads_total{result="done"}' 0
cp "$CONF" "$T/good"
echo 'nonsense: 1' >>"$CONF"
refuse ctl reload >"$T/out" 2>&1
is 'keylessd_last_reload_successful' 0
is 'keylessd_reloads_total{result="failed"}' 1
sed "s/pin-value=$PIN/pin-value=wrong/" "$T/good" >"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
is 'keylessd_last_reload_successful' 1
is 'keylessd_reloads_total{result="done"}' 1
is "keylessd_token_errors_total{set=\"$SET\",error=\"CKR_PIN_INCORRECT\"}" 1
is "keylessd_token_logins_total{set=\"$SET\"}" 0
is "keylessd_signers{set=\"$SET\",state=\"failed\"}" 2
is "keylessd_keys{set=\"$SET\",state=\"failed\"}" 1
sed 's/^check_age: .*/&\nmax_connections: 1/' "$T/good" >"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
is 'keylessd_reloads_total{result="done"}' 2
is "keylessd_keys{set=\"$SET\",state=\"ready\"}" 1
is 'keylessd_connections_limit' 1
age=$(($(date +%s) - $(sample keylessd_config_timestamp_seconds)))
[ "$age" -ge 0 ] && [ "$age" -lt 60 ] || fail "loaded $age seconds ago"

# A limit that takes effect.
client_start hold 60
is 'keylessd_connections{state="open"}' 1
client -H || :
is 'keylessd_limit_hits_total{limit="max_connections"}' 1
is 'keylessd_connections_refused_total' 1

# What was counted outlives the frontend.
kill -KILL "$(frontend)"
served() {
	curl -sf --unix-socket "$T/http.sock" -o "$T/out" \
	    http://localhost/healthz
}
WAIT_TRIES=400 wait_until served || fail 'the frontend is not replaced'
is 'keylessd_frontend_restarts_total' 1
is 'keylessd_reloads_total{result="failed"}' 1
is 'keyless_requests{opcode="OpECDSASignSHA256"}' 6
daemon_stop

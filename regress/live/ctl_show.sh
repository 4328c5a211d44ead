# keylessctl show: keys, statistics and signers, as tables and as JSON.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
put_key rsa2048 pkcs8-pem "$T/b.key"
(umask 077 && echo hello >"$T/c.key")
config <<END
private_key_stores:
- dir: $T
  signers: 2
END
daemon_start
client ping 1 7 , sign ecdsa-sha256 "$K/p256.pub" 5
client -e 2 -i unknown sign rsa-sha256 "$K/rsa2048.pub" 3

ski=$("$CLIENT" ski "$K/p256.pub")
ctl -v show keys >"$T/out"
contains "$T/out" "^ready .*EC .*256 .*$ski.*a\.key"
contains "$T/out" '^ready .*RSA .*2048 .*b\.key'
contains "$T/out" '^failed .*c\.key'

ctl show stats >"$T/out"
contains "$T/out" '^requests +15$'
contains "$T/out" '^responses +15$'
contains "$T/out" '^errors +3$'
contains "$T/out" '^connections +0$'
contains "$T/out" '^connections total +2$'
contains "$T/out" '^keys ready +2$'
contains "$T/out" '^keys failed +1$'
contains "$T/out" '2 +key not found +3$'
contains "$T/out" '0xf1 +OpPing +7 +0$'

ctl show signers >"$T/out"
for pid in $(signers); do
	contains "$T/out" " $pid +files +[01] +ready +0 "
done

# One JSON object each, on one line.
for what in keys stats signers; do
	ctl -j show "$what" >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 1 ] || fail "-j show $what: not one line"
	python3 - "$T/out" <<-'END' || fail "-j show $what: $(cat "$T/out")"
		import json, sys
		sys.exit(not isinstance(json.load(open(sys.argv[1])), dict))
	END
done
ctl -j show stats >"$T/out"
contains "$T/out" '"requests":15'
ctl -j show keys >"$T/out"
contains "$T/out" "$ski"
daemon_stop

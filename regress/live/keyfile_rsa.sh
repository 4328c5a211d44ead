# RSA keys whose numbers are wrong: one that does not fit the others, and ones
# that all fit although a "prime" is none, which only a signature shows.
# run-as: any
. "$(dirname "$0")/lib.sh"

# der FILE: an RSAPrivateKey of the numbers of standard input, one a line
der() {
	{
		printf 'asn1=SEQUENCE:key\n[key]\nversion=INTEGER:0\n'
		awk '{ print "n" NR "=INTEGER:0x" $1 }'
	} >"$T/asn1.conf"
	(umask 077 && openssl asn1parse -genconf "$T/asn1.conf" -noout \
	    -out "$1") || fail 'openssl asn1parse'
}

# numbers P Q: n, e, d, p, q, dp, dq, qinv, of hexadecimal factors
numbers() {
	python3 - "$@" <<-'END'
		import math, sys
		p, q = (int(x, 16) for x in sys.argv[1:3])
		e = 65537
		m = math.lcm(p - 1, q - 1)
		d = pow(e, -1, m)
		for x in p * q, e, d, p, q, d % (p - 1), d % (q - 1), \
		    pow(q, -1, p):
		    print("%x" % x)
	END
}

# Two halves with top bits set have a product of full length.
prime() {
	until candidate=$(openssl prime -generate -bits "$1" -hex) &&
	    python3 -c 'import sys
p = int(sys.argv[1], 16)
sys.exit((p - 1) % 65537 == 0 or p >> (p.bit_length() - 2) != 3)' "$candidate"
	do
		:
	done
	echo "$candidate"
}

# composite: two primes of 512 bits multiplied, the top bits set here too.
composite() {
	until product=$(python3 -c 'import sys
n = int(sys.argv[1], 16) * int(sys.argv[2], 16)
print("%x" % n)
sys.exit((n - 1) % 65537 == 0 or n >> 1022 != 3)' "$(prime 512)" "$(prime 512)")
	do
		:
	done
	echo "$product"
}

mkdir "$T/keys"
p=$(prime 1024)
q=$(prime 1024)
numbers "$p" "$q" >"$T/good"
der "$T/keys/good.key" <"$T/good"
awk 'NR == 6 { sub(/.$/, /[02468ace]$/ ? "1" : "2") } { print }' "$T/good" |
    der "$T/keys/misfit.key"
numbers "$(composite)" "$q" | der "$T/keys/composite.key"
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
contains "$LOG" 'ready keys=1 failed=2'
contains "$LOG" 'misfit\.key.*do not fit each other'
contains "$LOG" 'composite\.key.*test signature failed'
openssl pkey -inform DER -in "$T/keys/good.key" -pubout -out "$T/good.pub" \
    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
client sign pkcs1 "$T/good.pub" , sign pss "$T/good.pub"
daemon_stop

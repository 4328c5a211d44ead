#!/bin/sh
# What keylessd costs, as one table: see README here.  From the environment:
#	ROWS	rows to measure (all)		SHAPES	connections x in flight
#	ROUNDS	of which the median counts	LOAD_TIME, LIMIT_TIME	seconds
#	IDLE	idle connections		SIZES	numbers of key files
#	SKIS	numbers of keys for lookups	HANDSHAKES	for each version
#	WEB	handshakes of nginx, a turn
#	CORES	of a machine to compute for	KEYLESS_FRONTENDS	how many
# An empty one leaves its part out.
# run-as: root
# shellcheck source=regress/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"
# shellcheck source=regress/bench/table.sh
. "$TOP/regress/bench/table.sh"
# shellcheck source=regress/live/pkcs11.lib.sh
. "$TOP/regress/live/pkcs11.lib.sh"
# shellcheck source=regress/bench/web.sh
. "$TOP/regress/bench/web.sh"

BENCH=$TOP/regress/bench
ROWS=${ROWS-p256 p384 rsa2048 rsa4096 pss ed25519 token-p256 token-rsa ping}
SHAPES=${SHAPES-1x1 4x1 4x16 64x16}
ROUNDS=${ROUNDS:-5}
LOAD_TIME=${LOAD_TIME:-0.6}
LIMIT_TIME=${LIMIT_TIME:-0.25}
WARM_UP=${WARM_UP:-150}		# ms of each load that do not count
HANDSHAKES=${HANDSHAKES-2000}
WEB=${WEB-200}
IDLE=${IDLE-1000 10000}
SIZES=${SIZES-10 1000 10000}
SKIS=${SKIS-10 1000 10000 100000}
FAIR=${FAIR-yes}
CORES=${CORES-64}

# ms: of the clock
ms() {
	echo $(($(date +%s%N) / 1000000))
}

# cpu PID ...: us of processor time
cpu() {
	for pid; do
		cat "/proc/$pid/schedstat"
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum / 1000 }'
}

# rss PID: kB
rss() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

# ---- keys and daemon

keys_init() {
	for name in p256 p384 rsa2048 rsa4096 ed25519; do
		put_key "$name" pkcs8-pem "$T/$name.key"
	done
	token_init
	# The signers' users own the token: another copy is for the limit.
	mkdir "$T/own"
	cp -R "$FIX/hsm/tokens" "$T/own"
	hsm_conf "$T/own"
	SOFTHSM2_CONF=$T/own/softhsm2.conf
	export SOFTHSM2_CONF
	(umask 077 && echo "$PIN" >"$T/pin")
}

serve_keys() {
	{
		echo 'private_key_stores:'
		for name in p256 p384 rsa2048 rsa4096 ed25519; do
			echo "- file: $T/$name.key"
		done
		token_store "$(token_uri object=p256)"
		token_store "$(token_uri object=rsa)"
		# They all come from one address.
		echo 'max_connections: 100000'
		echo 'max_connections_per_source: 100000'
		echo 'max_handshakes: 100000'
		echo 'handshake_rate: 0'
	} | config
	daemon_start
}

# ---- parts

# a_row NAME
a_row() {
	case $1 in
	p256)	row P-256 ecdsa-sha256 "$K/p256.pub" file "$K/p256.pem" \
		    ecdsa ;;
	p384)	row P-384 ecdsa-sha384 "$K/p384.pub" file "$K/p384.pem" \
		    ecdsa ;;
	rsa2048) row RSA-2048 rsa-sha256 "$K/rsa2048.pub" file \
		    "$K/rsa2048.pem" rsa ;;
	rsa4096) row RSA-4096 rsa-sha256 "$K/rsa4096.pub" file \
		    "$K/rsa4096.pem" rsa ;;
	pss)	row RSA-2048-PSS rsapss-sha256 "$K/rsa2048.pub" file \
		    "$K/rsa2048.pem" pss ;;
	ed25519) row Ed25519 ed25519 "$K/ed25519.pub" file \
		    "$K/ed25519.pem" ed25519 ;;
	token-p256) row P-256/SoftHSM ecdsa-sha256 "$T/hsm/p256.pub" token \
		    "$MODULE" "$TOKEN" "$T/pin" p256 ecdsa ;;
	token-rsa) row RSA-2048/SoftHSM rsa-sha256 "$T/hsm/rsa.pub" token \
		    "$MODULE" "$TOKEN" "$T/pin" rsa rsa ;;
	ping)	row ping ping - ;;
	*)	fail "no such row: $1" ;;
	esac
}

operations() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		disturbance
	done
	echo
	echo 'Operations: times in us; processor time of frontend, signers and'
	echo 'limit in us for each'
	table_head
	for name in $ROWS; do
		a_row "$name"
	done | tee "$T/table"
	[ -z "$CORES" ] || computed "$CORES" "$T/table"
	echo
	awk '{ all += $1; n += $2 } END {
		printf "Rounds: %d, of which %d were disturbed\n", all, n
	}' "$T/disturbed"
}

# one LABEL OP PUBKEY [OP PUBKEY CONNECTIONSxDEPTH]: a client with one request
# in flight, alone or beside another
one() {
	one_label=$1
	one_op=$2
	one_key=$3
	shift 3
	if [ $# -ne 0 ]; then
		client_start -d "${3#*x}" load "$1" "$2" "${3%x*}" 3600s
		wait_until busy
	fi
	client -w "$WARM_UP" load "$one_op" "$one_key" 1 "${LOAD_TIME}s" ||
	    fail "$one_label: $(tail -n 1 "$T/client.log")"
	printf '%-44s %7.0f %7.0f %7.0f\n' "$one_label" "$(field rate)" \
	    "$(field p50_us)" "$(field p99_us)"
	# That one has a last line of its own.
	if [ $# -ne 0 ]; then
		kill "$STARTED"
		wait "$STARTED" ||
		    fail "$one_label: $(tail -n 1 "$T/client.log")"
		wait_until none_left || fail 'connections are left over'
	fi
}

# busy: some signer holds requests
busy() {
	ctl -j show signers | grep -Eq '"inflight": *[1-9]'
}

fairness() {
	echo
	printf '%-44s %7s %7s %7s\n' 'One request in flight, beside others' \
	    req/s p50 p99
	one 'P-256 alone' ecdsa-sha256 "$K/p256.pub"
	one 'P-256, another client has 1,024 P-256' \
	    ecdsa-sha256 "$K/p256.pub" ecdsa-sha256 "$K/p256.pub" 1x1024
	one 'P-256, another client has 1,024 RSA-2048' \
	    ecdsa-sha256 "$K/p256.pub" rsa-sha256 "$K/rsa2048.pub" 1x1024
	one 'P-256, a token has 4x16 RSA-2048' \
	    ecdsa-sha256 "$K/p256.pub" rsa-sha256 "$T/hsm/rsa.pub" 4x16
	one 'P-256 of the token, files have 4x16 RSA-4096' \
	    ecdsa-sha256 "$T/hsm/p256.pub" rsa-sha256 "$K/rsa4096.pub" 4x16
}

# connections VERSION NUMBER [-d]: open them, prints ms; held by $HOLDER
connections() {
	rm -f "$T/hold" "$T/opened"
	mkfifo "$T/hold"
	# shellcheck disable=SC2086
	"$BENCH/connect" ${3:-} "$PORT" "$FIX/pki/server-ca.pem" \
	    "$FIX/pki/client.pem" "$FIX/pki/client.key" "$1" "$2" \
	    <"$T/hold" >"$T/opened" 2>"$T/connect.log" &
	HOLDER=$!
	background "$HOLDER"
	exec 9>"$T/hold"
	WAIT_TRIES=2400 wait_until opened
	[ -s "$T/opened" ] || fail "connect: $(cat "$T/connect.log")"
	OPENED=$(awk '{ print $2 }' "$T/opened")
}

opened() {
	[ -s "$T/opened" ] || gone "$HOLDER"
}

connections_end() {
	exec 9>&-
	wait "$HOLDER" || fail "connect: $(cat "$T/connect.log")"
	wait_until none_left || fail 'connections are left over'
}

none_left() {
	ctl -j show stats | grep -Eq '"connections": *0,?'
}

handshakes() {
	echo
	printf '%-16s %12s %12s\n' Handshakes per-second frontend-us
	for version in 1.2 1.3; do
		# shellcheck disable=SC2046
		before=$(cpu $(frontends))
		connections "$version" "$HANDSHAKES" -d
		connections_end
		# shellcheck disable=SC2046
		after=$(cpu $(frontends))
		printf 'TLS %-12s %12.0f %12.0f\n' "$version" \
		    "$((HANDSHAKES * 1000 / OPENED))" \
		    "$(((after - before) / HANDSHAKES))"
	done
}

# open_files: how many the frontend may have
open_files() {
	awk '/^Max open files/ { print $5 }' "/proc/$(frontend)/limits"
}

idle() {
	echo
	printf '%-16s %12s %12s\n' 'Idle' frontend-kB kB-each
	for number in $IDLE; do
		if [ "$(open_files)" -lt $((number + 1000)) ]; then
			echo "$number: only with more than $(open_files)" \
			    'open files'
			continue
		fi
		daemon_stop
		serve_keys
		before=$(rss "$(frontend)")
		connections 1.3 "$number"
		after=$(rss "$(frontend)")
		printf '%-16s %12d %12.1f\n' "$number" "$after" \
		    "$(echo "$after $before $number" |
		    awk '{ print ($1 - $2) / $3 }')"
		connections_end
	done
}

others_left() {
	[ "$(signers | wc -l)" -eq "$starting_signers" ]
}

# starting KIND NUMBER: with so many key files
starting() {
	mkdir "$T/$1-$2"
	"$BENCH/manykeys" "$1" "$2" "$T/$1-$2"
	is_root && chown -R "$SIGNER_USER" "$T/$1-$2"
	config <<-END
		private_key_stores:
		- dir: $T/$1-$2
	END
	begun=$(ms)
	daemon_start
	ready=$(ms)
	contains "$LOG" "ready keys=$2 failed=0"
	starting_signers=$(signers | wc -l)
	ctl reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	reloaded=$(ms)
	contains "$T/out" "$2 kept, 0 failed"
	wait_until others_left || fail 'the signers of before have not left'
	first=$(signers | head -n 1)
	printf '%-4s %6d %9.2f %9.2f %9d %9d %9d\n' "$1" "$2" \
	    "$(echo "$begun $ready" | awk '{ print ($2 - $1) / 1000 }')" \
	    "$(echo "$ready $reloaded" | awk '{ print ($2 - $1) / 1000 }')" \
	    "$(rss "$DAEMON")" "$(rss "$(frontend)")" "$(rss "$first")"
	daemon_stop
}

start_up() {
	echo
	printf '%-11s %9s %9s %9s %9s %9s\n' 'Key files' start-s reload-s \
	    parent-kB front-kB signer-kB
	for number in $SIZES; do
		starting rsa "$number"
		starting ec "$number"
	done
}

lookups() {
	echo
	printf '%-11s %9s %9s %9s %9s\n' 'Lookup, ns' SKI digest unknown \
	    bytes/key
	for number in $SKIS; do
		"$BENCH/lookup" "$number" | awk -v n="$number" '{
			printf "%-11d %9d %9d %9d %9d\n", n, $1, $2, $3, $4
		}'
	done
}

echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)," \
    "$(getconf _NPROCESSORS_ONLN) cores," \
    "$(openssl version | cut -d ' ' -f 1,2)"
touch "$T/client.log"
keys_init
serve_keys
[ -z "$ROWS" ] || operations
[ -z "$FAIR" ] || fairness
[ -z "$HANDSHAKES" ] || handshakes
[ -z "$WEB" ] || web_servers
[ -z "$IDLE" ] || idle
daemon_stop
[ -z "$SIZES" ] || start_up
[ -z "$SKIS" ] || lookups
lacks "$T/client.log" 'errors=[1-9]|bad=[1-9]|lost=[1-9]'

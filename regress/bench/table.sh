# shellcheck shell=sh
# Sourced by bench.sh: loads, and the table of what they cost.
#
# Machines that are shared or run hot change their speed from one second to the
# next.  So what is compared is processor time, not time; limit and daemon are
# measured in turns, for a short while each; rounds in which the machine was
# disturbed are measured again, and of the others the median counts.

# median: of the numbers of standard input, one a line
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# medians FILE: the median of each column of it
medians() {
	for i in $(seq "$(awk 'NR == 1 { print NF }' "$1")"); do
		awk -v i="$i" '{ print $i }' "$1" | median
	done | tr '\n' ' '
}

# field NAME: its value in the last line of the client's output
field() {
	tail -n 1 "$T/client.log" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# list: the lines of standard input, with commas
list() {
	tr '\n' ',' | sed 's/,$//'
}

# load OP PUBKEY CONNECTIONSxDEPTH: one round; prints requests/s, p50, p99,
# p99.9, and processor time of frontend and signers, all in us.  Each request
# is a TLS record of its own, as edges send them.
load() {
	client -1 -w "$WARM_UP" -s 64 -d "${3#*x}" \
	    -p "frontend=$(frontends | list)" -p "signers=$(signers | list)" \
	    load "$1" "$2" "${3%x*}" "${LOAD_TIME}s" ||
	    fail "load $*: $(tail -n 1 "$T/client.log")" >&2
	for name in rate p50_us p99_us p999_us frontend_us signers_us; do
		field "$name"
	done | tr '\n' ' '
}

# limit [WORD ...]: one round; prints us, or 0 without words
limit() {
	if [ $# -eq 0 ]; then
		echo 0
	else
		"$BENCH/limit" "$@" "$LIMIT_TIME" | awk '{ print $1 / 1000 }'
	fi
}

table_head() {
	printf '%-16s %5s %7s %7s %7s %7s %8s %7s %6s %5s\n' \
	    '' '' req/s p50 p99 p99.9 frontend signers limit ratio
}

# line NAME SHAPE LIMIT RATE P50 P99 P99.9 FRONTEND SIGNERS RATIO
line() {
	echo "$@" | awk '{
		printf "%-16s %5s %7.0f %7.0f %7.0f %7.0f %8.1f %7.1f ",
		    $1, $2, $4, $5, $6, $7, $8, $9
		if ($3 == 0)
			printf "%6s %5s\n", "-", "-"
		else
			printf "%6.1f %5.2f\n", $3, $10
	}'
}

# rounds: $ROUNDS lines of $T/rounds, those with the least disturbance
rounds() {
	sort -n "$T/rounds" | head -n "$ROUNDS" | cut -d ' ' -f 2-
}

# enough: there are as many rounds without, or four times as many in all
enough() {
	awk -v best="$QUIET" -v want="$ROUNDS" '$1 <= best * 1.05 { n++ }
		END { exit !(n >= want || NR >= 4 * want) }' "$T/rounds"
}

# disturbance: what regress/bench/quiet says, the least of it in $QUIET
disturbance() {
	DISTURBANCE=$("$BENCH/quiet")
	[ "$DISTURBANCE" -ge "${QUIET:-999999999}" ] || QUIET=$DISTURBANCE
}

# row NAME OP PUBKEY [WORD ...]: a line for each shape; WORDs are for limit
row() {
	row_name=$1
	row_op=$2
	row_key=$3
	shift 3
	for shape in $SHAPES; do
		: >"$T/rounds"
		while ! enough; do
			disturbance
			row_before=$DISTURBANCE
			row_limit=$(limit "$@")
			row_load=$(load "$row_op" "$row_key" "$shape")
			disturbance
			echo "$row_before $DISTURBANCE $row_limit $row_load" |
			    awk '{ print ($1 > $2 ? $1 : $2), $3, $4, $5, $6,
				$7, $8, $9, $3 / ($8 + $9) }' >>"$T/rounds"
		done
		rounds >"$T/chosen"
		line "$row_name" "$shape" "$(medians "$T/chosen")"
		awk -v best="$QUIET" '$1 > best * 1.05 { n++ }
			END { print NR, n + 0 }' "$T/rounds" >>"$T/disturbed"
	done
}

# computed CORES TABLE: what the costs of a table would make of so many
# processors, if a request cost there what it costs here, with as many
# frontends as have as much to do as the signers
computed() {
	echo
	printf 'Computed for %d cores, not measured: ' "$1"
	echo 'cores / (frontend + signers)'
	printf '%-16s %5s %10s %10s\n' '' '' req/s frontends
	awk -v cores="$1" '$7 + $8 != 0 {
		n = cores * $7 / ($7 + $8)
		printf "%-16s %5s %10.0f %10d\n", $1, $2,
		    cores * 1000000 / ($7 + $8), n == int(n) ? n : n + 1
	}' "$2"
}

# Every display in the manual pages shows what is true: regress/man/README.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/man.lib.sh"
. "$(dirname "$0")/man_daemon.lib.sh"

need_programs
[ -n "$MODULE" ] || skip 'softhsm2 is missing (make deps)'
for program in ip jq systemd-analyze bash; do
	command -v $program >"$T/which" || skip "no $program (make deps)"
done
own_machine
example_machine
PATH=/usr/local/sbin:$PATH
SANITIZER=
if grep -aq __asan_init "$TOP/keyless-pkcs11/keyless-pkcs11.so"; then
	SANITIZER=$(clang -print-file-name=libclang_rt.asan-x86_64.so)
fi
export SANITIZER
WORK=$T/work
mkdir "$WORK"
displays=0
wrong=0

# bad WHAT: this display does not show what is true
bad() {
	echo "--- man/$PAGE:$(cat "$text.line"): $*"
	[ ! -f "$T/shown" ] || cat "$T/shown"
	wrong=$((wrong + 1))
}

# alike PAGE FILE: the file has the lines that the page shows, and no others
alike() {
	awk -v strict=1 -f "$EXAMPLES/shape.awk" "$1" "$2" >"$T/shape"
}

same() {
	alike "$1" "$2" || {
		cp "$2" "$T/shown"
		bad "$(cat "$T/shape")"
	}
}

# session [any]: the commands in one shell, each with the output that follows
session() {
	rm -rf "$T/out"
	mkdir "$T/out"
	{
		cat "$EXAMPLES/session.bash"
		[ "${1:-}" != any ] || echo 'example_failed() { :; }'
		awk -v n=1 -f "$EXAMPLES/session.awk" "$text"
	} >"$T/session"
	(cd "$WORK" && OUT=$T/out bash "$T/session") >"$T/shown" 2>&1 \
	    </dev/null ||
	    bad 'a command fails'
	lacks "$T/session" '^EXAMPLE=1$'
	for page in "$T/out"/*.page; do
		[ ! -f "$page" ] || same "$page" "${page%.page}"
	done
}

printed() {
	(cd "$WORK" && bash -c "$*") >"$T/output" 2>&1 || :
	alike "$text" "$T/output"
}

# output COMMAND: the display is all that it prints; sooner or later, since the
# signer of the token that is away comes and goes
output() {
	WAIT_TRIES=20 wait_until printed "$@" || same "$text" "$T/output"
}

members() {
	grep -o '"[a-z0-9_]*":' "$1" | sort -u
}

# json COMMAND: it prints JSON with the members that the display has
json() {
	(cd "$WORK" && bash -c "$*") >"$T/json" || bad 'the command fails'
	jq . "$T/json" >"$T/jq" 2>&1 || bad 'no JSON'
	members "$text" >"$T/members"
	members "$T/json" | diff "$T/members" - >"$T/shown" ||
	    bad 'the members are others'
}

# tab: the last line is what <Tab> in the one before it offers
tab() {
	line=$(sed -n 's/^\$ \(.*\)<Tab>$/\1/p' "$text")
	[ -n "$line" ] || bad 'no line with <Tab>'
	keylessctl completion bash >"$T/completion"
	bash -c '. "$1"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	    _keylessctl; echo "${COMPREPLY[@]}"' - "$T/completion" "$line" \
	    >"$T/offered"
	tail -n 1 "$text" >"$T/last"
	same "$T/last" "$T/offered"
}

# parse FILE: is it a configuration of keylessd?
parse() {
	chmod 600 "$1"
	"$TOP/regress/conf/confcheck" "$1" >"$T/shown" 2>&1 ||
	    bad 'keylessd does not accept it'
}

# config: settings, and a store if they have none
config() {
	cp "$text" "$T/config"
	grep -q '^private_key_stores:' "$text" ||
	    printf 'private_key_stores:\n- dir: /etc/keyless/keys\n' \
	    >>"$T/config"
	parse "$T/config"
}

# store: items of private_key_stores
store() {
	{
		echo 'private_key_stores:'
		cat "$text"
	} >"$T/config"
	parse "$T/config"
}

# uris: each line is one
uris() {
	while read -r uri; do
		printf 'private_key_stores:\n- uri: "%s"\n' "$uri" >"$T/config"
		parse "$T/config"
	done <"$text"
}

# unit: settings of a unit for systemd
unit() {
	cp "$text" "$T/example.service"
	systemd-analyze verify --man=no "$T/example.service" >"$T/verify" \
	    2>&1 || :
	if grep -F example.service "$T/verify" >"$T/shown"; then
		bad 'systemd complains'
	fi
}

# hardware: commands of a vendor, which nobody here can run
hardware() {
	case $PAGE in
	keyless.7|keyless-cloud.7) ;;
	*)	bad 'this page has no commands of vendors' ;;
	esac
	sed 's/^[#$] //' "$text" >"$T/commands"
	bash -n "$T/commands" >"$T/shown" 2>&1 || bad 'not what a shell takes'
	sed -n 's/^\([a-z][a-z0-9-]*\) .*/\1/p' "$T/commands" >"$T/names"
	[ -s "$T/names" ] || bad 'no command'
	if grep -Evx 'az|gcloud|aws|yubico-piv-tool|pkcs11-tool' "$T/names" \
	    >"$T/shown"; then
		bad 'a command that is no vendor'\''s'
	fi
}

# messages: log lines, whose heads the sources have
messages() {
	python3 "$TOP/regress/man/logheads.py" >"$T/heads"
	while read -r line; do
		head=$(echo "$line" |
		    sed -E 's/^[a-z]+: //; s/ [a-z0-9_]+=.*//')
		grep -Fqx "$head" "$T/heads" || bad "not in the sources: $head"
	done <"$text"
}

# test FILE TEXT: another test, which tests that very display; it has the text
other_test() {
	other=$TOP/$1
	shift
	grep -Fq -e "$*" "$other" || bad "no \"$*\" in the test $other"
}

# source FILE: its texts have the lines, up to the first digit.  What a page
# tells of a file that there is not yet is looked at once there is.
in_source() {
	[ -f "$TOP/$1" ] || return 0
	while read -r line; do
		grep -Fq "\"${line%% [0-9]*} " "$TOP/$1" ||
		    bad "not in $1: $line"
	done <"$text"
}

# whole TEST: the whole page is run by that one
whole() {
	grep -Fq "man/$PAGE" "$TOP/regress/live/$1.sh" ||
	    fail "regress/live/$1.sh does not read man/$PAGE"
}

check() {
	read -r kind words <"$text.kind"
	rm -f "$T/shown"
	# shellcheck source=/dev/null
	[ ! -f "$text.before" ] || . "$text.before"
	# shellcheck disable=SC2086
	case $kind in
	session) session $words ;;
	output)	output "$words" ;;
	json)	json "$words" ;;
	file)	cp "$text" "$words" ;;
	test)	other_test $words ;;
	source)	in_source $words ;;
	tab|config|store|uris|unit|hardware|messages) $kind ;;
	unmarked)
		bad 'nothing says what this display is.
Put a line such as
	.\" example: session
before its .Bd or .Dl.' ;;
	*)	bad 'no such kind' ;;
	esac
	# shellcheck source=/dev/null
	[ ! -f "$text.after" ] || . "$text.after"
	displays=$((displays + 1))
}

for page in "$TOP"/man/*.[578]; do
	PAGE=${page##*/}
	case $PAGE in
	keyless.7)	whole man_keyless; continue ;;
	keylessd-metrics.7) whole metrics_dist; continue ;;
	esac
	examples "$page"
	for text in "$T/examples"/*.kind; do
		[ -f "$text" ] || continue
		text=${text%.kind}
		check
	done
done

# Files that the pages name are there once keylessd is installed.
sed -n 's|^\.\(It \)\{0,1\}Pa \(/usr/local/[^ ]*\).*|\2|p
    s|^\.\(It \)\{0,1\}Pa \(dist/[^ ]*\).*|'"$TOP"'/\2|p' \
    "$TOP"/man/*.[578] | sort -u >"$T/paths"
[ "$(wc -l <"$T/paths")" -ge 8 ] || fail "few paths: $(cat "$T/paths")"
while read -r path; do
	[ -e "$path" ] || fail "the pages name $path, which is not there"
done <"$T/paths"

# What the page says of JSON in words has every member, too.
sed -n '/^\.Sh JSON/,/^\.Sh PERMISSIONS/p' "$TOP/man/keylessctl.8" |
    tr -c 'a-z0-9_' '\n' | sort -u >"$T/words"
sed -n '/^uptime /,/^\.Ed/s/  .*//p' "$TOP/man/keylessctl.8" |
    tr ' ' _ >>"$T/words"
for view in connections keys sandbox signers stats stores tokens version; do
	keylessctl -j show $view >"$T/json"
	members "$T/json" | tr -d '":' >"$T/names"
	if grep -Fvxf "$T/words" "$T/names" >"$T/missing"; then
		fail "keylessctl(8), JSON, show $view: $(cat "$T/missing")"
	fi
done

[ "$wrong" -eq 0 ] ||
    fail "$wrong displays: the comment in front of each says what kind it is," \
    'regress/man/README what that means'
[ "$displays" -gt 60 ] || fail "only $displays displays found"
keylessctl stop

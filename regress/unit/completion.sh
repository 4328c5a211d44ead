#!/bin/sh
# keylessctl completion bash: sourced by bash, what does it complete to?
set -eu
LC_ALL=C
export LC_ALL

command -v bash >/dev/null || { echo 'no bash here'; exit 77; }
ctl=$(pwd)/keylessctl/keylessctl
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$ctl" completion bash >"$tmp/script"
"$ctl" help >"$tmp/help"
mkdir "$tmp/files" "$tmp/files/a directory"
: >"$tmp/files/keylessd.conf"
cd "$tmp/files"

cat >"$tmp/test" <<'END'
set -u
source "$1/script"
failures=0

# offered LINE: what it offers for the last word of it, sorted
offered() {
	read -ra COMP_WORDS <<<"$1"
	[[ $1 != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_keylessctl
	printf '%s\n' ${COMPREPLY+"${COMPREPLY[@]}"} | sort | paste -s -d ' '
}

check() {
	local got
	got=$(offered "$1")
	if [[ $got != "$2" ]]; then
		echo "\"$1\": got \"$got\", expected \"$2\""
		failures=$((failures + 1))
	fi
}

all='config connections keys sandbox signers stats stores tokens version'
check 'keylessctl s'			'show stop'
check 'keylessctl sh'			'show'
check 'keylessctl show '		"$all"
check 'keylessctl sh '			"$all"
check 'keylessctl s '			''
check 'keylessctl show con'		'config connections'
check 'keylessctl show keys '		''
check 'keylessctl show nothing '	''
check 'keylessctl nothing '		''
check 'keylessctl log '			'brief verbose'
check 'keylessctl completion '		'bash'
check 'keylessctl monitor '		''
check 'keylessctl monitor 5 '		''
check 'keylessctl convert '		'a directory keylessd.conf'
check 'keylessctl convert key'		'keylessd.conf'
check 'keylessctl convert a b'		''
check 'keylessctl -'			'-e -f -i -j -m -n -s -v'
check 'keylessctl -j sh'		'show'
check 'keylessctl -j -v show si'	'signers'
check 'keylessctl show -j si'		'signers'
check 'keylessctl -f '			'a directory keylessd.conf'
check 'keylessctl -s k'			'keylessd.conf'
check 'keylessctl enroll -i k'		'keylessd.conf'
check 'keylessctl -jf key'		'keylessd.conf'
check 'keylessctl -f keylessd.conf sho'	'show'
check 'keylessctl -s show log v'	'verbose'
check 'keylessctl -sshow log v'		'verbose'
check 'keylessctl show -f s'		''
check 'keylessctl *'			''

# Every command that there is completes, word by word.
commands=0
while read -ra words; do
	[[ ${words[0]} != 'commands:' ]] || continue
	check "keylessctl ${words[0]}" "${words[0]}"
	commands=$((commands + 1))
	case ${words[0]} in
	show|log|completion)
		check "keylessctl ${words[0]} ${words[1]}" "${words[1]}" ;;
	esac
done <"$1/help"
[[ $commands -gt 15 ]] || { echo "only $commands commands"; exit 1; }

complete -p keylessctl >/dev/null || exit 1
exit "$((failures != 0))"
END
bash "$tmp/test" "$tmp"

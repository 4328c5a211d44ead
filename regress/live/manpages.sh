# The manual pages are clean, and the pages of ours that they name exist.
# run-as: any
. "$(dirname "$0")/lib.sh"

pages=$(ls man/*.[1-9] ./*.[1-9] 2>/dev/null || :)
[ -n "$pages" ] || fail 'no manual pages'
mkdir "$T/man5" "$T/man7" "$T/man8"
for page in $pages; do
	cp "$page" "$T/man${page##*.}"
done
# Pages of other packages need not be installed here; ours have to be there.
# shellcheck disable=SC2086
MANPATH=$T mandoc -Tlint -Wstyle $pages 2>/dev/null |
    grep -Ev 'not found: Xr ' >"$T/out" || :
[ ! -s "$T/out" ] || fail "mandoc: $(cat "$T/out")"
# shellcheck disable=SC2086
sed -n 's/^\.Xr \(keyless[^ ]*\) \([1-9]\).*/\1.\2/p' $pages | sort -u >"$T/out"
while read -r page; do
	case " $(echo "$pages" | tr '\n' ' ')" in
	*"/$page "*) ;;
	*) fail "a page names $page, which there is not" ;;
	esac
done <"$T/out"

# dist/apparmor/usr.sbin.keylessd: apparmor_parser compiles it, and it has each
# path that lib/modprofile.c gives to modules.
# run-as: any
. "$(dirname "$0")/lib.sh"

PROFILE=$TOP/dist/apparmor/usr.sbin.keylessd
PATH=$PATH:/usr/sbin:/sbin
command -v apparmor_parser >"$T/which" ||
    skip 'package apparmor is missing (make deps)'

apparmor_parser --skip-kernel-load --skip-cache --ofile "$T/compiled" \
    "$PROFILE" >"$T/out" 2>&1 ||
    fail "apparmor_parser: $(cat "$T/out")"
[ -s "$T/compiled" ] || fail "nothing compiled: $(cat "$T/out")"
apparmor_parser --names "$PROFILE" >"$T/out" 2>/dev/null
contains "$T/out" '^keylessd$'

sed -n '/profiles\[\] = {/,/^};/p; /common\[\] = {/,/^};/p' \
    "$TOP/lib/modprofile.c" | grep -o '"/[^"]*"' | tr -d '"' |
    sort -u >"$T/paths"
[ "$(wc -l <"$T/paths")" -gt 40 ] || fail 'no paths in lib/modprofile.c'
# A rule for all of a directory covers what is in it.
sed -n 's|^  /{,module/}\([^ ]*\) .*|/\1|p' "$PROFILE" >"$T/rules"
while read -r path; do
	covered=
	while read -r rule; do
		below=${rule%'{,**}'}
		case $path/ in
		"$rule/")
			covered=yes ;;
		"$below"*)
			[ "$below" = "$rule" ] || covered=yes ;;
		esac
	done <"$T/rules"
	[ -n "$covered" ] || fail "no rule for $path of lib/modprofile.c"
done <"$T/paths"

# Each capability that parent and launcher keep for something.
sed -n '/_caps\[\] = {/,/^};/p' "$TOP/lib/sandbox_linux_caps.c" |
    sed -n 's/^	CAP_\([A-Z_]*\).*/\1/p' | tr '[:upper:]' '[:lower:]' |
    sort -u >"$T/caps"
[ "$(wc -l <"$T/caps")" -gt 8 ] || fail 'no capabilities in the source'
while read -r cap; do
	contains "$PROFILE" "^  capability $cap,\$"
done <"$T/caps"

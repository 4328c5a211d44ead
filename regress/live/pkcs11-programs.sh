# Programs that others wrote use keys through keyless-pkcs11.so: each of
# regress/pkcs11/with_*.sh, with one keylessd.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
engine_conf
for program in "$TOP"/regress/pkcs11/with_*.sh; do
	: >"$EDGE_LOG"
	# shellcheck source=/dev/null
	. "$program"
done
daemon_stop
skip_missing

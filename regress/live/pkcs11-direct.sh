# keyless-pkcs11.so, called directly: wrong arguments, every mechanism from many
# threads at once, decryption with good and bad padding, forks.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
p11edge args
p11edge decrypt 20
p11edge load 8 2000
p11edge fork 5
# One connection for each slot that is used after a C_Initialize: args uses one
# twice, decrypt and fork one, load two, the children one each.
contains "$T/p11edge.log" 'args checks=.* failures=0'
contains "$T/p11edge.log" 'fork children=5'
ups=$(grep -c 'key server up' "$EDGE_LOG")
[ "$ups" -eq 11 ] || fail "$ups connections, expected 11: $(cat "$EDGE_LOG")"
lacks "$EDGE_LOG" 'key server down'
# The module says nothing anywhere else.
lacks "$T/p11edge.log" 'keyless-pkcs11'
daemon_stop

# What each process is and has, as the kernel tells it.
# run-as: root
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client sign ecdsa "$K/p256.pub" , sign pss "$T/hsm/rsa.pub"
front=$(frontend)
[ "$(echo "$front" | wc -w)" -eq 1 ] || fail "frontends: $front"
[ "$(signers | wc -l)" -ge 2 ] || fail "signers: $(signers)"

# field PID NAME: a line of its status, words separated by single blanks
field() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '
}
same() {
	[ "$2" = "$3" ] || fail "$1: $2, expected $3"
}
four() {
	echo "$1 $1 $1 $1"
}

for pid in $front $(signers); do
	user=$SIGNER_USER
	[ "$pid" != "$front" ] || user=$FRONTEND_USER
	same "$user: uids" "$(field "$pid" Uid)" "$(four "$(id -u $user)")"
	same "$user: gids" "$(field "$pid" Gid)" "$(four "$(id -g $user)")"
	same "$user: groups" "$(field "$pid" Groups | sed 's/ *$//')" \
	    "$(id -G $user)"
	for caps in CapInh CapPrm CapEff CapBnd CapAmb; do
		same "$user: $caps" "$(field "$pid" $caps)" 0000000000000000
	done
	# No name of a file, and no PIN, was ever an argument.
	tr '\0' ' ' <"/proc/$pid/cmdline" >"$T/cmdline"
	lacks "$T/cmdline" "$PIN|pin-value"
done
same 'parent: uids' "$(field "$DAEMON" Uid)" "$(four 0)"
launcher=$(launcher)
[ "$(echo "$launcher" | wc -w)" -eq 1 ] || fail "launchers: $launcher"

for pid in "$DAEMON" $launcher $front $(signers); do
	what=$(cat "/proc/$pid/comm")
	same "$what: NoNewPrivs" "$(field "$pid" NoNewPrivs)" 1
	same "$what: Seccomp" "$(field "$pid" Seccomp)" 2
	contains "/proc/$pid/limits" '^Max core file size +0 +0 '
	# Of no user but root, so no process of the same user may look into it.
	same "$what: owner in /proc" "$(stat -c %u "/proc/$pid/mem")" 0
	tr '\0' '\n' <"/proc/$pid/environ" >"$T/environ"
	[ "$pid" = "$DAEMON" ] || [ ! -s "$T/environ" ] ||
	    fail "$what: environment: $(cat "$T/environ")"
done

# Frontend and file signers have nothing but an empty directory for a root.
there() {
	stat -L -c %d:%i "$1/."
}
same 'frontend: root' "$(there "/proc/$front/root")" "$(there "$T/empty")"
same 'frontend: directory' "$(there "/proc/$front/cwd")" "$(there "$T/empty")"
jailed=0
for pid in $(signers); do
	grep -q libsofthsm2 "/proc/$pid/maps" && continue
	same 'signer: root' "$(there "/proc/$pid/root")" "$(there "$T/empty")"
	jailed=$((jailed + 1))
	# And no file open: sockets, the null device, the log.
	for fd in "/proc/$pid"/fd/*; do
		case $(readlink "$fd") in
		socket:*|/dev/null|"$LOG"|anon_inode:*|pipe:*) ;;
		*) fail "signer: open file: $(readlink "$fd")" ;;
		esac
	done
done
[ "$jailed" -ge 1 ] || fail 'no signer of files'
[ -z "$(ls -A "$T/empty")" ] || fail "$T/empty is not empty any more"

# Descriptors are those that keylessd(8) and keyless-signer(8) name.
for pid in "$DAEMON" $launcher $front $(signers); do
	n=$(ls "/proc/$pid/fd" | wc -l)
	[ "$n" -le 40 ] || fail "$pid: $n descriptors: $(ls -l "/proc/$pid/fd")"
	for fd in "/proc/$pid"/fd/*; do
		what=$(readlink "$fd")
		case $what in
		socket:*|/dev/null|"$LOG"|'anon_inode:[eventpoll]') continue ;;
		esac
		case $pid/$what in
		# Events by libevent's own descriptors.
		"$front"/anon_inode:*|"$DAEMON"/anon_inode:*) ;;
		"$DAEMON"/pipe:*|"$front"/pipe:*) ;;
		# Files for others, opened and never read.
		"$DAEMON/$T/a.key"|"$DAEMON"//memfd:keylessd*) ;;
		"$DAEMON/$FIX"/pki/*) ;;
		# The PIN, the lock of the module, the token's own files.
		*//memfd:keylessd*|*/libsofthsm2.so*|*/hsm/tokens/*)
			grep -q libsofthsm2 "/proc/$pid/maps" ||
			    fail "$pid has $what open" ;;
		*)	fail "$pid has $what open" ;;
		esac
	done
done

# lost WHO PID CAPABILITY ...: it has not got them, nor gets it others
lost() {
	what=$1
	caps=$(field "$2" CapBnd)
	same "$what: CapPrm" "$(field "$2" CapPrm)" "$caps"
	same "$what: CapEff" "$(field "$2" CapEff)" "$caps"
	shift 2
	for cap; do
		[ $((0x$caps >> cap & 1)) -eq 0 ] || fail "$what: $cap"
	done
}
# What neither needs: CAP_SYS_MODULE 16, CAP_SYS_RAWIO 17, CAP_SYS_PTRACE 19,
# CAP_SYS_BOOT 22, CAP_SYS_TIME 25, CAP_MKNOD 27, CAP_BPF 39.  The parent
# changes nobody's user (CAP_SETUID 7), bounds (8) or name spaces (18, 21); the
# launcher signals nobody (5) and binds no port (10); what it writes to (1) is
# the enroller's.
lost parent "$DAEMON" 7 8 16 17 18 19 21 22 25 27 39
lost launcher "$launcher" 5 10 16 17 19 22 25 27 39
# Of descriptors it has its channel to the parent, and no other.
for fd in "/proc/$launcher"/fd/*; do
	case ${fd##*/}:$(readlink "$fd") in
	[012]:*|3:socket:*) ;;
	*)	fail "launcher: ${fd##*/} is $(readlink "$fd")" ;;
	esac
done

# Name spaces of their own, in none of which there is a network.
for pid in $front $(signers); do
	for kind in mnt net ipc; do
		[ "$(readlink "/proc/$pid/ns/$kind")" != \
		    "$(readlink "/proc/$DAEMON/ns/$kind")" ] ||
		    fail "$pid shares its $kind name space"
	done
	same "$pid: interfaces" \
	    "$(tail -n +3 "/proc/$pid/net/dev" | cut -d : -f 1 | tr -d ' ' |
	    grep -vx -e lo -e sit0 -e ip6tnl0 -e tunl0 -e gre0 -e gretap0 \
	    -e erspan0 -e ip_vti0 -e ip6_vti0 -e ip6gre0 || :)" ''
done
daemon_stop

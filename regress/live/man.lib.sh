# shellcheck shell=sh
# What the tests of the manual pages' examples share: see regress/man.
EXAMPLES=$TOP/regress/man

# examples PAGE: its displays as $T/examples/NNN (text), NNN.kind, NNN.before
# and NNN.after (commands), NNN.line (where it is)
examples() {
	rm -rf "$T/examples"
	mkdir "$T/examples"
	awk -f "$EXAMPLES/examples.awk" "$1" | awk -v dir="$T/examples" '
	    BEGIN {
		part["\t"] = ""
		part["<"] = ".before"
		part[">"] = ".after"
		part["@"] = ".line"
	    }
	    substr($0, 1, 1) in part {
		print substr($0, 2) >(file part[substr($0, 1, 1)])
		next
	    }
	    {
		for (c in part)
			close(file part[c])
		file = sprintf("%s/%03d", dir, ++n)
		print >(file ".kind")
		close(file ".kind")
	    }'
}

# own_machine: begin this test again where /etc, /run, /usr/local, the tokens
# of SoftHSM, the network and all processes are its own: they end with it.
# keylessd is installed there.
own_machine() {
	if [ -z "${KEYLESS_OWN_MACHINE:-}" ]; then
		unshare --mount --net --pid --fork true 2>"$T/unshare" ||
		    skip "no name spaces: $(cat "$T/unshare")"
		rm -rf "$T"
		trap - EXIT HUP INT TERM
		KEYLESS_OWN_MACHINE=yes exec unshare --mount --net --pid \
		    --fork --kill-child --mount-proc --propagation private \
		    sh "$0"
	fi
	PATH=/usr/local/sbin:/usr/local/bin:$PATH
	ip link set lo up || fail 'no loopback'
	own_dir /etc copy
	printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
	own_dir /run
	own_dir /usr/local
	own_dir /var/lib/softhsm copy
	make -s install >"$T/install.log" 2>&1 ||
	    fail "make install: $(cat "$T/install.log")"
	mkdir -p /var/empty
}

# own_dir DIR [copy]: a file system of its own there, with what was there
own_dir() {
	mkdir -p "$T/own"
	mount -n -t tmpfs -o mode=755 tmpfs "$T/own"
	if [ $# -eq 2 ]; then
		cp -a "$1/." "$T/own"
	fi
	mount -n --move "$T/own" "$1" || fail "cannot mount $1"
}

#!/bin/sh
# make install and its like: all is where it should be, no file names places
# that it should not, and make uninstall takes all away again.
#
#	regress/dist/install.sh [TREE]		a tree that has been built
set -eu
cd "${1:-$(dirname "$0")/../..}"

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
OURS='PREFIX=/srv/k SYSCONFDIR=/srv/k/etc EMPTYDIR=/srv/k/empty'

fail() {
	echo "FAILED: $*"
	exit 1
}

# makes MAKE TARGET ...
makes() {
	make=$1
	shift
	# shellcheck disable=SC2086
	$make -s DESTDIR="$T/root" $OURS "$@" >"$T/out" 2>&1 ||
	    fail "$make $*: $(cat "$T/out")"
}

try() {
	rm -rf "$T/root"
	(umask 077 && makes "$1" install install-systemd install-apparmor \
	    install-openbsd)
	for file in sbin/keylessd sbin/keylessctl \
	    libexec/keylessd/keyless-signer \
	    share/bash-completion/completions/keylessctl \
	    share/doc/keylessd/keylessd.conf.example \
	    share/doc/keylessd/credentials.conf \
	    lib/systemd/system/keylessd.service \
	    lib/systemd/system/keylessd.socket lib/sysusers.d/keylessd.conf \
	    lib/tmpfiles.d/keylessd.conf etc/apparmor.d/usr.sbin.keylessd; do
		[ -f "$T/root/srv/k/$file" ] || fail "$1: no $file"
	done
	[ -x "$T/root/etc/rc.d/keylessd" ] || fail "$1: no rc.d script"
	for page in man/*.[1-9]; do
		name=${page##*/}
		[ -f "$T/root/srv/k/share/man/man${page##*.}/$name" ] ||
		    fail "$1: no $name"
	done
	find "$T/root" -type f ! -perm 644 ! -perm 755 ! -perm 555 >"$T/odd"
	[ ! -s "$T/odd" ] || fail "$1: modes: $(cat "$T/odd")"

	# Of the programs, which were built for other places, nothing is asked.
	# "/usr/local/" elsewhere is that of other people's libraries.
	find "$T/root" -type f ! -path '*/sbin/*' ! -path '*/libexec/*' \
	    -exec grep -En '/usr/local/s?bin|/usr/local/libexec|/var/empty' \
	    {} + >"$T/odd" || :
	find "$T/root" -type f ! -path '*/sbin/*' ! -path '*/libexec/*' \
	    -exec grep -EHn '(^|[^k])/etc/keyless' {} + >>"$T/odd" || :
	[ ! -s "$T/odd" ] || fail "$1: places: $(cat "$T/odd")"

	makes "$1" uninstall
	find "$T/root" ! -type d >"$T/odd"
	find "$T/root" -type d -name '*keyless*' >>"$T/odd"
	[ ! -s "$T/odd" ] || fail "$1: left: $(cat "$T/odd")"
}

try make
if command -v bmake >/dev/null 2>&1; then
	try bmake
fi

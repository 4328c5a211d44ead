#!/bin/sh
# Debian's packages in build/deb: lintian finds nothing; and in a Debian made
# afresh, of its smallest size, they are installed, serve, are upgraded,
# removed and purged.  Needs root, and a mirror of Debian's.
#
# No systemd runs there: that units are started, restarted and stopped is seen
# from what the package's scripts ask systemctl to do; the daemon is started by
# hand, with all its privilege separation.
#
#	regress/dist/deb.sh		after make deb
#	KEYLESS_KEEP=1 ...		keep the directory
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/live/lib.sh"

is_root || fail 'needs root'
deb=$(ls "$TOP"/build/deb/keylessd_*.deb) || fail 'no package (make deb)'
module=$(ls "$TOP"/build/deb/keyless-pkcs11_*.deb) || fail 'no module'
version=$(dpkg-deb -f "$deb" Version)

# ---- lintian, meanwhile

(cd "$TOP/build/deb" && lintian --allow-root --fail-on error,warning \
    ./*.changes >"$T/lintian" 2>&1) &
LINTIAN=$!
background "$LINTIAN"

# ---- a fresh Debian with what the package depends on, and nothing of ours

codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format \
    '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk -v name="$codename" '$2 == name && $3 == "main" { print $1; exit }')
ROOT=$T/root
# shellcheck disable=SC2016
DEPENDS="$(dpkg-deb -f "$deb" Depends), $(dpkg-deb -f "$module" Depends)" \
    mmdebstrap --quiet --mode=root \
    --variant=apt --dpkgopt=force-unsafe-io \
    --customize-hook='chroot "$1" apt-get -qq -y --no-install-recommends \
	satisfy "$DEPENDS"' \
    "$codename" "$ROOT" ${mirror:+"$mirror"} >"$T/mmdebstrap" 2>&1 ||
    fail "mmdebstrap: $(tail -n 20 "$T/mmdebstrap")"

# systemctl, which keeps a record and says that all is well; what is asked of
# the files alone it does.
mkdir -p "$ROOT/run/systemd/system" "$ROOT/usr/local/sbin"
cat >"$ROOT/usr/local/sbin/systemctl" <<'END'
#!/bin/sh
case "$*" in
--root=/*)	exec /bin/systemctl "$@" ;;
esac
echo "$@" >>/tmp/systemctl
case "$*" in
*is-enabled*)	echo enabled ;;
esac
END
chmod 755 "$ROOT/usr/local/sbin/systemctl"

# Mounts that vanish with the processes; the network is everyone's.
cat >"$T/inside.sh" <<'END'
set -e
root=$1
shift
mount --rbind "$root" "$root"
mount -t proc proc "$root/proc"
for device in null zero random urandom; do
	: >>"$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
exec chroot "$root" "$@"
END
# enter COMMAND ...: become one of there
enter() {
	exec env DEBIAN_FRONTEND=noninteractive PATH="/usr/local/sbin:$PATH" \
	    unshare --mount sh "$T/inside.sh" "$ROOT" "$@"
}

# inside COMMAND ...: run it there
inside() {
	(enter "$@")
}

# asked REGEX: systemctl was asked for it
asked() {
	contains "$ROOT/tmp/systemctl" "$1"
	rm "$ROOT/tmp/systemctl"
}

# snapshot FILE: all that there is but logs and dpkg's own notes
snapshot() {
	(cd "$ROOT" && find . -xdev \( -path ./proc -o -path ./dev -o \
	    -path ./tmp -o -path ./var/log -o -path ./var/cache -o \
	    -path ./var/lib/dpkg -o -path './etc/*-' \) -prune -o \
	    -printf '%p %y %m %u %g\n' && cat etc/passwd etc/group etc/shadow \
	    etc/gshadow && cd var/lib/dpkg && find . -name '*keyless*') |
	    sort >"$1"
}

dpkg_does() {
	inside dpkg "$@" >"$T/dpkg.log" 2>&1 ||
	    fail "dpkg $*: $(cat "$T/dpkg.log")"
}

install_it() {
	cp "$1" "$ROOT/tmp/keylessd.deb"
	dpkg_does -i /tmp/keylessd.deb
}

snapshot "$T/before"
lacks "$T/before" 'keyless|_keysigner'

# ---- installed

install_it "$deb"
for user in "$FRONTEND_USER" "$SIGNER_USER"; do
	contains "$ROOT/etc/passwd" "^$user:.*:/nonexistent:/usr/sbin/nologin"
done
# mode PATH MODE
mode() {
	[ "$(stat -c '%a %u:%g' "$ROOT$1" 2>&1)" = "$2 0:0" ] ||
	    fail "$1: $(stat "$ROOT$1" 2>&1)"
}
mode /etc/keyless 755
mode /etc/keyless/keys 750
mode /usr/sbin/keylessd 755
mode /etc/apparmor.d/usr.sbin.keylessd 644
for unit in multi-user.target.wants/keylessd.service \
    sockets.target.wants/keylessd.socket; do
	[ -L "$ROOT/etc/systemd/system/$unit" ] || fail "not enabled: $unit"
	contains "$ROOT/lib/systemd/system/${unit##*/}" \
	    '^ConditionPathExists=/etc/keylessd.conf$'
done
asked '^--quiet --system start keylessd.service'
for place in /lib/systemd/system/keylessd.service \
    /etc/apparmor.d/usr.sbin.keylessd; do
	lacks "$ROOT$place" '/usr/local/s?bin/keyless|/var/empty'
done
inside /usr/sbin/keylessctl -n show keys
[ -f "$ROOT/usr/share/bash-completion/completions/keylessctl" ] ||
    fail 'no completion'
for page in keylessd.conf.5 keylessd.8 keylessctl.8 keyless-signer.8; do
	[ -f "$ROOT/usr/share/man/man${page##*.}/$page.gz" ] ||
	    fail "no page $page"
done

# The module needs nothing that is not there, and nothing of keylessd.
install_it "$module"
so=$(inside dpkg -L keyless-pkcs11 | grep '/keyless-pkcs11\.so$') ||
    fail 'no module in its package'
inside env LD_PRELOAD="$so" LD_BIND_NOW=1 /bin/true 2>"$T/err"
[ ! -s "$T/err" ] || fail "the module: $(cat "$T/err")"
dpkg_does --purge keyless-pkcs11

# ---- it serves, once there is a configuration

make_pki
put_key p256 pkcs8-pem "$ROOT/etc/keyless/keys/a.key"
cp "$FIX/pki/server.pem" "$FIX/pki/client-ca.pem" "$ROOT/etc/keyless"
mv "$ROOT/etc/keyless/client-ca.pem" "$ROOT/etc/keyless/keyless_cacert.pem"
(umask 077 && cp "$FIX/pki/server.key" "$ROOT/etc/keyless/server-key.pem")
example=$ROOT/usr/share/doc/keylessd/examples/keylessd.conf.example
sed 's/^#listen:.*/listen: ["127.0.0.1:0"]/' "$example" \
    >"$ROOT/etc/keylessd.conf"
chmod 600 "$ROOT/etc/keylessd.conf"

inside keylessd -n >"$LOG" 2>&1 || fail "keylessd -n: $(cat "$LOG")"
contains "$LOG" 'good=1 bad=0'
enter keylessd -d >"$LOG" 2>&1 </dev/null &
DAEMON=$!
WAIT_TRIES=600 wait_until daemon_decided || fail 'neither serves nor ends'
alive "$DAEMON" || fail 'keylessd ended instead of serving'
# shellcheck disable=SC2034
PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' "$LOG")
client sign ecdsa "$K/p256.pub" 10
lacks "$LOG" 'sandbox incomplete|without chroot'
# uid_of PID: its real and effective number
uid_of() {
	awk '$1 == "Uid:" { print $2 ":" $3 }' "/proc/$1/status"
}
# number USER
number() {
	sed -n "s/^$1:[^:]*:\([0-9]*\):.*/\1:\1/p" "$ROOT/etc/passwd"
}
[ "$(uid_of "$(frontend)")" = "$(number "$FRONTEND_USER")" ] ||
    fail "user of the frontend: $(uid_of "$(frontend)")"
for pid in $(signers); do
	[ "$(uid_of "$pid")" = "$(number "$SIGNER_USER")" ] ||
	    fail "user of a signer: $(uid_of "$pid")"
done

# ---- an upgrade: the service is restarted, nothing else changes

cp "$ROOT/etc/keylessd.conf" "$T/conf.before"
inside sh -c 'getent passwd; ls -lR /etc/keyless' >"$T/users.before"
rm -f "$ROOT/tmp/systemctl"
mkdir "$T/newer"
dpkg-deb -R "$deb" "$T/newer/tree"
sed -i "s/^Version: .*/Version: $version+1/" "$T/newer/tree/DEBIAN/control"
dpkg-deb -Znone -b "$T/newer/tree" "$T/newer/keylessd.deb" >"$T/out"
install_it "$T/newer/keylessd.deb"
lacks "$ROOT/tmp/systemctl" '(stop|restart).*keylessd.socket'
lacks "$ROOT/tmp/systemctl" 'stop.*keylessd.service'
asked '^--quiet --system restart keylessd.service'
cmp "$ROOT/etc/keylessd.conf" "$T/conf.before" || fail 'configuration lost'
inside sh -c 'getent passwd; ls -lR /etc/keyless' >"$T/users.after"
cmp "$T/users.before" "$T/users.after" || fail 'users or keys changed'
client sign ecdsa "$K/p256.pub" 10
inside keylessctl reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
client sign ecdsa "$K/p256.pub" 10
inside keylessctl stop >"$T/out" 2>&1 || fail "stop: $(cat "$T/out")"
wait_until gone "$DAEMON" || fail 'keylessd does not stop'
DAEMON=

# ---- removed: what people wrote is still there

dpkg_does --remove keylessd
contains "$ROOT/tmp/systemctl" 'stop keylessd.service'
[ "$(sed -n 's/^stop //p' "$ROOT/tmp/systemctl" | head -n 1)" = \
    keylessd.socket ] || fail "order: $(cat "$ROOT/tmp/systemctl")"
rm "$ROOT/tmp/systemctl"
for path in /usr/sbin/keylessd /usr/libexec/keylessd /usr/lib/keylessd \
    /lib/systemd/system/keylessd.service; do
	[ ! -e "$ROOT$path" ] || fail "still there: $path"
done
for path in /etc/keylessd.conf /etc/keyless/keys/a.key \
    /etc/keyless/server-key.pem; do
	[ -f "$ROOT$path" ] || fail "lost: $path"
done

# ---- purged: nothing is left but keys, and a user that owns a file

: >"$ROOT/var/lib/token"
inside chown "$SIGNER_USER" /var/lib/token
dpkg_does --purge keylessd
contains "$T/dpkg.log" "user $SIGNER_USER stays: /var/lib/token"
contains "$T/dpkg.log" 'stay in /etc/keyless'
[ -f "$ROOT/etc/keyless/keys/a.key" ] || fail 'a key was deleted'
lacks "$ROOT/etc/passwd" "^$FRONTEND_USER:"
rm -r "$ROOT/var/lib/token" "$ROOT/etc/keyless"
install_it "$deb"
: >"$ROOT/etc/keylessd.conf"
dpkg_does --purge keylessd
rm -f "$ROOT/tmp/systemctl"
snapshot "$T/after"
diff -u "$T/before" "$T/after" >"$T/diff" || fail "left: $(cat "$T/diff")"

# ---- lintian's opinion

wait "$LINTIAN" || fail "lintian: $(cat "$T/lintian")"
lacks "$T/lintian" '^[EW]:'

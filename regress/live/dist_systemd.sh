# What systemd is given: users and directories can be made of it, with the
# modes that are meant; the units and the drop-in are without mistakes.
# run-as: root
. "$(dirname "$0")/lib.sh"

for tool in systemd-sysusers systemd-tmpfiles systemd-analyze; do
	command -v "$tool" >"$T/which" ||
	    skip "$tool is missing (make deps)"
done

# An empty system.
mkdir -p "$T/root/etc"
systemd-sysusers --root="$T/root" "$TOP/dist/sysusers.conf" >"$T/out" 2>&1 ||
    fail "systemd-sysusers: $(cat "$T/out")"
for user in "$FRONTEND_USER" "$SIGNER_USER"; do
	contains "$T/root/etc/passwd" \
	    "^$user:[^:]*:[1-9][0-9]*:[1-9][0-9]*:[^:]+:/nonexistent:.*nologin"
	contains "$T/root/etc/shadow" "^$user:!"
	contains "$T/root/etc/group" "^$user:"
done
lacks "$T/out" '[Ii]gnoring|[Ff]ailed'

systemd-tmpfiles --root="$T/root" --create "$TOP/dist/tmpfiles.conf" \
    >"$T/out" 2>&1 || fail "systemd-tmpfiles: $(cat "$T/out")"
# dir PATH MODE: it is there, and root's
dir() {
	[ "$(stat -c '%F %a %U:%G' "$T/root$1" 2>&1)" = \
	    "directory $2 root:root" ] || fail "$1: $(stat "$T/root$1" 2>&1)"
}
dir /etc/keyless 755
dir /etc/keyless/keys 750
dir /var/empty 755

# The programs as if they were installed, and the drop-in in its place.
mkdir "$T/units" "$T/units/keylessd.service.d"
for unit in keylessd.service keylessd.socket; do
	sed "s|/usr/local/sbin/|$T/|g" "$TOP/dist/$unit" >"$T/units/$unit"
done
cp "$TOP/dist/credentials.conf" "$T/units/keylessd.service.d"
cp "$KEYLESSD" "$T/keylessd"
cp "$KEYLESSCTL" "$T/keylessctl"
SYSTEMD_UNIT_PATH=$T/units: systemd-analyze verify --man=no \
    "$T/units/keylessd.service" "$T/units/keylessd.socket" >"$T/out" 2>&1 ||
    fail "systemd-analyze verify: $(cat "$T/out")"
lacks "$T/out" "$T/units"

# Neither socket nor service is started before there is a configuration.
for unit in keylessd.service keylessd.socket; do
	contains "$T/units/$unit" '^ConditionPathExists=/etc/keylessd.conf$'
done

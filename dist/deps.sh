#!/bin/sh
# Install what build, demo and tests need (Debian's packages) and add the
# daemon's users.  Asks for root only if something is missing.
#
#	deps.sh		build, demo and tests
#	deps.sh demo	build and demo only
#	deps.sh deb	build and Debian's packages; deb-check: their test, too
#	deps.sh all	what CI needs on top: the other make, lint
set -eu

build='gcc libc6-dev make pkg-config libtls-dev libevent-dev
    libpkcs11-helper1-dev libyaml-dev libssl-dev libseccomp-dev
    libcurl4-openssl-dev libjansson-dev'
demo='softhsm2 opensc openssl procps python3 curl libengine-pkcs11-openssl'
tests='mandoc binutils util-linux iproute2 p11-kit p11-kit-modules
    opencryptoki libtpm2-pkcs11-1 swtpm tpm2-abrmd libtss2-tcti-swtpm0
    libtss2-tcti-tabrmd0 dbus haproxy clang libclang-rt-14-dev
    llvm valgrind systemd apparmor python3-cryptography prometheus jq'
edge='nginx libnginx-mod-stream apache2-bin gnutls-bin openssh-client
    openssh-server openjdk-17-jre-headless'
deb='git debhelper dh-apparmor dpkg-dev'
debcheck='lintian mmdebstrap openssl'
ci='bmake shellcheck'

case ${1:-} in
demo)	packages="$build $demo" ;;
deb)	packages="$build $deb" ;;
deb-check) packages="$build $deb $debcheck" ;;
all)	packages="$build $demo $tests $edge $deb $debcheck $ci" ;;
*)	packages="$build $demo $tests $edge" ;;
esac

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "deps: as root, please: $*" >&2
		exit 1
	fi
}

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "deps: no Debian here; install what README lists yourself" >&2
	exit 0
fi

missing=
for p in $packages; do
	case "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
# Of Prometheus only promtool is needed: it must not begin to serve.
prometheus() {
	case " $missing " in
	*' prometheus '*) ;;
	*) return 0 ;;
	esac
	[ -d /run/systemd/system ] || return 0
	as_root systemctl "$@" prometheus.service
}

if [ -n "$missing" ]; then
	echo "deps: installing$missing"
	as_root apt-get -q update
	prometheus mask --runtime
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	    --no-install-recommends install $missing
	prometheus unmask --runtime
	prometheus disable
fi

case ${1:-} in
deb*)	exit 0 ;;
esac

add_user() {
	id "$1" >/dev/null 2>&1 && return
	echo "deps: adding user $1"
	as_root useradd --system --user-group --no-create-home \
	    --home-dir /var/empty --shell /usr/sbin/nologin \
	    --comment "$2" "$1"
}

if [ ! -d /var/empty ]; then
	echo "deps: making /var/empty"
	as_root mkdir -m 755 /var/empty
fi
add_user _keylessd 'keylessd network process'
add_user _keysigner 'keylessd signers'

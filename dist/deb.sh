#!/bin/sh
# Make Debian's packages of what is committed, in build/deb.
#
# A line of dist/debian that begins with "#DIRECTORY# " is for what is made in
# that directory of the tree: it is in force in a tree that has it.
set -eu
cd "$(dirname "$0")/.."

sh dist/deps.sh deb
tarball=$(sh dist/tarball.sh)
name=$(basename "$tarball" .tar.gz)
version=${name#keylessd-}

rm -rf build/deb
mkdir build/deb
cp "$tarball" "build/deb/keylessd_$version.orig.tar.gz"
tar -xzf "$tarball" -C build/deb
cd "build/deb/$name"
cp -R dist/debian debian
for part in */; do
	sed -i "s|^#${part%/}#\$||; s|^#${part%/}# ||" debian/control
done
# Whoever builds them answers for them.
if [ -n "${DEBEMAIL:-}" ]; then
	sed -i "s|keylessd <keylessd@example.org>|${DEBFULLNAME:-keylessd} \
<$DEBEMAIL>|" debian/control debian/changelog
fi
if ! head -n 1 debian/changelog | grep -Fq "keylessd ($version-"; then
	echo "deb: dist/debian/changelog does not begin with $version" >&2
	exit 1
fi
dpkg-buildpackage -us -uc
cd ..
rm -rf "$name"
ls -l ./*.deb

#!/bin/sh
# Make build/keylessd-VERSION.tar.gz of what is committed: the same commit
# gives the same bytes, whoever makes it, when and where.  Needs a git clone.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^#define KEYLESSD_VERSION[[:space:]]*"\(.*\)"$/\1/p' \
    lib/version.h)
name=keylessd-$version
if [ -z "$version" ] || [ ! -e .git ]; then
	echo 'dist: this is no clone of the repository' >&2
	exit 1
fi
if ! git diff --quiet HEAD --; then
	echo 'dist: changes that are not committed are left out' >&2
fi
mkdir -p build
# Two steps: the status of each counts.
git -c tar.umask=0022 archive --format=tar --prefix="$name/" \
    -o "build/$name.tar" HEAD
gzip -9 -n -f "build/$name.tar"
echo "build/$name.tar.gz"

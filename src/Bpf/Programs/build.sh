#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#
# Builds socketlb.o from socketlb.c. The object is committed and embedded, so that nobody needs clang to build or run.
#   build.sh          writes socketlb.o
#   build.sh --check  builds aside and compares: 0 the committed object is that of the source, 1 it is not
# Both end with 2 when there is no clang 14: other versions verify too, but write other code, and the comparison
# is byte by byte. Without -g the object does not depend on the directory it is built in.
set -eu
cd "$(dirname "$0")"

compiler=""
for candidate in clang-14 clang; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" --version | grep -q 'clang version 14\.'; then
        compiler=$candidate
        break
    fi
done
if [ -z "$compiler" ]; then
    echo "build.sh: clang 14 is needed; Debian 12: apt-get install clang" >&2
    exit 2
fi

build() {
    "$compiler" -target bpfel -mcpu=v2 -O2 -Wall -Wextra -Werror -fno-ident -fno-addrsig -nostdinc -c socketlb.c -o "$1"
}

case "${1:-}" in
"")
    build socketlb.o
    ;;
--check)
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    build "$scratch/socketlb.o"
    if ! cmp -s "$scratch/socketlb.o" socketlb.o; then
        echo "build.sh: socketlb.o is not what socketlb.c builds to; run src/Bpf/Programs/build.sh and commit the object" >&2
        exit 1
    fi
    ;;
*)
    echo "usage: build.sh [--check]" >&2
    exit 64
    ;;
esac

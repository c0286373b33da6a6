#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#
# Builds an object from each program. The objects are committed and embedded, so that nobody needs clang to build or run.
#   build.sh          writes socketlb.o and policy.o
#   build.sh --check  builds aside and compares: 0 the committed objects are those of the sources, 1 they are not
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

objects="socketlb policy"

# Without CAP_PERFMON the verifier refuses a 32 bit write over a spilled pointer, and only v2 never spills by halves. The
# socket programs are large enough to spill; the policy program is not.
build() { # NAME OBJECT
    cpu=v3
    [ "$1" != socketlb ] || cpu=v2
    "$compiler" -target bpfel -mcpu=$cpu -O2 -Wall -Wextra -Werror -fno-ident -fno-addrsig -nostdinc -c "$1.c" -o "$2"
}

case "${1:-}" in
"")
    for name in $objects; do build "$name" "$name.o"; done
    ;;
--check)
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for name in $objects; do
        build "$name" "$scratch/$name.o"
        if ! cmp -s "$scratch/$name.o" "$name.o"; then
            echo "build.sh: $name.o is not what $name.c builds to; run src/Bpf/Programs/build.sh and commit the object" >&2
            exit 1
        fi
    done
    ;;
*)
    echo "usage: build.sh [--check]" >&2
    exit 64
    ;;
esac

#!/bin/sh
# Prints the machine code of a function in C, as clang of LLVM 22 compiles it for inline switches, without directives.
# Usage: sh examples/switch/listing.sh FILE FUNCTION [OPTIONS]
set -eu
file=$1
function=$2
shift 2
clang=${LLVM_SYS_221_PREFIX:-/usr/lib/llvm-22}/bin/clang
"$clang" -O2 -fomit-frame-pointer -mno-red-zone -fno-asynchronous-unwind-tables "$@" -S -o - "$file" |
    sed -n "/^$function:/,/^.Lfunc_end/p" |
    sed '/^[[:space:]]*\.[a-z]/d; /^[[:space:]]*#/d; /^\.Lfunc_end/d; s/#.*//; s/[[:space:]]*$//; s/\t\([a-z0-9]*\)\t/    \1 /'

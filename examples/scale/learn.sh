#!/usr/bin/env bash
# One model from the features of all N parts; says which are missing.
#
#   learn.sh OUT N MODEL [OPTIONS...]    OPTIONS of fleck train
set -euo pipefail
out=$1 n=$2 model=$3
shift 3
files=()
for k in $(seq "$n"); do
    file=$out/$k-of-$n.features
    [ -e "$file" ] || { echo "${0##*/}: $file is missing: extract that part again" >&2; exit 1; }
    files+=("$file")
done
exec "${FLECK:-fleck}" train --features "${files[@]}" --save "$model" "$@"

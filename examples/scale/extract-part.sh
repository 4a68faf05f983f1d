#!/usr/bin/env bash
# Features of one part of a folder's photos, as OUT/K-of-N.features; nothing to do where it is there.
#
#   extract-part.sh PHOTOS OUT K N [OPTIONS...]    the K-th of N parts, from 1; OPTIONS of fleck extract
#
# Every N-th photo by name is in a part, so that parts take about the same time. FLECK names the
# program, if not fleck.
set -euo pipefail
photos=$1 out=$2 k=$3 n=$4
shift 4
file=$out/$k-of-$n.features
[ ! -e "$file" ] || exit 0
mkdir -p "$out"

# By their names, as find knows no others: what else is in the folder is no photo.
endings=(-iname '*.png' -o -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.bmp' -o -iname '*.tif'
    -o -iname '*.tiff' -o -iname '*.webp' -o -iname '*.heic' -o -iname '*.heif' -o -iname '*.avif')
status=0
find "$photos" -type f \( "${endings[@]}" \) -print0 | LC_ALL=C sort -z |
    split -t '\0' -n "r/$k/$n" |
    "${FLECK:-fleck}" extract - --null -o "$file" "$@" || status=$?
[ "$status" = 3 ] || exit "$status" # 3: photos were skipped, which is said; the others are there

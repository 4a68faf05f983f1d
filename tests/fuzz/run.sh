#!/usr/bin/env bash
# Runs fuzz targets for a while, each of them for so many minutes of CPU time, one after the
# other, and says how many inputs were tried and what was found. What it finds new goes on in
# build/fuzz/NAME; inputs that fail are written to build/fuzz/found.
#
#   tests/fuzz/run.sh MINUTES [NAME...]      # json, image, ...; all of them by default
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh

minutes=${1:?tests/fuzz/run.sh MINUTES [NAME...]}
shift
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_\(.*\)\.c/\1/')
setup fuzz
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
mkdir -p build/fuzz/found

found=0
for name; do
    corpus=build/fuzz/$name
    log=$corpus.log
    mkdir -p "$corpus"
    : >"$log"
    ran=0 cpu=0
    # libFuzzer counts by the clock; a machine that does other work gives it less than that.
    while awk "BEGIN { exit !($cpu < 60 * $minutes) }"; do
        TIMEFORMAT='%U %S'
        { time build/fuzz/tests/fuzz/fuzz_"$name" -max_total_time=60 -rss_limit_mb=3500 -timeout=60 \
            -artifact_prefix=build/fuzz/found/"$name"- -print_final_stats=1 \
            "$corpus" tests/fuzz/corpus/"$name" >>"$log" 2>&1 || touch "$corpus.failed"; } 2>"$corpus.time"
        ran=$((ran + $(grep -o 'number_of_executed_units: [0-9]*' "$log" | tail -1 | grep -o '[0-9]*' || echo 0)))
        cpu=$(awk -v cpu="$cpu" 'END { print cpu + $1 + $2 }' "$corpus.time")
        [ ! -e "$corpus.failed" ] || break
    done
    if [ -e "$corpus.failed" ]; then
        found=1
        rm "$corpus.failed"
        tail -40 "$log" >&2
    fi
    printf '%-12s %9d inputs in %4.0f s of CPU time\n' "$name" "$ran" "$cpu"
done
exit $found

#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy over the C files of src/, or over those named.
# What it finds is mended, or carries NOLINTNEXTLINE with the reason why it is none.
#
#   scripts/tidy.sh [--quick] [FILE...]
#
# --quick leaves out the static analyzer, which takes nine tenths of the time; scripts/test.sh
# does.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

checks=
if [ "${1-}" = --quick ]; then
    checks=-checks=-clang-analyzer-*
    shift
fi
setup style
cmake --preset native >/dev/null # writes compile_commands.json
[ $# -gt 0 ] || mapfile -t -O 1 files < <(git ls-files 'src/*.c')
[ $# = 0 ] || files=("$@")
found=$(run-clang-tidy-19 -j "$(nproc)" -quiet ${checks:+"$checks"} -p build/native "${files[@]/#/$PWD/}" 2>&1) && failed=0 || failed=1
grep -v -e '^\[ *[0-9]*/' -e '^clang-tidy-19 ' -e '^$' -e 'generated\.$' -e '^Running clang-tidy' <<<"$found" || true
exit $failed

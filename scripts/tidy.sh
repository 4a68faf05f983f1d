#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy over the C files of src/, or over those named.
# Takes more than three minutes of a core, so scripts/test.sh does without. What it finds is mended, or
# carries NOLINTNEXTLINE with the reason why it is none.
#
#   scripts/tidy.sh [FILE...]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

setup tidy
cmake --preset native >/dev/null # writes compile_commands.json
[ $# -gt 0 ] || mapfile -t -O 1 files < <(git ls-files 'src/*.c')
[ $# = 0 ] || files=("$@")
found=$(run-clang-tidy-19 -j "$(nproc)" -quiet -p build/native "${files[@]/#/$PWD/}" 2>&1) && failed=0 || failed=1
grep -v -e '^\[ *[0-9]*/' -e '^clang-tidy-19 ' -e 'warnings\? generated' -e '^Running clang-tidy' <<<"$found" || true
exit $failed

#!/usr/bin/env bash
# How the code looks, and what can be seen without running it: clang-format, prettier, eslint,
# ruff. scripts/test.sh checks it.
#
#   scripts/style.sh [--fix]      --fix formats what is not formatted
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

case ${1:-} in
--fix) c_option=(-i) js_option=--write lint=(--fix) ;;
'') c_option=(--dry-run --Werror) js_option=--check lint=() ;;
*) die "unknown option $1" ;;
esac
setup style

mapfile -t c < <(git ls-files '*.c' '*.h')
mapfile -t javascript < <(git ls-files '*.js' '*.mjs' '*.jsx' '*.ts')
mapfile -t python < <(git ls-files '*.py')
failed=0
/usr/lib/llvm-19/bin/clang-format "${c_option[@]}" "${c[@]}" || failed=1
node_modules/.bin/prettier --log-level=warn $js_option "${javascript[@]}" || failed=1
node_modules/.bin/eslint --max-warnings=0 "${lint[@]}" . || failed=1
node scripts/ruff.mjs "${lint[@]}" "${python[@]}" || failed=1
exit $failed

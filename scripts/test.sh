#!/usr/bin/env bash
# Sets everything up and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

failed=()
# step NAME COMMAND...: a failure is told and the next step runs all the same.
step() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    if "$@"; then
        echo "$name: passed in $((SECONDS - start)) s"
    else
        failed+=("$name")
        echo "$name: FAILED"
    fi
}
run_ctest() { ctest --preset "$1" -j "$(nproc)"; }
run_node() { node --test --test-concurrency=1 "$@"; }
check_types() {
    local project
    for project in wasm web; do
        [ ! -f $project/tsconfig.json ] || node_modules/.bin/tsc -p $project || return 1
    done
}

setup browser
mkdir -p build
for preset in native sanitize wasm; do
    say "building build/$preset"
    configure_and_build $preset
done
assemble_site

step "C, native" run_ctest native
step "C, sanitizers" run_ctest sanitize
step "C, WebAssembly in node" run_ctest wasm
step "JavaScript types" check_types
step "JavaScript in node" run_node tests/js/*.test.mjs
step "the page in Chromium" run_node tests/e2e/*.test.mjs

if [ ${#failed[@]} -gt 0 ]; then
    die "failed: $(printf '%s; ' "${failed[@]}")"
fi
say "all tests passed in $SECONDS s"

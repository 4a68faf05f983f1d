#!/usr/bin/env bash
# Sets everything up, runs every test, names those skipped, and counts them all. FLECK_SLOW=1
# runs the slow ones too.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

results=build/results # what tests/tally.mjs reads

# step NAME COMMAND...: a failure is told and the next step runs all the same. The command
# finds the name in $step.
step() {
    local step=$1 start=$SECONDS outcome=passed
    shift
    say "$step"
    "$@" || outcome=failed
    printf '%s\t%s\t%s\n' $outcome "$step" $((SECONDS - start)) >>$results/steps.tsv
    echo "$step: $outcome in $((SECONDS - start)) s"
}
run_ctest() {
    # Large enough to keep the whole output, where skipped parts are told.
    ctest --preset "$1" -j "$(nproc)" --output-junit "$PWD/$results/$step.xml" \
        --test-output-size-passed 1000000
}
# run_node FILE...: two files at a time, since each waits for a part of its time.
run_node() {
    # Later versions guess that a file is a module where nothing says so; the oldest does not.
    local guess=--no-experimental-detect-module
    node $guess -e 0 2>/dev/null || guess=
    NODE_OPTIONS="${NODE_OPTIONS:-} $guess" node --test --test-concurrency=2 \
        --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=./tests/tally.mjs --test-reporter-destination="$results/$step.tsv" "$@"
}
check_types() {
    local project
    for project in wasm web; do
        [ ! -f $project/tsconfig.json ] || node_modules/.bin/tsc -p $project || return 1
    done
}

setup browser tests style
rm -rf $results
mkdir -p $results
for preset in native sanitize aarch64 wasm; do
    say "building build/$preset"
    configure_and_build $preset
done
assemble_site
built=$SECONDS

# Emulated: all of them (ctest --preset aarch64) take many minutes. test_fleck_bits compares
# features, scores and models with those of other CPUs. It goes beside the next steps.
step "C, ARM64" run_ctest aarch64-quick >$results/aarch64.log 2>&1 &

step "style" scripts/style.sh
step "clang-tidy" scripts/tidy.sh --quick
step "C, native" run_ctest native
step "C, sanitizers" run_ctest sanitize
step "C, WebAssembly in node" run_ctest wasm
step "JavaScript types" check_types
step "JavaScript in node" run_node tests/js/*.test.mjs tests/cli/*.test.mjs
wait
cat $results/aarch64.log
step "the page in Chromium" run_node tests/e2e/*.test.mjs
step "the page in Firefox" run_node tests/browsers/firefox.test.mjs
step "the page in WebKit" run_node tests/browsers/webkit.test.mjs

say "all tests, in $SECONDS s, $built of them to set up and build"
node tests/tally.mjs $results

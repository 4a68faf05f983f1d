#!/usr/bin/env bash
# Which lines of src/ the C tests and those of the command line tool run: a table by folder on
# standard output, every line in build/coverage/html/index.html.
#
#   scripts/coverage.sh [OPTIONS of ctest]     with options the C tests alone, such as -R 'test_model'
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

setup tests coverage
mkdir -p build
configure_and_build coverage
rm -rf build/coverage/html
find build/coverage -name '*.gcda' -delete # of earlier runs
failed=0
ctest --preset coverage -j "$(nproc)" "$@" >build/coverage/tests.log || failed=1
if [ $# = 0 ]; then
    FLECK_CLI=build/coverage/fleck node --test --test-concurrency=1 tests/cli/*.test.mjs \
        >>build/coverage/tests.log || failed=1
fi
mkdir build/coverage/html
# In there: gcovr lets gcov write its files where it is called.
(cd build/coverage && gcovr --root ../.. --filter ../../src/ --csv lines.csv \
    --html-details html/index.html .)
awk -F, '
    function add(folder) {
        if (!(folder in total)) order[++folders] = folder
        total[folder] += $2
        covered[folder] += $3
    }
    NR > 1 { folder = $1; sub("/[^/]*$", "", folder); add(folder); total_of_all += $2; covered_of_all += $3 }
    END {
        for (i = 1; i <= folders; i++)
            printf "%-18s %6d of %6d lines %6.1f %%\n", order[i], covered[order[i]], total[order[i]],
                100 * covered[order[i]] / total[order[i]]
        printf "%-18s %6d of %6d lines %6.1f %%\n", "all", covered_of_all, total_of_all,
            100 * covered_of_all / total_of_all
    }' build/coverage/lines.csv
[ $failed = 0 ] || die "tests failed: build/coverage/tests.log"

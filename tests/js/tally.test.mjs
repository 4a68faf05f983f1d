// What scripts/test.sh makes of the runners' results: tests that are skipped without a reason
// fail it. The runners are real ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TALLY = fileURLToPath(new URL('../tally.mjs', import.meta.url));
const ABSENT = '../shared/no-such-file is absent';
const SLOW = 'FLECK_SLOW is not set';

describe('the tally of all tests', () => {
    let folder = '';
    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'fleck-'));
    });
    after(() => rmSync(folder, { recursive: true }));

    /** @param {string} steps @param {string} [slow] */
    function tally(steps, slow = '') {
        writeFileSync(join(folder, 'steps.tsv'), steps);
        const { stdout, stderr, status } = spawnSync(process.execPath, [TALLY, folder], {
            encoding: 'utf8',
            env: { ...process.env, FLECK_SLOW: slow },
        });
        assert.equal(stderr, '');
        return { lines: stdout.trimEnd().split('\n'), status };
    }

    /** Runs tests under node --test. @param {string} step @param {string} source */
    function node(step, source) {
        const file = join(folder, `${step}.test.mjs`);
        writeFileSync(file, `import { describe, test } from 'node:test';\n${source}`);
        const env = { ...process.env };
        delete env.NODE_TEST_CONTEXT;
        const { status } = spawnSync(
            process.execPath,
            [
                '--test',
                `--test-reporter=${TALLY}`,
                `--test-reporter-destination=${join(folder, `${step}.tsv`)}`,
                file,
            ],
            { env },
        );
        return `${status ? 'failed' : 'passed'}\t${step}\t7\n`;
    }

    /** Runs tests under ctest. @param {string} step @param {string} tests */
    function ctest(step, tests) {
        const source = join(folder, step);
        mkdirSync(source);
        writeFileSync(
            join(source, 'CMakeLists.txt'),
            'cmake_minimum_required(VERSION 3.22)\n' +
                `project(tests LANGUAGES NONE)\nenable_testing()\nset(echo \${CMAKE_COMMAND} -E echo)\n${tests}`,
        );
        assert.equal(
            spawnSync('cmake', ['-G', 'Ninja', '-S', source, '-B', `${source}/build`]).status,
            0,
        );
        const { status } = spawnSync('ctest', [
            '--test-dir',
            `${source}/build`,
            '--output-junit',
            join(folder, `${step}.xml`),
        ]);
        return `${status ? 'failed' : 'passed'}\t${step}\t7\n`;
    }

    test('counts what passed and names what was skipped for a reason', () => {
        const steps =
            node(
                'js',
                `
            describe('suite', () => { test('one', () => {}); test('two', () => {}); });
            test('three', { skip: 'skipped: ${ABSENT}' }, () => {});`,
            ) +
            ctest(
                'c',
                `
            add_test(NAME part COMMAND \${echo} "1 check\\nskipped: ${ABSENT}\\nskipped: ${ABSENT}")
            add_test(NAME whole COMMAND \${echo} "skipped: ${SLOW}")
            set_tests_properties(whole PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped")`,
            ) +
            'passed\ttypes\t1\n';
        const { lines, status } = tally(steps);
        assert.equal(status, 0, lines.join('\n'));
        assert.equal(lines.at(-1), '4 passed, 0 failed, 4 skipped');
        assert.deepEqual(lines.slice(0, 3), ['7 s: js', '7 s: c', '1 s: types']);
        assert.match(lines[3], /^skipped: js: .*three: \.\.\/shared\/no-such-file is absent$/);
        assert.equal(lines[4], `skipped: c: part: ${ABSENT}`);
        assert.equal(lines[6], `skipped: c: whole: ${SLOW}`);
        const set = tally(steps, '1');
        assert.equal(set.status, 1);
        assert.ok(
            set.lines.includes(`FAILED: c: whole: skipped: ${SLOW}: it is set`),
            set.lines.join('\n'),
        );
    });

    test('fails on any other skip', () => {
        const skips = {
            js1: node('js1', "test('a', () => {}); test('b', { skip: 'no browser' }, () => {});"),
            js2: node('js2', "test('a', () => {}); test('b', { skip: true }, () => {});"),
            js3: node('js3', "test('a', () => {}); test.todo('b');"),
            js4: node(
                'js4',
                "test('a', () => {}); describe('b', { skip: 'x' }, () => { test('c', () => {}); });",
            ),
            js5: node(
                'js5',
                "test('a', () => {}); test('b', t => t.skip('../shared is absent'));".replace(
                    '../shared',
                    '../shared/../.',
                ),
            ), // which is there
            c1: ctest('c1', 'add_test(NAME a COMMAND ${echo} "skipped: No module named numpy")'),
            c2: ctest(
                'c2',
                `add_test(NAME a COMMAND \${echo})
                add_test(NAME b COMMAND \${echo})
                set_tests_properties(b PROPERTIES DISABLED ON)`,
            ),
        };
        for (const [step, line] of Object.entries(skips)) {
            const { lines, status } = tally(line);
            assert.match(line, /^passed/, `${step}: the runner itself minds none`);
            assert.equal(status, 1, step);
            assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped', step);
        }
    });

    test('counts failures, also of a runner that broke or ran nothing', () => {
        const { lines } = tally(
            node(
                'f1',
                `describe('suite', () => {
                    test('a', () => { throw new Error('x\\ny'); });
                    test('b', () => {});
                });`,
            ),
        );
        assert.match(lines[1], /^FAILED: f1: .*f1\.test\.mjs: a: x y$/);
        assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped');
        assert.equal(
            tally(
                ctest(
                    'f2',
                    'add_test(NAME a COMMAND ${CMAKE_COMMAND} -E false)\n' +
                        'add_test(NAME b COMMAND no-such-program)',
                ),
            ).lines.at(-1),
            '0 passed, 2 failed, 0 skipped',
        );
        assert.equal(tally(node('f3', '')).lines.at(-1), '0 passed, 1 failed, 0 skipped');
        writeFileSync(join(folder, 'f4.tsv'), 'passed\ta\t\n');
        assert.equal(tally('failed\tf4\t0\n').lines.at(-1), '1 passed, 1 failed, 0 skipped');
        writeFileSync(join(folder, 'f5.tsv'), '');
        assert.equal(tally('passed\tf5\t0\n').lines.at(-1), '0 passed, 1 failed, 0 skipped');
        assert.equal(tally('failed\ttypes\t0\n').lines.at(-1), '0 passed, 1 failed, 0 skipped');
        assert.equal(tally('').status, 1);
    });
});

/**
 * Counts the tests of all runners for scripts/test.sh, and refuses a skip that nobody asked for.
 *
 *     node tests/tally.mjs FOLDER
 *
 * FOLDER/steps.tsv has a line `passed|failed NAME SECONDS` a step, with tabs between. What ran in
 * the step is in FOLDER/NAME.xml (ctest --output-junit) or FOLDER/NAME.tsv (node --test with this
 * file as its reporter); a step without either is a test itself. The time of each step is told;
 * each test that is skipped or fails is named with its reason; the last line is
 * "N passed, N failed, N skipped". Exit status 1 where one failed.
 *
 * A test may be skipped for two reasons only, and has to print which, in a line or as node's
 * reason: "skipped: ../shared/PATH is absent" or "skipped: FLECK_SLOW is not set". Any other
 * skip is a failure, and so is one of these that is not true.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** @typedef {{name: string, outcome: 'passed' | 'failed' | 'skipped', reason?: string}} Test */

/** The reporter: a line `passed|failed|skipped NAME REASON` a test, with tabs. @param {any} events */
export default async function* report(events) {
    for await (const { type, data } of events) {
        if (type !== 'test:pass' && type !== 'test:fail') continue;
        const { name, file, skip, todo, details } = data;
        const put = (/** @type {string[]} */ ...fields) =>
            `${fields.map((field) => field.replace(/\s+/g, ' ')).join('\t')}\n`;
        const full = `${file ? `${relative(ROOT, file)}: ` : ''}${name}`;
        if (skip !== undefined || todo !== undefined)
            yield put('skipped', full, String(skip ?? `todo, ${todo}`));
        else if (type === 'test:fail') {
            const { failureType, message, cause } = details.error;
            const reason = String(cause?.message ?? message);
            // A suite that fails by its tests, which are told of, is not one more.
            if (failureType !== 'subtestsFailed') yield put('failed', full, reason.slice(0, 300));
        } else if (name === file) yield put('failed', full, 'has no test');
        else if (details?.type !== 'suite') yield put('passed', full, '');
    }
}

/** @param {string} line @returns {Test} */
function ofLine(line) {
    const [outcome, name, reason] = line.split('\t');
    return { name, outcome: /** @type {Test['outcome']} */ (outcome), reason };
}

/**
 * A test whose output says that it skips a part has passed, and the part is skipped.
 * @param {string} xml of ctest
 * @returns {Test[]}
 */
function ofJunit(xml) {
    const plain = (/** @type {string} */ text) =>
        text.replace(
            /&(lt|gt|quot|apos|amp);/g,
            (_, /** @type {string} */ name) =>
                ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name] ?? '',
        );
    return [...xml.matchAll(/<testcase name="(.*?)".*?status="(.*?)">(.*?)<\/testcase>/gs)].flatMap(
        ([, escaped, status, inside]) => {
            const name = plain(escaped);
            /** @type {Test[]} */
            const skips = [...plain(inside).matchAll(/^(?:.*<system-out>)?skipped: (.*)$/gm)].map(
                ([, reason]) => ({ name, outcome: 'skipped', reason }),
            );
            if (status === 'run') return [{ name, outcome: 'passed' }, ...skips];
            if (status === 'fail') return [{ name, outcome: 'failed' }, ...skips];
            const message = /<skipped message="(.*?)"/.exec(inside)?.[1] ?? 'disabled';
            return skips.length ? skips : [{ name, outcome: 'skipped', reason: message }];
        },
    );
}

/** Why a skip is none that was asked for; null if it is. @param {string} reason */
function objection(reason) {
    const [, path] = /^(?:skipped: )?(\.\.\/shared\S*) is absent$/.exec(reason) ?? [];
    if (path) return existsSync(join(ROOT, path)) ? 'it is there' : null;
    if (/^(?:skipped: )?FLECK_SLOW is not set$/.test(reason))
        return process.env.FLECK_SLOW ? 'it is set' : null;
    return 'no reason to skip a test';
}

/** @param {string} folder @returns {{name: string, outcome: 'passed' | 'failed', seconds: string}[]} */
function stepsIn(folder) {
    return readFileSync(join(folder, 'steps.tsv'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => {
            const [outcome, name, seconds] = line.split('\t');
            return { name, outcome: outcome === 'passed' ? 'passed' : 'failed', seconds };
        });
}

/** @param {string} folder @param {ReturnType<typeof stepsIn>} steps of it @returns {Test[]} */
function collect(folder, steps) {
    const read = (/** @type {string} */ file) => readFileSync(join(folder, file), 'utf8');
    return steps.flatMap(({ name, outcome }) => {
        /** @type {Test} */
        const step = { name, outcome };
        if (
            !existsSync(join(folder, `${step.name}.xml`)) &&
            !existsSync(join(folder, `${step.name}.tsv`))
        )
            return [step];
        const tests = existsSync(join(folder, `${step.name}.xml`))
            ? ofJunit(read(`${step.name}.xml`))
            : read(`${step.name}.tsv`).split('\n').filter(Boolean).map(ofLine);
        if (!tests.length) return [{ ...step, outcome: 'failed', reason: 'ran no test' }];
        const named = tests.map((test) => ({ ...test, name: `${step.name}: ${test.name}` }));
        // A runner that broke, whatever it had written by then.
        if (step.outcome === 'failed' && !tests.some((test) => test.outcome === 'failed'))
            named.push(step);
        return named;
    });
}

function main() {
    const [, , folder] = process.argv;
    const steps = stepsIn(folder);
    const tests = collect(folder, steps).map((test) => {
        const wrong = test.outcome === 'skipped' && objection(test.reason ?? '');
        return wrong
            ? { ...test, outcome: 'failed', reason: `skipped: ${test.reason}: ${wrong}` }
            : test;
    });
    for (const { name, seconds } of steps) console.log(`${seconds} s: ${name}`);
    const of = (/** @type {string} */ outcome) => tests.filter((test) => test.outcome === outcome);
    for (const { name, reason } of of('skipped'))
        console.log(`skipped: ${name}: ${reason?.replace(/^skipped: /, '')}`);
    for (const { name, reason } of of('failed'))
        console.log(`FAILED: ${name}${reason ? `: ${reason}` : ''}`);
    console.log(
        ['passed', 'failed', 'skipped'].map((each) => `${of(each).length} ${each}`).join(', '),
    );
    process.exitCode = of('failed').length || !of('passed').length ? 1 : 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();

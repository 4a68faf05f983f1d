/**
 * What embedders expect of an npm package, as a table: runs the tests that check it, the slow ones
 * too, and ticks what they find. After assemble_site: npm run habits
 */
import { join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('../tests/', import.meta.url));
const FILES = ['e2e/embed.test.mjs', 'js/consumers.test.mjs', 'js/size.test.mjs'];

/** Each habit, and the tests that stand for it. @type {[string, RegExp][]} */
const HABITS = [
    ['installed by name, as npm packs it', /^nothing else of it can be imported$/],
    ['imported on a server, under any condition', /^whoever only imports it/],
    ['CommonJS requires it', /^CommonJS requires it$/],
    ['Deno and Bun', /^(deno|bun) runs it$/],
    ['Vite', /^Vite (builds|serves) it/],
    ['webpack', /^webpack builds it$/],
    ['esbuild, Rollup and Parcel', /^(esbuild|Rollup|Parcel) builds it/],
    ['the element, by Vite and webpack', /build the element$/],
    ['where its files are can be said', /files by option/],
    ['from another origin', /^a page fetches it from another origin$/],
    ['in a sandboxed frame', /sandboxed frame/],
    ['types', /^its types serve/],
    ['programs in documents', /^programs in documents compile$/],
    ['package.json and types, by publint and attw', /^publint and attw/],
    ['notices', /^licences are in the package$/],
    ['size', /^the package is at most/],
];

process.env.FLECK_SLOW = '1';
/** @type {Map<string, string>} */
const outcomes = new Map();
const tests = run({ files: FILES.map((file) => join(TESTS, file)), concurrency: 1 });
tests.on('test:pass', ({ name, skip }) => outcomes.set(name, skip ? 'skipped' : 'passed'));
tests.on('test:fail', ({ name, details }) => {
    outcomes.set(name, 'failed');
    console.error(`${name}: ${details.error.cause?.message ?? details.error.message}`);
});
await tests.toArray();

let missed = 0;
for (const [habit, pattern] of HABITS) {
    const found = [...outcomes].filter(([name]) => pattern.test(name));
    const isMet = found.length > 0 && found.every(([, outcome]) => outcome === 'passed');
    if (!isMet) missed++;
    console.log(`${isMet ? '✓' : '✗'} ${habit}`);
}
process.exitCode = missed ? 1 : 0;

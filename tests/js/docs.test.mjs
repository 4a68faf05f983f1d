/** What the documents point at is there, and the version is one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../web/files/results_json.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(join(ROOT, file), 'utf8');

/** All files, and folders with a slash at their end. @param {string} [folder] @returns {string[]} */
const files = (folder = '') =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
        if (/^(\.git|build|node_modules|out)$/.test(entry.name)) return [];
        const path = join(folder, entry.name);
        return entry.isDirectory() ? [`${path}/`, ...files(path)] : [path];
    });

const documents = () => files().filter((file) => file.endsWith('.md'));

/** A heading as GitHub makes an anchor of it. @param {string} heading */
const anchor = (heading) =>
    heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-');

test('links of documents lead to files and headings that are there', () => {
    let count = 0;
    for (const file of documents()) {
        for (const [, target] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
            if (/^[a-z]+:/.test(target)) continue;
            const [path, heading] = target.split('#');
            const to = path ? normalize(join(dirname(file), path)) : file;
            assert.ok(existsSync(join(ROOT, to)), `${file}: no ${target}`);
            if (heading) {
                const headings = [...read(to).matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
                    anchor(text),
                );
                assert.ok(headings.includes(heading), `${file}: no heading ${target}`);
            }
            count++;
        }
    }
    assert.ok(count > 50, `${count} links`);
});

/* What a build makes, what src/README.md calls the door, and how a new file would be called. */
const ELSEWHERE = [
    'constants.js',
    'fleck-simd.js',
    'index.min.js',
    'layout.h',
    'fleck/',
    'tests/fuzz/fuzz_qoi.c',
];

/* Sources wherever they are named, other files where their folder is, and folders. */
const NAMES = [
    /^[\w./-]+\.(c|h|js|jsx|mjs|py|sh|md|css|html|txt|cmake)$/,
    /^(src|tests|scripts|wasm|web|models)\/[\w./-]+\.\w+$/,
    /^[\w-]+(\/[\w-]+)*\/$/,
];

test('files and folders that documents name in code are there, by the end of their path', () => {
    const all = files().map((path) => `/${path}`);
    const missing = [];
    let count = 0;
    for (const file of documents()) {
        const text = read(file);
        const code = [
            ...text.matchAll(/^```sh\n(.*?)^```/gms),
            ...text.matchAll(/(?<!`)`([^`\n]+)`/g),
        ];
        for (const word of code.flatMap(([, words]) => words.split(/[\s=;()]+/))) {
            const path = word.replace(/^\.\//, '');
            if (!NAMES.some((name) => name.test(path))) continue;
            if (/^(\.\.|build|out|node_modules)\/|[A-Z]{4}\b|\.{3}|\.tsv$/.test(path)) continue;
            count++;
            if (!ELSEWHERE.includes(path) && !all.some((one) => one.endsWith(`/${path}`)))
                missing.push(`${file}: no ${word}`);
        }
    }
    assert.deepEqual(missing, []);
    assert.ok(count > 200, `${count} names`);
});

test('files that comments in C name are there', () => {
    const all = files().map((path) => `/${path}`);
    const missing = [];
    let count = 0;
    for (const file of all.filter((path) => /^\/(src|tests)\/.*\.[ch]$/.test(path)))
        for (const [comment] of read(file).matchAll(/\/\*[^]*?\*\/|\/\/.*/g))
            for (const [name] of comment.matchAll(/(?<![\w./-])\w[\w./-]*\.(?:c|h|m?js|py)\b/g)) {
                count++;
                if (!all.some((path) => path.endsWith(`/${name}`)))
                    missing.push(`${file}: ${name}`);
            }
    assert.deepEqual(missing, []);
    assert.ok(count > 60, `${count} names`);
});

/* What stands in the column "run", before its ending. */
test('tests that tests/README.md names are there', () => {
    const all = files('tests');
    let count = 0;
    for (const [, run] of read('tests/README.md').matchAll(/^\| [^|]* \|(.*)\|$/gm)) {
        let folder = '';
        for (const [, word] of run.matchAll(/`([\w./]+)`/g)) {
            if (/^(wasm|ctest|test_STAGE)$/.test(word)) continue;
            const [, home, name] = /^(?:(\w+)\/)?(.*)$/.exec(word) ?? [];
            folder = home ?? folder;
            if (!name) continue;
            const path = join('tests', folder, name);
            assert.ok(
                ['', '.c', '.test.mjs'].some((ending) => all.includes(path + ending)),
                `no ${path}`,
            );
            count++;
        }
    }
    assert.ok(count > 25, `${count} tests`);
});

test('sizes of downloads are those that are tested', () => {
    const limits = [...read('tests/js/size.test.mjs').matchAll(/<= (\d+)_000\b/g)];
    let count = 0;
    for (const file of documents())
        for (const [line] of read(file).matchAll(/.*\b[Cc]ompressed\b.*/g))
            for (const [, size] of line.matchAll(/\b(\d+) KB\b/g)) {
                assert.ok(
                    limits.some(([, limit]) => limit === size),
                    `${file}: ${size} KB`,
                );
                count++;
            }
    assert.ok(count >= 3, `${count} sizes`);
});

test('README.md is read in a few minutes', () => {
    assert.ok(statSync(join(ROOT, 'README.md')).size <= 10 * 1024);
});

test('the version is the same in CMake, fleck.h, the package, the page and the changelog', () => {
    const version = /project\(fleck VERSION (\S+)/.exec(read('CMakeLists.txt'))?.[1];
    assert.match(version ?? '', /^\d+\.\d+\.\d+$/);
    assert.equal(JSON.parse(read('wasm/package.json')).version, version);
    assert.equal(VERSION, version, 'what the page writes');
    const header = read('src/fleck.h');
    const number = (/** @type {string} */ name) =>
        new RegExp(`^#define FLECK_VERSION_${name} (\\d+)$`, 'm').exec(header)?.[1];
    assert.equal([number('MAJOR'), number('MINOR'), number('PATCH')].join('.'), version);
    assert.equal(/^#define FLECK_VERSION "(.*)"$/m.exec(header)?.[1], version);
    const entries = [...read('CHANGELOG.md').matchAll(/^## \[?([\w.]+)/gm)].map(([, name]) => name);
    assert.equal(
        entries.find((name) => name !== 'Unreleased'),
        version,
    );
});

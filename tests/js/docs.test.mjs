/** What the documents point at is there, and the version is one. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(join(ROOT, file), 'utf8');

/** The documents that git knows; in a tree without git those that must be there. */
const documents = () => {
    try {
        const listed = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' });
        return listed.split('\n').filter((file) => file && existsSync(join(ROOT, file)));
    } catch {
        return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/README.md', 'wasm/README.md'];
    }
};

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

test('files that documents name in code are there', () => {
    let count = 0;
    for (const file of documents()) {
        const text = read(file);
        const code = [...text.matchAll(/^```sh\n(.*?)^```/gms), ...text.matchAll(/`([^`\n]+)`/g)];
        for (const [, words] of code)
            for (const [, path] of words.matchAll(
                /(?:^|[\s=])(?:\.\/)?((?:src|tests|scripts|wasm|web|models)\/[\w./-]+\.\w+)/g,
            )) {
                const here = [path, join(dirname(file), path)];
                // How a new file would be called, and where it would be written.
                if (/fuzz_tiff|\.\.\.|\.tsv$/.test(path)) continue;
                assert.ok(
                    here.some((name) => existsSync(join(ROOT, name))),
                    `${file}: no ${path}`,
                );
                count++;
            }
    }
    assert.ok(count > 30, `${count} files`);
});

test('README.md is read in a few minutes', () => {
    assert.ok(statSync(join(ROOT, 'README.md')).size <= 10 * 1024);
});

test('the version is the same in CMake, the package and the changelog', () => {
    const version = /project\(fleck VERSION (\S+)/.exec(read('CMakeLists.txt'))?.[1];
    assert.match(version ?? '', /^\d+\.\d+\.\d+$/);
    assert.equal(JSON.parse(read('wasm/package.json')).version, version);
    const entries = [...read('CHANGELOG.md').matchAll(/^## \[?([\w.]+)/gm)].map(([, name]) => name);
    assert.equal(
        entries.find((name) => name !== 'Unreleased'),
        version,
    );
});

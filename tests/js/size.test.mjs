import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const site = fileURLToPath(new URL('../../build/site/', import.meta.url));
const VARIANTS = ['fleck-simd', 'fleck-simd-threads', 'fleck-relaxed', 'fleck-relaxed-threads'];

const zipped = (file) => gzipSync(readFileSync(site + file), { level: 9 }).length;
const total = (files) => files.reduce((sum, file) => sum + zipped(file), 0);
const scriptsIn = (folder) =>
    readdirSync(site + folder)
        .filter((name) => name.endsWith('.js') && !/fleck-(simd|relaxed)|^backbone-/.test(name))
        .map((name) => folder + name);

test('the package is at most 140 KB of WebAssembly and JavaScript, compressed', () => {
    for (const variant of VARIANTS) {
        const module = readdirSync(`${site}fleck`)
            .filter((name) => name.startsWith(`${variant}.`))
            .map((name) => `fleck/${name}`);
        assert.ok(module.length >= 2, `${variant} is in the site`);
        const bytes = total([...scriptsIn('fleck/'), ...module]);
        assert.ok(bytes <= 140_000, `${variant}: ${bytes} bytes`);
    }
    const later = readdirSync(`${site}fleck`).filter((name) => name.startsWith('backbone-'));
    assert.equal(later.length, 1, 'what fetches backbones is loaded when it is needed');
    assert.ok(zipped(`fleck/${later[0]}`) <= 1_000);
});

test('the element is at most 6 KB beside the package, compressed', () => {
    const { outputFiles } = buildSync({
        entryPoints: [fileURLToPath(new URL('../../build/package/element.js', import.meta.url))],
        ...{ bundle: true, minify: true, write: false, format: 'esm', external: ['./index.js'] },
    });
    const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
    assert.ok(bytes > 2_000 && bytes <= 6_000, `${bytes} bytes`);
});

/** What is loaded with these scripts, and not only when it is needed. @param {string[]} names */
function withImports(names) {
    const all = new Set(names);
    for (const name of all)
        for (const [, other] of readFileSync(site + name, 'utf8').matchAll(
            /(?:from|import)"\.\/([^"]+)"/g,
        ))
            if (!other.startsWith('fleck/')) all.add(other);
    return [...all];
}

test("the page's own scripts are at most 63 KB, compressed, and a language beside English 9 KB", () => {
    const isLanguage = (name) => /^de-\w+\.js$/.test(name);
    const languages = scriptsIn('').filter(isLanguage);
    assert.equal(languages.length, 1);
    for (const name of languages)
        assert.ok(zipped(name) <= 9_000, `${name}: ${zipped(name)} bytes`);
    const first = withImports(['main.js', 'depot.js', 'shrink.js', 'offline.js']);
    assert.ok(first.length > 4);
    const bytes = total(first);
    assert.ok(bytes <= 63_000, `${bytes} bytes`);
    const later = scriptsIn('').filter((name) => !isLanguage(name) && !first.includes(name));
    assert.ok(later.length > 3);
    const isReport = (name) => /^report_page-\w+\.js$/.test(name);
    const report = [...later.filter(isReport), 'report/template.html'];
    assert.equal(report.length, 2);
    assert.ok(total(report) <= 6_000, `the report: ${total(report)} bytes`);
    assert.ok(total(later) <= 40_000, `loaded when it is needed: ${total(later)} bytes`);
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const site = fileURLToPath(new URL('../../build/site/', import.meta.url));

test('a page downloads at most 140 KB of WebAssembly and JavaScript, compressed', () => {
    const zipped = (file) => gzipSync(readFileSync(site + file), { level: 9 }).length;
    const scripts = [
        ...readdirSync(site),
        ...readdirSync(`${site}fleck`).map((name) => `fleck/${name}`),
    ].filter((name) => name.endsWith('.js') && !/fleck-(simd|relaxed)|node\.js/.test(name));
    for (const variant of [
        'fleck-simd',
        'fleck-simd-threads',
        'fleck-relaxed',
        'fleck-relaxed-threads',
    ]) {
        const module = readdirSync(`${site}fleck`)
            .filter((name) => name.startsWith(`${variant}.`))
            .map((name) => `fleck/${name}`);
        assert.ok(module.length >= 2, `${variant} is in the site`);
        const total = [...scripts, ...module].reduce((sum, file) => sum + zipped(file), 0);
        assert.ok(total <= 140_000, `${variant}: ${total} bytes`);
    }
});

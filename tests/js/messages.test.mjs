/** What no compiler checks of the library's messages: fleck_print knows less than printf. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const KNOWN = /^%((\.\*|\.\d+)?s|u|d|zu|lu|llu|02x)/;

test('formats in src, but of the command line, have only conversions that fleck_print knows', () => {
    let conversions = 0;
    for (const entry of readdirSync(SRC, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        if (!/\.[ch]$/.test(path) || relative(SRC, path).startsWith('cli')) continue;
        const source = readFileSync(path, 'utf8');
        assert.doesNotMatch(source, /\bPRI[a-zA-Z]+\d*\b/, path);
        for (const [text] of source.matchAll(/"(?:[^"\\\n]|\\.)*"/g))
            for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
                if (/^"%(PDF|!PS)"$/.test(text)) continue; /* how such files begin */
                assert.match(text.slice(at), KNOWN, `${relative(SRC, path)}: ${text}`);
                conversions++;
            }
    }
    assert.ok(conversions > 100, `${conversions} conversions`);
});

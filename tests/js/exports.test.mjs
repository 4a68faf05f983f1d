import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from './fixtures.mjs';

// JavaScript states itself what these return.
const NOT_EXPORTED = [
    'fleck_options_default',
    'fleck_method_name',
    'fleck_learns_from',
    'fleck_photo_key',
    'fleck_judge',
    'fleck_verdict_name',
];

test('exports.txt names the public functions of fleck.h', async () => {
    const header = (await readText('src/fleck.h')).replace(/\/\*.*?\*\//gs, '');
    const declared = [...header.matchAll(/\b(fleck_\w+)\s*\(/g)].map(([, name]) => name);
    const listed = (await readText('wasm/glue/exports.txt'))
        .split('\n')
        .filter((line) => /^[a-z]/.test(line));
    assert.deepEqual(
        listed.filter((name) => name.startsWith('fleck_')).sort(),
        declared.filter((name) => !NOT_EXPORTED.includes(name)).sort(),
    );
});

test('the types of the module name the same functions', async () => {
    const types = await readText('wasm/glue/module.d.ts');
    const typed = [...types.matchAll(/^ {4}_(\w+)\(/gm)].map(([, name]) => name);
    const listed = (await readText('wasm/glue/exports.txt'))
        .split('\n')
        .filter((line) => /^[a-z]/.test(line));
    assert.deepEqual(typed.sort(), listed.sort());
});

test('JavaScript and C agree on constants', async () => {
    const header = await readText('src/base/types.h');
    const { HEAT, DEFECT, LOOK } = await import('./fixtures.mjs');
    const value = (name) => parseFloat(header.match(new RegExp(`#define ${name} ([\\d.]+)`))[1]);
    assert.equal(HEAT, value('FLECK_HEAT'));
    assert.equal(DEFECT, value('FLECK_DEFECT'));
    assert.equal(LOOK, value('FLECK_LOOK'));
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packageFolder } from './fixtures.mjs'; /* which loads node's platform */

const { chooseVariant, runsRelaxed } = await import(new URL('load.js', packageFolder));

test('threads are chosen where they can run', () => {
    assert.deepEqual(chooseVariant('auto'), { variant: 'threads', notice: null });
    assert.deepEqual(chooseVariant('simd'), { variant: 'simd', notice: null });
});

test('without shared memory auto falls back and says why', (t) => {
    const shared = globalThis.SharedArrayBuffer;
    t.after(() => {
        globalThis.SharedArrayBuffer = shared;
    });
    globalThis.SharedArrayBuffer = undefined;
    const { variant, notice } = chooseVariant('auto');
    assert.equal(variant, 'simd');
    assert.match(notice, /^Threads are unavailable because this browser .+\.$/);
    assert.throws(() => chooseVariant('threads'), { name: 'DetectorError', code: 'state' });
});

test('without SIMD the error names browsers that work', (t) => {
    t.mock.method(WebAssembly, 'validate', () => false);
    assert.throws(() => chooseVariant('auto'), {
        name: 'DetectorError',
        code: 'state',
        message: /SIMD.*Chrome.*Firefox.*Safari/,
    });
});

test('relaxed SIMD is used where it multiplies rightly', (t) => {
    let product = 0;
    t.mock.method(WebAssembly, 'validate', () => true);
    t.mock.method(WebAssembly, 'Module', function () {});
    t.mock.method(WebAssembly, 'Instance', function () {
        return { exports: { f: () => product } };
    });
    for (const [byte255, byte128] of [
        [255, 128], // without a sign
        [-1, -128], // with one
    ]) {
        product = 2 * 127 * byte255 - 127 * byte128 + 15 + 7;
        assert.equal(runsRelaxed(), true);
        product += 1;
        assert.equal(runsRelaxed(), false);
    }
    product = 32767 - 127 * 128 + 15 + 7; // sums of two, no more than 16 bits hold
    assert.equal(runsRelaxed(), false);
    t.mock.method(WebAssembly, 'validate', () => false);
    assert.equal(runsRelaxed(), false);
});

// Node 20 has relaxed SIMD behind a switch, and multiplies wrongly.
test('whatever this node makes of relaxed SIMD, the bits are the same', (t) => {
    const flags =
        parseInt(process.versions.node, 10) < 21 ? ['--experimental-wasm-relaxed-simd'] : [];
    const extracted = (/** @type {string[]} */ ...args) =>
        JSON.parse(
            execFileSync(process.execPath, [
                ...flags,
                fileURLToPath(new URL('extracted.mjs', import.meta.url)),
                ...args,
            ]),
        );
    const [trusted, plain] = [extracted(), extracted('plain')];
    assert.equal(plain.relaxed, false);
    assert.equal(trusted.digest, plain.digest);
    t.diagnostic(`this node's relaxed SIMD is ${trusted.relaxed ? 'used' : 'not used'}`);
});

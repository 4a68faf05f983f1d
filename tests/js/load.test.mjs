import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageFolder } from './fixtures.mjs';

const { chooseVariant } = await import(new URL('load.js', packageFolder));

test('threads are chosen where they can run', () => {
    assert.deepEqual(chooseVariant('auto'), { variant: 'threads', notice: null });
    assert.deepEqual(chooseVariant('simd'), { variant: 'simd', notice: null });
});

test('without shared memory auto falls back and says why', (t) => {
    const shared = globalThis.SharedArrayBuffer;
    t.after(() => { globalThis.SharedArrayBuffer = shared; });
    globalThis.SharedArrayBuffer = undefined;
    const { variant, notice } = chooseVariant('auto');
    assert.equal(variant, 'simd');
    assert.match(notice, /^Threads are unavailable because this browser .+\.$/);
    assert.throws(() => chooseVariant('threads'), { name: 'DetectorError', code: 'state' });
});

test('without SIMD the error names browsers that work', (t) => {
    t.mock.method(WebAssembly, 'validate', () => false);
    assert.throws(() => chooseVariant('auto'), {
        name: 'DetectorError', code: 'state', message: /SIMD.*Chrome.*Firefox.*Safari/,
    });
});

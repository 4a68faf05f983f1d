// The list of backbones that can be downloaded: what the page and the command
// line tool rely on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const {backbones} = JSON.parse(fs.readFileSync(path.join(root, 'models/backbones.json'), 'utf8'));

const required = ['name', 'title', 'family', 'dim', 'depth', 'patch', 'registers', 'licence',
    'address', 'browser', 'sha256', 'input', 'blocks', 'mean', 'std', 'source'];
const exact = new Set([...required, 'bytes']), about = new Set([...required, 'about_bytes']);

describe('models/backbones.json', () => {
    test('names are unique, and can be file names', () => {
        const names = backbones.map((/** @type {{name: string}} */ b) => b.name);
        assert.equal(new Set(names).size, names.length);
        for (const name of names) assert.match(name, /^[a-z0-9][a-z0-9-]{0,30}$/);
    });

    for (const b of backbones) {
        test(b.name, () => {
            // Either the size of the file or, where no source gives it, about that size.
            assert.deepEqual(new Set(Object.keys(b)), 'bytes' in b ? exact : about);
            for (const key of ['title', 'licence']) assert.ok(b[key].length > 2, key);
            assert.ok(['dino', 'dinov2', 'vit'].includes(b.family), b.family);
            assert.equal(typeof b.browser, 'boolean');
            for (const key of ['address', 'source'])
                assert.equal(new URL(b[key]).protocol, 'https:', key);
            assert.ok(b.sha256 === null || /^[0-9a-f]{64}$/.test(b.sha256), 'sha256');

            assert.equal(b.dim % 64, 0, 'heads are 64 wide');
            assert.ok(Number.isInteger(b.depth) && b.depth > 0);
            assert.ok([8, 14, 16].includes(b.patch));
            assert.ok([0, 4].includes(b.registers));
            assert.equal(b.input % b.patch, 0, 'input is whole patches');
            const side = b.input / b.patch;
            assert.ok(side >= 28 && side <= 37, `${side} patches a side`);
            assert.ok(b.blocks.length >= 1 && b.blocks.length <= 4);
            b.blocks.forEach((/** @type {number} */ block, /** @type {number} */ i) => assert.ok(
                Number.isInteger(block) && block > (i ? b.blocks[i - 1] : 0) && block <= b.depth));
            for (const key of ['mean', 'std']) {
                assert.equal(b[key].length, 3);
                for (const value of b[key]) assert.ok(value > 0 && value < 1, key);
            }
            // Float32 weights of the blocks alone are most of the file.
            const weights = 4 * 12 * b.depth * b.dim ** 2;
            const size = b.bytes ?? b.about_bytes;
            assert.ok(size > weights && size < 2 * weights + 20e6, `${size} bytes`);
        });
    }
});

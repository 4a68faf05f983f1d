// Long and large photos: looked at as tiles, which is said and can be overridden, and models that keep them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bmp, pixels } from '../js/fixtures.mjs';
import { fleck, missing, put } from './cli.mjs';

const TOLD =
    /^fleck: large or long photos: each is looked at as 3 x 1 tiles, which takes 3 times as long /m;
const OPTIONS = ['--input', '64', '--method', 'ensemble', '--threads', '2'];

describe('long and large photos', { skip: missing }, () => {
    let dir = '';
    let photos = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-tiles-'));
        photos = path.join(dir, 'photos');
        for (let i = 0; i < 11; i++)
            put(path.join(photos, `p${i}.bmp`), Buffer.from(bmp(pixels(i, 260, 100))));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /** @param {string} name @param {string[]} args */
    function inspect(name, ...args) {
        const out = path.join(dir, name);
        const run = fleck('inspect', photos, '-o', out, ...args, ...OPTIONS);
        assert.equal(run.status, 0, run.stderr);
        assert.equal(fs.readdirSync(path.join(out, 'heatmaps')).length, 11);
        return { said: run.stderr, scores: fs.readFileSync(path.join(out, 'scores.csv'), 'utf8') };
    }

    test('become tiles by themselves, and other tiles on request', () => {
        const model = path.join(dir, 'm.fleck');
        const auto = inspect('auto', '--save', model);
        assert.match(auto.said, TOLD);
        assert.match(auto.scores, /^file,score,verdict\r?\np10\.bmp,/);
        for (const [tiles, same] of /** @type {[string, boolean][]} */ ([
            ['auto', true],
            ['3x1', true],
            ['1x1', false],
            ['2x2', false],
        ])) {
            const { said, scores } = inspect(tiles, '--tiles', tiles);
            assert.equal(TOLD.test(said), tiles === 'auto');
            assert.equal(scores === auto.scores, same, tiles);
        }
        assert.doesNotMatch(inspect('quiet', '-q').said, TOLD);

        const one = path.join(dir, 'one.fleck');
        inspect('kept', '--tiles', '1x1', '--save', one);
        const [tiled, whole] = [model, one].map((file) => {
            const run = fleck('score', file, photos);
            assert.equal(run.status, 0, run.stderr);
            assert.doesNotMatch(run.stderr, TOLD);
            return run.stdout;
        });
        assert.match(tiled, /^file,score,verdict\r?\np10\.bmp,/);
        assert.notEqual(tiled, whole);
    });

    test('of more than five pixels for one of the input become tiles, square ones too', () => {
        const told = (/** @type {number} */ side) => {
            const folder = path.join(dir, `of_${side}`);
            for (let i = 0; i < 5; i++)
                put(path.join(folder, `p${i}.bmp`), Buffer.from(bmp(pixels(i, side, side))));
            const run = fleck('inspect', folder, '-o', `${folder}_out`, ...OPTIONS);
            assert.equal(run.status, 0, run.stderr);
            return run.stderr;
        };
        assert.match(told(321), /each is looked at as 2 x 2 tiles, which takes 4 times as long/);
        assert.doesNotMatch(told(320), /looked at as/);
    });

    test('in a cache are those of their tiles', () => {
        const cache = path.join(dir, 'cache');
        const set = path.join(dir, 'set');
        for (const [folder, numbers] of /** @type {[string, number[]][]} */ ([
            ['train/good', [0, 1, 2, 3, 4, 5, 6, 7]],
            ['test/good', [8, 9]],
            ['test/blot', [10]],
        ]))
            for (const i of numbers)
                put(path.join(set, folder, `p${i}.bmp`), Buffer.from(bmp(pixels(i, 260, 100))));
        const scores = (/** @type {string[]} */ ...args) => {
            const file = path.join(dir, 'scores.csv');
            const run = fleck('eval', set, '--scores', file, ...args, ...OPTIONS);
            assert.equal(run.status, 0, run.stderr);
            return fs.readFileSync(file, 'utf8');
        };
        const kept = ['--cache', cache];
        const first = scores();
        assert.equal(scores(...kept, '--tiles', '1x3'), scores('--tiles', '1x3'));
        assert.equal(scores(...kept), first);
        assert.equal(scores(...kept, '--tiles', '3x1'), first);
        assert.equal(fs.readdirSync(cache).length, 22);
    });
});

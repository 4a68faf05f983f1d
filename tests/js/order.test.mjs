/** The order and the names of photos change nothing: command line and package, bit for bit. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { cli, root } from '../cli/cli.mjs';
import { open } from './fixtures.mjs';

const samples = path.join(root, 'web/samples');
const PHOTOS = 24;

/** @param {string} folder */
function learn(folder, out) {
    const model = `${out}.fleck`;
    const { status, stderr } = spawnSync(
        cli,
        [
            'inspect',
            folder,
            '-o',
            out,
            '--save',
            model,
            '--input',
            '96',
            '--no-heatmaps',
            '-q',
            '--threads',
            '2',
        ],
        { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const [, ...rows] = fs.readFileSync(path.join(out, 'scores.csv'), 'utf8').trim().split('\n');
    return {
        model: fs.readFileSync(model),
        scores: new Map(
            rows.map((row) => /** @type {[string, string]} */ (row.split(',').slice(0, 2))),
        ),
    };
}

test('reversed names give the same scores and the same model, in the package too', async (t) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-order-'));
    t.after(() => fs.rmSync(dir, { recursive: true }));
    const { photos } = JSON.parse(fs.readFileSync(path.join(samples, 'index.json'), 'utf8'));
    const files = photos
        .slice(0, PHOTOS)
        .map((/** @type {any} */ photo) =>
            fs.readFileSync(path.join(samples, photo.file ?? photo)),
        );
    const name = (/** @type {number} */ i) => `${String(i).padStart(2, '0')}.jpg`;
    for (const [folder, at] of [
        ['forward', (i) => i],
        ['backward', (i) => PHOTOS - 1 - i],
    ]) {
        fs.mkdirSync(path.join(dir, folder));
        files.forEach((bytes, i) => fs.writeFileSync(path.join(dir, folder, name(at(i))), bytes));
    }
    const forward = learn(path.join(dir, 'forward'), path.join(dir, 'one'));
    const backward = learn(path.join(dir, 'backward'), path.join(dir, 'two'));
    assert.equal(forward.scores.size, PHOTOS);
    for (let i = 0; i < PHOTOS; i++)
        assert.equal(backward.scores.get(name(PHOTOS - 1 - i)), forward.scores.get(name(i)));
    assert.deepEqual(backward.model, forward.model);

    const detector = await open(t, { method: 'irmb', input: 96, workers: 2, variant: 'simd' });
    const order = [...files.keys()].sort((i, j) => ((i * 7) % PHOTOS) - ((j * 7) % PHOTOS));
    await detector.add(order.map((i) => new Blob([files[i]])));
    await detector.train();
    const results = await detector.scoreFolder({ heat: false });
    order.forEach((i, index) =>
        assert.equal(
            results[index].score.toFixed(6),
            Number(forward.scores.get(name(i))).toFixed(6),
        ),
    );
    assert.deepEqual(Buffer.from(await detector.save()), forward.model);
});

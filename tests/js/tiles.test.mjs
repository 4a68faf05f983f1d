/** Long photos as tiles: chosen by shape or by the caller, kept by features and models. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backbone, bmp, Detector, open, photos, pixels } from './fixtures.mjs';

const COUNT = 12; // one of them with a blot
const BLOT = 10;
const high = Array.from({ length: COUNT }, (_, i) => new Blob([bmp(pixels(i, 100, 260))]));
const ONE = { columns: 1, rows: 1 };
const THREE = { columns: 1, rows: 3 };

/** Scores of a folder that is added, learnt and scored. */
async function scoresOf(detector, list) {
    const added = [];
    await detector.add(list, { onPhoto: ({ features }) => added.push(features) });
    await detector.train();
    const scores = (await detector.scoreFolder({ heat: false })).map(({ score }) => score);
    return { scores, added };
}

test('long photos become tiles along their long side, however many workers read them', async (t) => {
    const [one, two, told] = [
        await open(t),
        await open(t, { variant: 'simd', workers: 3 }),
        await open(t, { tiles: THREE }),
    ];
    assert.deepEqual(one.shape.tiles, ONE);
    assert.deepEqual(told.shape.tiles, THREE);
    const { scores, added } = await scoresOf(one, high);
    assert.deepEqual(one.shape.tiles, THREE);
    assert.equal(one.shape.rows, 20); // of 8 x 8 patches each, two shared
    assert.equal(one.shape.columns, 8);
    assert.ok(
        added.every(({ tiles, patch }) => tiles.rows === 3 && patch.length === 160 * one.shape.dim),
    );
    assert.deepEqual((await scoresOf(two, high)).scores, scores);
    assert.deepEqual((await scoresOf(told, high)).scores, scores);
    assert.ok(scores.every((score, i) => i === BLOT || score < scores[BLOT]));
    assert.equal((await one.score(high[3])).heat.length, 224 * 224);
});

test('what was chosen by the caller stays, and nothing is chosen for other photos', async (t) => {
    const [whole, usual, forced] = [
        await open(t, { tiles: ONE }),
        await open(t),
        await open(t, { tiles: { columns: 2, rows: 2 } }),
    ];
    await whole.add(high);
    await usual.add(photos(COUNT));
    await forced.add(high);
    assert.deepEqual(whole.shape.tiles, ONE);
    assert.deepEqual(usual.shape.tiles, ONE);
    assert.deepEqual(forced.shape.tiles, { columns: 2, rows: 2 });
    const squares = Array.from({ length: 7 }, (_, i) => pixels(i, 80, 80));
    assert.deepEqual((await usual.measure(high)).tiles, THREE, 'it tells, and changes nothing');
    assert.deepEqual(usual.shape.tiles, ONE);
    await usual.clear();
    await usual.add([
        ...high.slice(0, 5),
        ...squares.map(({ data, width, height }) => new ImageDataLike(data, width, height)),
    ]);
    assert.deepEqual(usual.shape.tiles, ONE, 'most are square');
    for (const tiles of [
        null,
        'many',
        { columns: 0, rows: 1 },
        { columns: 1, rows: 17 },
        { columns: 1 },
    ])
        await assert.rejects(Detector.create({ tiles }), TypeError);
});

/** What has the form of ImageData, which node has not. */
class ImageDataLike {
    constructor(data, width, height) {
        Object.assign(this, { data, width, height });
    }
}

test('features and models bring their tiles', async (t) => {
    const first = await open(t);
    const { scores, added } = await scoresOf(first, high);
    const model = await first.save();

    const again = await open(t);
    for (const features of added) await again.addFeatures(features);
    assert.deepEqual(again.shape.tiles, THREE);
    await again.train();
    const results = await again.scoreFolder({ heat: false });
    assert.deepEqual(
        results.map(({ score }) => score),
        scores,
    );

    const loaded = await open(t, { variant: 'simd', workers: 2 });
    await loaded.load(model);
    assert.deepEqual(loaded.shape.tiles, THREE);
    const judged = await Promise.all(high.map((photo) => loaded.score(photo)));
    assert.equal(judged[BLOT].score, (await first.score(high[BLOT])).score);
    await loaded.measure(photos(3));
    assert.deepEqual(loaded.shape.tiles, THREE, 'the model decides');

    const other = await open(t);
    await other.add(photos(COUNT));
    await assert.rejects(other.load(model), { message: 'the model was made with other tiles' });
    await assert.rejects(other.addFeatures(added[0]), /features of/);
});

test('tiles that make too many patches are refused when the backbone is there', async (t) => {
    const detector = await Detector.create({ input: 512, tiles: { columns: 16, rows: 16 } });
    t.after(() => detector.close());
    await assert.rejects(detector.loadBackbone(backbone), {
        code: 'argument',
        message: /16 x 16 tiles have 784 x 784 patches/,
    });
});

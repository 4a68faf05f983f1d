/** What other photos say of a spot, and which one is shown beside a photo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bmp, Detector, backbone, open, photos, pixels } from './fixtures.mjs';

const COUNT = 22; // photos 10 and 21 have a blot
const BLOT = { x: 40 / 96, y: 44 / 80 };
const PLAIN = { x: 0.8, y: 0.2 };

test('a spot is explained by other photos', async (t) => {
    const detector = await open(t);
    await assert.rejects(detector.explain(0, PLAIN), { code: 'state', message: /add at least 2/ });
    await detector.add(photos(COUNT));
    const blot = await detector.explain(10, BLOT);
    assert.equal(blot.similar.length, 3);
    assert.equal(blot.similar[0].photo, 21, 'the other with a blot');
    const plain = await detector.explain(10, PLAIN, { count: 30 });
    assert.equal(plain.similar.length, COUNT - 1);
    assert.ok(!plain.similar.some(({ photo }) => photo === 10));
    assert.ok(blot.similar[1].distance > 2 * plain.similar[0].distance);
    assert.ok(blot.nearer > 0.9 && plain.nearer < blot.nearer && plain.usual === blot.usual);
    assert.ok(blot.distance > 10 * blot.usual, 'nor does that one make it usual');
    for (const { spot, box } of [
        { spot: BLOT, box: blot },
        { spot: PLAIN, box: plain },
    ]) {
        assert.ok(spot.x >= box.left && spot.x <= box.left + box.width);
        assert.ok(spot.y >= box.top && spot.y <= box.top + box.height);
    }
    /* any other photo: it is compared with all */
    const other = await detector.explain(new Blob([bmp(pixels(10))]), BLOT);
    assert.equal(other.similar[0].photo, 10);
    assert.equal(other.similar[0].distance, 0);

    await detector.train();
    assert.deepEqual(await detector.explain(10, BLOT), blot, 'training changes nothing');
    const normal = await detector.nearestNormal(10);
    assert.ok(normal !== 10 && normal !== 21);
    assert.ok((await detector.scoreAdded(normal)).score < detector.threshold);
    assert.ok((await detector.nearestNormal(new Blob([bmp(pixels(31))]))) < COUNT);

    await assert.rejects(detector.explain(10, { x: 2, y: 0.5 }), { code: 'argument' });
    await assert.rejects(detector.explain(COUNT, PLAIN), { code: 'argument' });
    await assert.rejects(detector.explain(0, { x: '0', y: 0 }), TypeError);
    await assert.rejects(detector.explain('a.png', PLAIN), TypeError);
    await detector.setArea({
        include: [
            [
                { x: 0, y: 0 },
                { x: 0.6, y: 0 },
                { x: 0.6, y: 1 },
                { x: 0, y: 1 },
            ],
        ],
    });
    await assert.rejects(detector.explain(10, PLAIN), { code: 'argument', message: /area/ });
    assert.equal((await detector.explain(10, BLOT)).similar[0].photo, 21);
});

test('of a folder learnt from in part, indices are those of add()', async (t) => {
    const detector = await Detector.create({ input: 64, method: 'ensemble', learnMost: 8 });
    t.after(() => detector.close());
    await detector.loadBackbone(backbone);
    await detector.add(photos(COUNT), { learn: Array.from({ length: COUNT }, (_, i) => i > 13) });
    const { similar } = await detector.explain(3, PLAIN, { count: 99 });
    assert.deepEqual(
        similar.map(({ photo }) => photo).sort((a, b) => a - b),
        [14, 15, 16, 17, 18, 19, 20, 21],
    );
});

test('threads and variants give the same bits', async (t) => {
    const answers = [];
    for (const options of [{ variant: 'simd' }, { threads: 2 }]) {
        const detector = await open(t, options);
        await detector.add(photos(8));
        answers.push(await detector.explain(3, PLAIN, { count: 7 }));
    }
    assert.deepEqual(answers[0], answers[1]);
});

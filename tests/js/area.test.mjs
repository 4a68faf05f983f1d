/** The area of interest: what the package makes of polygons and masks, natively the same bits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFECT, HEAT, open, photos } from './fixtures.mjs';

const COUNT = 12;
const ODD = 10; // a blot left of the middle, at (40, 44) of 96 x 80
const box = (left, top, right, bottom) => [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
];
const scores = async (detector) => {
    await detector.train();
    return detector.scoreFolder();
};

test('an area leaves its patches alone, before photos as after them', async (t) => {
    const detector = await open(t);
    assert.equal(detector.area, null);
    await detector.add(photos(COUNT));
    const whole = await scores(detector);
    const left = await detector.setArea({ include: [box(0, 0, 0.5, 1)] });
    assert.deepEqual({ ...left, map: null }, { patches: 32, share: 0.5, map: null });
    assert.ok(left.map.every((inside, i) => inside === Number(i % HEAT < HEAT / 2)));
    assert.equal(detector.area, left);
    await assert.rejects(
        detector.scoreAdded(0),
        { code: 'state' },
        'what was learnt is of another',
    );
    const results = await scores(detector);
    assert.ok(results[ODD].score >= DEFECT);
    for (const { heat, score } of results) {
        assert.ok(heat.every((value, i) => left.map[i] || value === 0));
        assert.equal(Math.max(...heat), score);
    }

    const other = await open(t);
    const mask = Uint8Array.from({ length: 8 }, (_, i) => (i % 4 < 2 ? 200 : 0));
    assert.deepEqual(await other.setArea({ mask, width: 4, height: 2 }), left);
    await other.add(photos(COUNT));
    assert.deepEqual(await scores(other), results);

    await detector.setArea({ include: [box(0, 0, 0.5, 1)] }); // the same: nothing is lost
    assert.deepEqual(await detector.scoreFolder(), results);
    assert.equal(await detector.setArea(null), null);
    assert.deepEqual(await scores(detector), whole);
});

test('what an area would leave is told, and nothing changes', async (t) => {
    const [detector, other] = [await open(t), await open(t)];
    await detector.add(photos(COUNT));
    const whole = await scores(detector);
    for (const area of [
        { exclude: [box(0, 0, 0.5, 0.5)] },
        { mask: Uint8Array.of(0, 1, 1, 1), width: 2, height: 2 },
    ])
        assert.deepEqual(await detector.tryArea(area), await other.setArea(area));
    const { patches, share } = await detector.tryArea({});
    assert.deepEqual({ patches, share }, { patches: 64, share: 1 });
    await assert.rejects(detector.tryArea({ include: [box(0, 0, 0.2, 0.2)] }), {
        code: 'argument',
        message: /3 of 64 patches lie in the area: 16 are the least/,
    });
    await assert.rejects(detector.tryArea(/** @type {any} */ ({ include: 5 })), TypeError);
    assert.equal(detector.area, null);
    assert.deepEqual(await detector.scoreFolder(), whole);
});

test('a model keeps it, clear() forgets it', async (t) => {
    const detector = await open(t);
    await detector.add(photos(COUNT));
    const area = await detector.setArea({ exclude: [box(0, 0, 0.5, 0.5), box(0.8, 0.8, 1, 1)] });
    const results = await scores(detector);
    const other = await open(t);
    await other.add(photos(COUNT));
    await other.load(await detector.save());
    assert.deepEqual(other.area, area);
    assert.equal((await other.score(photos(COUNT)[ODD])).score, results[ODD].score);
    assert.deepEqual(await other.scoreAdded(3), results[3]);
    await other.clear();
    assert.equal(other.area, null);
});

test('what is no area is refused, and all stays as it was', async (t) => {
    const detector = await open(t);
    const area = await detector.setArea({ include: [box(0, 0, 1, 0.5)] });
    const [a, b, c, d] = box(0, 0, 1, 1);
    for (const [polygons, why] of [
        [[[a, c, b, d]], /polygon 1 to include crosses itself/],
        [[[a, b, { x: 0.5, y: 1.01 }]], /point 3 lies outside of the photo/],
        [[[a, b]], /has 2 points/],
        [[box(0, 0, 0.2, 0.2)], /3 of 64 patches lie in the area: 16 are the least/],
        [[Array(5000).fill(a)], /more than 4096 points/],
    ])
        await assert.rejects(detector.setArea({ include: polygons }), {
            code: 'argument',
            message: why,
        });
    for (const wrong of [
        { include: [a, b, c] },
        { include: [[{ x: 0 }, b, c]] },
        { exclude: [[{ x: NaN, y: 0 }, b, c]] },
        { include: 5 },
        { mask: new Uint8Array(5), width: 2, height: 2 },
        { mask: [1, 1, 1, 1], width: 2, height: 2 },
        { mask: new Uint8Array(4), width: 0, height: 2 },
    ])
        await assert.rejects(detector.setArea(/** @type {any} */ (wrong)), TypeError);
    await assert.rejects(detector.setArea({ mask: new Uint8Array(4), width: 2, height: 2 }), {
        code: 'argument',
        message: /0 of 64 patches/,
    });
    assert.equal(detector.area, area);
});

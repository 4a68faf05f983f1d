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

/** A part of 48 x 40 on noise, moved by patches of 12 x 10; the odd one has a blot on it. */
function moving(number, [dx, dy]) {
    let state = Math.imul(number + 1, 2654435761) >>> 0;
    const [width, height] = [96, 80];
    const data = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            const [u, v] = [(x - 24 - 12 * dx) / 48, (y - 20 - 10 * dy) / 40];
            const isIn = u >= 0 && u < 1 && v >= 0 && v < 1;
            const isDark = Math.hypot(u - 0.4, v - 0.6) < 0.25 || (u > 0.7 && v > 0.2);
            const isBlot = number === ODD && Math.hypot(u - 0.75, v - 0.25) < 0.15;
            const grey = (isBlot ? 250 : !isIn ? 60 : isDark ? 40 : 170 + 60 * u) + (state >>> 28);
            data.set([grey, isBlot ? 0 : grey, grey, 255], (y * width + x) * 4);
        }
    return { width, height, data };
}
const shifts = Array.from({ length: COUNT + 2 }, (_, i) => [(i % 5) - 2, ((3 * i) % 5) - 2]);
shifts[0] = [0, 0];

test('an area follows the part, as on the command line', async (t) => {
    const moved = shifts.map((shift, i) => moving(i, shift));
    const follow = moved[0];
    const area = { include: [box(0.25, 0.25, 0.75, 0.75)] };
    const isAt = ({ shift }, i) => {
        assert.ok(Math.abs(shift.x - shifts[i][0] / 8) < 1e-6, `${i}: ${shift.x}`);
        assert.ok(Math.abs(shift.y - shifts[i][1] / 8) < 1e-6, `${i}: ${shift.y}`);
    };
    const detector = await open(t);
    await detector.add(moved.slice(0, COUNT));
    const left = await detector.setArea(area, { follow });
    assert.deepEqual({ ...left, map: 0 }, { patches: 16, share: 0.25, follows: true, map: 0 });
    const results = await scores(detector);
    results.forEach(isAt);
    results.forEach(({ score }, i) => assert.equal(score >= DEFECT, i === ODD, `${i}: ${score}`));
    for (let i = 0; i < 4; i++) {
        const tried = await detector.tryArea(area, { follow, on: moved[i] });
        isAt(tried, i);
        const inside = tried.map.findIndex(Boolean); // its first pixel
        const wanted = [2 + shifts[i][0], 2 + shifts[i][1]].map((patches) => (patches * HEAT) / 8);
        assert.deepEqual([inside % HEAT, Math.floor(inside / HEAT)], wanted);
    }
    isAt(await detector.score(moved[COUNT]), COUNT);

    // the area before the photos, from features, and photos in another order
    const other = await open(t);
    await other.measure(moved);
    await other.setArea(area, { follow: await other.extract(follow) });
    await other.add(moved.slice(0, COUNT).reverse());
    assert.deepEqual((await scores(other)).reverse(), results);
    const loaded = await open(t);
    await loaded.load(await detector.save());
    assert.equal(loaded.area.follows, true);
    const again = await loaded.score(moved[ODD]);
    assert.deepEqual([again.score, again.shift], [results[ODD].score, results[ODD].shift]);
    // the same again keeps what was learnt; as it was drawn it is another
    await detector.setArea(area, { follow });
    assert.deepEqual(await detector.scoreFolder(), results);
    assert.equal((await detector.setArea(area)).follows, undefined);
    await assert.rejects(detector.scoreAdded(0), { code: 'state' });
    await assert.rejects(detector.setArea({}, { follow }), {
        code: 'argument',
        message: /^the area reaches from edge to edge/,
    });
    await assert.rejects(detector.setArea(area, { follow: /** @type {any} */ ({}) }), TypeError);
});

test('an area is proposed, and nothing is set', async (t) => {
    const detector = await open(t, { input: 128 });
    const photo = moving(1, [1, -1]);
    const { include } = await detector.proposeArea(photo);
    assert.equal(include.length, 1);
    for (const [axis, from] of [
        ['x', 0.375],
        ['y', 0.125],
    ]) {
        const along = include[0].map((point) => point[axis]);
        assert.ok(Math.abs(Math.min(...along) - from) < 0.08, `${axis} from ${along}`);
        assert.ok(Math.abs(Math.max(...along) - from - 0.5) < 0.08, `${axis} to ${along}`);
    }
    const { patches } = await detector.tryArea({ include });
    assert.ok(patches > 36 && patches < 100, `${patches} patches`); // 64 of 256 are the part
    assert.equal(detector.area, null);
    await assert.rejects(detector.proposeArea(/** @type {any} */ ({})), TypeError);
});

/** Marks of photos and spots, what follows from them, and groups of regions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bmp, open, photos, pixels } from './fixtures.mjs';

const COUNT = 22; // photos 10 and 21 have a blot
const ODD = 10;
const FINE = 3;
const BLOT = { x: 40 / 96, y: 44 / 80 };

/** @param {import('./fixtures.mjs').Detector} detector */
const scores = async (detector) =>
    (await detector.scoreFolder({})).map(({ score, verdict }) => ({ score, verdict }));

test('marks rule, are taken back, and survive a file', async (t) => {
    const detector = await open(t);
    await detector.add(photos(COUNT));
    await assert.rejects(detector.mark(ODD, 'good'), { code: 'state' });
    await detector.train();
    const before = await scores(detector);
    assert.equal(before[ODD].verdict, 'defect');

    assert.equal(await detector.mark(ODD, 'good'), 1);
    const alike = (await detector.scoreAdded(21)).score;
    assert.ok(alike < before[21].score, 'what looks like a good mark follows');
    assert.equal(await detector.mark(FINE, 'defect'), 2);
    const after = await scores(detector);
    assert.equal(after[ODD].verdict, 'ok');
    assert.equal(after[FINE].verdict, 'defect');
    for (const threshold of [0.05, 0.98]) {
        await detector.setThreshold(threshold);
        const { heat, verdict } = await detector.scoreAdded(FINE, { heat: true });
        assert.equal(verdict, 'defect');
        assert.ok((await detector.findRegions(heat, { width: 96, height: 80 })).length);
        assert.equal((await detector.scoreAdded(ODD)).verdict, 'ok');
    }
    await detector.setThreshold(0.5);
    assert.deepEqual(await detector.marksOf(FINE), [{ mark: 'defect', spot: null }]);
    assert.deepEqual(await detector.marksOf(0), []);
    const review = await detector.reviewMarks();
    assert.deepEqual([review.good, review.defects, review.goodCalled], [1, 1, 1]);
    assert.ok(review.precisionLeast <= review.precision && review.recallMost <= 1);
    assert.ok(review.threshold > 0 && review.threshold < 1);
    const proposed = await detector.proposeMarks(4);
    assert.equal(proposed.length, 4);
    assert.ok(!proposed.includes(ODD) && !proposed.includes(FINE));
    const far = (/** @type {number} */ i) =>
        Math.abs(Math.log(after[i].score / (1 - after[i].score)));
    assert.ok(far(proposed[0]) <= far(proposed[3]));

    const model = await detector.save();
    const other = await open(t);
    await other.load(model);
    assert.equal(other.marks, 2);
    const again = new Blob([bmp(pixels(ODD))]);
    assert.deepEqual(await other.marksOf(again), [{ mark: 'good', spot: null }]);
    assert.equal((await other.score(new Blob([bmp(pixels(ODD))]))).verdict, 'ok');
    other.close();

    await detector.mark(ODD, 'none');
    assert.equal(await detector.mark(FINE, 'none'), 0);
    assert.deepEqual(await scores(detector), before);
    await detector.mark(ODD, 'good', BLOT);
    assert.ok((await detector.scoreAdded(ODD)).score < before[ODD].score);
    const [{ mark, spot }, ...others] = await detector.marksOf(ODD);
    assert.equal(mark, 'good');
    assert.ok(Math.hypot(spot.x - BLOT.x, spot.y - BLOT.y) < 0.1, JSON.stringify(spot));
    assert.equal(others.length, 0);
    assert.equal(await detector.mark(ODD, 'none', spot), 0, 'by the middle of its patch');
    /* a photo that was not learnt from */
    const fresh = new Blob([bmp(pixels(31))]);
    const { score } = await detector.score(fresh);
    await detector.mark(fresh, 'defect');
    assert.equal((await detector.score(fresh)).verdict, 'defect');
    assert.deepEqual(await detector.marksOf(fresh), [{ mark: 'defect', spot: null }]);
    await detector.clearMarks();
    assert.equal(detector.marks, 0);
    assert.equal((await detector.score(fresh)).score, score);

    await assert.rejects(detector.mark(ODD, 'bad'), TypeError);
    await assert.rejects(detector.mark(ODD, 'good', { x: 0.5 }), TypeError);
    await assert.rejects(detector.mark(ODD, 'good', { x: 1.5, y: 0.5 }), { code: 'argument' });
    await assert.rejects(detector.mark(COUNT, 'good'), { code: 'argument' });
    await assert.rejects(detector.marksOf(COUNT), { code: 'argument' });
    await detector.clear();
    assert.equal(detector.marks, 0);
});

test('regions are grouped by what they look like', async (t) => {
    const detector = await open(t);
    await detector.add(photos(COUNT));
    await detector.train();
    const items = [];
    for (const photo of [ODD, FINE, 21]) {
        const { heat } = await detector.scoreAdded(photo, { heat: true });
        items.push({ photo, heat, width: 96, height: 80 });
    }
    const { groups, sizes, typical } = await detector.groupRegions(items);
    assert.deepEqual(
        typical.map(({ photo, region }) => groups[photo][region]),
        [...sizes.keys()],
    );
    const later = async function* () {
        yield* items;
    };
    assert.deepEqual(await detector.groupRegions(later()), { groups, sizes, typical });
    assert.deepEqual(
        groups.map((of) => of.length > 0),
        [true, false, true],
    );
    assert.equal(
        sizes.reduce((a, b) => a + b, 0),
        groups.flat().length,
    );
    assert.equal(groups[0][0], groups[2][0], 'both blots are of one kind');
    const [, , last] = items;
    const blob = { ...last, photo: new Blob([bmp(pixels(21))]) };
    assert.deepEqual(
        (await detector.groupRegions([items[0], blob])).sizes,
        (await detector.groupRegions([items[0], last])).sizes,
    );
    assert.deepEqual(await detector.groupRegions([]), { groups: [], sizes: [], typical: [] });
});

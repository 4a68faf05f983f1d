/** Names of groups of regions, web/inspection/group_names.js: they stay where the groups are found anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, signOf } from '../../web/inspection/group_names.js';

/** A region of a photo of 100 pixels. @param {number} left @param {number} top */
const region = (left, top, side = 10) => ({
    ...{ left, top, width: side, height: side },
    ...{ peakX: left + side / 2, peakY: top + side / 2 },
});

/**
 * Groups as they are found: photos by their ids, each with its regions and their groups.
 * @param {Record<number, [object, number][]>} said
 */
function found(said) {
    const photos = Object.entries(said).map(([id, regions]) => ({
        ...{ item: { id: Number(id) }, width: 100, height: 100 },
        regions: regions.map(([each]) => each),
    }));
    const groups = Object.values(said).map((regions) => regions.map(([, group]) => group));
    const sizes = /** @type {number[]} */ ([]);
    for (const group of groups.flat()) sizes[group] = (sizes[group] ?? 0) + 1;
    return /** @type {any} */ ({ photos, groups, sizes });
}

const [A, B] = [region(10, 10), region(60, 60)];
const BEFORE = found({ 1: [[A, 0]], 2: [[A, 0]], 3: [[A, 0], [B, 1]], 4: [[B, 1]] }); // prettier-ignore
const NAMES = [0, 1].map((group) => ({
    name: ['scratch', 'stain'][group],
    regions: signOf(BEFORE, group),
}));

/** @param {any} now @param {any[]} names */
const named = (now, names = NAMES) => namesOf(names, now).map((each) => each?.name ?? '');

test('a group is known by its regions, the hottest of each photo first', () => {
    assert.deepEqual(signOf(BEFORE, 1), [
        { photo: 3, x: 0.65, y: 0.65 },
        { photo: 4, x: 0.65, y: 0.65 },
    ]);
    assert.deepEqual(named(BEFORE), ['scratch', 'stain']);
});

test('a name goes where most of its regions are, whatever the numbers', () => {
    const other = found({ 1: [[A, 1]], 2: [[A, 1]], 3: [[A, 0], [B, 0]], 4: [[B, 0]], 5: [[A, 0]] }); // prettier-ignore
    assert.deepEqual(named(other), ['stain', 'scratch']);
    /* larger and smaller regions are the same, and those that are gone do not count */
    assert.deepEqual(named(found({ 2: [[region(5, 5, 30), 1]], 7: [[A, 0]] })), ['', 'scratch']);
    /* in halves it is nobody's, and comes back */
    assert.deepEqual(named(found({ 1: [[A, 0]], 2: [[A, 1]] })), ['', '']);
    assert.deepEqual(named(BEFORE), ['scratch', 'stain']);
    assert.deepEqual(named(found({})), []);
});

test('where two groups become one, the name with more of its regions stays', () => {
    const one = found({ 1: [[A, 0]], 2: [[A, 0]], 3: [[A, 0], [B, 0]], 4: [[B, 0]] }); // prettier-ignore
    assert.deepEqual(named(one), ['scratch']);
    assert.deepEqual(named(one, [...NAMES].reverse()), ['scratch']);
});

test('of regions that overlap the one with the nearer peak is meant', () => {
    const near = region(14, 14, 60);
    const now = found({ 1: [[near, 0], [A, 1]], 2: [[A, 1]] }); // prettier-ignore
    assert.deepEqual(named(now), ['', 'scratch']);
});

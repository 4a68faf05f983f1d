/** Which photos are shown, and in which order: web/state/shown.js and the names in web/paths.js. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNames, folded, foldersOf } from '../../web/paths.js';
import { en } from '../../web/texts/en.js';
import {
    FILTERS,
    finder,
    isKeptView,
    keptView,
    markOf,
    mostNormal,
    sorted,
    SORTS,
    WIDE,
    wholeView,
} from '../../web/state/shown.js';

/** @param {number} id @param {object} [said] */
const photo = (id, said) => ({
    id,
    name: `p/${id}.png`,
    score: null,
    unusual: null,
    fresh: false,
    marks: [],
    groups: [],
    time: null,
    ...said,
});

/** @param {any[]} photos @param {string} sort */
const order = (photos, sort) => sorted(photos, /** @type {any} */ (sort)).map(({ id }) => id);

test('by score, either way; what has none comes last, that of a preview by how unusual it is', () => {
    const photos = [
        photo(0),
        photo(1, { unusual: 3 }),
        photo(2, { score: 0.1 }),
        photo(3, { unusual: 7 }),
        photo(4, { score: 0.9 }),
        photo(5, { score: 0.1 }),
        photo(6),
    ];
    assert.deepEqual(order(photos, 'highest'), [4, 2, 5, 3, 1, 0, 6]);
    assert.deepEqual(order(photos, 'lowest'), [2, 5, 4, 1, 3, 0, 6]);
    assert.equal(photos[0].id, 0, 'the list itself stays as it is');
});

test('by name as people count, and by time, what has none last', () => {
    const names = ['b/10.png', 'b/2.png', 'a.png', 'B/2.png'];
    const photos = names.map((name, id) => photo(id, { name, time: [5, null, 9, -1][id] }));
    assert.deepEqual(order(photos, 'name'), [2, 1, 3, 0]);
    assert.deepEqual(order(photos, 'nameBack'), [0, 3, 1, 2]);
    assert.deepEqual(order(photos, 'newest'), [2, 0, 3, 1]);
    assert.deepEqual(order(photos, 'oldest'), [3, 0, 2, 1]);
    assert.ok(compareNames('2', '10') < 0);
});

test('by the group of the hottest region, the highest scores of each first, what has none last', () => {
    const photos = [
        photo(0, { score: 0.1 }),
        photo(1, { score: 0.7, groups: [1, 0] }),
        photo(2, { score: 0.8, groups: [0] }),
        photo(3, { score: 0.9, groups: [1] }),
        photo(4, { score: 0.2 }),
    ];
    assert.deepEqual(order(photos, 'group'), [2, 3, 1, 4, 0]);
    const isIn = finder({ ...WIDE, group: 0 });
    assert.deepEqual(photos.filter(isIn), [photos[1], photos[2]]);
});

test('every filter and every order has a name', () => {
    for (const [table, names] of [
        [FILTERS, en.filters],
        [SORTS, en.gallery.sorts],
    ])
        assert.deepEqual(Object.keys(names), Object.keys(table));
});

test('a search takes any part of a path, in either case, however its umlauts are written', () => {
    const finds = (/** @type {string} */ search, /** @type {string} */ name) =>
        finder({ ...WIDE, search })({ name, groups: [] });
    assert.ok(finds('', 'a.png'));
    assert.ok(finds('SCR', 'test/scratch/a.png'));
    assert.ok(finds('ch/A', 'test/scratch/a.png'));
    assert.ok(finds('GRÖ\u00dfe', 'gro\u0308\u00dfe/a.png'));
    assert.ok(!finds('.*', 'a.png'), 'no pattern');
    assert.equal(folded('A\u0308'), '\u00e4');
});

test('folders are those that tell photos apart, with what lies in them', () => {
    const photos = ['d/a.png', 'd/x/b.png', 'd/x/y/c.png', 'd/x10/d.png', 'd/x2/e.png'].map(
        (name) => ({ name, groups: [] }),
    );
    assert.deepEqual(foldersOf(photos), ['d/x', 'd/x/y', 'd/x2', 'd/x10'], 'not d, that has all');
    assert.deepEqual(foldersOf(photos.slice(0, 1)), []);
    assert.deepEqual(foldersOf([]), []);
    const isIn = finder({ ...WIDE, folder: 'd/x' });
    assert.deepEqual(photos.filter(isIn), photos.slice(1, 3));
});

test('what is said of a photo in a word is its own mark, or that its spots have some', () => {
    const spot = { mark: 'defect', spot: { x: 0.5, y: 0.5 } };
    const good = { mark: 'good', spot: null };
    assert.equal(markOf(photo(0)), null);
    assert.equal(markOf(photo(0, { marks: [spot] })), 'spots');
    assert.equal(markOf(photo(0, { marks: [spot, good] })), 'good');
});

test('the most normal photo has the lowest score', () => {
    const photos = [photo(0), photo(1, { score: 0.2 }), photo(2, { score: 0.1 })];
    assert.equal(mostNormal(photos)?.id, 2);
    assert.equal(mostNormal(photos.slice(0, 1)), null);
    assert.equal(mostNormal([]), null);
});

test('of a view all but the search is kept, and what is none is told', () => {
    const view = keptView({ ...wholeView(), search: 'x' });
    assert.deepEqual(view, { filter: 'all', folder: '', sort: 'highest' });
    assert.ok(isKeptView(view));
    for (const wrong of [
        null,
        {},
        { ...view, filter: 'toString' },
        { ...view, sort: 1 },
        { ...view, folder: null },
    ])
        assert.ok(!isKeptView(wrong));
});

/** Which of a job's photos are shown, and in which order: each filter and each sort is one entry here. */

import { compareNames, folded, isIn } from '../paths.js';

/** @typedef {Readonly<Pick<import('./job.js').Item, 'id'|'name'|'score'|'unusual'|'fresh'|'time'|'marks'|
 *     'groups'>>} Photo */
/** @typedef {'ok'|'look'|'defect'|null} Verdict null: not scored yet */

/** By what there is a button each, with how many there are. */
export const FILTERS = {
    all: () => true,
    defect: (/** @type {Photo} */ _, /** @type {Verdict} */ verdict) => verdict === 'defect',
    look: (/** @type {Photo} */ _, /** @type {Verdict} */ verdict) => verdict === 'look',
    ok: (/** @type {Photo} */ _, /** @type {Verdict} */ verdict) => verdict === 'ok',
    fresh: (/** @type {Photo} */ { fresh }) => fresh,
    marked: (/** @type {Photo} */ { marks }) => marks.length > 0,
    unmarked: (/** @type {Photo} */ { marks }) => !marks.length,
};

/** @typedef {keyof typeof FILTERS} Filter */

/**
 * By numbers, the next where two are equal; what has none comes behind what has, either way.
 * @param {1|-1} sign
 * @param {(keyof Photo & ('score'|'unusual'|'time'))[]} fields
 */
const by =
    (sign, ...fields) =>
    (/** @type {Photo} */ a, /** @type {Photo} */ b) => {
        for (const field of fields) {
            const [x, y] = [a[field], b[field]];
            if (x !== y) return x === null ? 1 : y === null ? -1 : sign * (x - y);
        }
        return 0;
    };

/** Behind all groups what has none. @param {Photo} photo */
const firstGroup = ({ groups }) => groups[0] ?? Number.MAX_VALUE;

/** What compares equal stands in the order in which it came. */
export const SORTS = {
    /* photos of a preview, which have no score, by how unusual they are */
    highest: by(-1, 'score', 'unusual'),
    lowest: by(1, 'score', 'unusual'),
    name: (/** @type {Photo} */ a, /** @type {Photo} */ b) => compareNames(a.name, b.name),
    nameBack: (/** @type {Photo} */ a, /** @type {Photo} */ b) => compareNames(b.name, a.name),
    newest: by(-1, 'time'),
    oldest: by(1, 'time'),
    /* by that of its hottest region */
    group: (/** @type {Photo} */ a, /** @type {Photo} */ b) =>
        firstGroup(a) - firstGroup(b) || SORTS.highest(a, b),
};

/** @typedef {keyof typeof SORTS} Sort */

/**
 * What the user set.
 * @typedef {object} View
 * @property {Filter} filter
 * @property {string} folder that they lie in; '': any
 * @property {string} search a part of their path; '': any
 * @property {number|null} group of regions, of which it has one; null: any or none
 * @property {Sort} sort
 */
/** By what photos are left out, whatever their verdict. @typedef {Pick<View, 'folder'|'search'|'group'>} Narrowing */

/** Nothing is left out. @type {Readonly<Narrowing>} */
export const WIDE = { folder: '', search: '', group: null };

/** @returns {View} */
export const wholeView = () => ({ filter: 'all', ...WIDE, sort: 'highest' });

/** @param {Narrowing} view */
export const isNarrow = ({ folder, search, group }) => Boolean(folder || search || group !== null);

/** @param {Narrowing} view @returns {(photo: Pick<Photo, 'name'|'groups'>) => boolean} */
export function finder({ folder, search, group }) {
    const part = folded(search);
    return ({ name, groups }) =>
        (!folder || isIn(name, folder)) &&
        (!part || folded(name).includes(part)) &&
        (group === null || groups.includes(group));
}

/** @template {Photo} T @param {readonly T[]} photos @param {Sort} sort */
export const sorted = (photos, sort) =>
    [...photos].sort((a, b) => SORTS[sort](a, b) || a.id - b.id);

/** What is kept of a view: groups have other numbers next time. @param {Omit<View, 'search'|'group'>} view */
export const keptView = ({ filter, folder, sort }) => ({ filter, folder, sort });

/** Whether that is what was read. @param {any} view */
export const isKeptView = (view) =>
    Object.hasOwn(FILTERS, view?.filter) &&
    Object.hasOwn(SORTS, view.sort) &&
    typeof view.folder === 'string';

/**
 * What is said of a photo by its marks, in a word; null: it has none.
 * @param {Pick<Photo, 'marks'>} photo
 * @returns {'good'|'defect'|'spots'|null}
 */
export function markOf({ marks }) {
    return marks.length ? (marks.find(({ spot }) => !spot)?.mark ?? 'spots') : null;
}

/**
 * The one that looks most normal, to be seen beside another.
 * @template {Photo} T
 * @param {readonly T[]} photos
 * @returns {T|null} null: none has a score
 */
export function mostNormal(photos) {
    return photos.reduce(
        (/** @type {T|null} */ best, photo) =>
            photo.score === null || (best && SORTS.lowest(best, photo) <= 0) ? best : photo,
        null,
    );
}

/** How groups of regions are known again where they are found anew, so that each keeps its name. */

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/job.js').GroupName} GroupName */
/** @typedef {import('../fleck.js').Region} Region */
/** A photo with its regions, in its pixels.
 * @typedef {{item: Item, width: number, height: number, regions: readonly Region[]}} Photo */
/** Groups as they were found: of each region of each photo its number, and of each group the region
 * that is most like all in it, by the places of photo and region. of: the numbers by a photo's id.
 * @typedef {{photos: readonly Photo[], groups: readonly (readonly number[])[],
 *     sizes: readonly number[], typical: readonly {photo: number, region: number}[],
 *     of: ReadonlyMap<number, readonly number[]>}} Found */

const REGIONS_MOST = 100; /* by which a group is known again */

/** Where it is hottest, in shares. @param {Region} region @param {Photo} photo */
const peakOf = ({ peakX, peakY }, { width, height }) => ({ x: peakX / width, y: peakY / height });

/** @param {Region} region @param {Photo} photo @returns {import('../state/job.js').Box} in shares */
export const boxOf = ({ left, top, width, height }, photo) => ({
    left: left / photo.width,
    top: top / photo.height,
    width: width / photo.width,
    height: height / photo.height,
});

/** By what a group is known again: its regions, the hottest of each photo first. @param {Found} found @param {number} group */
export function signOf({ photos, groups }, group) {
    return photos
        .flatMap((photo, i) =>
            photo.regions.flatMap((region, k) =>
                groups[i][k] === group ? [{ photo: photo.item.id, ...peakOf(region, photo) }] : [],
            ),
        )
        .slice(0, REGIONS_MOST);
}

/** The place of the region that a spot lies in, the nearest peak's of several; -1: none. @param {Photo} photo @param {import('../state/job.js').Spot} spot */
function regionAt(photo, { x, y }) {
    let best = -1,
        least = Infinity;
    for (const [k, region] of photo.regions.entries()) {
        const { left, top, width, height } = boxOf(region, photo);
        if (x < left || y < top || x > left + width || y > top + height) continue;
        const peak = peakOf(region, photo);
        const distance = Math.hypot(peak.x - x, peak.y - y);
        if (distance < least) [best, least] = [k, distance];
    }
    return best;
}

/**
 * Which name each group has: a name goes to the group that has most of the regions that it was given
 * to, as far as they are there. Of several that want one group that with most regions gets it.
 * @template {Pick<GroupName, 'regions'>} T
 * @param {readonly T[]} names
 * @param {Pick<Found, 'photos'|'groups'|'sizes'>} found
 * @returns {(T|undefined)[]} by the group's number
 */
export function namesOf(names, { photos, groups, sizes }) {
    const places = new Map(photos.map(({ item }, i) => [item.id, i]));
    const claims = names.map((name) => {
        const votes = sizes.map(() => 0);
        let there = 0;
        for (const { photo, x, y } of name.regions) {
            const i = places.get(photo);
            const k = i === undefined ? -1 : regionAt(photos[i], { x, y });
            if (i === undefined || k < 0) continue;
            there++;
            votes[groups[i][k]]++;
        }
        const most = votes.reduce((a, b) => Math.max(a, b), 0);
        return { name, most, group: votes.indexOf(most), isMost: 2 * most > there };
    });
    const given = /** @type {(T|undefined)[]} */ (sizes.map(() => undefined));
    for (const { name, group, isMost } of claims.sort((a, b) => b.most - a.most))
        if (isMost) given[group] ??= name;
    return given;
}

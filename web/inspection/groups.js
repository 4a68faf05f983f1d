/**
 * Which regions of all photos look alike, and what the user calls them. The detector finds it, in its
 * worker, for the groups that are seen: anew where what is judged a defect is another, when it rests.
 */

import { more } from '../texts/more.js';
import { judge } from '../verdict.js';
import { crop } from './crop.js';
import { boxOf, namesOf, signOf } from './group_names.js';
import { why } from './holder.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {State['job']['groups'][number]} Group */
/** @typedef {State['job']['groupNames'][number]} GroupName */
/** @typedef {import('./group_names.js').Found} Found */
/** @typedef {import('./group_names.js').Photo} Photo */

const REST_MS = 300; /* without a change: a slider is dragged, or scores follow marks */
const SLOW_MS = 400; /* what takes longer says that it goes on */
const LOOK = { around: 2, side: 96 };

/** @type {Found} */
const NONE = { photos: [], groups: [], sizes: [], typical: [], of: new Map() };

/** @param {readonly Group[]} groups @param {number} group */
const nameOf = (groups, group) => groups[group].name || more.groups.name(group + 1);

/** What is judged is another now: this is of no use. */
class Outdated extends Error {}

export class Groups {
    #store;
    #source;
    #asked = ''; /* what groups are wanted of */
    #done = ''; /* what they were found of last */
    #due = 0; /* the timer's number */
    #finding = Promise.resolve(true);
    #found = NONE;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {object} source
     * @param {() => Promise<import('../fleck.js').Detector>} source.open when it knows the job and
     *     its marks
     * @param {(item: Item) => Promise<Float32Array|null>} source.heat null: not now
     * @param {() => boolean} source.isLost whether the detector has stopped
     * @param {import('./pictures.js').Pictures} source.pictures
     * @param {import('./regions.js').Regions} source.regions
     * @param {(names: readonly GroupName[]) => void} source.keep
     */
    constructor(store, source) {
        this.#store = store;
        this.#source = source;
    }

    get #job() {
        return this.#store.state.job;
    }

    /** Photos that may have regions. */
    get #called() {
        const { items, threshold } = this.#job;
        return items.filter(({ score }) => score !== null && judge(score, threshold) === 'defect');
    }

    /** Asks for groups of what is judged now. @returns {boolean} not: they were asked for already */
    #ask() {
        const { threshold, smallestArea } = this.#job;
        const { generation } = this.#source.regions;
        const called = this.#called.map(({ id, score }) => [id, score]);
        const asked = JSON.stringify([generation, threshold, smallestArea, called]);
        const isNew = asked !== this.#asked;
        this.#asked = asked;
        return isNew;
    }

    /** They are seen: where they are others by now, they are found when the user rests. */
    see() {
        if (!this.#ask()) return;
        clearTimeout(this.#due);
        this.#due = setTimeout(() => void this.#find(), REST_MS);
    }

    /** Those of now, at once. @returns {Promise<Found|'cancelled'|null>} null: it cannot be told, which is said, or not now */
    async settle() {
        for (;;) {
            this.#ask();
            clearTimeout(this.#due);
            const asked = this.#asked;
            if (!(await this.#find())) return 'cancelled';
            this.#ask();
            if (asked === this.#asked) return this.isDue ? null : this.#found;
        }
    }

    /** Whether those that are known are of something else than what is judged now. */
    get isDue() {
        return this.#done !== this.#asked;
    }

    /** One search after the other. @returns {Promise<boolean>} not: it was cancelled */
    #find() {
        this.#finding = this.#finding.then(() => this.#run());
        return this.#finding;
    }

    async #run() {
        const { page } = this.#store;
        const asked = this.#asked;
        if (!this.isDue) return true;
        try {
            const found = await page.during(more.groups.find, (step) => this.#group(step), SLOW_MS);
            if (!found) return false;
            if (asked !== this.#asked) return true;
            this.#done = asked;
            this.#show(found);
        } catch (error) {
            if (error instanceof Outdated || this.#source.isLost()) return true;
            page.say('error', more.groups.notFound(why(error)));
        }
        return true;
    }

    /** @param {import('../state/page.js').Step} step @returns {Promise<Found>} */
    async #group(step) {
        const called = this.#called;
        if (!called.length) return NONE;
        const { threshold, smallestArea } = this.#job;
        await this.#source.open();
        const photos = /** @type {Photo[]} */ ([]);
        return this.#source.regions.by({ threshold, smallestArea }, async (detector) => {
            const coming = this.#photos(detector, called, photos, step);
            const { groups, sizes, typical } = await detector.groupRegions(coming);
            const of = new Map(photos.map(({ item }, i) => [item.id, groups[i]]));
            return { photos, groups, sizes, typical, of };
        });
    }

    /**
     * What the detector groups, one photo after the other.
     * @param {import('../fleck.js').Detector} detector
     * @param {readonly Item[]} called
     * @param {Photo[]} photos receives those that have regions
     * @param {import('../state/page.js').Step} step
     */
    async *#photos(detector, called, photos, { signal, report }) {
        const asked = this.#asked;
        const { heat: heatOf, isLost, regions: source } = this.#source;
        for (const [done, item] of called.entries()) {
            report(done, called.length);
            signal.throwIfAborted();
            let heat, size;
            try {
                heat = await heatOf(item);
                size = await source.sizeOf(item);
            } catch (error) {
                if (isLost()) throw error;
                continue; /* its file is gone, which is told where it is shown */
            }
            if (!heat || asked !== this.#asked) throw new Outdated();
            const regions = await detector.findRegions(heat, size);
            if (!regions.length) continue;
            photos.push({ item, ...size, regions });
            yield { photo: item.index ?? item.file, heat, ...size };
        }
    }

    /** @param {Found} found */
    #show(found) {
        const { groupNames, view } = this.#job;
        const { photos, sizes, typical } = found;
        const names = namesOf(groupNames, found);
        const chosen = view.group === null ? [] : [{ regions: signOf(this.#found, view.group) }];
        const at = namesOf(chosen, found).findIndex(Boolean);
        this.#found = found;
        this.#store.job.group(
            sizes.map((size, group) => {
                const { photo, region } = typical[group];
                const { item, regions } = photos[photo];
                const box = boxOf(regions[region], photos[photo]);
                return {
                    size,
                    name: names[group]?.name ?? '',
                    typical: { photo: item.id, ...box },
                };
            }),
            found.of,
            at < 0 ? null : at,
        );
    }

    /** What the user calls a group. @param {number} group @param {string} name '': it has none */
    call(group, name) {
        const before = namesOf(this.#job.groupNames, this.#found)[group];
        const others = this.#job.groupNames.filter((each) => each !== before);
        const own = name ? [{ name, regions: signOf(this.#found, group) }] : [];
        const groupNames = [...own, ...others];
        const names = namesOf(groupNames, this.#found);
        this.#store.job.nameGroups(
            groupNames,
            this.#job.groups.map((each, i) => ({ ...each, name: names[i]?.name ?? '' })),
        );
        this.#source.keep(groupNames);
    }

    /** What the groups of a photo's regions are called; none: not known. @param {Item} item */
    of({ groups }) {
        return this.isDue ? [] : groups.map((group) => nameOf(this.#job.groups, group));
    }

    /** The region that is most like all of a group. @param {Group} group @returns {Promise<ImageBitmap|null>} null: its file is gone */
    async picture({ typical }) {
        const item = this.#job.items.find(({ id }) => id === typical.photo);
        if (!item) return null;
        const cut = await crop(this.#source.pictures, item.file, typical, LOOK).catch(() => null);
        return cut && cut.picture;
    }
}

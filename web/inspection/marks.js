/**
 * What the user says of photos and of spots on them. The job keeps it, the detector is told wherever
 * it is another or has learnt anew, and all scores follow. Loaded when there is something to mark.
 */

import { DetectorError } from '../fleck.js';
import { more } from '../texts/more.js';
import { evidence } from './evidence.js';
import { why } from './holder.js';

/** @typedef {import('../fleck.js').Detector} Detector */
/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/job.js').Mark} Mark */
/** @typedef {import('../state/job.js').Spot} Spot */
/** @typedef {Item['marks']} ItemMarks */

const PAUSE_MS = 1000; /* after the last mark; then photos go to their places */
const SLOW_MS = 400; /* what takes longer says that it goes on */

/**
 * The patch that a spot lies in, of the raster that the backbone sees.
 * @param {Readonly<Spot>} spot
 * @param {Readonly<import('../fleck.js').FeatureShape>} shape
 */
function patchOf({ x, y }, { columns, rows, frameShare }) {
    const at = (/** @type {number} */ share, /** @type {number} */ patches) =>
        Math.floor(((share - 0.5) / frameShare + 0.5) * patches);
    return `${at(x, columns)} ${at(y, rows)}`;
}

/**
 * The marks of a photo with one more, which replaces others as the detector has it: one of the photo
 * all, one of a spot that of the same patch, and a defect's the photo's good one. The same again
 * takes it back.
 * @param {ItemMarks} marks
 * @param {Readonly<Mark>} mark
 * @param {Readonly<import('../fleck.js').FeatureShape>} shape
 * @returns {Mark[]}
 */
export function withMark(marks, { mark, spot }, shape) {
    const isThere = (/** @type {Readonly<Mark>} */ other) =>
        spot && other.spot
            ? patchOf(spot, shape) === patchOf(other.spot, shape)
            : !spot && !other.spot;
    if (marks.some((other) => isThere(other) && other.mark === mark))
        return marks.filter((other) => !isThere(other));
    const others = marks.filter(
        (other) =>
            spot && !isThere(other) && (other.spot || mark !== 'defect' || other.mark !== 'good'),
    );
    return [...others, { mark, spot }];
}

/** In place of all marks of the photo. @param {Detector} detector @param {Item} item @param {ItemMarks} marks */
async function teach(detector, { index, file }, marks) {
    const photo = index ?? file;
    await detector.mark(photo, 'none');
    for (const { mark, spot } of marks) await detector.mark(photo, mark, spot);
}

export class Marks {
    #store;
    #source;
    #made = /** @type {{item: Item, before: ItemMarks}[]} */ ([]); /* in this visit */
    #turn = /** @type {Promise<unknown>} */ (Promise.resolve());
    #stale = /** @type {Set<Item>} */ (new Set()); /* whose scores are those before the last mark */
    #following = /** @type {Promise<unknown>|null} */ (null);
    #pause = 0; /* the timer's number */

    /**
     * @param {import('../state/store.js').Store} store
     * @param {object} source
     * @param {() => Promise<Detector>} source.open when it knows the job
     * @param {() => boolean} source.isLost whether it has stopped
     * @param {import('./pictures.js').Pictures} source.pictures
     * @param {() => readonly Item[]} source.seen photos that can be seen
     * @param {import('./heats.js').Heats} source.heats
     * @param {import('./regions.js').Regions} source.regions
     * @param {(marks: import('./keep.js').KeptMark[]) => void} source.keep
     * @param {(folder: import('../fleck.js').FolderVerdict|null) => void} source.followed all scores
     *     are there, and what they say of the folder
     */
    constructor(store, source) {
        this.#store = store;
        this.#source = source;
    }

    get #job() {
        return this.#store.state.job;
    }

    /**
     * Marks a photo, or a spot on it; the same again takes it back.
     * @param {Item} item
     * @param {Mark['mark']} mark
     * @param {Readonly<Spot>|null} spot
     */
    mark(item, mark, spot) {
        return this.#inTurn(async (detector) => {
            const { shape, items } = this.#job;
            if (!shape || !items.includes(item)) return; /* its job was closed meanwhile */
            const before = item.marks;
            if (await this.#put(detector, item, withMark(before, { mark, spot }, shape)))
                this.#made.push({ item, before });
            this.#store.job.mark(item, item.marks, this.#made.length);
        });
    }

    /** Takes back the last mark of this visit, and then the one before. */
    undo() {
        return this.#inTurn(async (detector) => {
            let last = this.#made.pop();
            while (last && !this.#job.items.includes(last.item)) last = this.#made.pop();
            if (!last) return;
            await this.#put(detector, last.item, last.before);
            this.#store.job.mark(last.item, last.item.marks, this.#made.length);
        });
    }

    /**
     * @param {Detector} detector
     * @param {Item} item
     * @param {ItemMarks} marks
     * @returns {Promise<boolean>} not: it was refused, which is said
     */
    async #put(detector, item, marks) {
        const before = item.marks;
        try {
            await teach(detector, item, marks);
        } catch (error) {
            if (this.#source.isLost()) return false;
            await teach(detector, item, before).catch(() => {}); /* as it was */
            this.#store.page.say('error', more.marks.notMarked(item.name, why(error)));
            return false;
        }
        this.#store.job.hold();
        this.#store.job.mark(item, marks);
        this.#keep();
        for (const each of this.#job.items) if (each.score !== null) this.#stale.add(each);
        void this.#follow();
        this.rest();
        return true;
    }

    #keep() {
        this.#source.keep(
            this.#job.items.flatMap(({ id, marks }) =>
                marks.map(({ mark, spot }) => ({ photo: id, mark, spot })),
            ),
        );
    }

    /** Photos go to their places when the user rests; in the large view not before it is left. */
    rest() {
        clearTimeout(this.#pause);
        this.#pause = setTimeout(async () => {
            const pause = this.#pause;
            await this.#following;
            if (pause === this.#pause && !this.#store.state.page.large) this.#store.job.release();
        }, PAUSE_MS);
    }

    /** When all scores are those by the marks of now. */
    async settled() {
        await this.#turn;
        await this.#following;
    }

    /**
     * Tells a detector that has learnt or loaded something all marks of the job. Those of a model's
     * file are in it; they are not the job's to take back.
     * @param {Detector} detector
     */
    async settle(detector) {
        const { items, loadedModel } = this.#job;
        if (loadedModel === null && detector.marks) await detector.clearMarks();
        let missed = 0,
            reason = '';
        for (const item of items)
            for (const { mark, spot } of item.marks)
                try {
                    await detector.mark(item.index ?? item.file, mark, spot);
                } catch (error) {
                    if (!(error instanceof DetectorError) || this.#source.isLost()) throw error;
                    missed++;
                    reason = why(error);
                }
        if (missed) this.#store.page.say('error', more.marks.notTaught(missed, reason));
    }

    /** A model of a file brings its own along. @param {number} marks */
    tell(marks) {
        this.#store.page.say('note', more.marks.inModel(marks));
    }

    /** Scores all photos anew. */
    #follow() {
        const { page } = this.#store;
        this.#following ??= page
            .during(more.marks.follow, (step) => this.#score(step), SLOW_MS)
            .catch((error) => {
                if (!this.#source.isLost()) throw error;
            })
            .finally(() => (this.#following = null));
        return this.#following;
    }

    /** @param {import('../state/page.js').Step} step */
    async #score({ report }) {
        const detector = await this.#source.open();
        const { heats, regions } = this.#source;
        heats.outdate();
        regions.clear();
        for (let done = 0; this.#stale.size; done++) {
            const item = this.#next();
            report(done, done + this.#stale.size);
            this.#stale.delete(item);
            if (!this.#isThere(item)) continue;
            try {
                const { score, heat } =
                    item.index === null
                        ? await detector.score(item.file)
                        : await detector.scoreAdded(item.index, { heat: this.#isHeatWanted(item) });
                const calledUpTo = await regions.calledUpTo(score, heat);
                if (!this.#isThere(item)) continue;
                this.#store.job.score(item, score, calledUpTo);
                if (heat) heats.put(item, heat);
                else heats.drop(item);
            } catch (error) {
                if (this.#source.isLost()) throw error;
                heats.drop(item); /* its file is gone: it keeps its score */
            }
        }
        regions.clear();
        if (this.#job.phase !== 'result') return; /* other work began, which ends with all this */
        const { folder } = this.#job;
        this.#source.followed(folder && (await detector.judgeFolder().catch(() => folder)));
    }

    /** Those that are seen come first, then those that were learnt from: they need not be read. */
    #next() {
        const all = [...this.#stale];
        const seen = this.#source.seen().find((item) => this.#stale.has(item));
        return seen ?? all.find(({ index, left }) => index !== null && !left) ?? all[0];
    }

    /** The others come when they are seen: they take half of the time. @param {Item} item */
    #isHeatWanted(item) {
        return this.#job.smallestArea > 0 || this.#source.seen().includes(item);
    }

    /** Whether it still waits for a score by the marks: it may be read anew meanwhile. @param {Item} item */
    #isThere(item) {
        return this.#job.learned && item.score !== null && this.#job.items.includes(item);
    }

    /** The photo whose mark would tell most. @returns {Promise<Item|null>} null: all are marked, which is said */
    async useful() {
        const { items, threshold, smallestArea } = this.#job;
        await this.settled();
        /* a job that was opened again has the model alone, which proposes none */
        const indices = await this.#source.regions
            .by({ threshold, smallestArea }, (detector) => detector.proposeMarks())
            .catch(() => []);
        const { chosen } = this.#store.state.page;
        const isFree = (/** @type {Item} */ { id, marks }) => !marks.length && id !== chosen;
        for (const at of indices) {
            const item = items.find(({ index }) => index === at);
            if (item && isFree(item)) return item;
        }
        const far = (/** @type {Item} */ { score }) =>
            Math.abs(logit(Number(score)) - logit(threshold));
        const free = items.filter((item) => item.score !== null && isFree(item));
        if (free.length) return free.reduce((best, item) => (far(best) <= far(item) ? best : item));
        this.#store.page.say('note', more.marks.noneLeft);
        return null;
    }

    /**
     * The places of other photos that are most like a spot.
     * @param {Item} item
     * @param {Readonly<Spot>|null} spot null: there is none to ask about
     * @returns {Promise<import('./evidence.js').Evidence|null>} null: it cannot be told, and it is said why
     */
    async explain(item, spot) {
        const { page } = this.#store;
        if (!spot) {
            page.say('note', more.evidence.choose);
            return null;
        }
        try {
            const detector = await this.#source.open();
            return await evidence(detector, this.#source.pictures, this.#job.items, item, spot);
        } catch (error) {
            page.say('error', more.evidence.notTold(why(error)));
            return null;
        }
    }

    /** The good photo that is most like one. @param {Item} item @returns {Promise<Item|null>} null: it cannot be told now */
    async nearest({ index, file }) {
        const { threshold, smallestArea } = this.#job;
        await this.#source.open();
        const at = await this.#source.regions
            .by({ threshold, smallestArea }, (detector) => detector.nearestNormal(index ?? file))
            .catch(() => null);
        return this.#job.items.find((item) => at !== null && item.index === at) ?? null;
    }

    /**
     * The marks on a photo as the detector has them, those that came with a loaded model, too.
     * @param {Item} item
     * @returns {Promise<import('../fleck.js').MadeMark[]>}
     */
    async of({ index, file, marks }) {
        const detector = await this.#source.open();
        const isMarked = marks.length || (this.#job.loadedModel !== null && detector.marks);
        return isMarked ? detector.marksOf(index ?? file) : [];
    }

    /** The marks beside what is said of each by the others. */
    async review() {
        await this.#source.open();
        await this.settled();
        const { threshold, smallestArea } = this.#job;
        return this.#source.regions.by({ threshold, smallestArea }, (detector) =>
            detector.reviewMarks(),
        );
    }

    /**
     * One after the other, as they were asked for.
     * @param {(detector: Detector) => Promise<void>} change
     */
    #inTurn(change) {
        const changed = this.#turn.then(async () => change(await this.#source.open()));
        this.#turn = changed.catch(() => {});
        return changed;
    }
}

/** As the detector measures how far scores are from one another. @param {number} score */
function logit(score) {
    const within = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
    return Math.log(within / (1 - within));
}

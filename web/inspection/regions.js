/** Where in the photos their defects are: measured for the verdicts that depend on it, and for those
 * who want to see it. The detector does it, in its worker. */

import { isUnmeasured } from '../state/job.js';
import { texts } from '../texts/texts.js';
import { judge } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../fleck.js').Detector} Detector */
/** @typedef {import('../fleck.js').Region} Region */
/** What a region is: where heat reaches the threshold, on so large a share of the photo.
 * @typedef {{threshold: number, smallestArea: number}} Rule */

const SLOW_MS = 400; /* what takes longer says that it goes on */

export class Regions {
    #store;
    #source;
    #changed;
    #turn = /** @type {Promise<unknown>} */ (Promise.resolve());
    #generation = 0; /* of heatmaps */
    #measuring = /** @type {Promise<boolean>|null} */ (null);
    #missed = /** @type {WeakSet<Item>} */ (new WeakSet()); /* that could not be measured */
    #asked = /** @type {(Rule & {item: Item})|null} */ (null); /* what is shown */
    #done = /** @type {(Rule & {item: Item})|null} */ (null); /* the last that was found */
    #isFinding = false;
    #shown = /** @type {{item: Item, regions: readonly Region[]}|null} */ (null);
    #heat = /** @type {{item: Item, heat: Float32Array}|null} */ (null); /* the last */

    /**
     * @param {import('../state/store.js').Store} store
     * @param {object} source
     * @param {() => Promise<Detector>} source.open
     * @param {(item: Item, always: boolean) => Promise<Float32Array|null>} source.heat always:
     *     while work goes on, too; null: not now
     * @param {(item: Item) => Promise<{width: number, height: number}>} source.size as it is seen
     * @param {() => boolean} source.isLost whether the detector has stopped
     * @param {() => void} changed called when regions that were asked for are there
     */
    constructor(store, source, changed) {
        this.#store = store;
        this.#source = source;
        this.#changed = changed;
    }

    get #job() {
        return this.#store.state.job;
    }

    /** Other heatmaps are coming. */
    clear() {
        this.retry();
        this.#generation++;
        this.#asked = this.#shown = this.#heat = null;
    }

    /** Of heatmaps: those of another have other regions. */
    get generation() {
        return this.#generation;
    }

    /** What could not be measured is tried again. */
    retry() {
        this.#missed = new WeakSet();
    }

    /**
     * Up to which threshold a photo is called; null: its verdict does not depend on it.
     * @param {number} score
     * @param {Float32Array|null} heat
     */
    async calledUpTo(score, heat) {
        const { threshold, smallestArea } = this.#job;
        if (!heat || !isUnmeasured({ score, calledUpTo: null }, this.#job)) return null;
        const most = await this.by({ threshold, smallestArea }, (detector) =>
            detector.calledUpTo(heat),
        );
        return smallestArea === this.#job.smallestArea ? most : null; /* another meanwhile */
    }

    /** Photos whose verdicts wait to be measured. */
    get #unmeasured() {
        return this.#job.items.filter(
            (item) => isUnmeasured(item, this.#job) && !this.#missed.has(item),
        );
    }

    /**
     * Measures the photos whose verdicts depend on it, one after the other.
     * @param {import('../state/page.js').Step} step
     * @param {() => boolean} [goesOn]
     */
    async measure({ signal, report }, goesOn = () => true) {
        for (let done = 0; goesOn(); done++) {
            const [item, ...others] = this.#unmeasured;
            if (!item) return;
            report(done, done + 1 + others.length);
            signal.throwIfAborted();
            const { score } = item;
            const { smallestArea } = this.#job;
            let most = null;
            try {
                most = await this.calledUpTo(Number(score), await this.#source.heat(item, true));
            } catch (error) {
                if (this.#source.isLost()) throw error; /* the detector's fault, not the photo's */
            }
            /* learnt anew, or by another rule meanwhile */
            if (item.score !== score || this.#job.smallestArea !== smallestArea) continue;
            if (most !== null) this.#store.job.measured(item, most);
            else if (isUnmeasured(item, this.#job)) this.#missed.add(item);
        }
    }

    get isDue() {
        return this.#unmeasured.length > 0;
    }

    /** Measures what the user's rule has made depend on it. @returns {Promise<boolean>} not: it was cancelled */
    judgeAnew() {
        const measuring = async (/** @type {import('../state/page.js').Step} */ step) => {
            await this.measure(step, () => this.#job.phase === 'result');
            return true;
        };
        this.#measuring ??= this.#store.page
            .during(texts.work.area, measuring, SLOW_MS)
            .then(Boolean)
            .finally(() => (this.#measuring = null));
        return this.#measuring;
    }

    /**
     * The regions of the photo that is shown, as far as they are there: otherwise they are found,
     * and `changed` tells. Until then those by the rule before stay.
     * @param {Item} item
     */
    peek(item) {
        const { threshold, smallestArea } = this.#job;
        const asked = this.#asked;
        const isNew =
            item !== asked?.item ||
            threshold !== asked.threshold ||
            smallestArea !== asked.smallestArea;
        if (isNew) {
            this.#asked = { item, threshold, smallestArea };
            if (!this.#isFinding) void this.#find();
        }
        return this.#shown?.item === item ? this.#shown.regions : null;
    }

    async #find() {
        this.#isFinding = true;
        for (let asked; (asked = this.#asked) && asked !== this.#done;) {
            /* undefined: they cannot be had, which was told when the photo was scored */
            const regions = await this.of(asked.item, asked).catch(() => undefined);
            this.#done = asked;
            if (regions === null && this.#asked === asked) this.#asked = null; /* asked again */
            if (!regions || this.#asked?.item !== asked.item) continue;
            this.#shown = { item: asked.item, regions };
            this.#changed();
        }
        this.#isFinding = false;
    }

    /**
     * The regions of a photo, the hottest first, in its pixels; null: its heatmap cannot be had now.
     * @param {Item} item
     * @param {Rule} rule
     */
    async of(item, { threshold, smallestArea }) {
        if (item.score === null || judge(item.score, threshold) !== 'defect') return [];
        const generation = this.#generation;
        const kept = this.#heat?.item === item ? this.#heat.heat : null;
        const heat = kept ?? (await this.#source.heat(item, false));
        if (!heat || generation !== this.#generation) return null;
        this.#heat = { item, heat };
        const size = await this.sizeOf(item);
        return this.by({ threshold, smallestArea }, (detector) => detector.findRegions(heat, size));
    }

    /** Of a photo as it is seen, in pixels. @param {Item} item */
    async sizeOf(item) {
        const { width, height } = item.width ? item : await this.#source.size(item);
        return { width, height };
    }

    /**
     * Asks the detector by a rule, which no other changes meanwhile.
     * @template T
     * @param {Rule} rule
     * @param {(detector: Detector) => Promise<T>} ask
     * @returns {Promise<T>}
     */
    by({ threshold, smallestArea }, ask) {
        const answer = this.#turn.then(async () => {
            const detector = await this.#source.open();
            if (detector.threshold !== threshold) await detector.setThreshold(threshold);
            if (detector.smallestArea !== smallestArea)
                await detector.setSmallestArea(smallestArea);
            return ask(detector);
        });
        this.#turn = answer.catch(() => {});
        return answer;
    }
}

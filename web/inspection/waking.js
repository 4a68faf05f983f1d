/** A kept job comes back: the detector gets what was read of its photos, before work goes on or, where
 * all was scored, behind the result that is shown already. */

import { texts } from '../texts/texts.js';
import { sentence } from './holder.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../fleck.js').Detector} Detector */
/** @typedef {import('../fleck.js').Features} Features */

export class Waking {
    #store;
    #holder;
    #source;
    #ended = /** @type {Promise<void>} */ (Promise.resolve());
    #abort = /** @type {AbortController|null} */ (null);

    /**
     * @param {import('../state/store.js').Store} store
     * @param {import('./holder.js').Holder} holder
     * @param {object} source
     * @param {(index: number) => Promise<(Partial<Features> & {id: number})|undefined>} source.features
     *     that are kept; undefined: the browser keeps nothing any more
     * @param {(done: number, total: number) => void} source.report
     * @param {() => boolean} source.isLost whether the detector has stopped
     * @param {(detector: Detector) => void} source.brought all that was read is there
     * @param {(detector: Detector) => Promise<void>} source.mark
     * @param {() => unknown} source.leave the job, which stays as it is kept
     * @param {(folder: readonly Item[]) => unknown} source.readAgain
     */
    constructor(store, holder, source) {
        this.#store = store;
        this.#holder = holder;
        this.#source = source;
    }

    /** When the detector knows what a kept job shows. */
    get ended() {
        return this.#ended;
    }

    stop() {
        this.#abort?.abort();
    }

    /**
     * @param {readonly Item[]} items
     * @param {readonly number[]} indexes of features that are kept
     * @param {AbortSignal} signal
     */
    async bring(items, indexes, signal) {
        const byId = new Map(items.map((item) => [item.id, item]));
        const detector = await this.#holder.open();
        for (let index = 0; index === indexes[index]; index++) {
            signal.throwIfAborted();
            const kept = await this.#source.features(index);
            if (!kept) throw new Error(texts.jobs.incomplete);
            const { id, patch, cls, samples, tiles } = kept;
            /* one that was found broken when it was scored leaves its index to nobody */
            const item = byId.get(id);
            if (patch && cls) await detector.addFeatures({ patch, cls, samples, tiles });
            else await detector.add(item?.file ?? new Blob(), { learn: false });
            if (item) this.#store.job.read(item, index, !patch);
            if (index % 8 === 0) this.#source.report(index, indexes.length);
        }
        this.#source.brought(detector);
        return detector;
    }

    /**
     * Behind a result that is shown: then heatmaps come, and photos can be judged.
     * @param {readonly Item[]} items
     * @param {readonly number[]} indexes of features that are kept
     * @param {Blob} model
     */
    begin(items, indexes, model) {
        const { signal } = (this.#abort = new AbortController());
        this.#ended = this.#wake(items, indexes, model, signal);
    }

    /** @param {readonly Item[]} items @param {readonly number[]} indexes @param {Blob} model @param {AbortSignal} signal */
    async #wake(items, indexes, model, signal) {
        const { job, page, state } = this.#store;
        try {
            const detector = await this.bring(items, indexes, signal);
            if (!state.job.items.every((item) => item.fresh || item.index !== null))
                throw new Error(texts.jobs.incomplete);
            await detector.load(await model.arrayBuffer());
            job.limit(detector.area);
            await this.#source.mark(detector);
        } catch (error) {
            if (signal.aborted || this.#source.isLost()) return;
            if (!this.#holder.current || state.job.loadedModel) {
                page.say('error', sentence(error));
                this.#source.leave(); /* not awaited: it waits for this */
                return;
            }
            page.say('error', texts.jobs.readAgain(sentence(error)));
            await this.#holder.current.clear().catch(() => {}); /* work that begins tells */
            job.limit(null);
            /* not awaited: it waits for this */
            this.#source.readAgain(state.job.items.filter((item) => !item.fresh));
        }
    }
}

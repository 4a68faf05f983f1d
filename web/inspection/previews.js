/** A first ranking while photos are read: the page shows something long before anything is learnt. */

const FROM = 12; /* photos: of fewer, each looks unusual beside the others */
const REST = 20; /* as many times as a preview took pass before the next: it takes 5 % of a worker */

/** @typedef {import('../state/store.js').Item} Item */

export class Previews {
    #job;
    #looking = /** @type {Promise<void>|null} */ (null);
    #next = -Infinity;

    /** @param {import('../state/job.js').JobActions} job */
    constructor(job) {
        this.#job = job;
    }

    /**
     * Another photo was read, or the last one.
     * @param {import('../fleck.js').Detector} detector
     * @param {readonly Item[]} items of its folder
     * @param {boolean} [last]
     */
    async look(detector, items, last = false) {
        if (detector.count < FROM) return;
        if (last) await this.#looking;
        else if (this.#looking || performance.now() < this.#next) return;
        this.#looking = this.#look(detector, items).finally(() => (this.#looking = null));
    }

    /** @param {import('../fleck.js').Detector} detector @param {readonly Item[]} items */
    async #look(detector, items) {
        const began = performance.now();
        try {
            this.#job.preview(items, await detector.preview());
        } catch {
            /* What stops the detector is told by what it was asked for. */
        }
        const ended = performance.now();
        this.#next = ended + REST * (ended - began);
    }
}

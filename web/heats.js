/** Heatmaps by photo, as bytes. Only the last used ones stay; others are computed again. */

import { quantise } from './overlay.js';

const KEPT = 800; /* 40 MB */

/** @typedef {import('./state.js').Item} Item */

export class Heats {
    #levels = /** @type {Map<number, Uint8ClampedArray>} */ (new Map());
    #asked = /** @type {Map<number, Promise<Uint8ClampedArray|null>>} */ (new Map());
    #compute;
    #changed;

    /**
     * @param {(item: Item) => Promise<Float32Array|null>} compute
     * @param {() => void} changed called when a heatmap that was asked for is there
     */
    constructor(compute, changed) {
        this.#compute = compute;
        this.#changed = changed;
    }

    /** @param {Item} item @param {Float32Array} heat */
    put(item, heat) {
        this.#levels.delete(item.id); /* so that it becomes the youngest */
        this.#levels.set(item.id, quantise(heat));
        if (this.#levels.size > KEPT) {
            const [oldest] = this.#levels.keys();
            this.#levels.delete(oldest);
        }
    }

    /** The heatmap if it is there; otherwise it is computed and `changed` tells. @param {Item} item */
    peek(item) {
        const levels = this.#levels.get(item.id);
        if (!levels && item.score !== null) this.get(item).then(this.#changed, () => {});
        return levels ?? null;
    }

    /** @param {Item} item @returns {Promise<Uint8ClampedArray|null>} */
    get(item) {
        const levels = this.#levels.get(item.id);
        if (levels) return Promise.resolve(levels);
        let asked = this.#asked.get(item.id);
        if (!asked) {
            asked = this.#compute(item).then(heat => {
                if (!heat || item.score === null) return null;
                this.put(item, heat);
                return this.#levels.get(item.id) ?? null;
            }).finally(() => this.#asked.delete(item.id));
            this.#asked.set(item.id, asked);
        }
        return asked;
    }

    clear() {
        this.#levels.clear();
    }
}

/** Heatmaps by photo, as bytes. Only the last used ones stay; others are computed again. */

import { quantise } from '../overlay.js';

const KEPT = 800; /* 40 MB */
const AT_ONCE = 2;
const WANTED = 48; /* about a screen: who scrolls past the others does not wait for them */

/** @typedef {import('../state/store.js').Item} Item */

export class Heats {
    #levels = /** @type {Map<number, Uint8ClampedArray>} */ (new Map());
    #asked = /** @type {Map<number, Promise<Uint8ClampedArray|null>>} */ (new Map());
    #wanted = /** @type {Map<number, Item>} */ (new Map());
    #running = 0;
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

    /**
     * The heatmap if it is there; otherwise it is computed and `changed` tells.
     * The last ones asked for come first.
     * @param {Item} item
     */
    peek(item) {
        const levels = this.#levels.get(item.id);
        if (levels) return levels;
        if (item.score !== null && !this.#asked.has(item.id)) {
            this.#wanted.delete(item.id);
            this.#wanted.set(item.id, item);
            if (this.#wanted.size > WANTED) {
                const [oldest] = this.#wanted.keys();
                this.#wanted.delete(oldest);
            }
            while (this.#running < AT_ONCE && this.#wanted.size) this.#run();
        }
        return null;
    }

    async #run() {
        this.#running++;
        for (let item; (item = [...this.#wanted.values()].pop());) {
            this.#wanted.delete(item.id);
            /* A photo that fails here was named when it was scored. */
            const levels = await this.get(item).catch(() => null);
            if (levels) this.#changed();
        }
        this.#running--;
    }

    /** @param {Item} item @returns {Promise<Uint8ClampedArray|null>} */
    get(item) {
        const levels = this.#levels.get(item.id);
        if (levels) return Promise.resolve(levels);
        const asks = this.#asked; /* others after clear() */
        let asked = asks.get(item.id);
        if (!asked) {
            asked = this.#compute(item)
                .then((heat) => {
                    if (!heat || item.score === null || asks !== this.#asked) return null;
                    this.put(item, heat);
                    return this.#levels.get(item.id) ?? null;
                })
                .finally(() => asks.delete(item.id));
            asks.set(item.id, asked);
        }
        return asked;
    }

    /** Others are coming, by put or drop; until then those that are there are shown. */
    outdate() {
        this.#wanted.clear();
        this.#asked = new Map();
    }

    /** @param {Item} item */
    drop({ id }) {
        this.#levels.delete(id);
    }

    clear() {
        this.outdate();
        this.#levels.clear();
    }
}

/**
 * Small pictures for the gallery. Thousands of photos must not stay decoded:
 * each is decoded once, shrunk by a worker (shrink.js), and kept as a few compressed kilobytes.
 */

import { Caller } from '../rpc.js';

const AT_ONCE = 2;

/** @typedef {import('../state/store.js').Item} Item */
/** Pixels are the photo's. @typedef {{picture: Blob, width: number, height: number}} Thumb */

export class Thumbs {
    #queue = /** @type {Item[]} */ ([]);
    #gone = /** @type {WeakSet<Item>} */ (new WeakSet());
    #running = 0;
    #job;
    #pictures;
    #made;
    #worker = /** @type {Caller|null} */ (null);

    /**
     * @param {import('../state/job.js').JobActions} job whose photos get pictures
     * @param {import('./pictures.js').Pictures} pictures
     * @param {(item: Item, thumb: Thumb) => void} made called with each
     */
    constructor(job, pictures, made) {
        this.#job = job;
        this.#pictures = pictures;
        this.#made = made;
    }

    /**
     * Shows those that are there already, and makes the others.
     * @param {readonly Item[]} items
     * @param {ReadonlyMap<number, Thumb>} there by the photo's id
     */
    bring(items, there) {
        for (const item of items) {
            const thumb = there.get(item.id);
            if (thumb) this.#show(item, thumb);
        }
        this.make(items.filter(({ id }) => !there.has(id)));
    }

    /** @param {readonly Item[]} items */
    make(items) {
        this.#queue.push(...items);
        while (this.#running < AT_ONCE && this.#queue.length) this.#run();
    }

    /** Forgets the waiting ones and frees the pictures of these items. @param {readonly Item[]} items */
    drop(items) {
        for (const item of items) {
            this.#gone.add(item);
            if (item.thumb) URL.revokeObjectURL(item.thumb);
            this.#job.picture(
                item,
                null,
            ); /* a card drawn before the next full update must not load it */
        }
        this.#queue = this.#queue.filter((item) => !this.#gone.has(item));
    }

    async #run() {
        this.#running++;
        for (let item; (item = this.#queue.shift());) {
            try {
                const thumb = await this.#shrink(await this.#pictures.drawable(item.file));
                if (this.#gone.has(item)) continue;
                this.#show(item, thumb);
                this.#made(item, thumb);
            } catch {
                /* The detector's reader names a broken file; its card stays empty. */
            }
        }
        this.#running--;
    }

    /** @param {Blob|ImageData} photo @returns {Promise<Thumb>} */
    #shrink(photo) {
        if (!this.#worker || this.#worker.broken) {
            const worker = new Worker(new URL('./shrink.js', import.meta.url), { type: 'module' });
            this.#worker = new Caller(worker, ({ message }) => new Error(message));
        }
        return this.#worker.call('shrink', [photo]);
    }

    /** @param {Item} item @param {Thumb} thumb */
    #show(item, { picture, width, height }) {
        this.#job.picture(item, URL.createObjectURL(picture), { width, height });
    }
}

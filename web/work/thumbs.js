/**
 * Small pictures for the gallery. Thousands of photos must not stay decoded:
 * each is decoded once, shrunk, and kept as a few compressed kilobytes.
 */

const SIDE = 384; /* a card on a sharp screen */
const AT_ONCE = 2;

/** @typedef {import('../state.js').Item} Item */

export class Thumbs {
    #queue = /** @type {Item[]} */ ([]);
    #gone = /** @type {WeakSet<Item>} */ (new WeakSet());
    #running = 0;
    #changed;

    /** @param {() => void} changed called whenever an item got its picture */
    constructor(changed) {
        this.#changed = changed;
    }

    /** @param {Item[]} items */
    make(items) {
        this.#queue.push(...items);
        while (this.#running < AT_ONCE && this.#queue.length) this.#run();
    }

    /** Forgets the waiting ones and frees the pictures of these items. @param {Item[]} items */
    drop(items) {
        for (const item of items) {
            this.#gone.add(item);
            if (item.thumb) URL.revokeObjectURL(item.thumb);
            item.thumb = null; /* a card drawn before the next full update must not load it */
        }
        this.#queue = this.#queue.filter((item) => !this.#gone.has(item));
    }

    async #run() {
        this.#running++;
        for (let item; (item = this.#queue.shift());) {
            try {
                const picture = await shrink(item);
                if (this.#gone.has(item)) continue;
                item.thumb = URL.createObjectURL(picture);
            } catch {
                /* The detector's reader names a broken file; its card stays empty. */
                continue;
            }
            this.#changed();
        }
        this.#running--;
    }
}

/**
 * A copy even of a small photo: the file itself may be moved or deleted later.
 * @param {Item} item receives its size
 */
async function shrink(item) {
    const photo = await createImageBitmap(item.file, { imageOrientation: 'from-image' });
    item.width = photo.width;
    item.height = photo.height;
    const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height));
    const width = Math.max(1, Math.round(photo.width * scale));
    const height = Math.max(1, Math.round(photo.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    photo.close();
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
}

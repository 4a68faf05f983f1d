/**
 * Small pictures for the gallery. Thousands of photos must not stay decoded:
 * each is decoded once, shrunk, and kept as a few compressed kilobytes.
 */

const SIDE = 384; /* a card on a sharp screen */
const AT_ONCE = 2;

/** @typedef {import('./state.js').Item} Item */

export class Thumbs {
    #queue = /** @type {Item[]} */ ([]);
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
        const gone = new Set(items);
        this.#queue = this.#queue.filter(item => !gone.has(item));
        for (const item of items) if (item.thumb) URL.revokeObjectURL(item.thumb);
    }

    async #run() {
        this.#running++;
        for (let item; (item = this.#queue.shift());) {
            try {
                await shrink(item);
            } catch {
                /* The detector's reader names a broken file; its card stays empty. */
                continue;
            }
            this.#changed();
        }
        this.#running--;
    }
}

/** @param {Item} item receives size and thumb */
async function shrink(item) {
    const photo = await createImageBitmap(item.file, { imageOrientation: 'from-image' });
    item.width = photo.width;
    item.height = photo.height;
    const scale = SIDE / Math.max(photo.width, photo.height);
    if (scale >= 1) {
        photo.close();
        item.thumb = URL.createObjectURL(item.file);
        return;
    }
    const width = Math.max(1, Math.round(photo.width * scale));
    const height = Math.max(1, Math.round(photo.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    photo.close();
    item.thumb = URL.createObjectURL(
        await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 }),
    );
}

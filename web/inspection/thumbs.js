/**
 * Small pictures for the gallery. Thousands of photos must not stay decoded:
 * each is decoded once, shrunk, and kept as a few compressed kilobytes.
 */

const SIDE = 384; /* a card on a sharp screen */
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
                const thumb = await shrink(await this.#pictures.bitmap(item.file));
                if (this.#gone.has(item)) continue;
                this.#show(item, thumb);
                this.#made(item, thumb);
            } catch {
                /* The detector's reader names a broken file; its card stays empty. */
            }
        }
        this.#running--;
    }

    /** @param {Item} item @param {Thumb} thumb */
    #show(item, { picture, width, height }) {
        this.#job.picture(item, URL.createObjectURL(picture), { width, height });
    }
}

/**
 * A copy even of a small photo: the file itself may be moved or deleted later.
 * @param {ImageBitmap} photo which is closed
 */
async function shrink(photo) {
    const { width, height } = photo;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const canvas = new OffscreenCanvas(
        Math.max(1, Math.round(width * scale)),
        Math.max(1, Math.round(height * scale)),
    );
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, canvas.width, canvas.height);
    photo.close();
    const picture = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
    return { picture, width, height };
}

/**
 * Small pictures for the gallery. Thousands of photos must not stay decoded:
 * each is decoded once, shrunk (pictures.js), and kept as a few compressed kilobytes.
 * Those of photos that are seen come first; the others are made as their photos are read, so that
 * they take no more from the reading at its beginning than at its end.
 */

const AT_ONCE = 2;

/** @typedef {import('../state/store.js').Item} Item */
/** Pixels are the photo's. @typedef {{picture: Blob, width: number, height: number}} Thumb */

export class Thumbs {
    #seen = /** @type {readonly Item[]} */ ([]);
    #queue = /** @type {Item[]} */ ([]);
    #begun = /** @type {WeakSet<Item>} */ (new WeakSet()); /* is made, was, or failed */
    #gone = /** @type {WeakSet<Item>} */ (new WeakSet());
    #pictures = /** @type {Map<Item, Blob>} */ (new Map());
    #running = 0;
    #job;
    #photos;
    #made;

    /**
     * @param {import('../state/job.js').JobActions} job whose photos get pictures
     * @param {Pick<import('./pictures.js').Pictures, 'shrink'>} photos
     * @param {(item: Item, thumb: Thumb) => void} made called with each
     */
    constructor(job, photos, made) {
        this.#job = job;
        this.#photos = photos;
        this.#made = made;
    }

    /**
     * Takes those that are there already; the others are made when they are seen.
     * @param {readonly Item[]} items
     * @param {ReadonlyMap<number, Thumb>} there by the photo's id
     */
    bring(items, there) {
        for (const item of items) {
            const thumb = there.get(item.id);
            if (!thumb) continue;
            this.#begun.add(item);
            this.#put(item, thumb);
        }
    }

    /** The picture of one, made now where it is not there. @param {Item} item */
    async of(item) {
        return this.#pictures.get(item) ?? (await this.#photos.shrink(item.file)).picture;
    }

    /** Makes those that are not there yet, behind those that are seen. @param {readonly Item[]} items */
    make(items) {
        this.#queue.push(...items);
        this.#work();
    }

    /** Those that can be seen. */
    get seen() {
        return this.#seen;
    }

    /** From now on these are seen, and no others. @param {readonly Item[]} items */
    show(items) {
        this.#seen = items;
        for (const item of items) {
            const picture = item.thumb ? null : this.#pictures.get(item);
            if (picture) this.#job.picture(item, URL.createObjectURL(picture));
        }
        this.#work();
    }

    /** Forgets the waiting ones and frees the pictures of these items. @param {readonly Item[]} items */
    drop(items) {
        for (const item of items) {
            this.#gone.add(item);
            this.#pictures.delete(item);
            if (item.thumb) URL.revokeObjectURL(item.thumb);
            this.#job.picture(
                item,
                null,
            ); /* a card drawn before the next full update must not load it */
        }
    }

    #work() {
        for (let item; this.#running < AT_ONCE && (item = this.#next());) this.#makeOne(item);
    }

    #next() {
        const isDue = (/** @type {Item} */ item) => !this.#begun.has(item) && !this.#gone.has(item);
        const seen = this.#seen.find(isDue);
        if (seen) return seen;
        for (let item; (item = this.#queue.shift());) if (isDue(item)) return item;
        return null;
    }

    /** @param {Item} item */
    async #makeOne(item) {
        this.#begun.add(item);
        this.#running++;
        try {
            const thumb = await this.#photos.shrink(item.file);
            if (!this.#gone.has(item)) {
                this.#put(item, thumb);
                this.#made(item, thumb);
            }
        } catch {
            /* The detector's reader names a broken file; its card stays empty. */
        }
        this.#running--;
        this.#work();
    }

    /**
     * Only what is seen gets an address: with each the page waits for the browser's process, a
     * millisecond and more.
     * @param {Item} item
     * @param {Thumb} thumb
     */
    #put(item, { picture, width, height }) {
        this.#pictures.set(item, picture);
        const address = this.#seen.includes(item) ? URL.createObjectURL(picture) : null;
        this.#job.picture(item, address, { width, height });
    }
}

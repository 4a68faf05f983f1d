/** Photos as pictures: the browser decodes them, but for those that it shows badly or not at all. */

import { HEAD_BYTES, isShownBadly } from '../files/kinds.js';
import { Caller } from '../rpc.js';

export class Pictures {
    #holder;
    #worker = /** @type {Caller|null} */ (null); /* that shrinks */

    /** @param {import('./holder.js').Holder} holder */
    constructor(holder) {
        this.#holder = holder;
    }

    /** Made by a worker (shrink.js). @param {Blob} file @returns {Promise<import('./thumbs.js').Thumb>} */
    async shrink(file) {
        if (!this.#worker || this.#worker.broken) {
            const started = new Worker(new URL('./shrink.js', import.meta.url), { type: 'module' });
            this.#worker = new Caller(started, ({ message }) => new Error(message));
        }
        const worker = this.#worker;
        const thumb = await worker.call('shrinkFile', [file]);
        return thumb ?? worker.call('shrink', [await this.drawable(file)]);
    }

    /** Of what the browser makes a photo's pixels: where it shows the file badly, the detector's. @param {Blob} file */
    async drawable(file) {
        return (await this.#decode(file)) ?? file;
    }

    /** A photo's pixels, upright. @param {Blob} file */
    async bitmap(file) {
        return createImageBitmap(await this.drawable(file), { imageOrientation: 'from-image' });
    }

    /** In pixels, upright. @param {Blob} file */
    async size(file) {
        const bitmap = await this.bitmap(file);
        const { width, height } = bitmap;
        bitmap.close();
        return { width, height };
    }

    /** What an img element shows, as it is now: the file may be moved or deleted. @param {Blob} file */
    async copy(file) {
        const pixels = await this.#decode(file);
        if (!pixels) return new Blob([await file.arrayBuffer()], { type: file.type });
        const canvas = new OffscreenCanvas(pixels.width, pixels.height);
        canvas.getContext('2d')?.putImageData(pixels, 0, 0);
        return canvas.convertToBlob();
    }

    /** The detector's pixels; null: the browser's are as good. @param {Blob} file */
    async #decode(file) {
        const head = await file.slice(0, HEAD_BYTES).arrayBuffer();
        if (!isShownBadly(new Uint8Array(head))) return null;
        for (;;) {
            const detector = await this.#holder.open();
            try {
                const { data, width, height } = await detector.decode(file);
                return new ImageData(data, width, height);
            } catch (error) {
                if (/** @type {{code?: string}} */ (error).code === 'kind') return null;
                if (detector === this.#holder.current)
                    throw error; /* else another took its place */
            }
        }
    }
}

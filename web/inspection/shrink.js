/** The worker that makes small pictures of photos: decoding and shrinking a large one takes long. */

import { HEAD_BYTES, isShownBadly } from '../files/kinds.js';
import { serve } from '../rpc.js';

const SIDE = 384; /* a card on a sharp screen */

/**
 * The small picture of a file, null: of the detector's pixels it would be better.
 * @param {Blob} file
 */
async function shrinkFile(file) {
    /* here, not on the page's thread: there a slice of a file waits for the browser's process */
    const head = await file.slice(0, HEAD_BYTES).arrayBuffer();
    return isShownBadly(new Uint8Array(head)) ? null : shrink(file);
}

/**
 * A copy even of a small photo: the file itself may be moved or deleted later.
 * @param {Blob|ImageData} photo
 * @returns {Promise<import('./thumbs.js').Thumb>}
 */
async function shrink(photo) {
    const bitmap = await createImageBitmap(photo, { imageOrientation: 'from-image' });
    const { width, height } = bitmap;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const canvas = new OffscreenCanvas(
        Math.max(1, Math.round(width * scale)),
        Math.max(1, Math.round(height * scale)),
    );
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const picture = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
    return { picture, width, height };
}

serve(/** @type {any} */ (self), { shrink, shrinkFile }, ({ message }) => ({ message }));

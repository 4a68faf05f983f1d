/** The worker that makes small pictures of photos: decoding and shrinking a large one takes long. */

import { serve } from '../rpc.js';

const SIDE = 384; /* a card on a sharp screen */

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

serve(/** @type {any} */ (self), { shrink }, ({ message }) => ({ message }));

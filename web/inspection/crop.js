/** A place of a photo with what is around it, as a square picture. */

/** @typedef {import('../state/job.js').Box} Box */

/**
 * @param {import('./pictures.js').Pictures} pictures
 * @param {Blob} file
 * @param {Readonly<Box>} place in shares of the photo's width and height
 * @param {object} look
 * @param {number} look.around how many times as long as the place's longer side the picture's is,
 *     as far as the photo reaches
 * @param {number} look.side   of the picture, in pixels
 * @returns {Promise<{picture: ImageBitmap, box: Box}>} box: the place, in the picture's pixels
 */
export async function crop(pictures, file, { left, top, width, height }, look) {
    const bitmap = await pictures.bitmap(file);
    try {
        const [wide, high] = [width * bitmap.width, height * bitmap.height];
        const side = Math.ceil(
            Math.min(look.around * Math.max(wide, high), bitmap.width, bitmap.height),
        );
        /** Where it begins, so that the place is in its middle, and all of it in the photo. */
        const from = (/** @type {number} */ middle, /** @type {number} */ most) =>
            Math.round(Math.min(Math.max(middle - side / 2, 0), most - side));
        const x = from((left + width / 2) * bitmap.width, bitmap.width);
        const y = from((top + height / 2) * bitmap.height, bitmap.height);
        const picture = await createImageBitmap(bitmap, x, y, side, side, {
            resizeWidth: look.side,
            resizeHeight: look.side,
        });
        const scale = look.side / side;
        return {
            picture,
            box: {
                left: (left * bitmap.width - x) * scale,
                top: (top * bitmap.height - y) * scale,
                width: wide * scale,
                height: high * scale,
            },
        };
    } finally {
        bitmap.close();
    }
}

/** Why a spot is hot: the places of other photos that are most like it, cut out of their files. */

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/job.js').Spot} Spot */
/** @typedef {{left: number, top: number, width: number, height: number}} Box in shares of a photo's sides */
/** A place with what is around it; box: of the place, in the picture's pixels.
 * @typedef {{item: Item, picture: ImageBitmap, box: Box}} Crop */

const AROUND = 6; /* times a place's side */
const SIDE = 240; /* pixels of a picture */

/**
 * @param {import('../fleck.js').Detector} detector
 * @param {import('./pictures.js').Pictures} pictures
 * @param {readonly Item[]} items
 * @param {Item} item
 * @param {Readonly<Spot>} spot
 */
export async function evidence(detector, pictures, items, item, spot) {
    const { similar, distance, nearer, usual, ...own } = await detector.explain(
        item.index ?? item.file,
        spot,
    );
    const crops = await Promise.all([
        crop(pictures, item, own),
        ...similar.map(({ photo, ...box }) => {
            const other = items.find(({ index }) => index === photo);
            /* one whose file is gone is left out: its place stays beside the others unseen */
            return other ? crop(pictures, other, box).catch(() => null) : null;
        }),
    ]);
    const [first, ...others] = crops;
    return {
        own: /** @type {Crop} */ (first),
        similar: others.flatMap((each) => each ?? []),
        missing: others.filter((each) => !each).length,
        times: usual > 0 ? distance / usual : 1,
        nearer,
    };
}

/** @typedef {Awaited<ReturnType<typeof evidence>>} Evidence */

/**
 * @param {import('./pictures.js').Pictures} pictures
 * @param {Item} item
 * @param {Box} place
 * @returns {Promise<Crop>}
 */
async function crop(pictures, item, { left, top, width, height }) {
    const bitmap = await pictures.bitmap(item.file);
    try {
        const [wide, high] = [width * bitmap.width, height * bitmap.height];
        const side = Math.round(
            Math.min(AROUND * Math.max(wide, high), bitmap.width, bitmap.height),
        );
        /** Where it begins, so that the place is in its middle, and all of it in the photo. */
        const from = (/** @type {number} */ middle, /** @type {number} */ most) =>
            Math.round(Math.min(Math.max(middle - side / 2, 0), most - side));
        const x = from((left + width / 2) * bitmap.width, bitmap.width);
        const y = from((top + height / 2) * bitmap.height, bitmap.height);
        const picture = await createImageBitmap(bitmap, x, y, side, side, {
            resizeWidth: SIDE,
            resizeHeight: SIDE,
        });
        const scale = SIDE / side;
        return {
            item,
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

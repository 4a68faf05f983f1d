/** Why a spot is hot: the places of other photos that are most like it, cut out of their files. */

import { crop } from './crop.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/job.js').Spot} Spot */
/** A place with what is around it; box: of the place, in the picture's pixels.
 * @typedef {{item: Item, picture: ImageBitmap, box: import('../state/job.js').Box}} Crop */

const LOOK = { around: 6, side: 240 };

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
    const cropOf = async (
        /** @type {Item} */ photo,
        /** @type {import('../state/job.js').Box} */ place,
    ) => ({
        item: photo,
        ...(await crop(pictures, photo.file, place, LOOK)),
    });
    const crops = await Promise.all([
        cropOf(item, own),
        ...similar.map(({ photo, ...box }) => {
            const other = items.find(({ index }) => index === photo);
            /* one whose file is gone is left out: its place stays beside the others unseen */
            return other ? cropOf(other, box).catch(() => null) : null;
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

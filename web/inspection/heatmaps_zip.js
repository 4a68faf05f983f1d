/** The photos with their heatmaps, as pictures in a ZIP. */

import { marked } from '../files/kinds.js';
import { Zip } from '../files/zip.js';
import { flatten } from '../overlay.js';

/** @typedef {import('../state/store.js').Item} Item */

const SIDE = 1024; /* longest of a picture, in pixels */

/**
 * @param {readonly Item[]} items
 * @param {object} look
 * @param {(item: Item) => Promise<Uint8ClampedArray|null>} look.heat
 * @param {(file: Blob) => Promise<ImageBitmap>} look.bitmap
 * @param {() => boolean} look.isThere whether their job is open still
 * @param {number} look.frameShare
 * @param {number} look.opacity
 * @param {import('../state/page.js').Step} step
 * @returns {Promise<{zip: Blob, missing: string[]}|null>} missing: names of those that could not be
 *     drawn; null: the job was closed
 */
export async function heatmapsZip(
    items,
    { heat, bitmap, isThere, frameShare, opacity },
    { signal, report },
) {
    /** @param {Item} item @param {Uint8ClampedArray} levels */
    const draw = async (item, levels) => {
        const photo = await bitmap(item.file);
        const canvas = flatten(photo, levels, frameShare, opacity, SIDE);
        photo.close();
        return marked(await canvas.convertToBlob({ type: 'image/png' }));
    };
    const zip = new Zip();
    const missing = [];
    for (const [done, item] of items.entries()) {
        signal.throwIfAborted();
        report(done, items.length);
        const levels = await heat(item);
        if (!isThere()) return null;
        const picture = levels && (await draw(item, levels).catch(() => null));
        if (picture) await zip.add(`${item.name.replace(/\.\w+$/, '')}.png`, picture, signal);
        else missing.push(item.name);
    }
    return { zip: zip.blob(), missing };
}

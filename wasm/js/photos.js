/** Photos as they are given: checked, read, and those of a large folder that are learnt from. */
import { DetectorError } from './errors.js';

/** @typedef {import('./types.js').Photo} Photo */

/** @param {Photo} photo */
export function checkPhoto(photo) {
    if (
        photo instanceof Blob ||
        isPixels(photo) ||
        /** @type {any} */ (photo)?.bytes instanceof Uint8Array
    )
        return;
    throw new TypeError('a photo must be a File, a Blob, an ImageData or {bytes: Uint8Array}');
}

/**
 * @param {any} photo
 * @returns {photo is ImageData}
 */
export function isPixels(photo) {
    return (
        photo?.data instanceof Uint8ClampedArray &&
        photo.width > 0 &&
        photo.height > 0 &&
        photo.data.length === photo.width * photo.height * 4
    );
}

/**
 * @param {Photo} photo
 * @returns {Promise<{photo: import('./engine.js').Pixels, transfer: ArrayBuffer[]}>}
 */
export async function readPhoto(photo) {
    if (photo instanceof Blob) {
        let buffer;
        try {
            buffer = await photo.arrayBuffer();
        } catch (error) {
            throw new DetectorError(
                'format',
                `cannot be read: ${/** @type {Error} */ (error).message}`,
            );
        }
        return { photo: { bytes: new Uint8Array(buffer) }, transfer: [buffer] };
    }
    if ('bytes' in photo) return { photo: { bytes: photo.bytes }, transfer: [] };
    const { data: rgba, width, height } = photo;
    return { photo: { rgba, width, height }, transfer: [] };
}

/**
 * A copy of the beginning of a photo's file; empty where it cannot be read.
 * @param {Blob | {bytes: Uint8Array}} photo
 * @param {number} length
 */
export async function headOf(photo, length) {
    if (!(photo instanceof Blob)) return photo.bytes.slice(0, length);
    const head = photo.slice(0, length).arrayBuffer();
    return new Uint8Array(await head.catch(() => new ArrayBuffer(0)));
}

/**
 * By which photos of a large folder are chosen: fleck_photo_key of the core.
 * @param {Uint8Array | Uint8ClampedArray} bytes of a photo's file, or of its pixels
 */
export function photoKey(bytes) {
    let a = 0x811c9dc5;
    let b = 0x9e3779b9;
    for (let i = 0; i < bytes.length; i++) {
        a = Math.imul(a ^ bytes[i], 0x01000193);
        b = Math.imul(b ^ bytes[i], 0x2c1b3c6d);
    }
    const mixed = (/** @type {number} */ h) => {
        h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
        h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
        return BigInt((h ^ (h >>> 16)) >>> 0);
    };
    return (mixed(a) << 32n) | mixed(b);
}

/**
 * Which photos of a folder are learnt from: the most with the smallest keys.
 * @param {bigint[]} keys
 * @param {number} most
 * @returns {boolean[]} by index
 */
export function learnsFrom(keys, most) {
    const chosen = [...keys.keys()]
        .sort((i, j) => (keys[i] < keys[j] ? -1 : keys[i] > keys[j] ? 1 : i - j))
        .slice(0, most);
    const learns = keys.map(() => false);
    for (const i of chosen) learns[i] = true;
    return learns;
}

/**
 * @param {Photo} photo
 * @returns {Promise<bigint>} its photoKey; of one that cannot be read one beyond all others
 */
export function keyOf(photo) {
    return readPhoto(photo).then(
        ({ photo: read }) => photoKey('bytes' in read ? read.bytes : read.rgba),
        () => 2n ** 64n,
    );
}

/**
 * @param {Photo[]} list
 * @param {number} most
 * @param {AbortSignal} [signal]
 */
export async function choose(list, most, signal) {
    const keys = [];
    for (const photo of list) {
        signal?.throwIfAborted();
        keys.push(await keyOf(photo));
    }
    return learnsFrom(keys, most);
}

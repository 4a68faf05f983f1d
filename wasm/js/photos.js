/** Photos as they are given: checked, read, and those of a large folder that are learnt from. */
import { failing } from './errors.js';
import { isPicture, pixelsOf, toTransfer } from './pictures.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('./types.js').Photos} Photos */
/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./engine.js').Pixels | {picture: ImageBitmap | VideoFrame}} Given to a worker */

/**
 * @param {Photo} photo
 * @param {number} [at] its place among others
 */
export function checkPhoto(photo, at) {
    if (
        photo instanceof Blob ||
        isPixels(photo) ||
        isPicture(photo) ||
        /** @type {any} */ (photo)?.bytes instanceof Uint8Array
    )
        return;
    const { name } = Object(photo);
    throw new TypeError(
        (at === undefined ? 'a photo' : `photos[${at}]`) +
            (typeof name === 'string' ? ` (${name})` : '') +
            ' must be a File, a Blob, an ImageData, an ImageBitmap, a VideoFrame, ' +
            `a canvas, img or video element, or {bytes: Uint8Array}, not ${kindOf(photo)}`,
    );
}

/** What a value is, for people. @param {unknown} value */
const kindOf = (value) => (Object(value) === value ? 'another object' : String(value));

/**
 * Photos as a call takes them: checked and listed at once, since a FileList is empty when its input
 * is; what comes asynchronously is asked for when its turn comes, by list().
 * @param {Photos} photos
 * @returns {Photo[] | AsyncIterable<Photo>}
 */
export function taken(photos) {
    const given = /** @type {any} */ (photos);
    if (given?.[Symbol.asyncIterator]) return given;
    const isMany =
        given?.[Symbol.iterator] && typeof given === 'object' && !ArrayBuffer.isView(given);
    /** @type {Photo[]} */
    const all = isMany ? [...given] : [given];
    all.forEach((photo, i) => checkPhoto(photo, isMany ? i : undefined));
    return all;
}

/**
 * @param {Photo[] | AsyncIterable<Photo>} given by taken()
 * @param {AbortSignal} [signal]
 * @returns {Promise<Photo[]>}
 */
export async function list(given, signal) {
    if (Array.isArray(given)) return given;
    const all = [];
    for await (const photo of given) {
        signal?.throwIfAborted();
        checkPhoto(photo, all.length);
        all.push(photo);
    }
    return all;
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
 * A photo as a worker takes it.
 * @param {Photo} photo
 * @returns {Promise<{photo: Given, transfer: object[]}>}
 */
export async function readPhoto(photo) {
    if (isPicture(photo)) {
        const picture = await toTransfer(photo);
        return { photo: { picture }, transfer: [picture] };
    }
    const read = await readFile(photo);
    const isOurs = photo instanceof Blob && 'bytes' in read;
    return { photo: read, transfer: isOurs ? [read.bytes.buffer] : [] };
}

/**
 * @param {Exclude<Photo, Picture>} photo
 * @returns {Promise<import('./engine.js').Pixels>}
 */
async function readFile(photo) {
    if ('data' in photo) return { rgba: photo.data, width: photo.width, height: photo.height };
    if ('bytes' in photo && !(photo instanceof Blob)) return { bytes: photo.bytes };
    const bytes = await photo.arrayBuffer().catch(failing('format', 'cannot be read'));
    return { bytes: new Uint8Array(bytes) };
}

/**
 * A copy of the beginning of a photo's file; empty where it cannot be read.
 * @param {Blob | {bytes: Uint8Array}} photo
 * @param {number} length
 */
export async function headOf(photo, length) {
    // Not bytes.slice: that of node's Buffers is no copy.
    if (!(photo instanceof Blob)) {
        const { bytes } = photo; // of none where they were transferred, which cannot be asked
        return new Uint8Array(bytes.length ? bytes.subarray(0, length) : []);
    }
    // A slice of a file has a page wait for the browser's process.
    const head = (photo.size > length ? photo.slice(0, length) : photo).arrayBuffer();
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
export async function keyOf(photo) {
    try {
        const read = isPicture(photo) ? pixelsOf(photo) : await readFile(photo);
        return photoKey('bytes' in read ? read.bytes : read.rgba);
    } catch {
        return 2n ** 64n;
    }
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

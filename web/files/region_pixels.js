/**
 * Contours -> pixels. Each edge toggles, in every row whose middle it crosses, the first pixel behind
 * it; what toggles an odd number of times up to a pixel has it inside (even-odd rule). As
 * src/cli/files/fill.c does it, bit for bit.
 */

/** @typedef {import('../fleck.js').Region} Region */
/** @typedef {Region['outline'][number]} Point */
/** A part of a photo, in its pixels. @typedef {{left: number, top: number, width: number, height: number}} Window */

/** @param {number} at @param {number} length */
const pixelAt = (at, length) => Math.min(Math.floor(at), length - 1);

/** The first whole number n with n + 0.5 >= at, within low to high. @param {number} at @param {number} low @param {number} high */
const centreFrom = (at, low, high) => Math.min(Math.max(Math.ceil(at - 0.5), low), high);

/**
 * The pixels of a photo that a region may cover.
 * @param {Region} region
 * @param {{width: number, height: number}} photo
 * @returns {Window}
 */
export function windowOf(region, photo) {
    const left = pixelAt(region.left, photo.width);
    const top = pixelAt(region.top, photo.height);
    const right = pixelAt(Math.fround(region.left + region.width), photo.width);
    const bottom = pixelAt(Math.fround(region.top + region.height), photo.height);
    return { left, top, width: right + 1 - left, height: bottom + 1 - top };
}

/**
 * Marks with 1 the pixels whose centre is within a region.
 * @param {Region} region
 * @param {Window} window
 * @returns {Uint8Array} [height, width] of the window
 */
export function fill({ outline, holes }, window) {
    const { width, height } = window;
    const mask = new Uint8Array(width * height);
    for (const line of [outline, ...holes])
        line.forEach((point, i) => toggle(point, line[(i + 1) % line.length], window, mask));
    for (let y = 0; y < height; y++)
        for (let x = 1; x < width; x++) mask[y * width + x] ^= mask[y * width + x - 1];
    return mask;
}

/** @param {Point} a @param {Point} b @param {Window} window @param {Uint8Array} mask */
function toggle(a, b, { left, top, width, height }, mask) {
    const from = centreFrom(Math.min(a.y, b.y), top, top + height);
    const to = centreFrom(Math.max(a.y, b.y), top, top + height);
    for (let y = from; y < to; y++) {
        const x = a.x + ((y + 0.5 - a.y) / (b.y - a.y)) * (b.x - a.x);
        const column = centreFrom(x, left, left + width);
        if (column < left + width) mask[(y - top) * width + column - left] ^= 1;
    }
}

/** Marks the pixel where a region is hottest, which a small one may have no centre of. @param {Region} region @param {Window} window @param {Uint8Array} mask */
export function fillPeak({ peakX, peakY }, { left, top, width, height }, mask) {
    const x = pixelAt(peakX, left + width);
    const y = pixelAt(peakY, top + height);
    mask[(y - top) * width + x - left] = 1;
}

/**
 * Heatmaps as pictures. One colour map for cards, large view, exports, legend
 * and the headless report.
 */

/**
 * Inferno at nine equal steps (matplotlib, CC0): its lightness rises evenly, so
 * it reads without colour vision and in print. Between the steps: linear.
 */
const INFERNO = [
    [0x00, 0x00, 0x04],
    [0x21, 0x0c, 0x4a],
    [0x56, 0x10, 0x6e],
    [0x89, 0x22, 0x6a],
    [0xbb, 0x37, 0x54],
    [0xe3, 0x59, 0x32],
    [0xf9, 0x8c, 0x0a],
    [0xf9, 0xc9, 0x32],
    [0xfc, 0xff, 0xa4],
];

/** Heat below CLEAR leaves the photo as it is; from SOLID on colour covers it. */
const CLEAR = 0.1,
    SOLID = 0.55;

/** RGBA for every heat level 0..255. */
export const COLOURS = makeColours();

function makeColours() {
    const table = new Uint8ClampedArray(256 * 4);
    for (let level = 0; level < 256; level++) {
        const at = (level / 255) * (INFERNO.length - 1);
        const low = Math.min(Math.floor(at), INFERNO.length - 2);
        for (let c = 0; c < 3; c++)
            table[level * 4 + c] =
                INFERNO[low][c] + (at - low) * (INFERNO[low + 1][c] - INFERNO[low][c]);
        const cover = Math.min(Math.max((level / 255 - CLEAR) / (SOLID - CLEAR), 0), 1);
        table[level * 4 + 3] = 255 * cover * cover * (3 - 2 * cover);
    }
    return table;
}

/**
 * Heat as bytes: a quarter of the memory, finer than the colour map.
 * @param {Float32Array} heat 0..1
 */
export function quantise(heat) {
    const levels = new Uint8ClampedArray(heat.length);
    for (let i = 0; i < heat.length; i++) levels[i] = heat[i] * 255;
    return levels;
}

/**
 * Paints heat into a canvas of its own, as large as the heatmap.
 * @param {HTMLCanvasElement|OffscreenCanvas} canvas
 * @param {Uint8ClampedArray} levels a heatmap, square
 */
export function paintHeat(canvas, levels) {
    const side = Math.sqrt(levels.length);
    canvas.width = canvas.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = new Uint32Array(COLOURS.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[levels[i]];
    context.putImageData(image, 0, 0);
}

/**
 * A photo with its heatmap, flattened.
 * @param {ImageBitmap} photo
 * @param {Uint8ClampedArray} levels a heatmap, square
 * @param {number} frameShare share of the frame, centred, that the heatmap covers
 * @param {number} opacity 0..1
 * @param {number} side longest side of the picture in pixels; never enlarged
 */
export function flatten(photo, levels, frameShare, opacity, side) {
    const scale = Math.min(1, side / Math.max(photo.width, photo.height));
    const width = Math.max(1, Math.round(photo.width * scale));
    const height = Math.max(1, Math.round(photo.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    const heat = new OffscreenCanvas(1, 1);
    paintHeat(heat, levels);
    context.globalAlpha = opacity;
    context.drawImage(
        heat,
        (width * (1 - frameShare)) / 2,
        (height * (1 - frameShare)) / 2,
        width * frameShare,
        height * frameShare,
    );
    return canvas;
}

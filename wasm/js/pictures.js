/** Pictures that the browser has decoded already: bitmaps, frames of videos, elements. */
import { DetectorError, failing } from './errors.js';

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').Photo} Photo */

/* Names, for node has none of them, and some browsers not all. */
const GIVEN_AWAY = ['ImageBitmap', 'VideoFrame'];
const SHOWN = ['HTMLCanvasElement', 'OffscreenCanvas', 'HTMLImageElement', 'HTMLVideoElement'];

/**
 * @param {unknown} photo
 * @param {string[]} names
 */
const isOne = (photo, names) =>
    names.some((name) => {
        const type = /** @type {any} */ (globalThis)[name];
        return typeof type === 'function' && photo instanceof type;
    });

/**
 * @param {unknown} photo
 * @returns {photo is Picture}
 */
export function isPicture(photo) {
    return isOne(photo, GIVEN_AWAY) || isOne(photo, SHOWN);
}

/**
 * Width and height; 0, 0 of what shows nothing yet and of what was transferred.
 * @param {any} picture
 * @returns {[number, number]}
 */
export function sizeOfPicture(picture) {
    const { naturalWidth, naturalHeight, videoWidth, videoHeight, displayWidth, displayHeight } =
        picture;
    return [
        naturalWidth ?? videoWidth ?? displayWidth ?? picture.width,
        naturalHeight ?? videoHeight ?? displayHeight ?? picture.height,
    ];
}

/**
 * What can be transferred to a worker: the picture itself, or a bitmap of what it shows now.
 * @param {any} picture
 * @returns {Promise<ImageBitmap | VideoFrame>}
 */
export async function toTransfer(picture) {
    const [width, height] = sizeOfPicture(picture);
    if (!width || !height)
        throw new DetectorError(
            'format',
            isOne(picture, GIVEN_AWAY)
                ? 'the picture was closed or given to a detector before'
                : 'the picture shows nothing yet',
        );
    if (isOne(picture, GIVEN_AWAY)) return picture;
    return createImageBitmap(picture, {
        premultiplyAlpha: 'none',
        colorSpaceConversion: 'none',
    }).catch(failing('format', 'the picture cannot be read'));
}

/**
 * @param {any} picture
 * @returns {{rgba: Uint8ClampedArray, width: number, height: number}}
 */
export function pixelsOf(picture) {
    const [width, height] = sizeOfPicture(picture);
    const context = new OffscreenCanvas(width, height).getContext('2d', {
        willReadFrequently: true,
    });
    if (!context) throw new DetectorError('memory', `no canvas of ${width} x ${height} pixels`);
    context.drawImage(picture, 0, 0, width, height);
    return { rgba: context.getImageData(0, 0, width, height).data, width, height };
}

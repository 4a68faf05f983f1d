/** What the browser shows as a file that loses nothing of it. */

/**
 * @param {ImageBitmap|HTMLVideoElement} picture
 * @param {number} width in pixels
 * @param {number} height
 */
export function toPng(picture, width, height) {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d', { willReadFrequently: true })?.drawImage(picture, 0, 0, width, height);
    return canvas.convertToBlob({ type: 'image/png' });
}

/** What element.js takes of web/overlay.js. */
export function quantise(heat: Float32Array): Uint8ClampedArray;
export function flatten(
    photo: ImageBitmap,
    levels: Uint8ClampedArray,
    frameShare: number,
    opacity: number,
    side: number,
): OffscreenCanvas;

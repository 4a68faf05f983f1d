/** Regions as a mask: a grey PNG of the photo's size, 255 in the regions, 0 elsewhere. */

import { crc32 } from './bytes.js';
import { marked } from './kinds.js';
import { fill, fillPeak, windowOf } from './region_pixels.js';

/** @param {import('./findings.js').Finding} found */
export async function maskPng({ width, height, regions }) {
    const rows = new Uint8Array((1 + width) * height); /* each begins with its filter: none */
    for (const region of regions) {
        const window = windowOf(region, { width, height });
        const mask = fill(region, window);
        fillPeak(region, window, mask);
        for (let y = 0; y < window.height; y++)
            for (let x = 0; x < window.width; x++)
                if (mask[y * window.width + x])
                    rows[(window.top + y) * (1 + width) + 1 + window.left + x] = 255;
    }
    const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    view.setUint8(8, 8); /* bits, and grey: the rest is 0 */
    const body = new Uint8Array(await new Response(packed).arrayBuffer());
    const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    const parts = [signature, chunk('IHDR', head), chunk('IDAT', body), chunk('IEND')];
    return marked(new Blob(parts, { type: 'image/png' }));
}

/** @param {string} name @param {Uint8Array} [body] */
function chunk(name, body = new Uint8Array()) {
    const bytes = new Uint8Array(12 + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, body.length);
    bytes.set(new TextEncoder().encode(name), 4);
    bytes.set(body, 8);
    view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
    return bytes;
}

/**
 * What the command line calls a photo's mask: "__" stands for '/' alone, and different photos never
 * share a name (src/cli/files/picture_folder.c).
 * @param {string} photo
 */
export function maskName(photo) {
    const name = photo
        .replaceAll('%', '%25')
        .replace(/^\./, '%2E')
        .replace(/(?<=[_/])_|_(?=[_/])/g, '%5F')
        .replaceAll('/', '__');
    return `${name}.png`;
}

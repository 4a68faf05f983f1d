/** Regions as a data set in the form of COCO's (cocodataset.org, "object detection"), as tools for
 * labelling read it, and as `fleck inspect --coco` writes it. */

import { inPixels, inScores, toJson } from './findings.js';
import { fill, fillPeak, windowOf } from './region_pixels.js';
import { VERSION } from './results_json.js';

/** @typedef {import('./findings.js').Finding} Finding */

/** @param {readonly Finding[]} found @param {readonly import('./findings.js').Group[]} groups a category each */
export function cocoJson(found, groups) {
    let id = 0;
    const annotations = found.flatMap((photo, i) =>
        photo.regions.map((region, k) => {
            const { left, top, width, height } = region;
            return {
                id: ++id,
                image_id: i + 1,
                category_id: photo.groups[k] + 1,
                bbox: [left, top, width, height].map(inPixels),
                area: inPixels(region.area),
                iscrowd: 0,
                score: inScores(region.peak),
                segmentation: segmentation(region, photo),
            };
        }),
    );
    const head = {
        info: { description: 'defects that fleck found', version: VERSION },
        categories: (groups.length ? groups.map(categoryOf) : ['defect']).map((name, i) => ({
            id: i + 1,
            name,
            supercategory: 'defect',
        })),
    };
    const images = found.map(({ name, width, height }, i) => ({
        id: i + 1,
        file_name: name,
        width,
        height,
    }));
    const lines = (/** @type {object[]} */ list) => list.map((each) => `\n${toJson(each)}`).join();
    const lists = `"annotations":[${lines(annotations)}\n],\n"images":[${lines(images)}\n]`;
    return `${toJson(head).slice(0, -1)},\n${lists}}\n`;
}

/** @param {import('./findings.js').Group} group @param {number} number */
const categoryOf = ({ name }, number) => name || `group ${number + 1}`;

/**
 * A polygon, or where polygons cannot say it, which have no holes and no single pixels, run lengths.
 * @param {import('./findings.js').Region} region
 * @param {Finding} photo
 */
function segmentation(region, photo) {
    const window = windowOf(region, photo);
    const mask = fill(region, window);
    if (!region.holes.length && mask.includes(1))
        return [region.outline.flatMap(({ x, y }) => [inPixels(x), inPixels(y)])];
    fillPeak(region, window, mask);
    return { size: [photo.height, photo.width], counts: runs(mask, window, photo) };
}

/**
 * Lengths of the runs of 0 and 1 by turns, down the columns of the photo.
 * @param {Uint8Array} mask
 * @param {import('./region_pixels.js').Window} window
 * @param {{width: number, height: number}} photo
 */
function runs(mask, { left, top, width, height }, photo) {
    const counts = [];
    let run = left * photo.height;
    let value = 0;
    for (let x = 0; x < width; x++)
        for (let y = 0; y < photo.height; y++) {
            const isShown = y >= top && y - top < height;
            const now = isShown ? mask[(y - top) * width + x] : 0;
            if (now !== value) {
                counts.push(run);
                value = now;
                run = 0;
            }
            run++;
        }
    const rest = (photo.width - left - width) * photo.height;
    if (value && rest) {
        counts.push(run);
        run = 0;
    }
    return [...counts, run + rest];
}

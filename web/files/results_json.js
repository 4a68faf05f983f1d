/** What a job found as JSON, as `fleck inspect --json` writes it; tests/cli/results.schema.json
 * describes it. */

import { exact, inPixels, inScores, inSixDigits, toJson } from './findings.js';

/** @typedef {import('./findings.js').Finding} Finding */
/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */
/** @typedef {import('../fleck.js').FolderVerdict} FolderVerdict */

/** As CMakeLists.txt says. */
export const VERSION = '0.1.0';

/**
 * How it was found.
 * @typedef {object} Job
 * @property {{method: string, preset: string, precision: string, seed: number,
 *     backbone: {id: string}|null}} settings
 * @property {Pick<FeatureShape, 'input'|'tiles'|'patches'|'columns'|'rows'|'frameShare'>} shape
 * @property {string|null} loadedModel file that the photos are judged by; null: they are learnt from
 * @property {number} threshold
 * @property {number} look scores from here on deserve one
 * @property {number} smallestArea share of a photo
 * @property {{patches: number, share: number, follows?: true}|null} area of interest; null: all counts
 * @property {{file: string, skipped: string}[]} skipped
 * @property {FolderVerdict|null} folder
 * @property {readonly import('./findings.js').Group[]} groups
 */

/** @param {Job} job @param {readonly Finding[]} found */
export function resultsJson(job, found) {
    const { settings, shape, loadedModel, threshold, look, smallestArea, area } = job;
    const { skipped, folder, groups } = job;
    const { method, preset, precision, seed, backbone } = settings;
    const { columns, rows } = shape.tiles;
    const head = {
        format: 'fleck-results',
        format_version: 1,
        fleck: VERSION,
        command: loadedModel ? 'score' : 'inspect',
        model: loadedModel,
        backbone: backbone?.id ?? null,
        settings: {
            method,
            preset,
            precision,
            input: shape.input,
            tiles: { columns, rows },
            seed,
            frame_share: inSixDigits(shape.frameShare),
            area: area && {
                patches: area.patches,
                of: shape.patches,
                share: inSixDigits(area.share),
                ...(area.follows && { follows: true }),
            },
        },
        threshold: exact(threshold),
        look: inSixDigits(look),
        smallest_area: exact(smallestArea),
        mm_per_pixel: null,
    };
    const rest = {
        skipped,
        folder: folder && {
            photos: folder.photos,
            defects: folder.defects,
            looks: folder.looks,
            clean: folder.clean,
            estimated: folder.estimated,
            estimated_least: folder.estimatedLeast,
            estimated_most: folder.estimatedMost,
            second_product: folder.secondProduct,
            groups: groups.map(({ size }) => size),
        },
    };
    const photos = found.map((each) => toJson(photo(each, groups, shape))).join(',\n');
    return `${toJson(head).slice(0, -1)},"photos":[\n${photos}\n],${toJson(rest).slice(1)}\n`;
}

/**
 * @param {Finding} found
 * @param {Job['groups']} groups
 * @param {Job['shape']} shape
 */
function photo(found, groups, { columns, rows, frameShare }) {
    const { name, width, height, score, verdict, regions, groups: numbers } = found;
    const { marks = [], shift } = found;
    /** By how many patches, and these in pixels: floats of the same steps as the command line's. */
    const inPatches = (
        /** @type {number} */ share,
        /** @type {number} */ patches,
        /** @type {number} */ size,
    ) => {
        const patch = Math.fround(Math.fround(size * frameShare) / patches);
        return inPixels(Math.fround(Math.round((share / frameShare) * patches) * patch));
    };
    const inSize = (/** @type {number} */ share, /** @type {number} */ size) =>
        inPixels(Math.fround(share * size));
    return {
        file: name,
        width,
        height,
        score: inScores(score),
        verdict,
        regions: regions.map((each, i) => region(each, numbers[i], groups[numbers[i]].name)),
        ...(marks.length && {
            marks: marks.map(({ mark, spot }) => ({
                mark,
                at: spot && [inSize(spot.x, width), inSize(spot.y, height)],
            })),
        }),
        ...(shift && {
            shift: [inPatches(shift.x, columns, width), inPatches(shift.y, rows, height)],
        }),
    };
}

/** @param {import('./findings.js').Region} region @param {number} group @param {string} name of it */
function region({ outline, holes, ...region }, group, name) {
    const { left, top, width, height, centroidX, centroidY, peakX, peakY } = region;
    return {
        box: [left, top, width, height].map(inPixels),
        area: inPixels(region.area),
        share: inSixDigits(region.share),
        centroid: [centroidX, centroidY].map(inPixels),
        peak: inScores(region.peak),
        peak_at: [peakX, peakY].map(inPixels),
        mean: inScores(region.mean),
        group: group + 1,
        ...(name && { group_name: name }),
        contours: [outline, ...holes].map((line) =>
            line.map(({ x, y }) => [inPixels(x), inPixels(y)]),
        ),
    };
}

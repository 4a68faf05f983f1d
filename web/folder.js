/** What a folder looks like, in sentences: on the page and in the headless report. */

import { plural } from './text.js';

/**
 * @param {object} folder
 * @param {number} folder.photos
 * @param {number} folder.defects photos with that verdict at the default threshold
 * @param {boolean} [folder.clean] what the detector says; a folder that was only scored has none
 */
export function folderSentence({ photos, defects, clean = false }) {
    if (clean && !defects) return 'This folder looks clean: no photo stands out from the rest';
    const some = defects ? defects.toLocaleString('en') : 'None';
    return `${some} of ${plural(photos, 'photo')} ${defects > 1 ? 'look' : 'looks'} defective`;
}

/**
 * How many have a defect, where some were not found; empty where the found ones are all.
 * @param {{defects: number, estimated: number, estimatedLeast: number, estimatedMost: number}} folder
 */
export function estimateSentence({ defects, estimated, estimatedLeast, estimatedMost }) {
    if (estimated <= defects) return '';
    return (
        `About ${estimated.toLocaleString('en')} seem to have a defect ` +
        `(${estimatedLeast.toLocaleString('en')} to ${estimatedMost.toLocaleString('en')}): ` +
        'see those that deserve a look.'
    );
}

/** What was left out; empty where nothing was. @param {number} share of width and height */
export function frameSentence(share) {
    return share < 1
        ? `Only the middle ${(100 * share).toFixed(1)} % of each side was looked at.`
        : '';
}

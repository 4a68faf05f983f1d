/** Which sentence a folder deserves: on the page and in the headless report. */

/** @typedef {Pick<import('./texts/texts.js').Texts, 'folder'>} Texts */

/**
 * @param {Texts} texts
 * @param {object} folder
 * @param {number} folder.photos
 * @param {number} folder.defects photos with that verdict at the default threshold
 * @param {boolean} [folder.clean] what the detector says; a folder that was only scored has none
 */
export function folderSentence(texts, { photos, defects, clean = false }) {
    return clean && !defects ? texts.folder.clean : texts.folder.defective(defects, photos);
}

/**
 * How many have a defect, where some were not found; empty where the found ones are all.
 * @param {Texts} texts
 * @param {{defects: number, estimated: number, estimatedLeast: number, estimatedMost: number}} folder
 */
export function estimateSentence(texts, { defects, estimated, estimatedLeast, estimatedMost }) {
    return estimated <= defects
        ? ''
        : texts.folder.estimate(estimated, estimatedLeast, estimatedMost);
}

/** What was left out; empty where nothing was. @param {Texts} texts @param {number} share of width and height */
export function frameSentence(texts, share) {
    return share < 1 ? texts.folder.frame(share) : '';
}

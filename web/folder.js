/** What a folder looks like, in one sentence: on the page and in the headless report. */

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

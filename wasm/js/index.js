/**
 * fleck finds the defects in a folder of unlabelled product photos, on the
 * device it runs on.
 *
 *     const detector = await Detector.create();
 *     await detector.loadBackbone(bytes);
 *     await detector.add(files);
 *     await detector.train();
 *     const results = await detector.scoreFolder();
 *     detector.close();
 */
import { DEFECT, HEAT, LOOK, PHOTOS_MIN } from './constants.js';

/** From a score of DEFECT on a photo counts as a defect, from LOOK on it deserves a look, until
 * another threshold is set, by which judge() tells a verdict; a
 * heatmap is [HEAT, HEAT]; train refuses fewer than PHOTOS_MIN. */
export { DEFECT, HEAT, LOOK, PHOTOS_MIN };
export { Detector } from './detector.js';
export { DetectorError } from './errors.js';
export { keyOf, learnsFrom, photoKey } from './photos.js';
export { judge, lookFrom } from './verdict.js';

/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('./types.js').Photos} Photos */
/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').FeatureShape} FeatureShape */
/** @typedef {import('./types.js').Features} Features */
/** @typedef {import('./types.js').Samples} Samples */
/** @typedef {import('./types.js').Tiles} Tiles */
/** @typedef {import('./types.js').Verdict} Verdict */
/** @typedef {import('./types.js').Result} Result */
/** @typedef {import('./types.js').FolderResult} FolderResult */
/** @typedef {import('./types.js').FolderVerdict} FolderVerdict */
/** @typedef {import('./types.js').Region} Region */
/** @typedef {import('./types.js').MadeMark} MadeMark */
/** @typedef {import('./types.js').Point} Point */
/** @typedef {import('./types.js').Area} Area */
/** @typedef {import('./types.js').AreaLeft} AreaLeft */
/** @typedef {import('./types.js').Progress} Progress */
/** @typedef {import('./types.js').Added} Added */
/** @typedef {import('./types.js').PhotoEvent} PhotoEvent */
/** @typedef {import('./types.js').Info} Info */
/** @typedef {import('./options.js').Options} Options */

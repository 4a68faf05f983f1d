/** What the page takes of the package, which lies beside it: bundled, all of the page is here. */

/** @typedef {import('./fleck/index.js').AreaLeft} AreaLeft */
/** @typedef {import('./fleck/index.js').Features} Features */
/** @typedef {import('./fleck/index.js').FeatureShape} FeatureShape */
/** @typedef {import('./fleck/index.js').FolderVerdict} FolderVerdict */
/** @typedef {import('./fleck/index.js').Info} Info */
/** @typedef {import('./fleck/index.js').Region} Region */
/** @typedef {import('./fleck/index.js').MadeMark} MadeMark */
/** @typedef {NonNullable<import('./fleck/index.js').Options['method']>} Method */
/** @typedef {import('./fleck/index.js').Point} Point */
/** @typedef {import('./fleck/index.js').Progress} Step of work that the detector does */
/** @typedef {import('./fleck/index.js').Result} Result */
/** @typedef {import('./fleck/index.js').Tiles} Tiles */
/** @typedef {Awaited<ReturnType<import('./fleck/index.js').Detector['reviewMarks']>>} Review */
/** @typedef {import('./fleck/index.js').Verdict} Verdict */

export {
    DEFECT,
    Detector,
    DetectorError,
    HEAT,
    judge,
    keyOf,
    learnsFrom,
    lookFrom,
    PHOTOS_MIN,
} from './fleck/index.js';

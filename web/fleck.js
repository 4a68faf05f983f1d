/** What the page takes of the package, which lies beside it: bundled, all of the page is here. */
export { DEFECT, Detector, DetectorError, HEAT, keyOf, learnsFrom, LOOK } from './fleck/index.js';

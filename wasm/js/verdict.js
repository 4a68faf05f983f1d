/** From a score to a verdict, as fleck_judge does it. */

import { DEFECT, LOOK } from './constants.js';

/** @typedef {import('./types.js').Verdict} Verdict */

/**
 * Where "look" begins: it keeps its share of the threshold when that moves.
 * @param {number} threshold
 */
export function lookFrom(threshold) {
    return threshold * (LOOK / DEFECT);
}

/**
 * @param {number} score
 * @param {number} [threshold] in (0, 1]: scores from here on are defects
 * @returns {Verdict}
 */
export function judge(score, threshold = DEFECT) {
    const floats = Math.fround(threshold); /* what scores are, and a model keeps */
    if (score >= floats) return 'defect';
    return score >= Math.fround(lookFrom(floats)) ? 'look' : 'ok';
}

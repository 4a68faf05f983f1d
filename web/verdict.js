/**
 * From a score to a verdict, for the threshold that the user has set. Until one is set, the
 * library's holds: src/model/calibration.c.
 */

import { DEFECT, LOOK } from './fleck.js';

export { DEFECT };

/** @typedef {import('./fleck.js').Verdict} Verdict */

/** @type {Record<Verdict, string>} */
export const WORDS = { ok: 'OK', look: 'Look', defect: 'Defect' };

/**
 * Where "look" begins: it keeps its share of the threshold when that moves.
 * @param {number} threshold
 */
export function lookFrom(threshold) {
    return threshold * (LOOK / DEFECT);
}

/**
 * @param {number} score
 * @param {number} threshold scores from here on are defects
 * @returns {Verdict}
 */
export function judge(score, threshold) {
    if (score >= threshold) return 'defect';
    return score >= lookFrom(threshold) ? 'look' : 'ok';
}

/** What a photo's score and regions say, for the threshold that the user has set. */

import { judge } from './fleck.js';

export { DEFECT, judge, lookFrom } from './fleck.js';

/**
 * As fleck_judge_regions judges.
 * @param {{score: number|null, calledUpTo: number|null}} photo calledUpTo: the highest threshold at
 *     which it has a region that counts; null: not known, or all count
 * @param {number} threshold
 */
export function verdictOf({ score, calledUpTo }, threshold) {
    if (score === null) return null;
    const verdict = judge(score, threshold);
    const isSmall = calledUpTo !== null && calledUpTo < Math.fround(threshold);
    return verdict === 'defect' && isSmall ? 'look' : verdict;
}

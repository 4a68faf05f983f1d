/** What a score says, in words and for the threshold that the user has set. */

export { DEFECT, judge, lookFrom } from './fleck.js';

/** @typedef {import('./fleck.js').Verdict} Verdict */

/** @type {Record<Verdict, string>} */
export const WORDS = { ok: 'OK', look: 'Look', defect: 'Defect' };

/** What a score says, for the threshold that the user has set. */

export { DEFECT, judge, lookFrom } from './fleck.js';

/** What parts say that are loaded when they are wanted: it comes with them, in the language in use. */

import { language } from './texts.js';

/** @typedef {typeof import('./more_en.js').en} More */

/** @type {More} */
export const more =
    language === 'de' ? (await import('./more_de.js')).de : (await import('./more_en.js')).en;

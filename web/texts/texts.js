/**
 * What the page says, in the language that is in use. English is part of the page; any other
 * language is loaded before the first picture.
 */

import { en } from './en.js';

/** @typedef {typeof en} Texts */
/** @typedef {keyof typeof LANGUAGES} Language */

/** As each calls itself. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' };

const KEY = 'fleck-language';

/** @type {Texts} */
export let texts = en;
/** @type {Language} */
export let language = 'en';

/** @param {string} name @returns {name is Language} */
const isLanguage = (name) => Object.hasOwn(LANGUAGES, name);

/** The language that was chosen, or the first of the browser's that there is. @returns {Language} */
export function preferred() {
    let chosen = '';
    try {
        chosen = localStorage.getItem(KEY) ?? '';
    } catch {} /* this browser keeps nothing for this page */
    const wanted = [chosen, ...navigator.languages.map((tag) => tag.split('-')[0].toLowerCase())];
    return wanted.find(isLanguage) ?? 'en';
}

/** For the next visits too, where the browser keeps it. @param {Language} name @returns {boolean} whether it does */
export function remember(name) {
    try {
        localStorage.setItem(KEY, name);
        return true;
    } catch {
        return false;
    }
}

/** Before anything is said; where the language does not come all is English. @param {Language} name */
export async function speak(name) {
    if (name !== 'de') return;
    try {
        texts = (await import('./de.js')).de;
        language = name;
    } catch {}
}

/** The format of tables that the user chose last, kept by the browser. */

import { PLAIN } from './csv.js';

/** @typedef {import('./csv.js').Format} Format */

const KEY = 'fleck-csv';

/** @returns {Readonly<Format>} the plain one, if none was chosen */
export function keptFormat() {
    try {
        const { separator, decimal, bom } = JSON.parse(localStorage.getItem(KEY) ?? '');
        const isOne = [',', ';', '\t'].includes(separator) && ['.', ','].includes(decimal);
        return isOne ? { separator, decimal, bom: bom === true } : PLAIN;
    } catch {
        return PLAIN;
    }
}

/** @param {Format} format */
export function keepFormat(format) {
    try {
        localStorage.setItem(KEY, JSON.stringify(format));
    } catch {
        /* a browser that keeps nothing asks again */
    }
}

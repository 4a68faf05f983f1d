/** The report, one HTML file to read, print and check: web/report/template.html, into which its data
 * goes. tests/cli/report.schema.json describes that. */

import { toJson } from './findings.js';

const PLACE = '@REPORT@'; /* of the data */

export const PICTURES_MOST = 200;

/**
 * @param {string} template
 * @param {string} results as resultsJson writes them
 * @param {{run: object, pictures: {photo: number, data: string}[]}} rest
 */
export function reportOf(template, results, rest) {
    const [begin, end] = template.split(PLACE);
    return `${begin}${results.trimEnd().slice(0, -1)},${toJson(rest).slice(1)}${end}`;
}

/** In UTC, to the second. */
export const dateOf = (now = new Date()) => now.toISOString().replace(/\.\d+/, '');

/** Regions as a table, a line each, as `fleck inspect --regions` writes it. */

import { field, numbersOf, table } from './csv.js';
import { fixed, inSixDigits } from './findings.js';

const HEAD = [
    ...['file', 'region', 'left', 'top', 'width', 'height', 'area', 'share'],
    ...['centroid_x', 'centroid_y', 'peak', 'peak_x', 'peak_y', 'mean', 'group'],
];

/**
 * @param {readonly import('./findings.js').Finding[]} found
 * @param {readonly import('./findings.js').Group[]} groups their names have a column where there are some
 * @param {Readonly<import('./csv.js').Format>} [format]
 */
export function regionsCsv(found, groups, format) {
    const number = numbersOf(format);
    const isNamed = groups.some((group) => group.name);
    const lines = found.flatMap(({ name, regions, groups: numbers }) =>
        regions.map((r, i) => [
            field(name),
            String(i + 1),
            ...[r.left, r.top, r.width, r.height, r.area].map((value) => number(fixed(value, 2))),
            number(String(inSixDigits(r.share))),
            ...[r.centroidX, r.centroidY].map((value) => number(fixed(value, 2))),
            number(fixed(r.peak, 6)),
            ...[r.peakX, r.peakY].map((value) => number(fixed(value, 2))),
            number(fixed(r.mean, 6)),
            String(numbers[i] + 1),
            ...(isNamed ? [field(groups[numbers[i]].name)] : []),
        ]),
    );
    return table([[...HEAD, ...(isNamed ? ['group_name'] : [])], ...lines], format);
}

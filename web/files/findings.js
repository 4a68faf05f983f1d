/** What was found on photos, and its numbers as the command line's printf writes them. */

/** @typedef {import('../fleck.js').Region} Region */
/** @typedef {import('../fleck.js').Verdict} Verdict */
/** @typedef {import('../fleck.js').MadeMark} MadeMark */
/** @typedef {import('../fleck.js').Point} Point */
/** width, height: of the photo as it is seen, in whose pixels the regions are, the hottest first.
 * groups: of each region its group's number, 0 the largest; marks: where there are any, spots in
 * shares of its size; shift: where the area of interest follows the part, as of a Result.
 * @typedef {{name: string, width: number, height: number, score: number, verdict: Verdict,
 *     regions: readonly Region[], groups: readonly number[], marks?: readonly MadeMark[],
 *     shift?: Point}} Finding */
/** Of regions that look alike. size: how many it has; name: as people call it; '': none is given.
 * @typedef {{size: number, name: string}} Group */

/** As %.2f: of two as near the even one, where toFixed takes the larger. @param {number} value a float @param {number} digits */
export function fixed(value, digits) {
    const scale = 10 ** digits;
    const below = Math.floor(value * scale);
    const isBetween = value * scale - below === 0.5; /* exact: a float has 24 bits */
    const even = below % 2 ? below + 1 : below;
    return (isBetween ? even / scale : value).toFixed(digits);
}

/** Lengths and areas, in hundredths of a pixel. @param {number} value */
export const inPixels = (value) => Number(fixed(value, 2));

/** Scores and heat, in 0 to 1. @param {number} value */
export const inScores = (value) => Number(fixed(value, 6));

/** As %.6g. @param {number} value */
export const inSixDigits = (value) => Number(value.toPrecision(6));

/** The shortest decimal number that is read as the same float, 6 digits or more. @param {number} value */
export function exact(value) {
    const float = Math.fround(value);
    let digits = 6;
    while (Math.fround(Number(float.toPrecision(digits))) !== float) digits++;
    return Number(float.toPrecision(digits));
}

/** What commands terminals or turns the direction of what follows is escaped, and <, which would end
 * a script of a page that the JSON is in. @param {unknown} value */
export function toJson(value) {
    return JSON.stringify(value).replace(
        /[<\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** As how many bits the photos of a folder are read: cameras of 10 or 12 write files of 16. */

/** @typedef {import('./types.js').Samples} Samples */

/**
 * Whether all of a file has to be looked at before it is read: a PNG of 16 bits for its values, a
 * TIFF because it may say everything at its end.
 * @param {Uint8Array} head its first bytes
 */
export function isMeasuredWhole(head) {
    const DEPTH_AT = 24;
    const [first, second, third, fourth] = head;
    if (first === 0x89 && second === 0x50) return head[DEPTH_AT] === 16;
    const order = first === second && String.fromCharCode(first);
    return (order === 'I' && third === 42) || (order === 'M' && fourth === 42);
}

/** @param {number} bits the highest value that they hold */
export function whiteOf(bits) {
    return 2 ** bits - 1;
}

/** @param {number} number */
export function grouped(number) {
    return number.toLocaleString('en');
}

/**
 * @param {Samples} a
 * @param {Samples} b
 */
export function most(a, b) {
    return { bits: Math.max(a.bits, b.bits), highest: Math.max(a.highest, b.highest) };
}

/**
 * A photo's samples, as features tell them: as which they were read.
 * @param {Samples} samples
 * @param {number} bits
 */
export function readAs(samples, bits) {
    return { bits: samples.bits && bits, highest: samples.highest };
}

/** Words for numbers. */

/**
 * "1 photo", "12 photos".
 * @param {number} count
 * @param {string} noun
 */
export function plural(count, noun) {
    return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Words for numbers. */

/**
 * "1 photo", "12 photos".
 * @param {number} count
 * @param {string} noun
 */
export function plural(count, noun) {
    return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** @param {number} seconds */
export function timeLeft(seconds) {
    if (seconds < 1.5) return 'almost done';
    if (seconds < 60) return `about ${Math.ceil(seconds)} seconds left`;
    const minutes = Math.ceil(seconds / 60);
    return `about ${plural(minutes, 'minute')} left`;
}

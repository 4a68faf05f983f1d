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

/** "9.2 MB", "43 MB". @param {number} bytes */
export function megabytes(bytes) {
    return `${bytes < 9.95e6 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
}

/** "29 Nov 2026, 10:15". @param {Date} date */
export function stamp(date) {
    const day = date.toLocaleDateString('en-GB', {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
    });
    return `${day}, ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

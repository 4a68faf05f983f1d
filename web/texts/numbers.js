/** Numbers, sizes and dates as a language writes them. */

/** @param {string} locale */
export function numbersOf(locale) {
    const rules = new Intl.PluralRules(locale);
    const number = (/** @type {number} */ value) => value.toLocaleString(locale);
    const decimal = (/** @type {number} */ value, /** @type {number} */ digits) =>
        value.toLocaleString(locale, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
        });
    /** One of two words. @param {number} value @param {string} one @param {string} other */
    const either = (value, one, other) => (rules.select(value) === 'one' ? one : other);
    return {
        number,
        decimal,
        either,
        /** "1 photo", "12 photos". @param {number} value @param {string} one @param {string} other */
        count: (value, one, other) => `${number(value)} ${either(value, one, other)}`,
        /** "9.2 MB", "43 MB". @param {number} bytes */
        megabytes: (bytes) =>
            `${bytes < 9.95e6 ? decimal(bytes / 1e6, 1) : number(Math.round(bytes / 1e6))} MB`,
        /** "4.8 s", "1:05 min", "2:01:05 h". @param {number} seconds */
        length(seconds) {
            if (seconds < 60) return `${decimal(seconds, 1)} s`;
            const two = (/** @type {number} */ value) => String(value % 60).padStart(2, '0');
            const whole = Math.floor(seconds);
            const minutes = Math.floor(whole / 60);
            return minutes < 60
                ? `${minutes}:${two(whole)} min`
                : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(whole)} h`;
        },
        /** "29 Nov 2026, 10:15". @param {Date} date */
        stamp: (date) =>
            [
                date.toLocaleDateString(locale, {
                    day: 'numeric',
                    month: 'short',
                    year: 'numeric',
                }),
                date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' }),
            ].join(', '),
    };
}

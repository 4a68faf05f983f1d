/** The table of scores as a file (RFC 4180), and as spreadsheets of other languages want it. */

/**
 * bom: the file begins with a byte order mark.
 * @typedef {{separator: ','|';'|'\t', decimal: '.'|',', bom: boolean}} Format
 */

/** @type {Readonly<Format>} */
export const PLAIN = { separator: ',', decimal: '.', bom: false };

/**
 * Spreadsheets take a field that begins so for a formula: a ' goes before it. Whatever separates
 * fields in some language is quoted, so that none takes the rest of a name for another field.
 * @param {string} text
 */
function field(text) {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",;\t\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/**
 * @param {{file: string, score: number, verdict: string}[]} rows
 * @param {number} [frameShare] of the photos' width and height, that was looked at
 * @param {Readonly<Format>} [format]
 * @returns {string} `file,score,verdict`, one line a row, CRLF; and `frame` if that is not all
 */
export function toCsv(rows, frameShare = 1, { separator, decimal, bom } = PLAIN) {
    const number = (/** @type {number} */ value, /** @type {number} */ digits) => {
        const text = value.toFixed(digits).replace('.', decimal);
        return separator === decimal ? `"${text}"` : text;
    };
    const frame = frameShare < 1 ? [number(frameShare, 3)] : [];
    const lines = rows.map(({ file, score, verdict }) => [
        field(file),
        number(score, 6),
        verdict,
        ...frame,
    ]);
    const head = ['file', 'score', 'verdict', ...(frame.length ? ['frame'] : [])];
    const table = [head, ...lines].map((line) => `${line.join(separator)}\r\n`).join('');
    return bom ? `\ufeff${table}` : table;
}

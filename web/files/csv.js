/** The table of scores as a file (RFC 4180). */

/**
 * Spreadsheets take a field that begins so for a formula: a ' goes before it.
 * @param {string} text
 */
function field(text) {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/**
 * @param {{file: string, score: number, verdict: string}[]} rows
 * @param {number} [frameShare] of the photos' width and height, that was looked at
 * @returns {string} `file,score,verdict`, one line a row, CRLF; and `frame` if that is not all
 */
export function toCsv(rows, frameShare = 1) {
    const part = frameShare < 1;
    const lines = rows.map(
        ({ file, score, verdict }) =>
            `${field(file)},${score.toFixed(6)},${verdict}${part ? `,${frameShare.toFixed(3)}` : ''}`,
    );
    return [`file,score,verdict${part ? ',frame' : ''}`, ...lines, ''].join('\r\n');
}

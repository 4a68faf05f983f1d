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
 * @returns {string} `file,score,verdict`, one line a row, CRLF
 */
export function toCsv(rows) {
    const lines = rows.map(
        ({ file, score, verdict }) => `${field(file)},${score.toFixed(6)},${verdict}`,
    );
    return ['file,score,verdict', ...lines, ''].join('\r\n');
}

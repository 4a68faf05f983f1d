/** The table of scores as a file (RFC 4180). */

/** @param {string} text */
function field(text) {
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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

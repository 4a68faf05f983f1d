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
export function field(text) {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",;\t\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** How a number is written, which comes with a decimal point. @param {Readonly<Format>} [format] */
export function numbersOf({ separator, decimal } = PLAIN) {
    return (/** @type {string} */ number) => {
        const text = number.replace('.', decimal);
        return separator === decimal ? `"${text}"` : text;
    };
}

/** @param {string[][]} lines of fields as they are written @param {Readonly<Format>} [format] */
export function table(lines, { separator, bom } = PLAIN) {
    const text = lines.map((line) => `${line.join(separator)}\r\n`).join('');
    return bom ? `\ufeff${text}` : text;
}

/**
 * @param {{file: string, score: number, verdict: string, mark?: string}[]} rows mark: what is marked
 *     of the photo, where something is
 * @param {{frame?: number, area?: number}} [shares] frame: of the photos' width and height, that
 *     was looked at; area: of this, that the area of interest leaves, if there is one
 * @param {Readonly<Format>} [format]
 * @returns {string} `file,score,verdict`, one line a row, CRLF; and `frame` if that is not all, `area`
 *     if there is one, `mark` if a photo has one
 */
export function toCsv(rows, { frame = 1, area } = {}, format = PLAIN) {
    const number = numbersOf(format);
    const more = [
        ...(frame < 1 ? [['frame', frame]] : []),
        ...(area === undefined ? [] : [['area', area]]),
    ];
    const shares = more.map(([, share]) => number(Number(share).toFixed(3)));
    const marked = rows.some(({ mark }) => mark) ? ['mark'] : [];
    const lines = rows.map(({ file, score, verdict, mark = '' }) => [
        field(file),
        number(score.toFixed(6)),
        verdict,
        ...shares,
        ...marked.map(() => mark),
    ]);
    return table(
        [['file', 'score', 'verdict', ...more.map(([name]) => String(name)), ...marked], ...lines],
        format,
    );
}

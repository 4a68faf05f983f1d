/** Names for what is pasted: browsers call every picture the same. */

import { texts } from '../texts/texts.js';

const PICTURE = /^image\.(\w+)$/;

/**
 * @param {Date} date of pasting
 * @returns {(file: File) => string} "pasted 14.05.32.png" for a picture, a file's own name
 */
export function pastedNames(date) {
    const time = date.toLocaleTimeString('en-GB').replaceAll(':', '.');
    let count = 0;
    return ({ name }) => {
        const [, ending] = PICTURE.exec(name) ?? [];
        if (!ending) return name;
        count++;
        return `${texts.files.pasted} ${time}${count > 1 ? ` (${count})` : ''}.${ending}`;
    };
}

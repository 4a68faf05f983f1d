/** Names of files, as they come with folders and archives. */

/** What hides, and what systems and their file managers put beside photos. */
const QUIET =
    /^(\..*|__macosx|(eh)?thumbs\.db|desktop\.ini|@eadir|lost\+found|\$recycle\.bin|system volume information)$/i;

/** Whether nobody means the file who gives what it lies in. @param {readonly string[]} path */
export function isQuiet(path) {
    return path.some((part) => QUIET.test(part));
}

/**
 * A path that leads nowhere out of where it is put: neither `..` nor drives, no backslash, no
 * control character.
 * @param {string} path
 * @returns {string[]} folders and file
 */
export function safePath(path) {
    const parts = path
        .replace(/[\0-\x1f\x7f]/g, '\ufffd')
        .split(/[/\\]/)
        .filter((part) => !/^(\.{0,2}|[a-z]:)$/i.test(part));
    return parts.length ? parts : ['unnamed'];
}

/** @param {string} name of a file @param {number} n stands before its ending */
export const numbered = (name, n) => name.replace(/(\.\w+)?$/, `_${n}$1`);

/** What every system takes for the name of a file. @param {string} name */
export function fileName(name) {
    return name.replace(/[\\/:*?"<>|\0-\x1f\x7f]/g, '_');
}

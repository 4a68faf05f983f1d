/** Files that nobody means who gives a folder or a ZIP. */

/** What hides, and what systems and their file managers put beside photos. */
const QUIET =
    /^(\..*|__macosx|(eh)?thumbs\.db|desktop\.ini|@eadir|lost\+found|\$recycle\.bin|system volume information)$/i;

/** @param {readonly string[]} path inside what was given: folders, and the file */
export function isQuiet(path) {
    return path.some((part) => QUIET.test(part));
}

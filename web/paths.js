/** The names of photos: paths inside what was dropped. */

const NUMERIC = new Intl.Collator('en', { numeric: true }); /* localeCompare makes one each time */

/** As people order names: 2 comes before 10. @param {string} a @param {string} b */
export const compareNames = (a, b) => NUMERIC.compare(a, b);

/**
 * As one searches: upper and lower case are one, and so are the two ways to write an umlaut, which
 * systems write differently in names of files.
 * @param {string} text
 */
export const folded = (text) => text.normalize('NFC').toLowerCase();

/** Whether a path lies in a folder or in one below. @param {string} path @param {string} folder */
export const isIn = (path, folder) => path.startsWith(`${folder}/`);

/**
 * The folders that hold some of these, those below them counted too, but not all of them.
 * @param {readonly {name: string}[]} photos
 * @returns {string[]} by name
 */
export function foldersOf(photos) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { name } of photos)
        for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
            const folder = name.slice(0, at);
            counts.set(folder, (counts.get(folder) ?? 0) + 1);
        }
    return [...counts.keys()]
        .filter((folder) => counts.get(folder) !== photos.length)
        .sort(compareNames);
}

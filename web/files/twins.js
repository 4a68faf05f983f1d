/** The same photos, given twice. */

/** @typedef {{name: string, file: Blob}} Named */

/**
 * Those whose bytes and name are those of an earlier one, where a name may lack its first folders.
 * @template {Named} T
 * @param {T[]} found
 * @param {readonly Named[]} before
 * @returns {Promise<Set<T>>}
 */
export async function findTwins(found, before) {
    /** @type {Map<string, Named[]>} */
    const alike = new Map();
    const others = (/** @type {Named} */ { name, file }) => {
        const key = `${file.size} ${name.slice(name.lastIndexOf('/') + 1)}`;
        const list = alike.get(key) ?? [];
        alike.set(key, list);
        return list;
    };
    for (const photo of before) others(photo).push(photo);
    /** @type {Set<T>} */
    const twins = new Set();
    for (const photo of found) {
        const list = others(photo);
        for (const other of list)
            if (isSamePath(photo.name, other.name) && (await isSame(photo.file, other.file))) {
                twins.add(photo);
                break;
            }
        if (!twins.has(photo)) list.push(photo);
    }
    return twins;
}

/** @param {string} a @param {string} b */
function isSamePath(a, b) {
    return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

/** Whether they have the same bytes. @param {Blob} a @param {Blob} b */
export async function isSame(a, b) {
    if (a.size !== b.size) return false;
    try {
        const [one, other] = await Promise.all(
            [a, b].map(async (file) => new Uint8Array(await file.arrayBuffer())),
        );
        return one.every((byte, i) => byte === other[i]);
    } catch {
        return false; /* the detector names a file that cannot be read */
    }
}

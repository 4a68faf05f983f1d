/** From what the user drops or chooses to a list of photos. */

/** @typedef {{name: string, file: File}} Found */
/** @typedef {{photos: Found[], troubles: {name: string, message: string}[]}} Gathered */

const PHOTO = /\.(png|jpe?g|bmp|webp|avif)$/i;
const OTHER_PHOTO = /\.(heic|heif|gif|tiff?|jxl|jp2|dng|cr2|cr3|nef|arw|raw)$/i;
const MASKS = /(^|\/)ground_truth\//;

/**
 * Keeps PNG, JPEG, BMP, WebP and AVIF. Pictures in other formats are named as trouble;
 * text files, hidden files and mask folders are left out silently.
 * @param {Found[]} found
 * @returns {Gathered}
 */
export function sortOut(found) {
    /** @type {Gathered} */
    const gathered = { photos: [], troubles: [] };
    for (const entry of found) {
        const base = entry.name.slice(entry.name.lastIndexOf('/') + 1);
        if (base.startsWith('.') || MASKS.test(entry.name)) continue;
        if (PHOTO.test(base)) gathered.photos.push(entry);
        else if (OTHER_PHOTO.test(base))
            gathered.troubles.push({
                name: entry.name,
                message:
                    `${base.slice(base.lastIndexOf('.') + 1).toUpperCase()} photos are not read; ` +
                    'PNG, JPEG, BMP, WebP and AVIF are',
            });
    }
    gathered.photos.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    return gathered;
}

/** @param {Iterable<File>} files of an <input type=file> */
export function fromInput(files) {
    return sortOut(
        Array.from(files, file => ({ name: file.webkitRelativePath || file.name, file })),
    );
}

/**
 * Everything dropped, folders with all that is in them. The entries must be
 * taken from the event at once; reading them may take its time.
 * @param {DataTransfer} transfer
 * @returns {Promise<Gathered>}
 */
export async function fromDrop(transfer) {
    const entries = Array.from(transfer.items, item => item.webkitGetAsEntry());
    const loose = Array.from(transfer.files, file => ({ name: file.name, file }));
    /** @type {Found[]} */
    const found = [];
    for (const [at, entry] of entries.entries()) {
        if (entry) await walk(entry, found);
        else if (loose[at]) found.push(loose[at]);
    }
    return sortOut(entries.length ? found : loose);
}

/**
 * @param {FileSystemEntry} entry
 * @param {Found[]} found
 */
async function walk(entry, found) {
    if (entry.isFile) {
        const file = await new Promise((resolve, reject) =>
            /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject),
        );
        found.push({ name: entry.fullPath.replace(/^\//, ''), file });
    } else if (entry.isDirectory) {
        const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
        for (;;) {
            /* a reader hands out a hundred entries at a time, then none */
            /** @type {FileSystemEntry[]} */
            const batch = await new Promise((resolve, reject) =>
                reader.readEntries(resolve, reject),
            );
            if (!batch.length) return;
            for (const child of batch) await walk(child, found);
        }
    }
}

/**
 * The sample photos that come with the page.
 * @param {AbortSignal} signal
 * @returns {Promise<Gathered>}
 */
export async function fromSamples(signal) {
    const list = await (await get('samples/index.json', signal)).json();
    const photos = await Promise.all(
        list.photos.map(async (/** @type {string} */ path) => {
            const blob = await (await get(`samples/${path}`, signal)).blob();
            return { name: path, file: new File([blob], path.slice(path.lastIndexOf('/') + 1)) };
        }),
    );
    return sortOut(photos);
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function get(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Error(`${path} could not be loaded (${response.status})`);
    return response;
}

/**
 * Hands a file to the user.
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

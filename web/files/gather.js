/** From what the user drops or chooses to a list of photos, and what is left out. */

import { HEAD_BYTES, kindOf } from './kinds.js';
import { isQuiet } from './names.js';
import { compareNames } from '../paths.js';
import { texts } from '../texts/texts.js';

/** time: when it was changed last, in ms as of Date.now(), where the file does not say so itself.
 * @typedef {{name: string, file: Blob, time?: number|null}} Found */

/**
 * One file or some of a kind that are not used. other: no photos, as far as can be seen; why: the
 * reason alone, where the message says more.
 * @typedef {{name: string, message: string, why?: string, count?: number, other?: boolean}} Trouble
 */

/**
 * jobs: files of jobs that were exported; videos: of which photos can be taken; name: of the job
 * that may begin with the photos.
 * @typedef {{photos: Found[], troubles: Trouble[], jobs?: Found[], videos?: Found[], name?: string}} Gathered
 */

/**
 * Does work that takes its time and can be cancelled.
 * @typedef {import('../state/page.js').PageActions['during']} During
 */

const PHOTO_NAME = /\.(png|jpe?g|jpe|jfif|bmp|dib|tiff?)$/i;
/** Pictures whose first bytes may tell nothing. */
const PICTURE_NAME =
    /\.(tga|gif|webp|hei[cf]|avif|jxl|jp2|jxr|raw|dng|nef|cr[23]|arw|orf|rw2|raf|pef|srw|x3f|pc[dx]|pict|x[bpc][mf]|sgi|wbmp|psd|exr|hdr|dcm|fits?|dds|ras|qoi|p[pgbnf]m)$/i;
const MASKS = /(^|\/)ground_truth\//;
const AT_ONCE = 8; /* files that are looked into: with each the page waits for the browser */
const NAMED = 3; /* of those left out for their kind */
const TRIES = 3; /* whether the browser reads a kind */

/** Kinds that this browser reads, or not. @type {Map<string, boolean>} */
const decodes = new Map();

/**
 * Tells photos from other files by their content. Hidden files are left out silently, all others
 * are named, each or by kind.
 * @param {Found[]} found
 * @param {object} [options]
 * @param {Trouble[]} [options.troubles] met so far
 * @param {typeof isDecoded} [options.decoded] whether a kind is read that the detector does not
 * @returns {Promise<Gathered>}
 */
export async function sortOut(found, { troubles = [], decoded = isDecoded } = {}) {
    /** @type {Found[]} */
    const photos = [];
    /** Others, by what they are. @type {Map<string, Found[]>} */
    const pictures = new Map();
    /** @type {Map<string, number>} */
    const others = new Map();
    /** @type {Found[]} */
    const jobs = [];
    /** @type {Found[]} */
    const videos = [];
    const left = (/** @type {string} */ what) => others.set(what, (others.get(what) ?? 0) + 1);
    const picture = (/** @type {string} */ kind, /** @type {Found} */ entry) => {
        const same = pictures.get(kind);
        if (same) same.push(entry);
        else pictures.set(kind, [entry]);
    };
    const visible = found.filter(({ name }) => !isHidden(name)).sort(byName);
    for (let from = 0; from < visible.length; from += AT_ONCE) {
        const some = visible.slice(from, from + AT_ONCE);
        const heads = await Promise.all(some.map(({ file }) => head(file).catch((error) => error)));
        for (const [i, entry] of some.entries()) {
            const { name } = entry;
            if (MASKS.test(name)) {
                left('mask');
                continue;
            }
            if (!(heads[i] instanceof Uint8Array)) {
                troubles.push({ name, message: unreadable(heads[i]) });
                continue;
            }
            const kind = kindOf(heads[i]);
            const [, ending] = PICTURE_NAME.exec(name) ?? [];
            if (kind.is === 'photo') photos.push(entry);
            else if (kind.is === 'picture') picture(kind.name, entry);
            else if (kind.is === 'job' && !name.includes('/')) jobs.push(entry);
            else if (kind.is === 'job') left('job');
            else if (kind.is === 'heatmap') left('heatmap');
            else if (kind.is === 'own') left('own');
            else if (kind.name === 'video') videos.push(entry);
            else if (kind.name === 'ZIP' && /\/.*\.zip$/i.test(name)) left('zip');
            else if (PHOTO_NAME.test(name))
                if (kind.is === 'empty') troubles.push({ name, message: texts.files.empty });
                else photos.push(entry); /* the detector says what is wrong with it */
            else if (ending) picture(ending.toUpperCase(), entry);
            else left(kind.name);
        }
    }
    for (const [kind, entries] of pictures)
        if (await decoded(kind, entries)) photos.push(...entries);
        else {
            const some = entries.slice(0, NAMED).map(({ name }) => name);
            const more = entries.length - some.length;
            troubles.push({
                name: texts.files.pictures(entries.length, kind),
                count: entries.length,
                message: texts.files.notDecoded(some.join(', '), more),
            });
        }
    for (const [what, count] of others)
        troubles.push({
            name: texts.files.others(count, what),
            message: texts.files.leftOut,
            count,
            other: true,
        });
    photos.sort(byName);
    return { photos, troubles, jobs, videos };
}

/** @param {Found} a @param {Found} b */
function byName(a, b) {
    return compareNames(a.name, b.name);
}

/** The folder itself was chosen, whatever its name is. @param {string} name */
function isHidden(name) {
    const parts = name.split('/');
    return isQuiet(parts.slice(parts.length > 1 ? 1 : 0));
}

/** @param {Blob} file */
async function head(file) {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
}

/** @param {string} kind @param {Found[]} entries of that kind */
async function isDecoded(kind, entries) {
    for (const { file } of entries.slice(0, TRIES)) {
        if (decodes.get(kind)) break;
        const bitmap = await createImageBitmap(file).catch(() => null);
        bitmap?.close();
        decodes.set(kind, bitmap !== null);
    }
    return Boolean(decodes.get(kind));
}

/** @param {unknown} error */
function unreadable(error) {
    const { message, name } = /** @type {Error} */ (error);
    return texts.files.unreadable(message || name || String(error));
}

/**
 * In the place of each ZIP what is in it. One that lies in a folder stays closed; so do documents,
 * which are ZIPs too, but do not say so.
 * @param {Found[]} found
 * @param {Trouble[]} troubles
 * @param {During} during
 */
async function openZips(found, troubles, during) {
    const all = [];
    for (const each of found) {
        const { name, file } = each;
        const bytes = /^[^/]+\.zip$/i.test(name) && (await head(file).catch(() => null));
        const kind = bytes && kindOf(bytes);
        if (!kind || kind.is !== 'other' || kind.name !== 'ZIP') {
            all.push(each);
            continue;
        }
        try {
            const unpacked = await during(texts.files.unpacking(name), async (step) => {
                const { unpack } = await loadUnzip();
                return unpack(file, name, step);
            });
            if (!unpacked) troubles.push({ name, message: texts.files.unpackingCancelled });
            for (const photo of unpacked?.found ?? []) all.push(photo);
            troubles.push(...(unpacked?.troubles ?? []));
        } catch (error) {
            const { message } = /** @type {Error} */ (error);
            troubles.push({ name, message: texts.files.notUnpacked(message) });
        }
    }
    return all;
}

function loadUnzip() {
    return import('./unzip.js').catch(() => {
        throw new Error(texts.notLoaded);
    });
}

/** @param {Iterable<File>} files of an <input type=file> @param {During} during */
export async function fromInput(files, during) {
    const chosen = Array.from(files, (file) => ({
        name: file.webkitRelativePath || file.name,
        file,
    }));
    /** @type {Trouble[]} */
    const troubles = [];
    return sortOut(await openZips(chosen, troubles, during), { troubles });
}

/**
 * Everything dropped or pasted, folders with all that is in them. The entries must be
 * taken from the event at once; reading them may take its time.
 * @param {DataTransfer} transfer
 * @param {During} during
 * @param {(file: File) => string} [nameOf]
 * @returns {Promise<Gathered>}
 */
export async function fromDrop(transfer, during, nameOf = ({ name }) => name) {
    const dropped = Array.from(transfer.items)
        .filter(({ kind }) => kind === 'file')
        .map((item) => {
            const entry = item.webkitGetAsEntry();
            /* WebKit gives entries of files that lie nowhere, as pictures of other pages */
            return entry?.isDirectory ? entry : (item.getAsFile() ?? entry);
        });
    /** @type {Found[]} */
    const found = [];
    /** @type {Trouble[]} */
    const troubles = [];
    for (const each of dropped)
        if (each instanceof File) found.push({ name: nameOf(each), file: each });
        else if (each) await walk(each, found, troubles);
    return sortOut(await openZips(found, troubles, during), { troubles });
}

/**
 * What cannot be read is named, and the rest is taken.
 * @param {FileSystemEntry} entry
 * @param {Found[]} found
 * @param {Trouble[]} troubles
 */
async function walk(entry, found, troubles) {
    const name = entry.fullPath.replace(/^\//, '');
    if (isHidden(name)) return;
    try {
        if (entry.isFile) {
            const file = await new Promise((resolve, reject) =>
                /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject),
            );
            found.push({ name, file });
            return;
        }
        const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
        for (;;) {
            /* a reader hands out a hundred entries at a time, then none */
            /** @type {FileSystemEntry[]} */
            const batch = await new Promise((resolve, reject) =>
                reader.readEntries(resolve, reject),
            );
            if (!batch.length) return;
            for (const child of batch) await walk(child, found, troubles);
        }
    } catch (error) {
        troubles.push({ name: entry.isFile ? name : `${name}/`, message: unreadable(error) });
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
    return { ...(await sortOut(photos)), name: texts.jobs.samples };
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function get(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Error(texts.files.notFetched(path, response.status));
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

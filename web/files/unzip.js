/**
 * Unpacks ZIP archives, which may be larger than memory. Loaded when one is met. What is stored
 * stays where it is, as a part of the archive's file; what is deflated is unpacked file by file.
 */

/*! Has in it fflate, which is under the MIT licence: licences/fflate.txt */
import { Inflate } from 'fflate';
import { crc32, crcOf, pieces } from './bytes.js';
import { isQuiet } from './names.js';
import { HEADER, readDirectory, viewOf } from './zip_directory.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('./zip_directory.js').Entry} Entry */
/** @typedef {import('./gather.js').Found} Found */
/** @typedef {import('./gather.js').Trouble} Trouble */

const FILE_MOST = 256e6; /* bytes unpacked */
const ALL_MOST = 4e9;
const NAMED_MOST = 20; /* files that are damaged, each with its fault */
const PUSHED = 1 << 14; /* bytes inflated at once: a thousand times as many may come of them */

/**
 * What is in a ZIP, its folders as those of photos. Of one that has several things at its top they
 * are in a folder of its name.
 * @param {Blob} zip
 * @param {string} name
 * @param {import('../state/page.js').Step} step
 * @param {{fileMost?: number, allMost?: number}} [limits] other ones are for tests
 * @returns {Promise<{found: Found[], troubles: Trouble[]}>}
 */
export async function unpack(
    zip,
    name,
    { signal, report },
    { fileMost = FILE_MOST, allMost = ALL_MOST } = {},
) {
    const entries = (await readDirectory(zip)).filter(
        ({ path, isFolder }) => !isFolder && !isQuiet(path),
    );
    const tops = new Set(entries.map(({ path }) => (path.length > 1 ? path[0] : null)));
    const folder = tops.size === 1 && !tops.has(null) ? [] : [name.replace(/\.zip$/i, '')];
    const total = entries.reduce((sum, { packed }) => sum + packed, 0);
    /** @type {Found[]} */
    const found = [];
    /** @type {Trouble[]} */
    const troubles = [];
    let [done, unpacked] = [0, 0];
    for (const [i, entry] of entries.entries()) {
        signal.throwIfAborted();
        report(done, total);
        const path = [...folder, ...entry.path].join('/');
        if (entry.method !== 0 && entry.size <= fileMost) unpacked += entry.size;
        if (unpacked > allMost) {
            const count = entries.length - i;
            troubles.push({ name, message: texts.zip.tooMuch(allMost, count), count });
            break;
        }
        try {
            const file = await extract(zip, entry, signal, fileMost);
            found.push({ name: path, file, time: entry.time });
        } catch (error) {
            signal.throwIfAborted();
            troubles.push({ name: path, message: /** @type {Error} */ (error).message });
        }
        done += entry.packed;
    }
    return { found, troubles: shortened(troubles, name) };
}

/**
 * One file of an archive, whole and undamaged.
 * @param {Blob} zip
 * @param {Entry} entry
 * @param {AbortSignal} signal
 * @param {number} [most] bytes of it
 */
export async function extract(zip, entry, signal, most = FILE_MOST) {
    const { at, until, method, packed, size, crc } = entry;
    const header = await viewOf(zip, at, at + HEADER);
    if (header.getUint32(0, true) !== 0x04034b50) throw new Error(texts.zip.fileDamaged);
    if (entry.isEncrypted || header.getUint16(6, true) & 1) throw new Error(texts.zip.encrypted);
    if (method !== 0 && method !== 8) throw new Error(texts.zip.otherMethod(method));
    if (size > most) throw new Error(texts.zip.tooLarge(most));
    const from = at + HEADER + header.getUint16(26, true) + header.getUint16(28, true);
    if (from + packed > until) throw new Error(texts.zip.fileDamaged);
    const content = zip.slice(from, from + packed);
    if (method === 8) return inflate(content, entry, signal);
    if (packed !== size || (await crcOf(content, signal)) !== crc)
        throw new Error(texts.zip.fileDamaged);
    return content;
}

/** @param {Blob} content @param {Entry} entry @param {AbortSignal} signal */
async function inflate(content, { size, crc }, signal) {
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    let [length, sum] = [0, 0];
    const stream = new Inflate((part) => {
        length += part.length;
        if (length > size) throw new Error(texts.zip.fileDamaged); /* it says less than it has */
        sum = crc32(part, sum);
        parts.push(/** @type {Uint8Array<ArrayBuffer>} */ (part));
    });
    try {
        for await (const piece of pieces(content, signal))
            for (let at = 0; at < piece.length; at += PUSHED)
                stream.push(piece.subarray(at, at + PUSHED), false);
        stream.push(new Uint8Array(), true);
    } catch {
        signal.throwIfAborted();
        throw new Error(texts.zip.fileDamaged);
    }
    if (length !== size || sum !== crc) throw new Error(texts.zip.fileDamaged);
    return new Blob(parts);
}

/** Thousands of them would hide the others. @param {Trouble[]} troubles @param {string} name */
function shortened(troubles, name) {
    const more = troubles.slice(NAMED_MOST);
    if (more.length < 2) return troubles;
    const count = more.reduce((sum, { count = 1 }) => sum + count, 0);
    return [...troubles.slice(0, NAMED_MOST), { name, message: texts.zip.more(count), count }];
}

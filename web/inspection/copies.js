/** The photos themselves, as they are, to be taken along: in a ZIP, or in a folder of the user's. */

import { numbered, safePath } from '../files/names.js';
import { Zip } from '../files/zip.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/page.js').Step} Step */
/** missing: names of those whose files could not be read. @typedef {{missing: string[]}} Copied */

/**
 * @param {readonly Item[]} items
 * @param {Step} step
 * @returns {Promise<Copied & {zip: Blob}>}
 */
export async function photosZip(items, { signal, report }) {
    const zip = new Zip();
    const missing = [];
    for (const [done, { name, file, time }] of items.entries()) {
        signal.throwIfAborted();
        report(done, items.length);
        try {
            await zip.add(safePath(name).join('/'), file, signal, time);
        } catch {
            signal.throwIfAborted();
            missing.push(name); /* it was moved, changed or deleted */
        }
    }
    return { zip: zip.blob(), missing };
}

/**
 * Into the same folders as they came from. Nothing that is there already is written over: a photo
 * whose name is taken gets a number.
 * @param {FileSystemDirectoryHandle} folder
 * @param {readonly Item[]} items
 * @param {Step} step
 * @param {(copied: number) => void} copied called with how many are there whole
 * @returns {Promise<Copied>} throws where the folder can be written to no more
 */
export async function copyInto(folder, items, { signal, report }, copied) {
    const missing = [];
    for (const [done, { name, file }] of items.entries()) {
        signal.throwIfAborted();
        report(done, items.length);
        const bytes = await file.arrayBuffer().catch(() => null);
        if (!bytes) {
            missing.push(name);
            continue;
        }
        const path = safePath(name);
        const last = /** @type {string} */ (path.pop());
        let at = folder;
        for (const part of path) at = await at.getDirectoryHandle(part, { create: true });
        await write(at, await freeName(at, last), bytes, signal);
        copied(done + 1 - missing.length);
    }
    return { missing };
}

/** @param {FileSystemDirectoryHandle} folder @param {string} name */
async function freeName(folder, name) {
    for (let n = 1; ; n++) {
        const free = n > 1 ? numbered(name, n) : name;
        try {
            await folder.getFileHandle(free);
        } catch (error) {
            if (/** @type {Error} */ (error).name === 'NotFoundError') return free;
            if (/** @type {Error} */ (error).name !== 'TypeMismatchError') throw error;
            /* a folder has the name */
        }
    }
}

/**
 * Whole, or not at all.
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 * @param {ArrayBuffer} bytes
 * @param {AbortSignal} signal
 */
async function write(folder, name, bytes, signal) {
    const handle = await folder.getFileHandle(name, { create: true });
    try {
        const stream = await handle.createWritable();
        await new Blob([bytes]).stream().pipeTo(stream, { signal });
    } catch (error) {
        await folder.removeEntry(name).catch(() => {}); /* it is empty */
        throw error;
    }
}

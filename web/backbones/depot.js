/**
 * The worker that keeps backbones: downloads, hashes, reads, deletes. Beside the bytes of a
 * backbone, ID, lies what is known of it, ID.json. That stays when the bytes are deleted: the hash
 * at first use holds for every later download.
 */

import { Break, download } from './download.js';
import { sha256 } from '../files/sha256.js';
import { serve } from '../rpc.js';
import { openStore } from './store.js';
import { speak, texts } from '../texts/texts.js';

/** @typedef {import('./store.js').Store} Store */

/**
 * What is known of a backbone.
 * @typedef {object} Note
 * @property {string} title
 * @property {string} sha256  '' until the first time that it was whole
 * @property {boolean} whole
 * @property {import('./download.js').Mark|null} mark
 */

/**
 * A file to download.
 * @typedef {object} Wanted
 * @property {string} id
 * @property {string} title
 * @property {string} address
 * @property {number} bytes  0 where its exact size is unknown
 * @property {string|null} sha256
 */

/** @typedef {{id: string, title: string, size: number, total: number, whole: boolean}} Kept */

const nowhere = () =>
    new Error(isSecureContext ? texts.backbones.keepsNone : texts.backbones.httpsOnly);

/** @type {Promise<Store|null>} */
let opening;

const methods = {
    /**
     * @param {boolean} files whether to try the private file system
     * @param {import('../texts/texts.js').Language} language
     */
    async open(files, language) {
        opening = speak(language).then(() => openStore(files));
        return Boolean(await opening);
    },

    /** @returns {Promise<Kept[]>} */
    async list() {
        const store = await opening;
        const names = (await store?.names()) ?? [];
        const kept = [];
        for (const id of names.filter((name) => !name.endsWith('.json'))) {
            const size = await /** @type {Store} */ (store).size(id);
            const { title, whole, mark } = await recall(id);
            if (size) kept.push({ id, title, size, total: mark?.total ?? 0, whole });
        }
        return kept.sort((a, b) => a.title.localeCompare(b.title));
    },

    /** @param {Wanted} file @param {import('../rpc.js').Task} task */
    async download({ id, title, address, bytes, sha256 }, { signal, report }) {
        const store = await required();
        let note = { ...(await recall(id)), title, whole: false };
        const sink = await appender(store, id);
        try {
            await download({
                address,
                sink,
                bytes,
                pinned: Boolean(sha256),
                mark: note.mark,
                remember: (mark) => remember(id, (note = { ...note, mark })),
                signal,
                onProgress: report,
            });
        } catch (error) {
            if (!(error instanceof Break)) throw error;
            throw new Error(texts.backbones.broken(error.message));
        } finally {
            await sink.close();
        }
        const found = await hash(await store.read(id));
        const expected = sha256 || note.sha256;
        if (expected && expected !== found) await store.remove(id);
        check(title, expected, found);
        await remember(id, { ...note, sha256: found, whole: true });
    },

    /**
     * The bytes of a kept backbone; those that have lost their hash are deleted.
     * @param {string} id
     * @param {string} title
     * @param {string|null} sha256 where the list knows it
     */
    async read(id, title, sha256) {
        const { whole, sha256: remembered } = await recall(id);
        if (!whole) throw new Error(texts.backbones.notHere(title));
        const bytes = await (await required()).read(id);
        const [expected, found] = [sha256 || remembered, await hash(bytes)];
        if (expected !== found) await methods.remove(id);
        check(title, expected, found);
        return bytes;
    },

    /** @param {Blob} file */
    async hash(file) {
        return hash(await file.arrayBuffer());
    },

    /**
     * Throws unless a file with the hash found may be the backbone.
     * @param {string} id
     * @param {string} title
     * @param {string|null} sha256 where the list knows it
     * @param {string} found
     */
    async vouch(id, title, sha256, found) {
        check(title, sha256 || (await recall(id)).sha256, found);
    },

    /**
     * @param {string} id
     * @param {string} title
     * @param {Blob} file
     * @param {string} sha256
     */
    async put(id, title, file, sha256) {
        const store = await required();
        const sink = await appender(store, id);
        try {
            await sink.clear();
            for (const reader = file.stream().getReader(); ;) {
                const { done, value } = await reader.read();
                if (done) break;
                await sink.write(value);
            }
            await remember(id, { title, sha256, whole: true, mark: null });
        } finally {
            await sink.close();
        }
    },

    /** @param {string} id */
    async remove(id) {
        const store = await required();
        const note = await recall(id);
        await store.remove(id);
        if (id.startsWith('own-')) await store.remove(`${id}.json`); /* the hash is in its name */
        else await remember(id, { ...note, whole: false, mark: null });
    },
};

async function required() {
    const store = await opening;
    if (!store) throw nowhere();
    return store;
}

/** @param {string} id @returns {Promise<Note>} */
async function recall(id) {
    try {
        const bytes = await (await required()).read(`${id}.json`);
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return { title: id, sha256: '', whole: false, mark: null };
    }
}

/** @param {string} id @param {Note} note */
async function remember(id, note) {
    const sink = await (await required()).append(`${id}.json`);
    try {
        await sink.clear();
        await sink.write(new TextEncoder().encode(JSON.stringify(note)));
    } finally {
        await sink.close();
    }
}

/** @param {Store} store @param {string} id */
async function appender(store, id) {
    try {
        return await store.append(id);
    } catch (error) {
        if (/** @type {Error} */ (error).name !== 'NoModificationAllowedError') throw error;
        throw new Error(texts.backbones.loadedElsewhere);
    }
}

/** @param {string} title @param {string} expected '' at first use @param {string} found */
function check(title, expected, found) {
    if (expected && expected !== found)
        throw new Error(texts.backbones.wrongHash(title, expected, found));
}

/** @param {ArrayBuffer} bytes */
async function hash(bytes) {
    if (!crypto.subtle) throw nowhere();
    return sha256(bytes);
}

serve(/** @type {any} */ (self), methods, ({ name, message }) => ({
    code: name,
    message: name === 'QuotaExceededError' ? texts.backbones.noRoom : message,
}));

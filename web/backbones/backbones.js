/**
 * The backbones to choose from: the list, what is kept on this device, downloads, the user's own
 * files. The work is done in the worker depot.js.
 */

import { get } from '../files/gather.js';
import { Caller } from '../rpc.js';
import { bytesOf, entryOfFile, FILE, isOwn } from './registry.js';
import { language, texts } from '../texts/texts.js';

/** @typedef {import('./registry.js').Entry} Entry */
/** @typedef {import('../state/job.js').Backbone} Backbone */

export class Backbones {
    #store;
    #tell;
    #list = /** @type {Promise<Entry[]>|null} */ (null);
    #depot = /** @type {Caller|null} */ (null);
    #downloads = /** @type {Map<string, AbortController>} */ (new Map());
    /** files that no photo has been read with yet, and so are not kept, by id */
    #offered = /** @type {Map<string, {file: File, sha256: string}>} */ (new Map());

    /**
     * @param {import('../state/store.js').Store} store
     * @param {(kind: 'note'|'error', message: string) => void} tell
     */
    constructor(store, tell) {
        this.#store = store;
        this.#tell = tell;
    }

    /** Looks up what there is to choose from. */
    async look() {
        const [entries, kept] = await Promise.all([
            this.#entries().catch(() => []),
            this.#call('list', []).catch(() => []),
        ]);
        this.#store.device.setBackbones({ entries, kept });
    }

    /** What the list knows of a backbone. @param {string} id @returns {Promise<Entry|undefined>} */
    async entry(id) {
        return isOwn(id) ? undefined : (await this.#entries()).find(({ name }) => name === id);
    }

    /**
     * The file of a backbone, its hash checked.
     * @param {Readonly<Backbone>} backbone
     * @returns {Promise<Uint8Array>}
     */
    async bytes({ id, name }) {
        const offered = this.#offered.get(id);
        const entry = await this.entry(id).catch(() => undefined);
        return new Uint8Array(
            await (offered
                ? offered.file.arrayBuffer()
                : this.#call('read', [id, name, entry?.sha256 ?? null])),
        );
    }

    /** Keeps a file that has proved to be a backbone. @param {Readonly<Backbone>} backbone */
    async settle({ id, name }) {
        const offered = this.#offered.get(id);
        if (!offered) return;
        try {
            await this.#call('put', [id, name, offered.file, offered.sha256]);
            this.#offered.delete(id);
            this.#store.device.setBackbones({ own: null });
            await this.look();
        } catch (error) {
            const { message } = /** @type {Error} */ (error);
            this.#tell('note', texts.backbones.notKept(name, message));
        }
    }

    /**
     * The user's own file, which may be one of the list.
     * @param {File} file
     * @returns {Promise<Backbone|null>} null: it is not what it should be, and the state says why
     */
    async offer(file) {
        const { device } = this.#store;
        device.trouble(FILE);
        device.setBackbones({ hashing: true });
        try {
            const sha256 = await this.#call('hash', [file]);
            const entries = await this.#entries().catch(() => []);
            const entry = entryOfFile(entries, file.name, sha256);
            const id = entry?.name ?? `own-${sha256.slice(0, 16)}`;
            const name = entry?.title ?? file.name;
            if (entry) await this.#call('vouch', [id, name, entry.sha256, sha256]);
            this.#offered.set(id, { file, sha256 });
            const own = { id, name };
            device.setBackbones({ own });
            return own;
        } catch (error) {
            device.trouble(FILE, `${file.name}: ${/** @type {Error} */ (error).message}.`);
            return null;
        } finally {
            device.setBackbones({ hashing: false });
        }
    }

    /** @param {Readonly<Entry>} entry */
    async download(entry) {
        const { name: id, title, address, bytes = 0, sha256 } = entry;
        const { device } = this.#store;
        if (this.#downloads.has(id)) return;
        device.trouble(id);
        const abort = new AbortController();
        this.#downloads.set(id, abort);
        device.load(id, { done: 0, total: bytesOf(entry), secondsLeft: null });
        navigator.storage?.persist?.().catch(() => {});
        try {
            await this.#call('download', [{ id, title, address, bytes, sha256 }], {
                signal: abort.signal,
                onProgress: (loaded) => device.load(id, loaded),
            });
            this.#tell('note', texts.backbones.downloaded(title));
        } catch (error) {
            const { message } = /** @type {Error} */ (error);
            if (error !== abort.signal.reason) {
                device.trouble(id, `${message}.`);
                this.#tell('error', `${title}: ${message}.`);
            }
        }
        this.#downloads.delete(id);
        device.load(id, null);
        await this.look();
    }

    /** @param {string} id */
    stop(id) {
        this.#downloads.get(id)?.abort();
    }

    /** Deletes what is kept of a backbone. @param {string} id */
    async remove(id) {
        await this.#call('remove', [id]);
        await this.look();
    }

    #entries() {
        this.#list ??= get('models/backbones.json')
            .then((response) => response.json())
            .then(({ backbones }) => backbones)
            .catch((error) => {
                this.#list = null;
                throw error;
            });
        return this.#list;
    }

    /**
     * @param {string} method of depot.js
     * @param {unknown[]} args
     * @param {Parameters<Caller['call']>[2]} [options]
     */
    #call(method, args, options) {
        if (!this.#depot || this.#depot.broken) {
            const worker = new Worker(new URL('./depot.js', import.meta.url), { type: 'module' });
            this.#depot = new Caller(worker, ({ code, message, broken }) =>
                Object.assign(new Error(broken ? texts.backbones.unreachable : message), {
                    code,
                }),
            );
            const files = typeof navigator.storage?.getDirectory === 'function';
            this.#depot.call('open', [files, language]).catch(() => {});
        }
        return this.#depot.call(method, args, options);
    }
}

/** The files that come into a folder, and its subfolders, while it is watched. */

import { isQuiet } from './names.js';
import { texts } from '../texts/texts.js';

/** By their paths: size and date, and whether they have arrived.
 * @typedef {Map<string, {stamp: string, taken: boolean}>} Seen */

const FILES_MOST = 20_000;

export class Arrivals {
    #folder;
    #seen = /** @type {Seen|null} */ (null);

    /** @param {FileSystemDirectoryHandle} folder */
    constructor(folder) {
        this.#folder = folder;
    }

    /**
     * Looks once. Those that are there at first are no arrivals; one that is written over is. A
     * file has arrived when its size and date are those of the look before, and it is not empty:
     * before that it is still being written.
     * @returns {Promise<{name: string, file: File}[]>} the oldest first
     */
    async look() {
        const before = this.#seen;
        /** @type {Seen} */
        const seen = new Map();
        const arrived = [];
        for (const [path, file] of await this.#list()) {
            const stamp = `${file.size} ${file.lastModified}`;
            const known = before?.get(path);
            const rests = known?.stamp === stamp && file.size > 0;
            const taken = !before || (rests && known.taken);
            seen.set(path, { stamp, taken: taken || rests });
            if (rests && !taken) arrived.push({ name: `${this.#folder.name}/${path}`, file });
        }
        this.#seen = seen;
        return arrived.sort((a, b) => a.file.lastModified - b.file.lastModified);
    }

    /** By their paths; hidden ones are left out. */
    async #list() {
        /** @type {Map<string, File>} */
        const files = new Map();
        let count = 0;
        /** @param {FileSystemDirectoryHandle} folder @param {string[]} path */
        const walk = async (folder, path) => {
            for await (const [name, entry] of folder.entries()) {
                if (isQuiet([name])) continue;
                if (++count > FILES_MOST) throw new Error(texts.files.tooMany(FILES_MOST));
                const at = [...path, name];
                try {
                    if (entry.kind === 'directory')
                        await walk(/** @type {FileSystemDirectoryHandle} */ (entry), at);
                    else
                        files.set(
                            at.join('/'),
                            await /** @type {FileSystemFileHandle} */ (entry).getFile(),
                        );
                } catch (error) {
                    /* it went while the folder was read, or who writes it keeps it closed */
                    const { name } = /** @type {Error} */ (error);
                    if (name !== 'NotFoundError' && name !== 'NotReadableError') throw error;
                }
            }
        };
        await walk(this.#folder, []);
        return files;
    }
}

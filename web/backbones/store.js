/**
 * Files by name, on this device: in the origin's private file system, or, where a browser has
 * none that can be appended to, as pieces in the Cache API. Both offer the same. In a worker.
 */

/**
 * @typedef {object} Store
 * @property {() => Promise<string[]>} names
 * @property {(name: string) => Promise<number>} size 0 where there is none
 * @property {(name: string) => Promise<ArrayBuffer>} read
 * @property {(name: string) => Promise<Appender>} append to a file, new or not
 * @property {(name: string) => Promise<void>} remove
 */

/** @typedef {import('./download.js').Sink & {close: () => void|Promise<void>}} Appender */

/** What the types of pages leave out, as only workers have it. In some browsers all but write
 * take their time.
 * @typedef {object} SyncHandle
 * @property {() => number|Promise<number>} getSize
 * @property {(bytes: Uint8Array, options: {at: number}) => number} write
 * @property {(size: number) => void|Promise<void>} truncate
 * @property {() => void|Promise<void>} flush
 * @property {() => void|Promise<void>} close
 */

const PIECE = 8 << 20;

/**
 * @param {boolean} files whether to try the file system
 * @returns {Promise<Store|null>} null where the browser keeps nothing, as in some private windows
 */
export async function openStore(files) {
    try {
        if (files && 'createSyncAccessHandle' in FileSystemFileHandle.prototype) {
            const root = await navigator.storage.getDirectory();
            return fileStore(await root.getDirectoryHandle('backbones', { create: true }));
        }
    } catch {
        /* the other way may be open */
    }
    try {
        return pieceStore(await caches.open('fleck-backbones'));
    } catch {
        return null;
    }
}

/** @param {FileSystemDirectoryHandle} directory @returns {Store} */
function fileStore(directory) {
    const file = async (/** @type {string} */ name) =>
        (await directory.getFileHandle(name)).getFile();
    return {
        async names() {
            const names = [];
            for await (const name of /** @type {any} */ (directory).keys()) names.push(name);
            return names;
        },
        size: (name) =>
            file(name).then(
                ({ size }) => size,
                () => 0,
            ),
        read: async (name) => (await file(name)).arrayBuffer(),
        async append(name) {
            const entry = await directory.getFileHandle(name, { create: true });
            const handle = /** @type {SyncHandle} */ (
                await /** @type {any} */ (entry).createSyncAccessHandle()
            );
            /** @type {Appender} */
            const appender = {
                size: await handle.getSize(),
                async write(bytes) {
                    /* Out of room, Chromium throws nothing and returns an error as a count. */
                    const written = handle.write(bytes, { at: appender.size });
                    if (written !== bytes.length) {
                        await handle.truncate(appender.size);
                        throw new DOMException('', 'QuotaExceededError');
                    }
                    appender.size += written;
                },
                async clear() {
                    await handle.truncate((appender.size = 0));
                },
                async close() {
                    await handle.flush();
                    await handle.close();
                },
            };
            return appender;
        },
        remove: (name) => directory.removeEntry(name).catch(() => {}),
    };
}

/**
 * A file is the responses at kept/NAME/0, 1, ... of any sizes.
 * @param {Cache} cache
 * @returns {Store}
 */
function pieceStore(cache) {
    const address = (/** @type {string} */ name, /** @type {number} */ n) =>
        new URL(`kept/${name}/${n}`, location.href).href;
    const pieces = async (/** @type {string} */ name) => {
        const found = [];
        for (let n = 0; ; n++) {
            const piece = await cache.match(address(name, n));
            if (!piece) return found;
            found.push(piece);
        }
    };
    const size = async (/** @type {string} */ name) =>
        (await pieces(name)).reduce((sum, { headers }) => sum + Number(headers.get('X-Size')), 0);
    const remove = async (/** @type {string} */ name) => {
        for (let n = 0; await cache.delete(address(name, n)); n++);
    };
    return {
        size,
        remove,
        async names() {
            const names = (await cache.keys()).map(({ url }) => url.split('/').at(-2) ?? '');
            return [...new Set(names)];
        },
        async read(name) {
            const parts = await Promise.all((await pieces(name)).map((piece) => piece.blob()));
            return new Blob(parts).arrayBuffer();
        },
        async append(name) {
            let next = (await pieces(name)).length;
            /** @type {Uint8Array<ArrayBuffer>[]} */
            let waiting = [];
            let waitingSize = 0;
            const flush = async () => {
                if (!waitingSize) return;
                const headers = { 'X-Size': String(waitingSize) };
                await cache.put(address(name, next), new Response(new Blob(waiting), { headers }));
                next++;
                waiting = [];
                waitingSize = 0;
            };
            /** @type {Appender} */
            const appender = {
                size: await size(name),
                async write(bytes) {
                    waiting.push(bytes.slice());
                    waitingSize += bytes.length;
                    appender.size += bytes.length;
                    if (waitingSize >= PIECE) await flush();
                },
                async clear() {
                    waiting = [];
                    appender.size = waitingSize = next = 0;
                    await remove(name);
                },
                close: flush,
            };
            return appender;
        },
    };
}

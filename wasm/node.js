/**
 * What node has in place of a browser's workers. Not loaded by browsers.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker as Thread, workerData } from 'node:worker_threads';

/** The part of the browser's Worker that channel.js uses. */
export class Worker {
    /** @type {((event: {data: any}) => void) | null} */
    onmessage = null;
    /** @type {((event: {message: string}) => void) | null} */
    onerror = null;
    /** @type {((event: unknown) => void) | null} */
    onmessageerror = null;
    #thread;

    /** @param {URL} url a script written for a browser's module worker */
    constructor(url) {
        this.#thread = new Thread(new URL(import.meta.url), { workerData: { fleckWorker: url.href } });
        this.#thread.on('message', (data) => this.onmessage?.({ data }));
        this.#thread.on('messageerror', (error) => this.onmessageerror?.(error));
        this.#thread.on('error', (error) => this.onerror?.(/** @type {Error} */ (error)));
        this.#thread.on('exit', (status) => this.onerror?.({ message: `exit status ${status}` }));
    }

    /**
     * @param {unknown} message
     * @param {{transfer: import('node:worker_threads').Transferable[]}} options
     */
    postMessage(message, { transfer }) {
        this.#thread.postMessage(message, transfer);
    }

    terminate() {
        this.onmessage = this.onerror = this.onmessageerror = null;
        void this.#thread.terminate();
    }
}

/** Processor cores that this process may use. */
export const cores = availableParallelism();

/**
 * Emscripten's glue would fetch() the module.
 * @param {string} name of the module
 */
export async function moduleSettings(name) {
    return {
        wasmBinary: await readFile(new URL(`./${name}.wasm`, import.meta.url)),
        locateFile: (/** @type {string} */ file) =>
            fileURLToPath(new URL(file.replace(/\.worker\.js$/, '.worker.cjs'), import.meta.url)),
    };
}

// In the thread itself: the globals that the script and the glue expect.
if (!isMainThread && parentPort && workerData?.fleckWorker) {
    const port = parentPort;
    Object.assign(globalThis, {
        self: globalThis,
        require: createRequire(import.meta.url),
        importScripts: () => {},
        location: { href: workerData.fleckWorker },
        postMessage: (/** @type {unknown} */ message, /** @type {{transfer: any[]}} */ options) =>
            port.postMessage(message, options?.transfer),
    });
    void import(workerData.fleckWorker).then(() =>
        port.on('message', (data) => /** @type {any} */ (globalThis).onmessage({ data })));
}

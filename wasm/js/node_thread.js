/** A browser's worker as a thread of node's, and what that thread runs first. */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker as Thread, workerData } from 'node:worker_threads';

/** The part of the browser's Worker that channel.js and Emscripten's glue use. */
export class Worker {
    /** @type {((event: {data: any}) => void) | null} */
    onmessage = null;
    /** @type {((event: {message: string}) => void) | null} */
    onerror = null;
    /** @type {((event: unknown) => void) | null} */
    onmessageerror = null;
    #thread;

    /**
     * @param {string | URL} url a script written for a browser's module worker
     * @param {{name?: string}} [options]
     */
    constructor(url, { name = '' } = {}) {
        this.#thread = new Thread(new URL('./node_thread.js', import.meta.url), {
            workerData: { fleckWorker: String(url), name },
        });
        this.#thread.on('message', (data) => this.onmessage?.({ data }));
        this.#thread.on('messageerror', (error) => this.onmessageerror?.(error));
        this.#thread.on('error', (error) => this.onerror?.(/** @type {Error} */ (error)));
        this.#thread.on('exit', (status) => this.onerror?.({ message: `exit status ${status}` }));
    }

    /**
     * @param {unknown} message
     * @param {{transfer: import('node:worker_threads').Transferable[]}} [options]
     */
    postMessage(message, options) {
        this.#thread.postMessage(message, options?.transfer);
    }

    terminate() {
        this.onmessage = this.onerror = this.onmessageerror = null;
        void this.#thread.terminate();
    }
}

/** Processor cores that this process may use. */
export const cores = availableParallelism();

// In the thread itself: the globals that the script and the glue expect.
if (!isMainThread && parentPort && workerData?.fleckWorker) {
    const port = parentPort;
    const { fleckWorker: href, name } = workerData;
    // Defined, not assigned: Deno has some of them, which cannot be set.
    const own = {
        self: globalThis,
        importScripts: () => {},
        location: { href, origin: new URL(href).origin },
        name,
        Worker,
        postMessage: (/** @type {unknown} */ message, /** @type {{transfer: any[]}} */ options) =>
            port.postMessage(message, options?.transfer),
    };
    for (const [key, value] of Object.entries(own))
        Object.defineProperty(globalThis, key, { value, writable: true, configurable: true });
    void import(href).then(() =>
        port.on('message', (data) => /** @type {any} */ (globalThis).onmessage({ data })),
    );
}

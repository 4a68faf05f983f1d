/**
 * A worker as promises: call() sends a request and resolves with its answer.
 */
import { DetectorError } from './errors.js';
import { WORKER } from './files.js';
import { isNode, loadNode } from './load.js';
import { startWorker } from './start.js';

/** Processor cores. */
export async function countCores() {
    return isNode ? (await loadNode()).cores : navigator.hardwareConcurrency || 2;
}

/**
 * @typedef {object} Pending
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((progress: any) => void) | undefined} onProgress
 */

export class Channel {
    #worker;
    #lastId = 0;
    /** @type {Map<number, Pending>} */
    #pending = new Map();
    /** @type {DetectorError | null} why nothing more can be called */
    #broken = null;

    /** @param {Worker | import('./node.js').Worker} worker */
    constructor(worker) {
        this.#worker = worker;
        this.#worker.onmessage = (/** @type {{data: any}} */ { data }) => this.#receive(data);
        this.#worker.onerror = (/** @type {{message?: string}} */ { message }) =>
            this.#fail(message || 'its script could not be loaded');
        this.#worker.onmessageerror = () => this.#fail('a message could not be read');
    }

    static async open() {
        return new Channel(isNode ? new (await loadNode()).Worker(WORKER) : startWorker(WORKER));
    }

    /**
     * @param {string} method of worker.js
     * @param {unknown[]} [args]
     * @param {{transfer?: ArrayBuffer[], signal?: AbortSignal, onProgress?: (progress: any) => void}}
     *     [options] signal: asks the worker to stop, which then answers early
     * @returns {Promise<any>}
     */
    call(method, args = [], { transfer = [], signal, onProgress } = {}) {
        if (this.#broken) return Promise.reject(this.#broken);
        const id = ++this.#lastId;
        const abort = () => void this.call('abort', [id]).catch(() => {});
        return new Promise((resolve, reject) => {
            this.#pending.set(id, { resolve, reject, onProgress });
            this.#worker.postMessage({ id, method, args }, { transfer });
            signal?.addEventListener('abort', abort);
        }).finally(() => signal?.removeEventListener('abort', abort));
    }

    close() {
        this.#worker.terminate();
        this.#end(new DetectorError('state', 'The detector is closed.'));
    }

    /** @param {any} message of worker.js */
    #receive({ id, progress, result, error }) {
        const pending = this.#pending.get(id);
        if (!pending) return;
        if (progress) {
            pending.onProgress?.(progress);
        } else if (error?.broken) {
            this.#fail(error.message);
        } else {
            this.#pending.delete(id);
            if (error) pending.reject(new DetectorError(error.code, error.message));
            else pending.resolve(result);
        }
    }

    /** @param {string} why */
    #fail(why) {
        this.#worker.terminate();
        this.#end(
            new DetectorError(
                'state',
                `A worker of the detector stopped (${why}): create a new detector.`,
            ),
        );
    }

    /** @param {DetectorError} error */
    #end(error) {
        this.#broken ??= error;
        for (const { reject } of this.#pending.values()) reject(this.#broken);
        this.#pending.clear();
    }
}

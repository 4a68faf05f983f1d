/**
 * Calls to a worker: serve() answers there what a Caller asks here. Progress, cancelling and
 * errors are alike for every method.
 *
 * {id, method, args} is answered with {id, result} or {id, error}, after any number of
 * {id, progress}; {id, abort: true} asks the call of that number to stop. An error is
 * {code, message}, broken where the worker is of no use any more, aborted where it stopped.
 */

/** @typedef {{code?: any, message: string, broken?: boolean, aborted?: boolean}} Fault */
/** What a method gets behind its arguments.
 * @typedef {{signal: AbortSignal, report: (progress: any) => void}} Task */
/** The part of a Worker, and of its counterpart self, that is used here.
 * @typedef {object} Port
 * @property {((event: any) => any) | null} onmessage
 * @property {(message: any, options: {transfer: any[]}) => void} postMessage */
/** @typedef {Port & {onerror: any, onmessageerror: any, terminate: () => void}} Worker */
/**
 * @typedef {object} Pending
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {((progress: any) => void)} [onProgress]
 * @property {{error: unknown}} [thrown] by onProgress
 * @property {() => void} abort
 * @property {AbortSignal} [signal]
 */

const TICK = 5000; /* ms between two looks whether a worker gives signs */

export class Caller {
    /** Told of a worker that has broken by itself. @type {(why: Error) => void} */
    onbreak = () => {};
    /** ms that a worker may work without a sign before it counts as broken: of the caller's own
     * time, which stands still where the page does. 0: any. */
    patience = 0;
    #quiet = 0; /* ms without a sign */
    /** @type {ReturnType<typeof setInterval> | undefined} while something is pending */
    #timer;
    #worker;
    #explain;
    #lastId = 0;
    /** @type {Map<number, Pending>} */
    #pending = new Map();
    /** @type {Error | null} why nothing more can be called */
    broken = null;

    /**
     * @param {Worker} worker
     * @param {(fault: Fault) => Error} explain makes an error of what the worker said
     */
    constructor(worker, explain) {
        this.#worker = worker;
        this.#explain = explain;
        worker.onmessage = (/** @type {{data: any}} */ { data }) => this.#receive(data);
        worker.onerror = (/** @type {{message?: string}} */ { message }) =>
            this.#break(message || 'its script could not be loaded');
        worker.onmessageerror = () => this.#break('a message could not be read');
    }

    /**
     * @param {string} method
     * @param {unknown[]} [args]
     * @param {{transfer?: any[], signal?: AbortSignal, onProgress?: (progress: any) => void}}
     *     [options] signal: asks the worker to stop, which answers early then; the call rejects
     *     with the signal's reason, or with what onProgress has thrown
     * @returns {Promise<any>}
     */
    call(method, args = [], { transfer = [], signal, onProgress } = {}) {
        if (this.broken) return Promise.reject(this.broken);
        if (signal?.aborted) return Promise.reject(signal.reason);
        const id = ++this.#lastId;
        const abort = () => this.#worker.postMessage({ id, abort: true }, { transfer: [] });
        return new Promise((resolve, reject) => {
            try {
                this.#worker.postMessage({ id, method, args }, { transfer });
            } catch (error) {
                const { message } = /** @type {Error} */ (error);
                throw this.#explain({ code: 'argument', message });
            }
            this.#pending.set(id, { resolve, reject, onProgress, signal, abort });
            this.#watch();
            signal?.addEventListener('abort', abort);
        }).finally(() => signal?.removeEventListener('abort', abort));
    }

    /** Ends the worker and rejects what is pending. @param {Error} error */
    close(error) {
        this.#worker.terminate();
        clearInterval(this.#timer);
        this.broken ??= error;
        for (const { reject } of this.#pending.values()) reject(this.broken);
        this.#pending.clear();
    }

    /** @param {{id: number, progress?: any, result?: any, error?: Fault}} message */
    #receive({ id, progress, result, error }) {
        this.#quiet = 0;
        const pending = this.#pending.get(id);
        if (!pending) return;
        if (progress) {
            /* What onProgress throws ends its call, once the worker has stopped, and nothing else. */
            try {
                if (!pending.thrown) pending.onProgress?.(progress);
            } catch (error) {
                pending.thrown = { error };
                pending.abort();
            }
            return;
        }
        if (error?.broken) return this.#break(error.message);
        this.#pending.delete(id);
        if (pending.thrown) pending.reject(pending.thrown.error);
        else if (!error) pending.resolve(result);
        else pending.reject(error.aborted ? pending.signal?.reason : this.#explain(error));
    }

    /** @param {string} message */
    #break(message) {
        const why = this.#explain({ message, broken: true });
        this.onbreak(why);
        this.close(why);
    }

    #watch() {
        if (!this.patience || this.#timer) return;
        this.#quiet = 0;
        this.#timer = setInterval(() => {
            this.#quiet += TICK;
            if (!this.#pending.size) {
                clearInterval(this.#timer);
                this.#timer = undefined;
            } else if (this.#quiet >= this.patience)
                this.#break(`it gave no sign for ${Math.round(this.#quiet / 1000)} seconds`);
        }, TICK);
        /** @type {{unref?: () => void}} */ (this.#timer).unref?.(); /* node may end meanwhile */
    }
}

/**
 * @param {Port} port self, in a worker
 * @param {Record<string, (...args: any[]) => any>} methods each gets a Task as its last argument
 * @param {(error: any) => Fault} describe what a method has thrown
 */
export function serve(port, methods, describe) {
    /** @type {Map<number, AbortController>} */
    const running = new Map();
    port.onmessage = async ({ data: { id, method, args, abort } }) => {
        if (abort) return running.get(id)?.abort();
        const controller = new AbortController();
        const { signal } = controller;
        const send = (/** @type {object} */ message, /** @type {any[]} */ transfer = []) =>
            port.postMessage({ id, ...message }, { transfer });
        running.set(id, controller);
        try {
            const report = (/** @type {any} */ progress) => send({ progress });
            const result = await methods[method](...args, { signal, report });
            send({ result }, buffersOf(result));
        } catch (error) {
            const aborted = signal.aborted && error === signal.reason;
            send({ error: aborted ? { aborted, message: '' } : describe(error) });
        }
        running.delete(id);
    };
}

/** The buffers of a result, which move instead of being copied. @param {any} result */
function buffersOf(result) {
    if (!result || typeof result !== 'object') return [];
    return [result, ...Object.values(ArrayBuffer.isView(result) ? {} : result)]
        .map((value) => (ArrayBuffer.isView(value) ? value.buffer : value))
        .filter((value) => value instanceof ArrayBuffer);
}

/** What a call tells while it runs, and what ends it early. */
/** @typedef {import('./types.js').Progress} Progress */

/**
 * Completes reports of progress by the time left, told from the second second
 * on.
 * @param {Progress['phase']} phase
 * @param {((progress: Progress) => void) | undefined} onProgress
 */
export function stopwatch(phase, onProgress) {
    const start = performance.now();
    return (
        /** @type {{done: number, total: number, phase?: Progress['phase'], loss?: number}} */ step,
    ) => {
        const seconds = (performance.now() - start) / 1000;
        const secondsLeft =
            step.done && seconds > 1 ? (seconds / step.done) * (step.total - step.done) : null;
        onProgress?.({ phase, ...step, secondsLeft });
    };
}

/**
 * Does not wait any longer than until the signal is aborted, and rejects with its reason then.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function orAborted(promise, signal) {
    if (!signal) return promise;
    return new Promise((resolve, reject) => {
        const abort = () => reject(signal.reason);
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort);
        void promise
            .then(resolve, reject)
            .finally(() => signal.removeEventListener('abort', abort));
    });
}

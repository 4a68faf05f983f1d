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

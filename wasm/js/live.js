/** Live pictures, which come faster than they are scored: the latest counts. */

/**
 * Scores pictures one at a time. Of those that come meanwhile the latest waits for its turn, and
 * the others are closed, unscored.
 *
 *     const look = latestFrame((frame) => detector.score(frame, { heat: false }));
 *     const result = await look(new VideoFrame(video));
 *
 * @template F, R
 * @param {(frame: F) => Promise<R>} score which uses frames up, as a detector does
 * @returns {(frame: F) => Promise<R | null>} null: a later one took its place
 */
export function latestFrame(score) {
    /** @type {{frame: F, resolve: (result: any) => void} | null} */
    let waiting = null;
    /** @type {Promise<unknown> | null} */
    let running = null;
    const next = () => {
        running = null;
        if (!waiting) return;
        const { frame, resolve } = waiting;
        waiting = null;
        const result = Promise.resolve(frame).then(score);
        running = result.then(next, next);
        resolve(result);
    };
    return (frame) =>
        new Promise((resolve) => {
            /** @type {{close?: () => void} | undefined} */ (waiting?.frame)?.close?.();
            waiting?.resolve(null);
            waiting = { frame, resolve };
            if (!running) next();
        });
}

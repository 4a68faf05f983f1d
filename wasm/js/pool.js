/**
 * Extraction on several workers, whose results come in input order: then the
 * same photos give the same bits, however many workers there are.
 */
import { DetectorError } from './errors.js';
import { orAborted } from './progress.js';

/** @typedef {import('./channel.js').Channel} Channel */
/** @typedef {import('./engine.js').Samples} Samples */
/** @typedef {import('./photos.js').Given} Given */

// Each worker has one photo in work and one waiting, so that none stands idle
// while the next is read; results may be ahead of a slow photo by a few more.
const PER_WORKER = 2;
const AHEAD_PER_WORKER = 6;

/**
 * @param {Channel[]} channels
 * @param {number} total
 * @param {number} sampleBits as which photos of 16 bits are read
 * @param {number} first number of the features, which the workers hold (held.js); counted on from it
 * @param {(position: number) => Promise<{photo: Given, transfer: object[]}>} read reads a
 *     photo when its turn comes
 * @param {(position: number, outcome: Samples | DetectorError) => Promise<void>} deliver called
 *     one at a time, in order
 * @param {AbortSignal} [signal] rejects with its reason; no delivery begins after that
 */
export async function extractInOrder(channels, total, sampleBits, first, read, deliver, signal) {
    /** @type {Map<number, Samples | DetectorError>} */
    const ready = new Map();
    let taken = 0;
    let delivered = 0;
    let stopped = false;
    /** @type {Promise<void>} */
    let delivering = Promise.resolve();
    /** @type {(() => void)[]} */
    let waiting = [];
    const wake = () => {
        waiting.forEach((resume) => resume());
        waiting = [];
    };

    const deliverReady = async () => {
        for (
            let outcome;
            !stopped && !signal?.aborted && (outcome = ready.get(delivered));
            delivered++
        ) {
            ready.delete(delivered);
            await deliver(delivered, outcome);
        }
        wake();
    };

    /** @param {Channel} channel */
    const lane = async (channel) => {
        while (!stopped && taken < total) {
            const position = taken++;
            while (!stopped && position - delivered >= channels.length * AHEAD_PER_WORKER) {
                await new Promise((/** @type {(value?: unknown) => void} */ resume) =>
                    waiting.push(resume),
                );
            }
            if (stopped) return;
            let outcome;
            try {
                const { photo, transfer } = await read(position);
                if (stopped) return;
                outcome = /** @type {Samples} */ (
                    await channel.call('hold', [photo, sampleBits, first + position], { transfer })
                );
            } catch (error) {
                if (!isPhotosFault(error)) throw error;
                outcome = error;
            }
            ready.set(position, outcome);
            delivering = delivering.then(deliverReady);
            await delivering;
        }
    };

    signal?.throwIfAborted();
    try {
        const lanes = channels.flatMap((channel) =>
            Array.from({ length: PER_WORKER }, () => lane(channel)),
        );
        await orAborted(Promise.all(lanes), signal);
    } finally {
        stopped = true;
        wake();
        await delivering.catch(() => {});
    }
}

/**
 * Whether the next photo may do better.
 * @param {unknown} error
 * @returns {error is DetectorError}
 */
export function isPhotosFault(error) {
    return error instanceof DetectorError && error.code !== 'state';
}

/** The worker that owns an engine, worker.js, as promises. */
import { DetectorError } from './errors.js';
import { WORKER } from './files.js';
import { isNode, loadNode } from './load.js';
import { Caller } from './rpc.js';
import { startWorker } from './spawn.js';

/** Processor cores. */
export async function countCores() {
    return isNode ? (await loadNode()).cores : navigator.hardwareConcurrency || 2;
}

export class Channel extends Caller {
    static async open() {
        return new Channel(
            isNode ? new (await loadNode()).Worker(WORKER) : startWorker(WORKER),
            ({ code, message, broken }) =>
                broken
                    ? new DetectorError(
                          'state',
                          `A worker of the detector stopped (${message}): create a new detector.`,
                      )
                    : new DetectorError(code, message),
        );
    }

    /** @param {Error} [error] */
    close(error = new DetectorError('state', 'The detector is closed.')) {
        super.close(error);
    }
}

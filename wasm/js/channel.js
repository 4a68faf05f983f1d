/** A worker that owns an engine, worker.js, as promises. */
import { DetectorError } from './errors.js';
import { platform } from './platform.js';
import { Caller } from './rpc.js';
import { isOpaque } from './sources.js';

/** Processor cores. */
export const countCores = () => platform?.cores ?? (navigator.hardwareConcurrency || 2);

/* ms without a sign for each tile of a photo: no less than twice what the longest step of learning
 * may take, the whitening of 4,096 numbers on one slow thread. */
const PATIENCE = 300_000;

export class Channel extends Caller {
    patience = PATIENCE;

    /** @param {URL} script that this program may start as a worker */
    constructor(script) {
        super(
            platform?.startWorker(script) ??
                new Worker(script, { type: isOpaque() ? 'classic' : 'module' }),
            ({ code, message, broken }) =>
                broken
                    ? new DetectorError(
                          'state',
                          `A worker of the detector stopped (${message}): create a new detector.`,
                      )
                    : new DetectorError(code, message),
        );
    }

    /** @param {import('./types.js').Tiles} tiles of the photos to come */
    expect({ columns, rows }) {
        this.patience = PATIENCE * columns * rows;
    }

    /** @param {Error} [error] */
    close(error = new DetectorError('state', 'The detector is closed.')) {
        super.close(error);
    }
}

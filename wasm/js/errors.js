/**
 * What went wrong, for programs (code) and for people (message).
 * - argument: the caller passed a bad value
 * - format: the bytes of a photo, backbone or model are malformed
 * - kind: a file of a kind that neither the core nor the browser reads
 * - state: called too early, too late, or on a detector that is closed or broken
 * - memory: it does not fit
 * - network: a file cannot be fetched; the message has its address and the status
 * @typedef {Exclude<(typeof import('./constants.js').STATUS_NAMES)[number], 'ok'> | 'network'} ErrorCode
 */

/** A failure of the detector or of what it was given. */
export class DetectorError extends Error {
    /**
     * @param {ErrorCode} code
     * @param {string} message
     */
    constructor(code, message) {
        super(message);
        this.name = 'DetectorError';
        this.code = code;
    }
}

/**
 * What makes a failure of the detector of any other.
 * @param {ErrorCode} code
 * @param {unknown} what it is about
 * @param {AbortSignal} [signal] whose reason goes before
 * @returns {(error: unknown) => never}
 */
export const failing = (code, what, signal) => (error) => {
    signal?.throwIfAborted();
    if (error instanceof DetectorError) throw error;
    throw new DetectorError(code, `${what}: ${/** @type {Error} */ (error).message}`);
};

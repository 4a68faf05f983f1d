/** What another program than a browser has in place of a browser's workers: node.js gives node's. */

/**
 * @typedef {object} Platform
 * @property {number} cores that this process may use
 * @property {(script: URL) => import('./rpc.js').Worker} startWorker
 * @property {(file: URL) => Promise<Uint8Array<ArrayBuffer>>} readFile
 */

/** null: a browser. @type {Platform | null} */
export let platform = null;

/** Once, before any detector is created. @param {Platform} other */
export function usePlatform(other) {
    platform = other;
}

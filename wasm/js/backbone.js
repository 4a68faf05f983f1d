/** Backbones: the one that comes with the package, and others from where they are served. */
import { DetectorError, failing } from './errors.js';
import { fetchFile, isThere } from './fetch.js';
import { platform } from './platform.js';

/** @typedef {(progress: {done: number, total: number}) => void} Report bytes; total 0: not known */

/** @typedef {{signal?: AbortSignal, onProgress?: Report}} Options */

/**
 * @param {string | URL | Response} [given] by default the one that comes with the package
 * @param {Options} [options] an abort rejects with the signal's reason
 * @returns {Promise<Uint8Array>}
 */
export async function readBackbone(
    given = new URL('./fleck-tiny.safetensors', import.meta.url),
    { signal, onProgress } = {},
) {
    if (![String, URL, Response].some((type) => Object(given) instanceof type))
        throw new TypeError('a backbone must be bytes, an address or a Response');
    if (platform && given instanceof URL && given.protocol === 'file:')
        return platform.readFile(given).catch(failing('network', given));
    const response =
        given instanceof Response ? isThere(given) : await fetchFile(given, { signal });
    const name = response.url || String(given);
    const bytes = await bytesOf(response, failing('network', name, signal), signal, onProgress);
    const start = new TextDecoder().decode(bytes.subarray(0, 100));
    if (!/^\s*<(!doctype|html)/i.test(start)) return bytes;
    throw new DetectorError(
        'format',
        `${name}: status ${response.status}, but an HTML page, no backbone`,
    );
}

/**
 * @param {Response} response
 * @param {(error: unknown) => never} fail where the rest does not come
 * @param {AbortSignal} [signal]
 * @param {Report} [report]
 */
async function bytesOf(response, fail, signal, report) {
    // What is packed on its way is longer than the header says.
    const packed = response.headers.get('Content-Encoding');
    const total = packed ? 0 : Number(response.headers.get('Content-Length'));
    const parts = [];
    let done = 0;
    if (response.bodyUsed) fail(new Error('the response was read before'));
    const reader = response.body?.getReader();
    const cancel = () => void reader?.cancel().catch(() => {}); // which ends a read that waits
    signal?.addEventListener('abort', cancel);
    try {
        for (let part; (part = (await reader?.read().catch(fail))?.value);) {
            parts.push(/** @type {Uint8Array<ArrayBuffer>} */ (part));
            done += part.length;
            report?.({ done, total });
        }
    } finally {
        signal?.removeEventListener('abort', cancel);
        cancel(); // the rest, where report has thrown
    }
    signal?.throwIfAborted();
    return new Uint8Array(await new Blob(parts).arrayBuffer());
}

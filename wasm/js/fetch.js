/** Files from where they are served. */
import { DetectorError, failing } from './errors.js';

/**
 * @param {string | URL} url
 * @param {{integrity?: string, signal?: AbortSignal}} [options] integrity: its hash
 * @returns {Promise<Response>} of a file that is there
 */
export async function fetchFile(url, options = {}) {
    return isThere(await fetch(url, options).catch(failing('network', url, options.signal)));
}

/** @param {Response} response */
export function isThere(response) {
    if (response.ok) return response;
    const { url, status, statusText } = response;
    throw new DetectorError('network', `${url}: status ${status} ${statusText}`);
}

/** Files from where they are served. */
import { DetectorError, failing } from './errors.js';

/**
 * @param {string | URL} url
 * @param {string} [integrity] its hash
 * @returns {Promise<Response>} of a file that is there
 */
export async function fetchFile(url, integrity) {
    return isThere(await fetch(url, integrity ? { integrity } : {}).catch(failing('network', url)));
}

/** @param {Response} response */
export function isThere(response) {
    if (response.ok) return response;
    const { url, status, statusText } = response;
    throw new DetectorError('network', `${url}: status ${status} ${statusText}`);
}

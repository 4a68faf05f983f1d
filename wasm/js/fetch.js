/** Files from where they are served. */
import { DetectorError } from './errors.js';

/**
 * @param {string | URL} url
 * @param {string} [integrity] its hash
 * @returns {Promise<Response>} of a file that is there
 */
export async function fetchFile(url, integrity) {
    let response;
    try {
        response = await fetch(url, integrity ? { integrity } : {});
    } catch (error) {
        throw new DetectorError('network', `${url}: ${/** @type {Error} */ (error).message}`);
    }
    if (!response.ok)
        throw new DetectorError(
            'network',
            `${url}: status ${response.status} ${response.statusText}`.trim(),
        );
    return response;
}

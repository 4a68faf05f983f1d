/** The backbones that can be downloaded, models/backbones.json, and what follows from the list. */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} title
 * @property {number} dim
 * @property {number} depth
 * @property {number} patch
 * @property {number} registers
 * @property {number} [bytes]       size of the file; or, where no source tells it,
 * @property {number} [about_bytes] about that size
 * @property {string} licence
 * @property {string} address
 * @property {boolean} browser      its server lets pages of other origins load it
 * @property {string|null} sha256   in hex; null: what the first download has
 * @property {number} input
 * @property {readonly number[]} blocks
 */

/** What a photo costs: side of the input, blocks that are computed, the model's sizes, and the
 * neurons of an MLP (4 dim where nothing is said).
 * @typedef {{dim: number, depth: number, patch: number, registers: number, input: number,
 *     hidden?: number}} Size */

const HEADER_MOST = 1e7; /* what other formats begin with reads as a larger number */

/** The backbone that comes with the page. @type {Size} */
export const BUILT_IN = { dim: 192, depth: 5, patch: 8, registers: 0, input: 224, hidden: 576 };

/** @param {Entry} entry @returns {Size} the blocks after the last one used are never computed */
export function sizeOf({ dim, patch, registers, input, blocks }) {
    return { dim, depth: Math.max(...blocks), patch, registers, input };
}

/**
 * Multiply-adds of one photo. A token costs 4 dim² (q, k, v, projection) and 2 hidden dim (MLP) in
 * a block's matrices, a pair of tokens 2 dim in its attention, a patch 3 patch² dim in the
 * embedding.
 * @param {Size} size
 */
export function multiplyAdds({ dim, depth, patch, registers, input, hidden = 4 * dim }) {
    const patches = Math.floor(input / patch) ** 2;
    const tokens = patches + 1 + registers;
    const block = tokens * (4 * dim + 2 * hidden) * dim + 2 * tokens ** 2 * dim;
    return depth * block + patches * 3 * patch ** 2 * dim;
}

/** @param {Entry} entry */
export function bytesOf({ bytes, about_bytes }) {
    return bytes ?? about_bytes ?? 0;
}

/** @param {string} address */
export function hostOf(address) {
    return new URL(address).host;
}

/**
 * Which entry a user's own file is: by its hash, or by the file's name at the end of an address
 * that no other entry shares.
 * @param {Entry[]} entries
 * @param {string} name of the file
 * @param {string} sha256
 */
export function entryOfFile(entries, name, sha256) {
    const named = entries.filter(({ address }) => address.endsWith(`/${name}`));
    return (
        entries.find((entry) => entry.sha256 === sha256) ??
        (named.length === 1 ? named[0] : undefined)
    );
}

/**
 * What the file itself says of its use: the metadata of a safetensors header.
 * @param {Uint8Array} bytes
 * @returns {Record<string, string>}
 */
export function metadataOf(bytes) {
    try {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const size = Number(view.getBigUint64(0, true));
        const text =
            size > HEADER_MOST ? '' : new TextDecoder().decode(bytes.subarray(8, 8 + size));
        return JSON.parse(text).__metadata__ ?? {};
    } catch {
        return {}; /* another format: the core tells what is wrong with it, if anything is */
    }
}

/** The key of the troubles with a file that is no backbone yet. */
export const FILE = '?';

/** Whether a backbone is a file of the user's that no list knows. @param {string} id */
export function isOwn(id) {
    return id.startsWith('own-');
}

/** Names of files that are backbones. */
export const BACKBONE_FILE = /\.(safetensors|pth|pt|bin)$/i;

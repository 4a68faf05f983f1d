/** Safetensors files, as far as the tests look into them and change them. */

/**
 * @typedef {{dtype: string, shape: number[], data_offsets: [number, number]}} Entry
 * @typedef {{metadata: Record<string, string>, tensors: Record<string, Entry>, data: Buffer}} Parts
 */

/** @param {Buffer} bytes @returns {Parts} data shares the file's memory */
export function parse(bytes) {
    const end = 8 + Number(bytes.readBigUInt64LE());
    const { __metadata__: metadata = {}, ...tensors } = JSON.parse(bytes.toString('utf8', 8, end));
    return { metadata, tensors, data: bytes.subarray(end) };
}

/** @param {Parts} parts */
function assemble({ metadata, tensors, data }) {
    const text = JSON.stringify({ __metadata__: metadata, ...tensors });
    const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, data]);
}

/** The file without these metadata. @param {Buffer} bytes @param {string[]} keys */
export function without(bytes, keys) {
    const parts = parse(bytes);
    for (const key of keys) delete parts.metadata[key];
    return assemble(parts);
}

/** Blocks of a vision transformer. @param {Parts['tensors']} tensors */
export const depthOf = (tensors) =>
    Object.keys(tensors).filter((name) => /^blocks\.\d+\.norm1\.bias$/.test(name)).length;

/** The bytes of files, which may be larger than memory: a piece at a time. */

const PIECE = 1 << 20;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
});

/** @param {Blob} blob @param {AbortSignal} [signal] */
export async function* pieces(blob, signal) {
    for (let at = 0; at < blob.size; at += PIECE) {
        signal?.throwIfAborted();
        yield new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
    }
}

/** The checksum of ZIP and PNG. @param {Uint8Array} bytes @param {number} [before] of what precedes them */
export function crc32(bytes, before = 0) {
    let crc = ~before;
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
    return ~crc >>> 0;
}

/** @param {Blob} blob @param {AbortSignal} [signal] */
export async function crcOf(blob, signal) {
    let crc = 0;
    for await (const piece of pieces(blob, signal)) crc = crc32(piece, crc);
    return crc;
}

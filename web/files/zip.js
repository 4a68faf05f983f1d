/** A ZIP archive without compression: what goes in (PNG, JPEG) has its own. */

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Writes numbers little-endian, each as [value, bytes].
 * @param {[number, 2|4][]} fields
 */
function pack(fields) {
    const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
    let at = 0;
    for (const [value, size] of fields) {
        if (size === 2) view.setUint16(at, value, true);
        else view.setUint32(at, value, true);
        at += size;
    }
    return new Uint8Array(view.buffer);
}

/** Collects files one at a time, so that the browser may move them to disk. */
export class Zip {
    #parts = /** @type {BlobPart[]} */ ([]);
    #directory = /** @type {Uint8Array<ArrayBuffer>[]} */ ([]);
    #offset = 0;
    #names = /** @type {Set<string>} */ (new Set());

    /**
     * @param {string} name with `/` between folders; one that is taken gets a number
     * @param {Uint8Array<ArrayBuffer>} bytes
     */
    add(name, bytes) {
        let unique = name;
        for (let n = 2; this.#names.has(unique.toLowerCase()); n++)
            unique = name.replace(/(\.\w+)?$/, `_${n}$1`);
        this.#names.add(unique.toLowerCase());
        const path = new TextEncoder().encode(unique);
        /** version 2.0, UTF-8 names, stored, 1 January 1980 @type {[number, 2|4][]} */
        const common = [
            [20, 2],
            [0x800, 2],
            [0, 2],
            [0, 2],
            [0x21, 2],
            [crc32(bytes), 4],
            [bytes.length, 4],
            [bytes.length, 4],
            [path.length, 2],
            [0, 2],
        ];
        const local = pack([[0x04034b50, 4], ...common]);
        this.#directory.push(
            pack([
                [0x02014b50, 4],
                [20, 2],
                ...common,
                [0, 2],
                [0, 2],
                [0, 2],
                [0, 4],
                [this.#offset, 4],
            ]),
            path,
        );
        this.#parts.push(local, path, new Blob([bytes]));
        this.#offset += local.length + path.length + bytes.length;
    }

    /** The finished archive. */
    blob() {
        const size = this.#directory.reduce((sum, part) => sum + part.length, 0);
        const end = pack([
            [0x06054b50, 4],
            [0, 2],
            [0, 2],
            [this.#names.size, 2],
            [this.#names.size, 2],
            [size, 4],
            [this.#offset, 4],
            [0, 2],
        ]);
        return new Blob([...this.#parts, ...this.#directory, end], { type: 'application/zip' });
    }
}

/**
 * A ZIP archive without compression: what goes in (PNG, JPEG) has its own. Its parts stay where
 * they are until the archive is written, so that it may be larger than memory. What does not fit
 * into the 32 and 16 bits of a field goes into ZIP64's (APPNOTE.TXT, 4.3 and 4.5.3).
 */

import { crcOf } from './bytes.js';
import { numbered } from './names.js';

/** @typedef {[value: number, bytes: 2|4|8]} Field */

const FULL = 0xffffffff; /* a field of which ZIP64's stands */

/** Little-endian. @param {Field[]} fields */
function pack(fields) {
    const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
    let at = 0;
    for (const [value, size] of fields) {
        if (size === 2) view.setUint16(at, value, true);
        else if (size === 4) view.setUint32(at, value, true);
        else view.setBigUint64(at, BigInt(value), true);
        at += size;
    }
    return new Uint8Array(view.buffer);
}

export class Zip {
    #parts = /** @type {BlobPart[]} */ ([]);
    #directory = /** @type {Uint8Array<ArrayBuffer>[]} */ ([]);
    #offset = 0;
    #count = 0;
    #names = /** @type {Map<string, number>} */ (new Map()); /* how often each was asked for */
    #most;

    /** @param {number} [most] bytes, from which on ZIP64 begins; another number is for tests */
    constructor(most = FULL) {
        this.#most = most;
    }

    /**
     * @param {string} name with `/` between folders; one that is taken gets a number
     * @param {Blob} content
     * @param {AbortSignal} [signal]
     * @param {number|null} [time] when it was changed last, in ms as of Date.now(); none: 1980
     */
    async add(name, content, signal, time = null) {
        const crc = await crcOf(content, signal);
        const path = new TextEncoder().encode(this.#unique(name));
        const { size } = content;
        const isLong = size >= this.#most;
        const isFar = this.#offset >= this.#most;
        /** @type {(extra: Uint8Array) => Field[]} */
        const common = (extra) => [
            [extra.length ? 45 : 20, 2], // version 4.5 or 2.0
            [0x800, 2], // UTF-8 names
            [0, 2], // stored
            ...dosTime(time),
            [crc, 4],
            [isLong ? FULL : size, 4],
            [isLong ? FULL : size, 4],
            [path.length, 2],
            [extra.length, 2],
        ];
        const sizes = /** @type {Field[]} */ (isLong ? [size, size].map((n) => [n, 8]) : []);
        const local = zip64(sizes);
        const central = zip64(isFar ? [...sizes, [this.#offset, 8]] : sizes);
        const header = pack([[0x04034b50, 4], ...common(local)]);
        this.#parts.push(header, path, local, content);
        this.#directory.push(
            pack([
                [0x02014b50, 4],
                [45, 2],
                ...common(central),
                [0, 2],
                [0, 2],
                [0, 2],
                [0, 4],
                [isFar ? FULL : this.#offset, 4],
            ]),
            path,
            central,
        );
        this.#offset += header.length + path.length + local.length + size;
        this.#count++;
    }

    /** @param {string} name */
    #unique(name) {
        for (let unique = name; ;) {
            const before = this.#names.get(unique.toLowerCase()) ?? 0;
            this.#names.set(unique.toLowerCase(), before + 1);
            if (!before) return unique;
            unique = numbered(name, before + 1);
        }
    }

    /** The finished archive. */
    blob() {
        const size = this.#directory.reduce((sum, part) => sum + part.length, 0);
        const [count, at] = [this.#count, this.#offset];
        const isLarge = count >= 0xffff || at >= this.#most;
        const end = pack([
            [0x06054b50, 4],
            [0, 2],
            [0, 2],
            [isLarge ? 0xffff : count, 2],
            [isLarge ? 0xffff : count, 2],
            [isLarge ? FULL : size, 4],
            [isLarge ? FULL : at, 4],
            [0, 2],
        ]);
        const large = isLarge ? [zip64End(count, size, at)] : [];
        return new Blob([...this.#parts, ...this.#directory, ...large, end], {
            type: 'application/zip',
        });
    }
}

/** By this device's time zone, from 1980 to 2107, to two seconds. @param {number|null} time @returns {Field[]} */
function dosTime(time) {
    const at = new Date(time ?? 0);
    const year = at.getFullYear() - 1980;
    if (time === null || !(year >= 0 && year < 128))
        return [
            [0, 2],
            [0x21, 2], // 1 January 1980
        ];
    return [
        [(at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1), 2],
        [(year << 9) | ((at.getMonth() + 1) << 5) | at.getDate(), 2],
    ];
}

/** The extra field with what the others have no room for; empty where they have. @param {Field[]} fields */
function zip64(fields) {
    const size = fields.reduce((sum, [, bytes]) => sum + bytes, 0);
    return size ? pack([[1, 2], [size, 2], ...fields]) : new Uint8Array();
}

/** @param {number} count @param {number} size of the directory @param {number} at where it is */
function zip64End(count, size, at) {
    return pack([
        [0x06064b50, 4],
        [44, 8],
        [45, 2],
        [45, 2],
        [0, 4],
        [0, 4],
        [count, 8],
        [count, 8],
        [size, 8],
        [at, 8],
        [0x07064b50, 4],
        [0, 4],
        [at + size, 8],
        [1, 4],
    ]);
}

/** Small pictures of several kinds, written byte by byte. */
import zlib from 'node:zlib';
import { crc32 } from '../../web/files/bytes.js';

/** @param {string} type @param {Buffer} data */
export function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
}

const KINDS = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 };
const SAMPLES = { grey: 1, rgb: 3, palette: 1, greyAlpha: 2, rgba: 4 };

/**
 * @typedef {{kind?: keyof typeof KINDS, depth?: number, palette?: number[][], alphas?: number[]}} Form
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number | number[]} pixel its samples
 * @param {Form} [form]
 */
export function png(width, height, pixel, { kind = 'rgb', depth = 8, palette, alphas } = {}) {
    const samples = SAMPLES[kind],
        row = 1 + Math.ceil((width * samples * depth) / 8);
    const rows = Buffer.alloc(height * row);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            [pixel(x, y)].flat().forEach((value, c) => {
                const bit = (x * samples + c) * depth,
                    at = y * row + 1 + (bit >> 3);
                if (depth === 16) rows.writeUInt16BE(value, at);
                else rows[at] |= value << (8 - depth - (bit % 8));
            });
        }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width);
    header.writeUInt32BE(height, 4);
    header.set([depth, KINDS[kind]], 8);
    return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
        chunk('IHDR', header),
        palette ? chunk('PLTE', Buffer.from(palette.flat())) : Buffer.alloc(0),
        alphas ? chunk('tRNS', Buffer.from(alphas)) : Buffer.alloc(0),
        chunk('IDAT', zlib.deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/**
 * A BMP of 8 bits with a grey palette.
 * @param {number} width @param {number} height @param {(x: number, y: number) => number} grey
 */
export function bmp(width, height, grey) {
    const row = Math.ceil(width / 4) * 4,
        start = 54 + 1024;
    const file = Buffer.alloc(start + row * height);
    file.write('BM');
    file.writeUInt32LE(file.length, 2);
    file.writeUInt32LE(start, 10);
    file.writeUInt32LE(40, 14);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(8, 28);
    for (let i = 0; i < 256; i++) file.fill(i, 54 + 4 * i, 54 + 4 * i + 3);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) file[start + row * (height - 1 - y) + x] = grey(x, y);
    return file;
}

/**
 * A grey JPEG each of whose 8 x 8 blocks has one value.
 * @param {number} width a multiple of 8 @param {number} height a multiple of 8
 * @param {(x: number, y: number) => number} grey of a block's first pixel
 */
export function jpeg(width, height, grey) {
    // All DC codes have four bits, so that category n is n; the one AC code, one bit, ends a block.
    const dht = (
        /** @type {number} */ id,
        /** @type {number[]} */ counts,
        /** @type {number[]} */ symbols,
    ) => [0xff, 0xc4, 0, 19 + symbols.length, id, ...counts, ...symbols];
    const head = [
        0xff,
        0xd8,
        0xff,
        0xdb,
        0,
        67,
        0,
        ...Array(64).fill(1),
        0xff,
        0xc0,
        0,
        11,
        8,
        height >> 8,
        height & 255,
        width >> 8,
        width & 255,
        1,
        1,
        0x11,
        0,
        ...dht(
            0x00,
            [0, 0, 0, 12, ...Array(12).fill(0)],
            Array.from({ length: 12 }, (_, i) => i),
        ),
        ...dht(0x10, [1, ...Array(15).fill(0)], [0]),
        0xff,
        0xda,
        0,
        8,
        1,
        1,
        0,
        0,
        63,
        0,
    ];
    let bits = '',
        last = 0;
    for (let y = 0; y < height; y += 8) {
        for (let x = 0; x < width; x += 8) {
            const value = Math.round((grey(x, y) - 128) * 8),
                step = value - last;
            last = value;
            const size = step ? 32 - Math.clz32(Math.abs(step)) : 0;
            bits += size.toString(2).padStart(4, '0');
            if (size)
                bits += (step > 0 ? step : step + 2 ** size - 1).toString(2).padStart(size, '0');
            bits += '0';
        }
    }
    bits += '1'.repeat((8 - (bits.length % 8)) % 8);
    const data = [];
    for (let i = 0; i < bits.length; i += 8) {
        const byte = parseInt(bits.slice(i, i + 8), 2);
        data.push(byte);
        if (byte === 0xff) data.push(0);
    }
    return Buffer.from([...head, ...data, 0xff, 0xd9]);
}

/**
 * A grey TIFF of 16 bits in one strip, its directory behind it.
 * @param {number} width @param {number} height @param {(x: number, y: number) => number} grey
 */
export function tiff(width, height, grey) {
    const bytes = 2 * width * height,
        start = 8 + bytes;
    const fields = [
        [256, width],
        [257, height],
        [258, 16],
        [259, 1],
        [262, 1],
        [273, 8],
        [277, 1],
        [278, height],
        [279, bytes],
    ];
    const file = Buffer.alloc(start + 2 + 12 * fields.length + 4);
    file.write('II*');
    file.writeUInt32LE(start, 4);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) file.writeUInt16LE(grey(x, y), 8 + 2 * (y * width + x));
    file.writeUInt16LE(fields.length, start);
    for (const [i, [tag, value]] of fields.entries()) {
        const at = start + 2 + 12 * i;
        file.writeUInt16LE(tag, at);
        file.writeUInt16LE(4, at + 2);
        file.writeUInt32LE(1, at + 4);
        file.writeUInt32LE(value, at + 8);
    }
    return file;
}

/** ZIP archives made byte by byte, so that they can be wrong in every way. */
import zlib from 'node:zlib';
import { crc32 } from '../../web/files/bytes.js';

/**
 * What is said of a file where it is not what it should be.
 * @typedef {{crc?: number, size?: number, packed?: number, at?: number, flags?: number,
 *     method?: number, stamp?: number, name?: Buffer, localExtra?: Buffer, wide?: boolean, level?: number}} Said
 * stamp: date and time as MS-DOS packs them, 0: none; wide: its numbers are in ZIP64's fields; level: how well it is deflated
 */

/** @param {[number, number][]} fields value and bytes of each */
function pack(fields) {
    return Buffer.concat(
        fields.map(([value, size]) => {
            const bytes = Buffer.alloc(size);
            if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
            else bytes.writeUIntLE(value, 0, size);
            return bytes;
        }),
    );
}

/**
 * @param {[name: string, content: Buffer|string, said?: Said][]} files
 * @param {{wide?: boolean, count?: number, comment?: string, directory?: Buffer}} [options]
 *     wide: the end is ZIP64's
 */
export function zip(files, { wide, count = files.length, comment = '' } = {}) {
    const parts = [],
        records = [];
    let at = 0;
    for (const [name, content, said = {}] of files) {
        const bytes = Buffer.from(content);
        const { method = 8, flags = 0x800, localExtra = Buffer.alloc(0) } = said;
        const data = method === 8 ? zlib.deflateRawSync(bytes, { level: said.level }) : bytes;
        const path = said.name ?? Buffer.from(name);
        const { crc = crc32(bytes), size = bytes.length, packed = data.length } = said;
        const [shownSize, shownPacked, shownAt] = said.wide
            ? [0xffffffff, 0xffffffff, 0xffffffff]
            : [size, packed, said.at ?? at];
        /** @type {[number, number][]} */
        const common = [
            [20, 2],
            [flags, 2],
            [method, 2],
            [said.stamp ?? 0, 4],
            [crc, 4],
            [shownPacked, 4],
            [shownSize, 4],
            [path.length, 2],
        ];
        const wideSizes = said.wide
            ? pack([
                  [1, 2],
                  [16, 2],
                  [size, 8],
                  [packed, 8],
              ])
            : localExtra;
        const wideAll = said.wide
            ? pack([
                  [0x5455, 2] /* another one comes first */,
                  [1, 2],
                  [0, 1],
                  [1, 2],
                  [24, 2],
                  [size, 8],
                  [packed, 8],
                  [said.at ?? at, 8],
              ])
            : Buffer.alloc(0);
        const local = [pack([[0x04034b50, 4], ...common, [wideSizes.length, 2]]), path, wideSizes];
        parts.push(...local, data);
        records.push(
            pack([
                [0x02014b50, 4],
                [20, 2],
                ...common,
                [wideAll.length, 2],
                [0, 2],
                [0, 4],
                [0, 4],
                [shownAt, 4],
            ]),
            path,
            wideAll,
        );
        at += [...local, data].reduce((sum, part) => sum + part.length, 0);
    }
    const directory = Buffer.concat(records);
    const wideEnd = pack([
        [0x06064b50, 4],
        [44, 8],
        [45, 4],
        [0, 8],
        [count, 8],
        [count, 8],
        [directory.length, 8],
        [at, 8],
        [0x07064b50, 4],
        [0, 4],
        [at + directory.length, 8],
        [1, 4],
    ]);
    const end = pack([
        [0x06054b50, 4],
        [0, 4],
        [wide ? 0xffff : count, 2],
        [wide ? 0xffff : count, 2],
        [wide ? 0xffffffff : directory.length, 4],
        [wide ? 0xffffffff : at, 4],
        [comment.length, 2],
    ]);
    return Buffer.concat([
        ...parts,
        directory,
        ...(wide ? [wideEnd] : []),
        end,
        Buffer.from(comment),
    ]);
}

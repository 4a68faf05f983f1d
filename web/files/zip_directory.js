/**
 * What is in a ZIP archive, by the directory at its end (APPNOTE.TXT, 4.3). Whoever made it may
 * have meant harm: nothing is believed that can be checked, and what does not fit is refused.
 */

import { safePath } from './names.js';
import { texts } from '../texts/texts.js';

/**
 * @typedef {object} Entry
 * @property {string[]} path   folders and file, safe to be joined
 * @property {boolean} isFolder
 * @property {boolean} isEncrypted
 * @property {number} method   0: stored, 8: deflated
 * @property {number} crc
 * @property {number} packed   bytes in the archive
 * @property {number} size     bytes unpacked, as it says
 * @property {number} at       where its header is in the archive
 * @property {number|null} time when it was changed last, to two seconds, in ms as of Date.now()
 * @property {number} until    where the next one's is, or the directory
 */

export const HEADER = 30; /* bytes before an entry's name */
const RECORD = 46; /* bytes before a name in the directory */
const END = 22;
const COMMENT_MOST = 0xffff;
const DIRECTORY_MOST = 64e6; /* bytes */
export const FILES_MOST = 100_000;

/** @param {Blob} zip @returns {Promise<Entry[]>} in the directory's order */
export async function readDirectory(zip) {
    const { count, from, size } = await findDirectory(zip);
    if (size > DIRECTORY_MOST || count > FILES_MOST)
        throw new Error(texts.files.tooMany(FILES_MOST));
    const view = await viewOf(zip, from, from + size);
    const entries = [];
    for (let at = 0; at < size;) {
        const record = readRecord(view, at);
        entries.push(record.entry);
        at = record.end;
        if (entries.length > count) break;
    }
    if (entries.length !== count) throw new Error(texts.zip.damaged);
    setEnds(entries, from);
    return entries;
}

/** @param {Blob} zip */
async function findDirectory(zip) {
    const tailAt = Math.max(0, zip.size - END - COMMENT_MOST);
    const tail = await viewOf(zip, tailAt, zip.size);
    let at = tail.byteLength - END;
    while (at >= 0 && !(tail.getUint32(at, true) === 0x06054b50 && isLast(tail, at))) at--;
    if (at < 0) throw new Error(texts.zip.damaged);
    let count = tail.getUint16(at + 10, true),
        size = tail.getUint32(at + 12, true),
        from = tail.getUint32(at + 16, true),
        end = tailAt + at;
    if (count === 0xffff || size === 0xffffffff || from === 0xffffffff) {
        /* ZIP64: a record of its own, and where that is, stand before this one */
        const locator = await viewOf(zip, end - 20, end);
        if (locator.getUint32(0, true) === 0x07064b50) {
            end = number64(locator, 8);
            const record = await viewOf(zip, end, end + 56);
            if (record.getUint32(0, true) !== 0x06064b50) throw new Error(texts.zip.damaged);
            [count, size, from] = [32, 40, 48].map((each) => number64(record, each));
        }
    }
    if (from + size > end) throw new Error(texts.zip.damaged);
    return { count, from, size };
}

/** Whether what follows is the comment and nothing else. @param {DataView} tail @param {number} at */
const isLast = (tail, at) => at + END + tail.getUint16(at + 20, true) === tail.byteLength;

/** @param {DataView} view of the directory @param {number} at */
function readRecord(view, at) {
    if (at + RECORD > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
        throw new Error(texts.zip.damaged);
    const [flags, method] = [8, 10].map((each) => view.getUint16(at + each, true));
    const [crc, packed, size] = [16, 20, 24].map((each) => view.getUint32(at + each, true));
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((each) =>
        view.getUint16(at + each, true),
    );
    const nameAt = at + RECORD;
    const extraAt = nameAt + nameSize;
    const end = extraAt + extraSize + commentSize;
    if (end > view.byteLength) throw new Error(texts.zip.damaged);
    /* what is no UTF-8 is shown as U+FFFD */
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, nameAt, nameSize));
    const entry = {
        path: safePath(name),
        isFolder: /[/\\]$/.test(name),
        isEncrypted: (flags & 1) !== 0,
        method,
        crc,
        packed,
        size,
        at: view.getUint32(at + 42, true),
        time: timeOf(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
        until: 0,
    };
    readZip64(entry, view, extraAt, extraAt + extraSize);
    return { entry, end };
}

/** As MS-DOS packs it, in nobody's time zone: taken for this device's. @param {number} date @param {number} time */
function timeOf(date, time) {
    if (date <= 0x21) return null; /* 1 January 1980, as who knows none writes */
    return new Date(
        1980 + (date >> 9),
        ((date >> 5) & 15) - 1,
        date & 31,
        time >> 11,
        (time >> 5) & 63,
        (time & 31) * 2,
    ).getTime();
}

/**
 * The numbers that have no room in their fields: those, and in this order, are in an extra field.
 * @param {Entry} entry
 * @param {DataView} view
 * @param {number} at
 * @param {number} end of the extra fields
 */
function readZip64(entry, view, at, end) {
    const missing = /** @type {const} */ (['size', 'packed', 'at']).filter(
        (field) => entry[field] === 0xffffffff,
    );
    for (let next; missing.length && at + 4 <= end; at = next) {
        next = at + 4 + view.getUint16(at + 2, true);
        if (view.getUint16(at, true) !== 1) continue;
        if (next > end || next - at < 4 + 8 * missing.length) throw new Error(texts.zip.damaged);
        for (const [i, field] of missing.splice(0).entries())
            entry[field] = number64(view, at + 4 + 8 * i);
    }
    if (missing.length) throw new Error(texts.zip.damaged);
}

/**
 * Where files share bytes, few of them become many: nobody means that well.
 * @param {Entry[]} entries
 * @param {number} from where the directory begins
 */
function setEnds(entries, from) {
    const sorted = [...entries].sort((a, b) => a.at - b.at);
    for (const [i, entry] of sorted.entries()) {
        const next = sorted[i + 1];
        entry.until = next?.at ?? from;
        if (entry.at + HEADER + entry.packed > entry.until)
            throw new Error(next ? texts.zip.overlap : texts.zip.damaged);
    }
}

/** @param {DataView} view @param {number} at */
function number64(view, at) {
    const value = Number(view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) throw new Error(texts.zip.damaged);
    return value;
}

/** @param {Blob} zip @param {number} from @param {number} to */
export async function viewOf(zip, from, to) {
    if (from < 0 || to > zip.size) throw new Error(texts.zip.damaged);
    return new DataView(await zip.slice(from, to).arrayBuffer());
}

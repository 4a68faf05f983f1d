/**
 * What kind of file it is, by its first bytes, whatever its name says: as
 * src/photo/image_kind.c, but for kinds that few have.
 */

/** No kind needs more of a file's beginning. */
export const HEAD_BYTES = 4096;

/** The PNG chunk that marks a heatmap as one, as in src/photo/image_kind.h: it follows IHDR. */
const MARK = '\0\0\0\x16tEXtSoftware\0fleck heatmap\xc5\x5d\xb9\x3d';
const MARK_AT = 33;
const PNG_DEPTH_AT = 24;

/** The first file of a job that was exported, which is a ZIP. */
export const JOB_LIST = 'fleck-job.json';
const NAME_AT = 30; /* of a ZIP's first file */

/** What the detector reads itself; other pictures are left to the browser. */
const PHOTOS = ['PNG', 'JPEG', 'BMP', 'TIFF'];
const OTHERS = ['video', 'PDF', 'ZIP'];

/** Name, beginning, and where that is; the first that fits counts. @type {[string, string, number?][]} */
const SIGNATURES = [
    ['PNG', '\x89PNG\r\n\x1a\n'],
    ['JPEG', '\xff\xd8'],
    ['WebP', 'WEBP', 8],
    ['GIF', 'GIF8'],
    ['camera raw', 'II*\0\x10\0\0\0CR'],
    ['TIFF', 'II*\0'],
    ['TIFF', 'MM\0*'],
    ['BigTIFF', 'II+\0'],
    ['BigTIFF', 'MM\0+'],
    ['AVIF', 'ftypavi', 4],
    ['HEIC', 'ftyphe', 4],
    ['HEIC', 'ftypmif1', 4],
    ['HEIC', 'ftypmsf1', 4],
    ['camera raw', 'ftypcrx ', 4],
    ['video', 'ftyp', 4],
    ['video', 'AVI LIST', 8],
    ['video', '\x1a\x45\xdf\xa3'],
    ['video', 'moov', 4],
    ['video', 'mdat', 4],
    ['video', 'wide', 4],
    ['video', '\0\0\x01\xba'],
    ['video', 'OggS'],
    ['video', 'FLV\x01'],
    ['video', '\x30\x26\xb2\x75\x8e\x66'],
    ['JPEG XL', '\xff\x0a'],
    ['JPEG XL', '\0\0\0\x0cJXL '],
    ['JPEG 2000', '\0\0\0\x0cjP  '],
    ['JPEG 2000', '\xff\x4f\xff\x51'],
    ['Photoshop', '8BPS'],
    ['camera raw', 'FUJIFILMCCD-RAW'],
    ['DICOM', 'DICM', 128],
    ['ICO', '\0\0\x01\0'],
    ['PDF', '%PDF'],
    ['ZIP', 'PK\x03\x04'],
];

/** What is told by more than a fixed beginning. @type {[string, RegExp][]} */
const PATTERNS = [
    ['BMP', /^BM[^]{12}[\x0c-\x7c]\0\0\0/],
    ['PBM', /^P[14]\s[\d#]/],
    ['PGM', /^P[25]\s[\d#]/],
    ['PPM', /^P[36]\s[\d#]/],
    ['PAM', /^P7\sW/],
];

/**
 * photo: the detector reads it; picture: perhaps the browser does; job, heatmap, own: fleck wrote it.
 * @typedef {{is: 'photo'|'picture'|'job'|'heatmap'|'own'|'empty'|'other', name: string}} Kind
 */

/** @param {Uint8Array} head the first HEAD_BYTES, or all @returns {Kind} */
export function kindOf(head) {
    const text = String.fromCharCode(...head);
    if (!text) return { is: 'empty', name: 'empty' };
    const [name] =
        SIGNATURES.find(([, magic, at]) => text.startsWith(magic, at)) ??
        PATTERNS.find(([, pattern]) => pattern.test(text)) ??
        [];
    if (name === 'TIFF' && isRaw(head)) return { is: 'picture', name: 'camera raw' };
    if (name === 'PNG' && isMarked(text)) return { is: 'heatmap', name };
    if (name === 'ZIP' && text.startsWith(JOB_LIST, NAME_AT)) return { is: 'job', name };
    if (name)
        return {
            is: PHOTOS.includes(name) ? 'photo' : OTHERS.includes(name) ? 'other' : 'picture',
            name,
        };
    if (
        /^(\xef\xbb\xbf)?(set,)?file([,;\t])score\3verdict/.test(text) ||
        /^[^]{8}\{[^]*fleck-model/.test(text)
    )
        return { is: 'own', name: '' };
    if (/[^\t\n\f\r\x20-\xff]/.test(text)) return { is: 'other', name: 'other' };
    return /<svg/.test(text) ? { is: 'picture', name: 'SVG' } : { is: 'other', name: 'text' };
}

/**
 * Whether the detector's pixels are better than the browser's: of a TIFF, which few browsers decode,
 * and of 16 bits, of which browsers show the upper 8, with a camera of 12 nearly black.
 * @param {Uint8Array} head the first HEAD_BYTES, or all
 */
export function isShownBadly(head) {
    const { is, name } = kindOf(head);
    return is === 'photo' && (name === 'TIFF' || (name === 'PNG' && head[PNG_DEPTH_AT] === 16));
}

/** Camera raw is TIFF for the most part: as in src/photo/image_kind.c. @param {Uint8Array} head */
function isRaw(head) {
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    const little = head[0] === 0x49;
    let at = head.length < 8 ? Infinity : view.getUint32(4, little);
    if (at > head.length - 2) return false;
    let entries = view.getUint16(at, little);
    for (at += 2; entries-- && head.length - at >= 12; at += 12) {
        const tag = view.getUint16(at, little);
        const isSmall = tag === 254 && view.getUint32(at + 8, little) === 1;
        if (isSmall || tag === 50706) return true;
    }
    return false;
}

/** Whether the mark is among the chunks before the pixels. @param {string} png its beginning */
function isMarked(png) {
    const at = png.indexOf(MARK);
    return at > 0 && !png.slice(0, at).includes('IDAT');
}

/** A PNG that says that it is a heatmap of fleck's. @param {Blob} png */
export function marked(png) {
    const mark = Uint8Array.from(MARK, (character) => character.charCodeAt(0));
    return new Blob([png.slice(0, MARK_AT), mark, png.slice(MARK_AT)], { type: png.type });
}

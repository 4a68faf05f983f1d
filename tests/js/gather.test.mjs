/** What the page takes for photos, and what it says of all other files. */
import assert from 'node:assert/strict';
import { File as NodeFile } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLAIN, toCsv } from '../../web/files/csv.js';
import { fromDrop, sortOut } from '../../web/files/gather.js';
import { HEAD_BYTES, kindOf, marked } from '../../web/files/kinds.js';
import { findTwins } from '../../web/files/twins.js';

globalThis.File ??= /** @type {any} */ (NodeFile); /* node 18 has it there alone */

const PNG = Buffer.from(
    '89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55',
    'hex',
);
const JPEG = Buffer.from('ffd8ffe000104a464946', 'hex');
const BIG_TIFF = Buffer.from('49492b0008000000', 'hex');
const BMP = Buffer.concat([Buffer.from('BM'), Buffer.alloc(12), Buffer.from([40, 0, 0, 0])]);
const found = (name, bytes = PNG) => ({ name, file: new File([bytes], name) });
const unreadable = (name) => ({
    name,
    file: {
        slice: () => ({
            arrayBuffer: async () => {
                throw new DOMException('gone', 'NotFoundError');
            },
        }),
    },
});
const none = { decoded: async () => false };
const kind = (bytes) => kindOf(new Uint8Array(Buffer.from(bytes, 'latin1')));

test('few files are looked into at once: with each the page waits for the browser', async () => {
    let open = 0;
    let most = 0;
    const slice = () => ({
        arrayBuffer: async () => {
            most = Math.max(most, ++open);
            await new Promise((resume) => setTimeout(resume));
            open--;
            return new Uint8Array(PNG).buffer;
        },
    });
    const all = Array.from({ length: 40 }, (_, i) => ({ name: `${i}.png`, file: { slice } }));
    const { photos } = await sortOut(/** @type {any} */ (all), none);
    assert.equal(photos.length, 40);
    assert.ok(most <= 8, `${most} at once`);
});

test('photos come by name, numbers in them by value, by one collator for all', async (t) => {
    const compared = t.mock.method(String.prototype, 'localeCompare');
    const names = ['b2.png', 'a10.png', 'B1.png', 'a9.png'];
    const { photos } = await sortOut(
        names.map((name) => found(name)),
        none,
    );
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['a9.png', 'a10.png', 'B1.png', 'b2.png'],
    );
    assert.equal(compared.mock.callCount(), 0);
});

test('files are known by their content', () => {
    assert.deepEqual(kindOf(new Uint8Array(PNG)), { is: 'photo', name: 'PNG' });
    assert.deepEqual(kindOf(new Uint8Array(BMP)), { is: 'photo', name: 'BMP' });
    for (const [bytes, is, name] of [
        ['', 'empty', 'empty'],
        ['\xff\xd8\xff\xe0', 'photo', 'JPEG'],
        ['BMW, blue and grey\n', 'other', 'text'],
        ['BM', 'other', 'text'],
        ['RIFF\0\0\0\0WEBPVP8 ', 'picture', 'WebP'],
        ['RIFF\0\0\0\0AVI LIST', 'other', 'video'],
        ['\0\0\0\x20ftypavif', 'picture', 'AVIF'],
        ['\0\0\0\x20ftypheic', 'picture', 'HEIC'],
        ['\0\0\0\x20ftypmp42', 'other', 'video'],
        ['\x1a\x45\xdf\xa3', 'other', 'video'],
        ['OggS\0', 'other', 'video'],
        ['II*\0\x10\0\0\0CR\x02', 'picture', 'camera raw'],
        ['MM\0*', 'photo', 'TIFF'],
        ['II+\0\x08\0\0\0', 'picture', 'BigTIFF'],
        ['II*\0\x08\0\0\0\x01\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0', 'picture', 'camera raw'],
        ['II*\0\x08\0\0\0\x01\0\xfe\0\x04\0\x01\0\0\0\0\0\0\0', 'photo', 'TIFF'],
        ['MM\0*\0\0\0\x08\0\x01\xc6\x12\0\x01\0\0\0\x04\x01\x04\0\0', 'picture', 'camera raw'],
        ['P6\n4 4\n255\n', 'picture', 'PPM'],
        ['P6 is a road', 'other', 'text'],
        ['<?xml version="1.0"?>\n<svg/>', 'picture', 'SVG'],
        ['PK\x03\x04', 'other', 'ZIP'],
        ['file,score,verdict\na,1,ok\n', 'own', ''],
        ['set,file,score,verdict,defective\n', 'own', ''],
        ['\xef\xbb\xbffile;score;verdict\r\n', 'own', ''],
        ['file\tscore\tverdict\r\n', 'own', ''],
        ['file;score\tverdict\r\n', 'other', 'text'],
        ['\x80\0\0\0\0\0\0\0{"__metadata__":{"format":"fleck-model"', 'own', ''],
        ['\0\x01\x02', 'other', 'other'],
        ['größe', 'other', 'text'],
    ])
        assert.deepEqual(kind(bytes), { is, name }, JSON.stringify(bytes));
});

test('no kind is known otherwise than in C', () => {
    const source = readFileSync(new URL('../../src/photo/image_kind.c', import.meta.url), 'utf8');
    const unescape = (text) =>
        text
            .replace(/\\x([0-9A-Fa-f]{2})|\\([0-7])/g, (_, hex, octal) =>
                String.fromCharCode(parseInt(hex ?? octal, 16)),
            )
            .replace(/\\n/g, '\n')
            .replace(/\\r/g, '\r');
    const rows = [
        ...source.matchAll(/^ {4}(PHOTO|PICTURE|OTHER)\("([^"]+)",(?: (\d+),)? "([^"]+)"\)/gm),
    ];
    let same = 0;
    for (const [, type, name, at = 0, magic] of rows) {
        const bytes = Buffer.concat([
            Buffer.alloc(Number(at)),
            Buffer.from(unescape(magic), 'latin1'),
            Buffer.alloc(20),
        ]);
        const known = kindOf(new Uint8Array(bytes));
        if (known.is === 'other' && known.name === 'other') continue; // few have it: told by its ending here
        assert.deepEqual(known, { is: type.toLowerCase(), name }, `${name} ${magic}`);
        same++;
    }
    assert.ok(same > 20, `${same} of ${rows.length} kinds`);
});

test('a heatmap that is marked is known, wherever the mark is before the pixels', async () => {
    const chunk = (name, bytes) =>
        Buffer.concat([Buffer.from([0, 0, 0, bytes]), Buffer.from(name), Buffer.alloc(bytes + 4)]);
    const png = Buffer.concat([PNG, chunk('IDAT', 9), chunk('IEND', 0)]);
    const heatmap = Buffer.from(await marked(new Blob([png])).arrayBuffer());
    assert.equal(heatmap.length, png.length + 34);
    assert.deepEqual(heatmap.subarray(67), png.subarray(33));
    assert.equal(kindOf(new Uint8Array(heatmap)).is, 'heatmap');
    const mark = heatmap.subarray(33, 67);
    assert.equal(
        kindOf(new Uint8Array(Buffer.concat([PNG, chunk('tEXt', 40), mark]))).is,
        'heatmap',
    );
    assert.equal(
        kindOf(new Uint8Array(Buffer.concat([png, mark]))).is,
        'photo',
        'behind the pixels',
    );
    assert.equal(kindOf(new Uint8Array(heatmap.subarray(0, 60))).is, 'photo', 'cut');
});

test('photos are taken whatever their names are, the others are counted by kind', async () => {
    const { photos, troubles } = await sortOut(
        [
            found('d/b10.jfif', JPEG),
            found('d/b9.PNG'),
            found('d/none', JPEG),
            found('d/x.dib', BMP),
            found('d/photo.jpg', BIG_TIFF),
            found('d/1.tif', BIG_TIFF),
            found('d/2.tiff', BIG_TIFF),
            found('d/3.tif', BIG_TIFF),
            found('d/zero.jpg', ''),
            found('d/zero.txt', ''),
            found('d/broken.jpg', 'no photo'),
            found('d/a.txt', 'text'),
            found('d/b.csv', 'a,b\n1,2\n'),
            found('d/scores.csv', 'file,score,verdict\n'),
            found('d/.hidden.png'),
            found('d/__MACOSX/._b9.PNG'),
            found('d/Thumbs.db', '\0'),
            found('d/.git/x.png'),
            found('d/x/ground_truth/1.png'),
            found('d/x/ground_truth/2.png'),
            found('d/scan.tga', '\0\0\x02'),
            unreadable('d/gone.png'),
        ],
        none,
    );
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['d/b9.PNG', 'd/b10.jfif', 'd/broken.jpg', 'd/none', 'd/x.dib'],
    );
    const told = troubles.map(({ name, message }) => `${name}: ${message}`);
    const reads =
        'this browser reads no such files; PNG, JPEG, BMP, TIFF, WebP, AVIF and GIF are read';
    assert.deepEqual(
        told.sort(),
        [
            '1 empty file: left out',
            '1 other file of fleck: left out',
            `1 TGA picture: d/scan.tga: ${reads}`,
            '2 masks (ground_truth): left out',
            '2 text files: left out',
            `4 BigTIFF pictures: d/1.tif, d/2.tiff, d/3.tif and 1 more: ${reads}`,
            'd/gone.png: cannot be read: gone',
            'd/zero.jpg: the file is empty',
        ].sort(),
    );
    const count = (wanted) =>
        troubles.reduce(
            (sum, { count = 1, other = false }) => sum + (other === wanted ? count : 0),
            0,
        );
    assert.deepEqual([count(false), count(true)], [7, 6]);
});

test('pictures that the browser decodes are photos', async () => {
    const { photos, troubles } = await sortOut(
        [found('a.webp', 'RIFF\0\0\0\0WEBP'), found('b.tif', BIG_TIFF)],
        { decoded: async (name) => name === 'WebP' },
    );
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['a.webp'],
    );
    assert.equal(troubles.length, 1);
});

test('videos are known, whatever their names, and neither photos nor left out', async () => {
    const { photos, troubles, videos } = await sortOut(
        [
            found('d/film.jpg', '\0\0\0\x20ftypisom'),
            found('d/a.mkv', Buffer.from('1a45dfa3', 'hex')),
            found('d/b.png'),
            found('d/still.mp4', '\0\0\0\x20ftypavif'),
            found('d/.hidden.mp4', '\0\0\0\x20ftypisom'),
        ],
        { decoded: async () => true },
    );
    const names = (list) => list.map(({ name }) => name);
    assert.deepEqual(names(videos), ['d/a.mkv', 'd/film.jpg']);
    assert.deepEqual(names(photos), ['d/b.png', 'd/still.mp4']);
    assert.deepEqual(troubles, []);
});

test('jobs that were exported are known, whatever their names; in a folder they are left', async () => {
    const job = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26)]);
    const file = Buffer.concat([job, Buffer.from('fleck-job.json{')]);
    const { photos, troubles, jobs } = await sortOut(
        [found('a.png'), found('b', file), found('c.zip', file), found('d/e.zip', file)],
        none,
    );
    assert.deepEqual(
        [photos, jobs].map((all) => all.map(({ name }) => name)),
        [['a.png'], ['b', 'c.zip']],
    );
    assert.deepEqual(
        troubles.map(({ name }) => name),
        ['1 job of fleck inside a folder'],
    );
});

test('a folder that itself is hidden is read, its hidden files are not', async () => {
    const { photos } = await sortOut(
        [found('.photos/a.png'), found('.photos/.b.png'), found('.c.png')],
        none,
    );
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['.photos/a.png'],
    );
});

/** Entries as a drop gives them. */
const fileEntry = (path, file) => ({
    isFile: true,
    name: path.split('/').pop(),
    fullPath: `/${path}`,
    file: (resolve, reject) => (file instanceof Error ? reject(file) : resolve(file)),
});
const folderEntry = (path, children, error) => ({
    isDirectory: true,
    name: path.split('/').pop(),
    fullPath: `/${path}`,
    createReader: () => {
        const batches = [children.slice(0, 2), children.slice(2)].filter(({ length }) => length);
        return {
            readEntries: (resolve, reject) => {
                const batch = batches.shift();
                if (!batch && error) reject(error);
                else resolve(batch ?? []);
            },
        };
    },
});
const dropped = (...entries) => ({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
});

test('what cannot be read of a drop is named, and the rest is taken', async () => {
    const photo = (name) => fileEntry(`d/${name}`, new File([PNG], name));
    const gone = new DOMException('It is not there.', 'NotFoundError');
    const { photos, troubles } = await fromDrop(
        dropped(
            folderEntry('d', [
                photo('1.png'),
                fileEntry('d/2.png', gone),
                photo('3.png'),
                folderEntry('d/removed', [photo('removed/4.png')], gone),
                folderEntry('d/empty', []),
                folderEntry('d/.git', [], new Error('not looked into')),
                photo('5.png'),
            ]),
        ),
    );
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['d/1.png', 'd/3.png', 'd/5.png', 'd/removed/4.png'],
    );
    assert.deepEqual(
        troubles.map(({ name, message }) => `${name}: ${message}`),
        [
            'd/2.png: cannot be read: It is not there.',
            'd/removed/: cannot be read: It is not there.',
        ],
    );
});

test('files are taken from among words, and where their entries lead nowhere', async () => {
    const file = new File([PNG], 'a.png');
    const { photos, troubles } = await fromDrop({
        items: [
            { kind: 'string', webkitGetAsEntry: () => null },
            { kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file },
            { kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => null },
            {
                kind: 'file',
                getAsFile: () => new File([PNG], 'b.png'),
                webkitGetAsEntry: () =>
                    fileEntry('b.png', new DOMException('Path does not exist', 'NotFoundError')),
            },
            {
                kind: 'file',
                getAsFile: () => null,
                webkitGetAsEntry: () =>
                    fileEntry('c.png', new DOMException('Path does not exist', 'NotFoundError')),
            },
        ],
    });
    assert.deepEqual(
        photos.map(({ name }) => name),
        ['a.png', 'b.png'],
    );
    assert.equal(photos[0].file, file);
    assert.deepEqual(troubles, [{ name: 'c.png', message: 'cannot be read: Path does not exist' }]);
});

test('photos given twice are known by their bytes and names', async () => {
    const twice = [found('a.png'), found('d/a.png')];
    assert.deepEqual([...(await findTwins(twice, []))], [twice[1]], 'alone and in its folder');
    assert.equal(
        (await findTwins([found('d/a.png'), found('e/a.png')], [])).size,
        0,
        'two folders',
    );
    assert.equal(
        (await findTwins([found('a.png')], [found('a.png', JPEG)])).size,
        0,
        'other bytes',
    );
    const other = Buffer.from(PNG);
    other[30] ^= 1;
    assert.equal(
        (await findTwins([found('a.png')], [found('a.png', other)])).size,
        0,
        'of one length',
    );
    assert.equal((await findTwins([found('b.png')], [found('a.png')])).size, 0, 'another name');
});

test('the table says what shares of the photos were looked at and count, unless all', () => {
    const rows = [{ file: 'a.png', score: 0.5, verdict: 'defect' }];
    assert.equal(toCsv(rows, { frame: 1 }), 'file,score,verdict\r\na.png,0.500000,defect\r\n');
    assert.equal(
        toCsv(rows, { frame: 0.875 }),
        'file,score,verdict,frame\r\na.png,0.500000,defect,0.875\r\n',
    );
    assert.equal(
        toCsv(rows, { frame: 0.875, area: 0.3 }),
        'file,score,verdict,frame,area\r\na.png,0.500000,defect,0.875,0.300\r\n',
    );
});

test('the table is written as spreadsheets of other languages want it', () => {
    const rows = [{ file: 'a, b.png', score: 0.5, verdict: 'defect' }];
    const table = (format) => toCsv(rows, { frame: 0.875 }, { ...PLAIN, ...format });
    assert.equal(
        table({ separator: ';', decimal: ',' }),
        'file;score;verdict;frame\r\n"a, b.png";0,500000;defect;0,875\r\n',
    );
    assert.equal(
        table({ separator: '\t' }),
        'file\tscore\tverdict\tframe\r\n"a, b.png"\t0.500000\tdefect\t0.875\r\n',
    );
    assert.equal(
        table({ decimal: ',' }),
        'file,score,verdict,frame\r\n"a, b.png","0,500000",defect,"0,875"\r\n',
    );
    assert.equal(table({ bom: true }), `\ufeff${toCsv(rows, { frame: 0.875 })}`);
});

test('no name becomes two fields, whatever a spreadsheet takes for the separator', () => {
    for (const separator of [',', ';', '\t'])
        for (const file of ['a;=cmd()', 'a\t=cmd()', 'a,=cmd()'])
            assert.equal(
                toCsv([{ file, score: 0, verdict: 'ok' }], {}, { ...PLAIN, separator }).split(
                    '\r\n',
                )[1],
                [`"${file}"`, '0.000000', 'ok'].join(separator),
            );
});

test('no name becomes a formula in a spreadsheet', () => {
    const rows = ['=cmd()', '+1', '-1', '@x', '\tx', '\rx', '=a,"b"', 'a=b', "'x", ''].map(
        (file) => ({ file, score: 0, verdict: 'ok' }),
    );
    assert.deepEqual(
        toCsv(rows)
            .split('\r\n')
            .slice(1, -1)
            .map((line) => line.replace(/,0\.000000,ok$/, '')),
        ["'=cmd()", "'+1", "'-1", "'@x", '"\'\tx"', '"\'\rx"', '"\'=a,""b"""', 'a=b', "'x", ''],
    );
});

const cases = fileURLToPath(new URL('../../../shared/cases/photos/', import.meta.url));
test(
    'each of the collected photos has its kind',
    { skip: !existsSync(cases) && 'skipped: ../shared/cases/photos is absent' },
    () => {
        const kinds = {
            gif: 'GIF',
            ico: 'ICO',
            jp2: 'JPEG 2000',
            pcx: 'PCX',
            pgm: 'PGM',
            ppm: 'PPM',
            tif: 'TIFF',
            tiff: 'TIFF',
            webp: 'WebP',
            png: 'PNG',
            jpg: 'JPEG',
            bmp: 'BMP',
        };
        for (const name of readdirSync(cases)) {
            const head = new Uint8Array(readFileSync(cases + name).subarray(0, HEAD_BYTES));
            if (!name.endsWith('.pcx'))
                assert.equal(kindOf(head).name, kinds[name.split('.').pop()], name);
        }
    },
);

/** ZIPs that are read: all that is whole, whoever made the archive; the rest is named. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32 } from '../../web/files/bytes.js';
import { fromInput } from '../../web/files/gather.js';
import { unpack } from '../../web/files/unzip.js';
import { zip } from './zips.mjs';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const STORED = { method: 0 };
const step = { signal: new AbortController().signal, report: () => {} };

/** Names and bytes, and what is said. */
async function open(bytes, limits) {
    const { found, troubles } = await unpack(new Blob([bytes]), 'x.zip', step, limits);
    const files = await Promise.all(found.map(async ({ name, file }) => [name, await file.text()]));
    return { files, troubles: troubles.map(({ name, message }) => `${name}: ${message}`) };
}

/** An archive that is refused as a whole. @param {Buffer} bytes @param {RegExp} [why] */
const refused = (bytes, why = /^it is damaged or not complete$/) =>
    assert.rejects(open(bytes), { message: why });

test('stored and deflated files come with their folders', async () => {
    const { files, troubles } = await open(
        zip([
            ['d/', ''],
            ['d/a.txt', 'one'.repeat(10_000)],
            ['d/e/b.txt', 'two', STORED],
            ['d/empty', ''],
            ['d/none', '', STORED],
        ]),
    );
    assert.deepEqual(files, [
        ['d/a.txt', 'one'.repeat(10_000)],
        ['d/e/b.txt', 'two'],
        ['d/empty', ''],
        ['d/none', ''],
    ]);
    assert.deepEqual(troubles, []);
});

test('files come with their times, where the archive knows them', async () => {
    const stamp =
        (((2026 - 1980) << 25) | (11 << 21) | (29 << 16) | (22 << 11) | (30 << 5) | 4) >>> 0;
    const bytes = zip([
        ['d/a', 'a', { stamp }],
        ['d/b', 'b'],
        ['d/c', 'c', { stamp: 0x21 << 16 }],
    ]);
    const { found } = await unpack(new Blob([bytes]), 'x.zip', step);
    assert.deepEqual(
        found.map(({ time }) => time),
        [new Date(2026, 10, 29, 22, 30, 8).getTime(), null, null],
    );
});

test('what is stored stays a part of the archive: it takes no memory', async () => {
    const blob = new Blob([zip([['a', 'abc', STORED]])]);
    const slices = [];
    const slice = blob.slice.bind(blob);
    blob.slice = (...range) => {
        const part = slice(...range);
        slices.push(part);
        return part;
    };
    const { found } = await unpack(blob, 'x.zip', step);
    assert.ok(slices.includes(found[0].file));
});

test('several things at the top get a folder of the name of the archive', async () => {
    const names = async (...paths) => {
        const { files } = await open(zip(paths.map((path) => [path, 'a'])));
        return files.map(([name]) => name);
    };
    assert.deepEqual(await names('a', 'b'), ['x/a', 'x/b']);
    assert.deepEqual(await names('d/a', 'b'), ['x/d/a', 'x/b']);
    assert.deepEqual(await names('d/a', 'e/b'), ['x/d/a', 'x/e/b']);
    assert.deepEqual(await names('d/a', 'd/b', '__MACOSX/d/._a'), ['d/a', 'd/b']);
});

test('hidden files and what systems add are left out, as of folders', async () => {
    const { files } = await open(
        zip(
            ['__MACOSX/d/._a', 'd/.DS_Store', '.git/x', 'd/Thumbs.db', 'd/.e/f', 'd/a'].map(
                (name) => [name, 'x'],
            ),
        ),
    );
    assert.deepEqual(files, [['d/a', 'x']]);
});

test('no name leads out of its folder', async () => {
    const names = [
        '../../up',
        '/root',
        'C:\\windows\\d.png',
        '\\\\server\\share',
        'a/../b',
        'a/./c//d',
        'nul\0.png',
        'line\nbreak',
    ];
    const { files } = await open(zip(names.map((name) => [name, 'x'])));
    assert.deepEqual(
        files.map(([name]) => name),
        [
            'x/up',
            'x/root',
            'x/windows/d.png',
            'x/server/share',
            'x/a/b',
            'x/a/c/d',
            'x/nul\ufffd.png',
            'x/line\ufffdbreak',
        ],
    );
    const latin1 = await open(zip([['', 'x', { name: Buffer.from('gr\xf6\xdfe', 'latin1') }]]));
    assert.equal(latin1.files[0][0], 'x/gr\ufffd\ufffde');
    assert.equal((await open(zip([['..', 'x']]))).files[0][0], 'x/unnamed');
});

test('a file that cannot be read is named with the reason, and the others are read', async () => {
    const { files, troubles } = await open(
        zip([
            ['a', 'good'],
            ['crc', 'x', { crc: 1 }],
            ['stored', 'x', { crc: 1, method: 0 }],
            ['secret', 'x', { flags: 0x801 }],
            ['lzma', 'x', { method: 14 }],
            ['longer', 'x'.repeat(1000), { size: 10 }],
            ['shorter', 'x', { size: 10 }],
            ['stored shorter', 'x', { size: 10, method: 0 }],
            ['huge', 'x', { size: 257e6 }],
            ['moved', 'x', { localExtra: Buffer.alloc(8) }],
            ['z', 'good'],
        ]),
    );
    assert.deepEqual(files, [
        ['x/a', 'good'],
        ['x/moved', 'x'],
        ['x/z', 'good'],
    ]);
    const damaged = 'the file is damaged in the archive';
    assert.deepEqual(troubles, [
        `x/crc: ${damaged}`,
        `x/stored: ${damaged}`,
        'x/secret: the file is encrypted',
        'x/lzma: the file is packed by a method that is not known here (14)',
        `x/longer: ${damaged}`,
        `x/shorter: ${damaged}`,
        `x/stored shorter: ${damaged}`,
        'x/huge: the file is larger than 256 MB, the most that is unpacked',
    ]);
});

test('damaged bytes of every place are told, or change nothing', async () => {
    const whole = zip([
        ['a', 'one two three'.repeat(20)],
        ['b', 'four', STORED],
    ]);
    const { files } = await open(whole);
    for (let at = 0; at < whole.length; at++) {
        const bytes = Buffer.from(whole);
        bytes[at] ^= 0x55;
        const opened = await open(bytes).catch(({ message }) => {
            assert.match(message, /^(it is damaged or not complete|its files overlap)/);
        });
        if (!opened) continue;
        for (const [, text] of opened.files)
            assert.ok(
                files.some(([, content]) => content === text),
                `byte ${at}`,
            );
        assert.equal(opened.files.length + opened.troubles.length, 2, `byte ${at}`);
    }
});

test('an archive that is cut anywhere is refused', async () => {
    const whole = zip([
        ['a', 'one'],
        ['b', 'two', { method: 0, wide: true }],
    ]);
    for (let size = 0; size < whole.length; size++) await refused(whole.subarray(0, size));
    const middle = Buffer.concat([whole.subarray(0, 20), whole.subarray(30)]);
    await refused(middle);
    const directory = whole.lastIndexOf('PK\x01\x02', undefined, 'latin1');
    await refused(Buffer.concat([whole.subarray(0, directory), whole.subarray(directory + 60)]));
});

test('a comment at the end hides nothing', async () => {
    for (const comment of ['short', 'x'.repeat(0xffff), `PK\x05\x06${'\0'.repeat(30)}`])
        assert.equal((await open(zip([['a', 'x']], { comment }))).files.length, 1);
});

test('ZIP64 is read, and its numbers are checked', async () => {
    const { files } = await open(
        zip(
            [
                ['a', 'one', { wide: true }],
                ['b', 'two', { wide: true, method: 0 }],
            ],
            { wide: true },
        ),
    );
    assert.deepEqual(files, [
        ['x/a', 'one'],
        ['x/b', 'two'],
    ]);
    await refused(zip([['a', 'one', { wide: true, at: 2 ** 52 }]], { wide: true }));
    await refused(zip([['a', 'one', { wide: true, packed: 2 ** 60 }]], { wide: true }));
    await refused(zip([['a', 'one']], { wide: true, count: 2 ** 40 }), /more than 100,000 files/);
    await refused(zip([['a', 'one']], { wide: true, count: 2 }));
    await refused(zip([['a', 'one', { size: 0xffffffff }]]));
});

test('65,536 files and 65,535 are read, more than 100,000 are not', async () => {
    /* hidden but for the last: the directory is what this is about */
    const many = (count) =>
        Array.from({ length: count }, (_, i) => [i === count - 1 ? 'a' : `.${i}`, 'x', STORED]);
    const { files } = await open(zip(many(65_536), { wide: true }));
    assert.deepEqual(files, [['x/a', 'x']]);
    const { files: ones } = await open(zip(many(65_535)));
    assert.deepEqual(ones, [['x/a', 'x']], 'a count of all ones, but no ZIP64');
    await refused(zip(many(100_001), { wide: true }), /^it has more than 100,000 files$/);
});

test('files that share bytes are refused: a small archive would be endless', async () => {
    const overlap = /^its files overlap/;
    const kernel = Buffer.alloc(1e6);
    await refused(zip([['a', kernel], ...Array(50).fill(['b', '', { at: 0 }])]), overlap);
    /* each file's range has the headers of those behind it in it */
    await refused(
        zip([
            ['a', 'x', { packed: 200 }],
            ['b', 'x'],
            ['c', 'y'],
        ]),
        overlap,
    );
    /* the directory is honest, but the first file's own header reaches to the content of the next */
    const one = { method: 0, size: 1, packed: 1, crc: crc32(Buffer.from('y')) };
    const bytes = zip([
        ['a', '', one],
        ['b', 'y', STORED],
    ]);
    bytes.writeUInt16LE(31, 28);
    const { files, troubles } = await open(bytes);
    assert.deepEqual(files, [['x/b', 'y']]);
    assert.deepEqual(troubles, ['x/a: the file is damaged in the archive']);
});

test('what comes of an archive is bounded, whatever it says', async () => {
    const zeros = Buffer.alloc(5e6);
    const says = (size) => ['bomb', zeros, { size }];
    const limits = { fileMost: 2e6, allMost: 3e6 };
    assert.deepEqual((await open(zip([says(5e6)]), { ...limits, allMost: 1e9 })).troubles, [
        'x/bomb: the file is larger than 2 MB, the most that is unpacked',
    ]);
    const last = await open(zip([says(2 ** 31), ['a', 'x']]), limits);
    assert.deepEqual(last.files, [['x/a', 'x']], 'what is not unpacked counts for nothing');
    assert.deepEqual((await open(zip([says(100)]), limits)).troubles, [
        'x/bomb: the file is damaged in the archive',
    ]);
    const million = Buffer.alloc(1e6);
    const { files, troubles } = await open(
        zip(Array.from({ length: 6 }, (_, i) => [`${i}`, million])),
        limits,
    );
    assert.equal(files.length, 3);
    assert.deepEqual(troubles, [
        'x.zip: more than 0.003 GB would come of it: 3 of its files were not unpacked',
    ]);
});

test('a file that is longer than it says is read no further', async () => {
    const blob = new Blob([zip([['bomb', Buffer.alloc(5 << 20), { size: 100, level: 0 }]])]);
    const slice = Blob.prototype.slice;
    let read = 0; /* pieces of its content */
    blob.slice = (...range) => {
        const part = slice.apply(blob, range);
        part.slice = (...inner) => {
            read++;
            return slice.apply(part, inner);
        };
        return part;
    };
    const { troubles } = await unpack(blob, 'x.zip', step);
    assert.equal(troubles.length, 1);
    assert.equal(read, 1);
});

test('of thousands of damaged files some are named and all are counted', async () => {
    const { troubles } = await unpack(
        new Blob([zip(Array.from({ length: 3000 }, (_, i) => [`${i}`, 'x', { crc: 1 }]))]),
        'x.zip',
        step,
    );
    assert.equal(troubles.length, 21);
    assert.equal(troubles[20].message, '2,980 more of its files could not be unpacked');
    assert.equal(
        troubles.reduce((sum, { count = 1 }) => sum + count, 0),
        3000,
    );
});

test('unpacking is told of, and ends when it is cancelled', async () => {
    const abort = new AbortController();
    const reports = [];
    const report = (done, total) => {
        reports.push(done / total);
        if (reports.length === 3) abort.abort();
    };
    const bytes = zip(Array.from({ length: 9 }, (_, i) => [`${i}`, 'x']));
    await assert.rejects(unpack(new Blob([bytes]), 'x.zip', { signal: abort.signal, report }), {
        name: 'AbortError',
    });
    assert.equal(reports.length, 3);
    assert.equal(reports[0], 0);
    assert.ok(reports[1] < reports[2]);
});

/** What comes of files that are chosen. */
async function chosen(files) {
    const during = (_, work) => work(step);
    const { photos, troubles } = await fromInput(
        Object.entries(files).map(([name, bytes]) =>
            Object.assign(new Blob([bytes]), {
                name: name.split('/').at(-1),
                webkitRelativePath: name,
            }),
        ),
        during,
    );
    return {
        photos: photos.map(({ name }) => name),
        troubles: troubles.map(({ name, message }) => `${name}: ${message}`),
    };
}

test('a ZIP that is chosen is opened, one in a folder or a ZIP is not, nor a document', async () => {
    const inner = zip([['b.png', PNG]]);
    const { photos, troubles } = await chosen({
        'a.png': PNG,
        'Tiles.ZIP': zip([
            ['c.jpg', PNG],
            ['inner.zip', inner],
            ['notes.txt', 'text'],
        ]),
        'report.docx': zip([['word/media/picture.png', PNG]]),
        'folder/more.zip': inner,
        'text.zip': 'no ZIP at all',
        'broken.zip': zip([['a.png', PNG]]).subarray(0, 60),
    });
    assert.deepEqual(photos, ['a.png', 'Tiles/c.jpg']);
    assert.deepEqual(troubles, [
        'broken.zip: cannot be unpacked: it is damaged or not complete',
        '2 ZIP files inside a folder or another ZIP: left out',
        '1 ZIP file: left out',
        '2 text files: left out',
    ]);
});

test('the licence of what unpacks is with the page', () => {
    const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    assert.equal(read('web/licences/fflate.txt'), read('node_modules/fflate/LICENSE'));
    assert.match(read('web/files/unzip.js'), /\/\*! .*licences\/fflate\.txt \*\//);
});

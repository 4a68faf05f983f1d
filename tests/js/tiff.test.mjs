/** TIFF photos in the package and the command line tool; test_tiff.c reads each of their forms. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { backbone as backboneFile, fleck, parseCsv, put, quick } from '../cli/cli.mjs';
import { Detector, backbone, open, pixels, readBytes } from './fixtures.mjs';
import { parse } from './safetensors.mjs';
import { png, tiff } from './pictures.mjs';

const { tensors, data } = parse(await readBytes('tests/golden/tiff.safetensors'));

/** @param {string} name of a golden tensor */
function bytesOf(name) {
    const [from, to] = tensors[name].data_offsets;
    return new Uint8Array(data.subarray(from, to));
}

/** Grey of 16 bits, up to most. @param {number} seed @param {number} most */
const deep = (seed, most) =>
    tiff(48, 48, (x, y) => (x === 7 && y === 9 ? most : 600 + 9 * x + ((seed * 37 + y * x) % 64)));

test('files are decoded to their pixels, those of 16 bits by their range', async (t) => {
    const detector = await open(t);
    for (const name of ['be_lzw_2_tiles', 'turned6', 'premultiplied', 'palette4']) {
        const [height, width] = tensors[`rgb.${name}`].shape;
        const decoded = await detector.decode({ bytes: bytesOf(`file.${name}`) });
        const rgb = bytesOf(`rgb.${name}`);
        assert.deepEqual([decoded.width, decoded.height], [width, height], name);
        assert.deepEqual(
            decoded.data,
            Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
                i % 4 === 3 ? 255 : rgb[3 * (i >> 2) + (i % 4)],
            ),
            name,
        );
    }
    const { data: grey } = await detector.decode(new Blob([deep(1, 2047)]));
    assert.equal(Math.max(...grey.filter((_, i) => i % 4 < 3)), Math.round((2047 / 4095) * 255));
    for (const [name, code, words] of [
        ['jpeg', 'kind', /^a TIFF compressed as JPEG cannot be read$/],
        ['bomb_lzw', 'format', /^damaged TIFF: its pixels cannot be unpacked, or are too few$/],
        ['too_large', 'format', /at most 64 million are accepted$/],
        ['strip_beyond', 'format', /^truncated TIFF$/],
    ])
        await assert.rejects(detector.decode({ bytes: bytesOf(`refused.${name}`) }), {
            code,
            message: words,
        });
    await assert.rejects(detector.decode(pixels(1)), TypeError);
});

test('a folder of 16 bits has one range, and of several pages the first is told', async (t) => {
    const detector = await open(t);
    const paged = new Blob([bytesOf('file.second_page')]);
    const folder = [1, 2, 3, 4, 5].map((seed) => new Blob([deep(seed, 2000 + seed)]));
    const added = await detector.add([...folder, paged]);
    assert.deepEqual(
        added.map(({ error }) => error?.message),
        Array(6).fill(undefined),
    );
    assert.deepEqual(detector.samples, { bits: 12, highest: 2005 });
    assert.equal(
        detector.note,
        '16-bit photos: values up to 2,005 are read as 12 bits. ' +
            '1 photo has several pages, of which the first is read',
    );
    await detector.train();
    assert.equal((await detector.score(paged)).note, 'several pages, of which the first is read');
    assert.match((await detector.score(new Blob([deep(6, 9000)]))).note, /values up to 9,000/);
    await detector.clear();
    assert.equal(detector.note, null);
});

test('the size is that of the whole file, which may tell it at its end', async (t) => {
    const detector = await open(t);
    const grey = (/** @type {number} */ x, /** @type {number} */ y) => (x * y) % 4000;
    const files = Array.from({ length: 5 }, (_, i) => tiff(900, 300 + i, grey));
    assert.ok(files[0].length > 262_144);
    const { tiles } = await detector.measure(files.map((file) => new Blob([file])));
    const { tiles: expected } = await (
        await open(t)
    ).measure(files.map((_, i) => new Blob([png(900, 300 + i, grey, { kind: 'grey' })])));
    assert.ok(tiles.columns > 1);
    assert.deepEqual(tiles, expected);
    const dir = mkdtempSync(join(tmpdir(), 'fleck-tiff-'));
    t.after(() => rmSync(dir, { recursive: true }));
    for (const [i, file] of files.entries()) put(join(dir, `photos/${i}.tif`), file);
    const { status, stderr } = fleck(
        'train',
        join(dir, 'photos'),
        '--save',
        join(dir, 'm.fleck'),
        ...quick,
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`looked at as ${tiles.columns} x ${tiles.rows} tiles`));
});

test('the command line tool has the same scores, and tells what is not read', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'fleck-tiff-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const files = {
        'wide.tif': bytesOf('file.wide_be_lzw_2'),
        'tiles.tiff': bytesOf('file.apart_tiles'),
        'palette.tif': bytesOf('file.palette8'),
        'pages.tif': bytesOf('file.second_page'),
        'turned.tif': bytesOf('file.turned8'),
        'white.tif': bytesOf('file.wide_white'),
    };
    for (const [name, file] of Object.entries(files)) put(join(dir, 'photos', name), file);
    put(join(dir, 'photos/fax.tif'), bytesOf('refused.fax'));
    const out = join(dir, 'out');
    const { status, stderr } = fleck(
        ...['inspect', join(dir, 'photos'), '--backbone', backboneFile, '-o', out],
    );
    assert.equal(status, 3, stderr);
    assert.match(
        stderr,
        /^fleck: pages\.tif: several pages or pictures, of which the first or main one is read$/m,
    );
    assert.match(stderr, /fax\.tif: a TIFF compressed as CCITT cannot be read/);
    const [, ...rows] = parseCsv(readFileSync(join(out, 'scores.csv'), 'utf8'));

    const detector = await Detector.create({ workers: 1, threads: 1 });
    t.after(() => detector.close());
    await detector.loadBackbone(backbone);
    const names = Object.keys(files).sort();
    await detector.add(names.map((name) => new Blob([files[name]])));
    await detector.train();
    const results = await detector.scoreFolder({ heat: false });
    assert.deepEqual(
        Object.fromEntries(rows.map(([name, score]) => [name, score])),
        Object.fromEntries(names.map((name, i) => [name, results[i].score.toFixed(6)])),
    );
});

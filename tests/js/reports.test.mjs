/** What the page writes of regions: numbers as printf's, pixels, masks and their names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { cocoJson } from '../../web/files/coco_json.js';
import { fixed, toJson } from '../../web/files/findings.js';
import { kindOf } from '../../web/files/kinds.js';
import { maskName, maskPng } from '../../web/files/mask_png.js';
import { fill, fillPeak, windowOf } from '../../web/files/region_pixels.js';
import { regionsCsv } from '../../web/files/regions_csv.js';

/** @param {number[]} xy */
const line = (...xy) =>
    Array.from({ length: xy.length / 2 }, (_, i) => ({ x: xy[2 * i], y: xy[2 * i + 1] }));

/** A square of 6 with a hole of 2, and a point. */
const RING = {
    ...{ left: 1, top: 1, width: 6, height: 6, area: 32, share: 0.32 },
    ...{ centroidX: 4, centroidY: 4, peak: 0.75, mean: 0.625, peakX: 1.5, peakY: 1.5 },
    outline: line(1, 1, 7, 1, 7, 7, 1, 7),
    holes: [line(3, 3, 3, 5, 5, 5, 5, 3)],
};
const POINT = {
    ...{ left: 8.6, top: 8.6, width: 0.25, height: 0.25, area: 0.125, share: 0.00125 },
    ...{ centroidX: 8.75, centroidY: 8.75, peak: 0.5, mean: 0.5, peakX: 8.7, peakY: 8.7 },
    outline: line(8.6, 8.75, 8.75, 8.6, 8.85, 8.75, 8.75, 8.85),
    holes: [],
};
const SIZE = { width: 10, height: 12 };
const FOUND = {
    ...SIZE,
    name: '=a, "b".png',
    score: 0.75,
    verdict: 'defect',
    regions: [RING, POINT],
    groups: [1, 0],
};
const GROUPS = [
    { size: 2, name: '' },
    { size: 2, name: '=Blow "hole"' },
];
const RING_ROWS = [
    '..........',
    '.######...',
    '.######...',
    '.##..##...',
    '.##..##...',
    '.######...',
    '.######...',
    '..........',
    '..........',
    '..........',
    '..........',
    '..........',
];

test('numbers are those of printf: between two, the even one', () => {
    assert.equal(fixed(0.125, 2), '0.12');
    assert.equal(fixed(0.375, 2), '0.38');
    assert.equal(fixed(12.625, 2), '12.62');
    assert.equal(fixed(-0.125, 2), '-0.12');
    assert.equal(fixed(-0.375, 2), '-0.38');
    assert.equal(fixed(0, 2), '0.00');
    assert.equal(fixed(Math.fround(0.1), 6), '0.100000');
    assert.equal(fixed(65535.996, 2), '65536.00');
    assert.equal(fixed(1.5, 0), '2');
    assert.equal(fixed(2.5, 0), '2');
});

test('no text of a photo commands a terminal', () => {
    const name = 'a\u001b[2J\u202eb\u0085"\\ü.png';
    const json = toJson({ name });
    assert.doesNotMatch(json, /[\0-\x1f\x7f-\x9f\u202e]/);
    assert.deepEqual(JSON.parse(json), { name });
});

test('pixels are within a region where their centre is', () => {
    const window = windowOf(RING, SIZE);
    assert.deepEqual(window, { left: 1, top: 1, width: 7, height: 7 });
    const mask = fill(RING, window);
    for (let y = 0; y < window.height; y++)
        for (let x = 0; x < window.width; x++)
            assert.equal(mask[y * window.width + x], Number(RING_ROWS[y + 1][x + 1] === '#'));
    const small = windowOf(POINT, SIZE);
    assert.deepEqual(small, { left: 8, top: 8, width: 1, height: 1 });
    const one = fill(POINT, small);
    assert.deepEqual([...one], [0], 'it holds no centre');
    fillPeak(POINT, small, one);
    assert.deepEqual([...one], [1]);
    /* at the edge of the photo */
    const all = { ...RING, left: 0, top: 0, ...SIZE, outline: line(0, 0, 10, 0, 10, 12, 0, 12) };
    assert.deepEqual(windowOf(all, SIZE), { left: 0, top: 0, ...SIZE });
    assert.equal(fill({ ...all, holes: [] }, windowOf(all, SIZE)).indexOf(0), -1);
});

test('a mask is a grey PNG of the photo’s size, known as one of fleck’s', async () => {
    const png = Buffer.from(await (await maskPng(FOUND)).arrayBuffer());
    assert.equal(kindOf(png).is, 'heatmap');
    let at = 8;
    /** @type {Record<string, Buffer>} */
    const chunks = {};
    while (at < png.length) {
        const length = png.readUInt32BE(at);
        chunks[png.toString('latin1', at + 4, at + 8)] = png.subarray(at + 8, at + 8 + length);
        at += 12 + length;
    }
    assert.deepEqual(Object.keys(chunks), ['IHDR', 'tEXt', 'IDAT', 'IEND']);
    assert.deepEqual([...chunks.IHDR], [0, 0, 0, 10, 0, 0, 0, 12, 8, 0, 0, 0, 0]);
    const rows = inflateSync(chunks.IDAT);
    const drawn = Array.from({ length: 12 }, (_, y) =>
        [...rows.subarray(11 * y + 1, 11 * y + 11)].map((v) => ({ 0: '.', 255: '#' })[v]).join(''),
    );
    const expected = RING_ROWS.map((row, y) => (y === 8 ? `${row.slice(0, 8)}#.` : row));
    assert.deepEqual(drawn, expected);
});

test('masks have the names that the command line gives them', () => {
    const names = {
        'a.png': 'a.png.png',
        'd/e/a.png': 'd__e__a.png.png',
        'a_b.png': 'a_b.png.png',
        'a__b.png': 'a%5F%5Fb.png.png',
        'a_/b.png': 'a%5F__b.png.png',
        'a/_b.png': 'a__%5Fb.png.png',
        'a%b.png': 'a%25b.png.png',
        '.a.png': '%2Ea.png.png',
    };
    for (const [photo, mask] of Object.entries(names)) assert.equal(maskName(photo), mask);
});

test('COCO has polygons, and run lengths where these cannot say it', () => {
    const solid = { ...RING, holes: [] };
    const found = [
        FOUND,
        { ...FOUND, name: 'b.png', regions: [], groups: [] },
        { ...FOUND, regions: [solid], groups: [1] },
    ];
    const data = JSON.parse(cocoJson(found, GROUPS));
    assert.deepEqual(
        data.images.map(({ id, file_name: name }) => [id, name]),
        [
            [1, '=a, "b".png'],
            [2, 'b.png'],
            [3, '=a, "b".png'],
        ],
    );
    const [ring, point, polygon] = data.annotations;
    assert.deepEqual(ring.segmentation.size, [12, 10]);
    assert.deepEqual(
        ring.segmentation.counts,
        [13, 6, 6, 6, 6, 2, 2, 2, 6, 2, 2, 2, 6, 6, 6, 6, 41],
    );
    assert.deepEqual(point.segmentation.counts, [104, 1, 15]);
    assert.deepEqual(polygon.segmentation, [[1, 1, 7, 1, 7, 7, 1, 7]]);
    assert.deepEqual([polygon.id, polygon.image_id, polygon.bbox], [3, 3, [1, 1, 6, 6]]);
    assert.deepEqual(
        data.annotations.map((/** @type {any} */ each) => each.category_id),
        [2, 1, 2],
    );
    assert.deepEqual(data.categories, [
        { id: 1, name: 'group 1', supercategory: 'defect' },
        { id: 2, name: '=Blow "hole"', supercategory: 'defect' },
    ]);
    const none = JSON.parse(cocoJson([], []));
    assert.deepEqual(none.annotations, []);
    assert.deepEqual(none.categories, [{ id: 1, name: 'defect', supercategory: 'defect' }]);
});

test('a table of regions is what spreadsheets of the language want', () => {
    const lines = regionsCsv([FOUND], GROUPS).split('\r\n');
    assert.equal(
        lines[0],
        'file,region,left,top,width,height,area,share,centroid_x,centroid_y,peak,peak_x,peak_y,mean,group,group_name',
    );
    assert.ok(lines[1].endsWith(`,0.625000,2,"'=Blow ""hole"""`), lines[1]);
    assert.equal(
        lines[2],
        `"'=a, ""b"".png",2,8.60,8.60,0.25,0.25,0.12,0.00125,8.75,8.75,0.500000,8.70,8.70,0.500000,1,`,
    );
    const other = regionsCsv([FOUND], [{ size: 4, name: '' }, GROUPS[0]], {
        separator: ';',
        decimal: ',',
        bom: true,
    });
    assert.ok(other.startsWith('\ufefffile;region;'));
    assert.match(other, /;mean;group\r\n/);
    assert.match(other, /;2;8,60;8,60;0,25;0,25;0,12;0,00125;/);
});

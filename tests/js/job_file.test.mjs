/** Jobs as files: what is read is what was written, and nothing that was changed is taken. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kindOf } from '../../web/files/kinds.js';
import { readJob, writeJob } from '../../web/inspection/job_file.js';
import { zip } from './zips.mjs';

const VERSION = 7;
const TYPES = readFileSync(new URL('../../src/base/types.h', import.meta.url), 'utf8');
const [BLOCKS, TILES] = ['BLOCKS', 'TILES'].map((each) =>
    Number(new RegExp(`FLECK_${each}_MAX (\\d+)`).exec(TYPES)[1]),
);
const POINTS = Number(/FLECK_AREA_POINTS_MAX (\d+)/.exec(TYPES)[1]);
const step = { signal: new AbortController().signal, report: () => {} };
const SETTINGS = {
    method: 'irmb',
    preset: 'fit',
    input: 0,
    tiles: 'auto',
    blocks: [4, 7],
    seed: 0,
    precision: 'i8',
    backbone: null,
};
const FOLDER = {
    photos: 2,
    defects: 1,
    looks: 0,
    clean: false,
    estimated: 1,
    estimatedLeast: 1,
    estimatedMost: 2,
    secondProduct: 0,
};
const FEATURES = [
    {
        id: 3,
        patch: Uint16Array.of(1, 2, 3, 4, 0x7bff, 0xfbff),
        cls: Uint16Array.of(5, 6, 7),
        samples: { bits: 12, highest: 4000 },
        tiles: { columns: 2, rows: 1 },
    },
    { id: 8, patch: Uint16Array.of(8, 9, 10), cls: Uint16Array.of(11, 12, 13) },
    { id: 5 } /* not learnt from */,
    { id: 99, patch: Uint16Array.of(1, 1, 1), cls: Uint16Array.of(1, 1, 1) } /* of no photo */,
];
const MODEL = Uint8Array.of(1, 2, 3);
const POLYGON = [
    [0, 0],
    [0.5, 0],
    [0, 1],
];
/** A mask of 3 x 3 bits. */
const MASK = { mask: btoa('\x0f\x01'), side: 3 };

/** A job as it is kept. */
const kept = () => ({
    job: {
        id: 'x',
        name: 'Lids',
        used: 1,
        settings: SETTINGS,
        threshold: 0.57,
        smallestArea: 0.002,
        area: { include: [POLYGON], exclude: [] },
        view: { filter: 'defect', folder: 'd', sort: 'oldest' },
        loadedModel: null,
        marks: [
            { photo: 3, mark: 'good', spot: null },
            { photo: 8, mark: 'defect', spot: { x: 0.25, y: 1 } },
        ],
        groups: [
            { name: 'Scratch', regions: [{ photo: 8, x: 0.25, y: 1 }] },
            { name: 'Stain', regions: [] },
        ],
        modelBytes: 3,
    },
    photos: [
        { id: 3, name: 'd/a.png', file: new Blob(['one']), fresh: false, time: 1e12 },
        { id: 5, name: 'd/a.png', file: new Blob(['two']), fresh: false, time: null },
        { id: 8, name: 'größe\\x.png', file: new Blob(['three']), fresh: true },
    ],
    thumbs: new Map([[5, { picture: new Blob(['small']), width: 640, height: 480 }]]),
    model: { bytes: new Blob([MODEL]), folder: FOLDER },
    scores: new Map([
        [3, 0.123456789012345],
        [8, 1],
    ]),
    calls: new Map([[8, 0.375]]),
    indexes: [0, 1, 2, 3, 5] /* what comes after a gap is of no use */,
});

const write = (contents = kept()) =>
    writeJob(contents, VERSION, async (index) => FEATURES[index], step);

/** @param {Blob} file @returns the job and its parts, blobs as texts */
async function read(file, { check = async () => {}, version = VERSION } = {}) {
    const { job, parts } = await readJob(file, version, check, step);
    const all = [];
    for await (const [part, number, value] of parts) {
        for (const field of ['file', 'picture'])
            if (value[field]) value[field] = await value[field].text();
        if (part === 'model') value.bytes = new Uint8Array(await value.bytes.arrayBuffer());
        all.push([part, number, value]);
    }
    return { job, parts: all };
}

/** The files of an archive that was written. @param {Blob} file */
async function filesOf(file) {
    const bytes = Buffer.from(await file.arrayBuffer());
    const files = [];
    for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
        const [size, name] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)];
        const from = at + 30 + name;
        files.push([
            bytes.subarray(at + 30, from).toString(),
            bytes.subarray(from, from + size),
            { method: 0 },
        ]);
        at = from + size;
    }
    return files;
}

/** The same with another list. @param {(list: any) => unknown} change */
async function changed(change) {
    const [[name, json, said], ...others] = await filesOf(await write());
    const list = JSON.parse(json.toString());
    const other = change(list) ?? list;
    return new Blob([zip([[name, JSON.stringify(other), said], ...others])]);
}

const WRONG = { message: 'it is damaged, or something else wrote it' };

test('a job that was written is read as it was', async () => {
    const file = await write();
    assert.equal(
        kindOf(new Uint8Array(await file.slice(0, 4096).arrayBuffer())).is,
        'job',
        'it is known by its content',
    );
    const { job, parts } = await read(file);
    const { id, used, ...expected } = kept().job;
    assert.ok(id && used, 'are given anew');
    /* photos are known by their places */
    const marks = expected.marks.map((mark, i) => ({ ...mark, photo: [0, 2][i] }));
    const [scratch, stain] = expected.groups;
    const groups = [{ ...scratch, regions: [{ photo: 2, x: 0.25, y: 1 }] }, stain];
    assert.deepEqual(job, { ...expected, marks, groups });
    const [first, second, , fourth] = FEATURES;
    assert.deepEqual(parts, [
        ['photos', 0, { id: 0, name: 'd/a.png', fresh: false, time: 1e12, file: 'one' }],
        ['photos', 1, { id: 1, name: 'd/a.png', fresh: false, time: null, file: 'two' }],
        ['photos', 2, { id: 2, name: 'größe/x.png', fresh: true, time: null, file: 'three' }],
        ['thumbs', 1, { picture: 'small', width: 640, height: 480 }],
        ['features', 0, { ...first, id: 0 }],
        ['features', 1, { ...second, id: 2, samples: undefined, tiles: undefined }],
        ['features', 2, { id: 1 }],
        ['features', 3, { ...fourth, id: -1, samples: undefined, tiles: undefined }],
        ['model', 0, { bytes: MODEL, folder: FOLDER }],
        [
            'scores',
            0,
            new Map([
                [0, 0.123456789012345],
                [2, 1],
            ]),
        ],
        ['scores', 1, new Map([[2, 0.375]])],
    ]);
});

test('a mask as the area of interest is read as it was', async () => {
    const { job } = await read(await write({ ...kept(), job: { ...kept().job, area: MASK } }));
    assert.deepEqual(job.area, MASK);
});

test('a file of an earlier build has no smallest area, no area of interest, no view and no names of groups', async () => {
    const { job, parts } = await read(
        await changed((list) => {
            delete list.area;
            delete list.smallestArea;
            delete list.view;
            delete list.groups;
            for (const photo of list.photos) delete photo.marks;
            delete list.photos[0].time;
            delete list.photos[2].calledUpTo;
        }),
    );
    assert.equal(job.smallestArea, 0);
    assert.equal(job.area, null);
    assert.equal(job.view, undefined);
    assert.deepEqual(job.marks, []);
    assert.deepEqual(job.groups, []);
    assert.equal(parts[0][2].time, null);
    assert.deepEqual(parts.at(-1), ['scores', 1, new Map()]);
});

test('its photos lie in it under their names', async () => {
    const names = (await filesOf(await write())).map(([name]) => name);
    assert.deepEqual(names, [
        'fleck-job.json',
        'photos/d/a.png',
        'photos/d/a_2.png',
        'photos/größe/x.png',
        'thumbs/1.jpg',
        'features/0',
        'features/1',
        'features/2',
        'model.fleck',
    ]);
});

test('one that has learnt nothing yet, and one of a model alone', async () => {
    const none = { thumbs: new Map(), scores: new Map(), calls: new Map(), indexes: [] };
    const { job, parts } = await read(await write({ ...kept(), ...none, model: null }));
    assert.equal(job.modelBytes, 0);
    assert.deepEqual(
        parts.map(([part]) => part),
        ['photos', 'photos', 'photos', 'scores', 'scores'],
    );
    const loaded = { ...kept().job, loadedModel: 'a.fleck' };
    const model = { bytes: new Blob([MODEL]), folder: null };
    const alone = await read(await write({ ...kept(), ...none, job: loaded, photos: [], model }));
    assert.equal(alone.job.loadedModel, 'a.fleck');
    assert.deepEqual(alone.parts[0], ['model', 0, { bytes: MODEL, folder: null }]);
});

test('another version is told from damage', async () => {
    await assert.rejects(read(await write(), { version: 8 }), {
        message: /^it was written by another version of fleck; the photos can be taken out/,
    });
});

test('a list that says what cannot be is refused', async () => {
    /** @type {Record<string, (list: any) => unknown>} */
    const wrong = {
        'no list': () => [],
        nothing: () => 0,
        'another format': (list) => void (list.format = 'x'),
        'no name': (list) => void (list.name = ''),
        'a long name': (list) => void (list.name = 'x'.repeat(81)),
        'a number for a name': (list) => void (list.name = 5),
        'a threshold that is none': (list) => void (list.threshold = null),
        'a threshold above 1': (list) => void (list.threshold = 1.01),
        'an area above 1': (list) => void (list.smallestArea = 1.01),
        'an area in words': (list) => void (list.smallestArea = '0'),
        'a call above 1': (list) => void (list.photos[2].calledUpTo = 1.5),
        'a call without an area': (list) => void delete list.smallestArea,
        'an area of interest in words': (list) => void (list.area = 'all'),
        'an area of nothing': (list) => void (list.area = { include: [], exclude: [] }),
        'an area and more': (list) => void (list.area.other = []),
        'a polygon in words': (list) => void (list.area.include = ['abc']),
        'a polygon of two points': (list) => void list.area.include[0].pop(),
        'a point outside': (list) => void (list.area.include[0][0] = [0, 1.01]),
        'a point of three numbers': (list) => void (list.area.include[0][0] = [0, 0, 0]),
        'points beyond number': (list) =>
            void (list.area.include[0] = Array(POINTS + 1).fill([0, 0])),
        'a mask too short': (list) => void (list.area = { ...MASK, side: 5 }),
        'a mask in words': (list) => void (list.area = { ...MASK, mask: '%%' }),
        'a mask of no size': (list) => void (list.area = { ...MASK, side: 0 }),
        'a mask and polygons': (list) => void (list.area = { ...MASK, include: [] }),
        'an unknown filter': (list) => void (list.view.filter = 'toString'),
        'an unknown order': (list) => void (list.view.sort = 'none'),
        'a view of no folder': (list) => void delete list.view.folder,
        'a long folder': (list) => void (list.view.folder = 'x'.repeat(4097)),
        'half a millisecond': (list) => void (list.photos[0].time = 0.5),
        'no time of this world': (list) => void (list.photos[0].time = 9e15),
        'no settings': (list) => void delete list.settings,
        'an unknown method': (list) => void (list.settings.method = 'toString'),
        'an unknown preset': (list) => void (list.settings.preset = 'all'),
        'an unknown precision': (list) => void (list.settings.precision = 'f64'),
        'half an input': (list) => void (list.settings.input = 0.5),
        'no tiles': (list) => void (list.settings.tiles = { columns: 0, rows: 1 }),
        'many tiles': (list) => void (list.settings.tiles = { columns: 1, rows: TILES + 1 }),
        'many blocks': (list) => void (list.settings.blocks = Array(BLOCKS + 1).fill(1)),
        'blocks that are none': (list) => void (list.settings.blocks = ['1']),
        'a seed below 0': (list) => void (list.settings.seed = -1),
        'half a backbone': (list) => void (list.settings.backbone = { id: 'a' }),
        'photos that are none': (list) => void (list.photos = {}),
        'a photo that is none': (list) => void (list.photos[0] = null),
        'a photo without a name': (list) => void (list.photos[0].name = ''),
        'a photo neither new nor not': (list) => void (list.photos[0].fresh = 1),
        'a score above 1': (list) => void (list.photos[0].score = 1.5),
        'a score in words': (list) => void (list.photos[0].score = '1'),
        'marks that are none': (list) => void (list.photos[0].marks = 'good'),
        'an unknown mark': (list) => void (list.photos[0].marks[0].mark = 'none'),
        'a spot outside': (list) => void (list.photos[2].marks[0].spot.x = 1.01),
        'half a spot': (list) => void delete list.photos[2].marks[0].spot.y,
        'marks beyond number': (list) =>
            void (list.photos[0].marks = Array(4097).fill({ mark: 'good', spot: null })),
        'groups that are none': (list) => void (list.groups = {}),
        'a group without a name': (list) => void (list.groups[0].name = ''),
        'a group without regions': (list) => void delete list.groups[0].regions,
        'a region of no photo': (list) => void (list.groups[0].regions[0].photo = 3),
        'a region outside': (list) => void (list.groups[0].regions[0].y = 1.01),
        'regions beyond number': (list) =>
            void (list.groups[0].regions = Array(1025).fill({ photo: 0, x: 0, y: 0 })),
        'groups beyond number': (list) =>
            void (list.groups = Array(1025).fill({ name: 'a', regions: [] })),
        'a size of 0': (list) => void (list.photos[1].thumb.width = 0),
        'a thumb more': (list) => void (list.photos[0].thumb = { width: 1, height: 1 }),
        'a photo less': (list) => void list.photos.pop(),
        'features of no photo': (list) => void (list.features[0].photo = 3),
        'no features': (list) => void (list.features = null),
        'patches that do not fit': (list) => void (list.features[0].patch = 7),
        'other patches': (list) => void (list.features[0].patch = 9),
        'no cls': (list) => void delete list.features[0].cls,
        'samples of 17 bits': (list) => void (list.features[0].samples.bits = 17),
        'features in 0 tiles': (list) => void (list.features[0].tiles.rows = 0),
        'a model that is not there': (list) => void (list.model = 'yes'),
        'a verdict in words': (list) => void (list.folder.defects = 'many'),
        'half a verdict': (list) => void delete list.folder.clean,
        'a model of no name': (list) => void (list.loadedModel = ''),
    };
    for (const [what, change] of Object.entries(wrong))
        await assert.rejects(read(await changed(change)), WRONG, what);
    await read(
        await changed(({ settings, area }) => {
            area.exclude.push(Array(POINTS - 3).fill([1, 1]));
            settings.tiles = { columns: TILES, rows: 1 };
            settings.blocks = Array(BLOCKS).fill(1);
        }),
    ); /* and what can be is not */
});

test('no more than is known is taken of the settings, and no name leads elsewhere', async () => {
    const { job, parts } = await read(
        await changed((list) => {
            Object.assign(list.settings, { threads: 64, workers: 64 });
            list.settings.tiles = { columns: 2, rows: 3, more: 1 };
            list.view.search = 'x';
            list.photos[0].name = '../../etc/a.png';
        }),
    );
    assert.deepEqual(job.settings, { ...SETTINGS, tiles: { columns: 2, rows: 3 } });
    assert.deepEqual(job.view, kept().job.view);
    assert.equal(parts[0][2].name, 'etc/a.png');
});

test('files that are not as the list says are refused', async () => {
    const files = await filesOf(await write());
    const wrong = (name, change) =>
        new Blob([zip(files.map((file) => (file[0] === name ? change(file) : file)))]);
    const damaged = { message: 'the file is damaged in the archive' };
    const photo = ([name, bytes]) => [name, bytes, { method: 0, crc: 1 }];
    await assert.rejects(read(wrong('photos/d/a_2.png', photo)), damaged);
    const deflated = ([name, bytes]) => [name, bytes, {}];
    await assert.rejects(read(wrong('photos/d/a.png', deflated)), WRONG, 'deflated');
    for (const half of [0x7c00, 0xfc00, 0x7e01]) {
        const values = ([name, bytes, said]) => {
            const copy = Buffer.from(bytes);
            copy.writeUInt16LE(half, 4);
            return [name, copy, said];
        };
        await assert.rejects(read(wrong('features/1', values)), WRONG, 'no finite number');
    }
    const longer = ([name, bytes, said]) => [name, Buffer.concat([bytes, Buffer.alloc(2)]), said];
    await assert.rejects(read(wrong('features/0', longer)), WRONG);
    const large = ([name, , said]) => [name, Buffer.alloc(1_000_001), said];
    await assert.rejects(read(wrong('thumbs/1.jpg', large)), { message: /larger than 1 MB/ });
    await assert.rejects(read(wrong('fleck-job.json', ([name]) => [name, '{', {}])), WRONG);
    const text = ([name, , said]) => [name, '{', said];
    await assert.rejects(read(wrong('fleck-job.json', text)), WRONG);
    await assert.rejects(read(new Blob([zip(files.slice(1))])), WRONG, 'no list');
    await assert.rejects(read(new Blob([zip([...files, ['more', '']])])), WRONG);
    await assert.rejects(read(new Blob([zip([])])), WRONG);
    const check = async (model) => {
        assert.deepEqual(model, MODEL);
        throw new Error('this is no model');
    };
    await assert.rejects(read(await write(), { check }), { message: 'this is no model' });
});

test('a file that is cut anywhere is refused', async () => {
    const file = await write();
    for (let size = 0; size < file.size; size += 7)
        await assert.rejects(read(file.slice(0, size)), { message: /^it is damaged/ });
});

test('writing and reading end when they are cancelled, and tell how far they are', async () => {
    const file = await write();
    for (const work of [
        (at) => writeJob(kept(), VERSION, async (index) => FEATURES[index], at),
        async (at) => {
            const { parts } = await readJob(file, VERSION, async () => {}, at);
            while (!(await parts.next()).done);
        },
    ]) {
        const abort = new AbortController();
        const shares = [];
        const report = (done, total) => {
            shares.push(done / total);
            if (shares.length === 5) abort.abort();
        };
        await assert.rejects(work({ signal: abort.signal, report }), { name: 'AbortError' });
        assert.ok(shares.length <= 6);
        assert.ok(shares.every((share, i) => i === 0 || share > shares[i - 1]));
    }
});

test('a job that changes while it is written is not written', async () => {
    const gone = async () => undefined;
    await assert.rejects(writeJob(kept(), VERSION, gone, step), { message: /^it was changed/ });
});

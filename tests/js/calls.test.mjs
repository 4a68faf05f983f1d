/** What every call of the package shares: photos in any list, options, callbacks, errors, the end. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
    backbone,
    bmp,
    Detector,
    DetectorError,
    open,
    packageFolder,
    photos,
    pixels,
} from './fixtures.mjs';

const { latestFrame } = await import(new URL('live.js', packageFolder));
const { expectNoAnomaly } = await import(new URL('testing.js', packageFolder));

const COUNT = 12;

/** @param {import('node:test').TestContext} t */
async function trained(t, options = {}) {
    const detector = await open(t, options);
    await detector.add(photos(COUNT));
    await detector.train();
    return detector;
}

test('photos come in any list', async (t) => {
    const detector = await open(t, { variant: 'simd', workers: 2 });
    const some = photos(6);
    async function* coming() {
        for (const photo of some) yield photo;
    }
    const lists = {
        array: some,
        set: new Set(some),
        generator: some.values(),
        'async generator': coming(),
        'file list': { length: 6, item: (i) => some[i], [Symbol.iterator]: () => some.values() },
    };
    await detector.add(some[0]);
    for (const [name, list] of Object.entries(lists)) {
        const before = detector.count;
        const added = await detector.add(list);
        assert.deepEqual(
            added.map(({ index }) => index),
            some.map((_, i) => before + i),
            name,
        );
    }
    /* An input that is emptied empties its list; calls keep their order whatever they wait for. */
    const live = [...some];
    const calls = [detector.add(coming()), detector.add(live), detector.train()];
    live.length = 0;
    const [first, second] = await Promise.all(calls);
    assert.equal(second[0].index, first[5].index + 1);
    assert.equal(second.length, 6);
    assert.equal((await detector.scoreMany(coming())).length, 6);
    assert.deepEqual(await detector.add([]), []);
});

test('what is no photo is told by its place and name', async (t) => {
    const detector = await open(t);
    const [photo] = photos(1);
    async function* coming() {
        yield photo;
        yield 'b.png';
    }
    const cases = [
        [
            [photo, photo, { name: 'c.png' }],
            /^photos\[2\] \(c\.png\) must be .*not another object$/,
        ],
        [new Set([photo, 'b.png']), /^photos\[1\] must be .*not b\.png$/],
        [coming(), /^photos\[1\] must be .*not b\.png$/],
        [[[photo]], /^photos\[0\] must be/],
        ['a.png', /^a photo must be .*not a\.png$/],
        [undefined, /^a photo must be .*not undefined$/],
        [new Uint8Array(3), /^a photo must be/],
    ];
    for (const method of ['add', 'scoreMany', 'measure'])
        for (const [list, message] of cases)
            if (method === 'add' || !(Symbol.asyncIterator in Object(list)))
                await assert.rejects(detector[method](list), { name: 'TypeError', message });
    assert.equal(detector.count, 0);
});

test('scores many photos in order, with the bits of one, on any number of workers', async (t) => {
    const others = [...Array(9).keys()].map((i) => new Blob([bmp(pixels(100 + i))]));
    others.splice(4, 0, new Blob(['no photo']));
    let expected;
    for (const options of [{ threads: 1 }, { variant: 'simd', workers: 3 }]) {
        const detector = await trained(t, options);
        const seen = [];
        const results = await detector.scoreMany(others, {
            onProgress: ({ phase, done, total }) => seen.push([phase, done, total]),
        });
        assert.deepEqual(
            seen,
            others.map((_, i) => ['score', i + 1, 10]),
        );
        assert.ok(results[4].error instanceof DetectorError);
        const alone = [];
        for (const [i, photo] of others.entries())
            alone.push(i === 4 ? results[4] : await detector.score(photo));
        assert.deepEqual(results, alone);
        expected ??= results.map(({ score }) => score);
        assert.deepEqual(
            (await detector.scoreMany(others, { heat: false })).map(({ score, heat }) => [
                score,
                heat,
            ]),
            expected.map((score) => [score, score === undefined ? undefined : null]),
        );
        assert.equal(detector.count, COUNT, 'none of them is kept');
    }
});

test('a score without a heatmap is the same, and an abort loses that score alone', async (t) => {
    const detector = await trained(t);
    const photo = new Blob([bmp(pixels(43))]);
    const whole = await detector.score(photo);
    assert.deepEqual(await detector.score(photo, { heat: false }), { ...whole, heat: null });

    const reason = new Error('another page');
    assert.equal(
        await detector.score(photo, { signal: AbortSignal.abort(reason) }).catch((e) => e),
        reason,
    );
    const stop = new AbortController();
    const late = detector.score(photo, { signal: stop.signal });
    const beside = detector.score(photo);
    stop.abort(reason);
    assert.equal(await late.catch((e) => e), reason);
    assert.deepEqual(await beside, whole);

    const many = new AbortController();
    const failed = detector.scoreMany(photos(COUNT), {
        signal: many.signal,
        onProgress: ({ done }) => done === 2 && many.abort(reason),
    });
    assert.equal(await failed.catch((e) => e), reason);
    assert.deepEqual(await detector.score(photo), whole);
    assert.deepEqual((await detector.scoreMany([photo]))[0], whole);
});

test('scoring keeps nothing', async (t) => {
    const detector = await trained(t, { variant: 'simd', workers: 2 });
    const file = bmp(pixels(3, 1000, 800)); /* 2.4 MB */
    const some = () => Array.from({ length: 20 }, () => new Blob([file]));
    const score = async () => {
        for (const photo of some()) await detector.score(photo);
        await detector.scoreMany(some());
    };
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc');
    const memory = async () => {
        collect();
        await new Promise((resume) => setTimeout(resume, 200));
        collect(); /* what ended with the first */
        return process.memoryUsage().rss;
    };
    const used = [];
    for (let round = 0; round < 6; round++) {
        await score();
        used.push(await memory());
    }
    const more = used[5] - used[0];
    /* 200 photos have 480 MB, their pixels 640, their heatmaps 40. */
    assert.ok(more < 100e6, `${Math.round(more / 1e6)} MB more after 200 scores`);
});

test('unknown options and those of other types are refused by name', async (t) => {
    for (const [options, name] of [
        [{ iteration: 3 }, 'iteration'],
        [{ wasmURL: 'https://example.com/' }, 'wasmURL'],
        [{ wasmUrl: 7 }, 'wasmUrl'],
        [{ wasmUrl: 'here/' }, 'wasmUrl'],
        [{ workerUrl: 'https://' }, 'workerUrl'],
        [{ wasmBinary: 'AGFzbQ' }, 'wasmBinary'],
        [{ wasmModule: new Uint8Array(8) }, 'wasmModule'],
        [{ integrity: { 'fleck.wasm': 'sha384-a' } }, 'fleck\\.wasm'],
        [{ integrity: { 'fleck-simd.wasm': 'a' } }, 'fleck-simd\\.wasm'],
    ]) {
        const refused = { name: 'TypeError', message: new RegExp(`\\b${name}\\b`) };
        await assert.rejects(Detector.create(options), refused);
        await assert.rejects(Detector.optionsOf(new Uint8Array(9), options), refused);
    }
    const detector = await trained(t);
    const [photo] = photos(1);
    const calls = {
        loadBackbone: (options) => detector.loadBackbone(new Uint8Array(9), options),
        add: (options) => detector.add(photo, options),
        measure: (options) => detector.measure(photo, options),
        train: (options) => detector.train(options),
        scoreAdded: (options) => detector.scoreAdded(0, options),
        scoreFolder: (options) => detector.scoreFolder(options),
        score: (options) => detector.score(photo, options),
        scoreMany: (options) => detector.scoreMany(photo, options),
        explain: (options) => detector.explain(0, { x: 0.5, y: 0.5 }, options),
        groupRegions: (options) => detector.groupRegions([], options),
    };
    for (const [name, call] of Object.entries(calls)) {
        await assert.rejects(
            call({ onprogress: 1 }),
            { name: 'TypeError', message: /^unknown option: onprogress; known: \w+/ },
            name,
        );
        await assert.rejects(call(null), TypeError, name);
    }
    for (const [name, options] of [
        ['add', { onPhoto: 1 }],
        ['add', { features: 0 }],
        ['add', { learn: 'no' }],
        ['add', { learn: [true, 1] }],
        ['train', { onProgress: 'x' }],
        ['train', { signal: new AbortController() }],
        ['scoreFolder', { heat: 0 }],
    ])
        await assert.rejects(
            calls[name](options),
            { name: 'TypeError', message: new RegExp(`^${Object.keys(options)[0]} must be `) },
            name,
        );
    await assert.rejects(detector.setArea({ includes: [] }), {
        name: 'TypeError',
        message: /includes/,
    });
    await assert.rejects(
        detector.groupRegions([{ photo: 0, heat: null, width: 1, height: 1 }]),
        TypeError,
    );
    assert.equal(detector.count, COUNT);
    await detector.score(photo, { heat: undefined, signal: undefined });
});

test('what a callback throws rejects its call, and ends nothing else', async (t) => {
    const fault = new Error('of the caller');
    const thrower = () => {
        throw fault;
    };
    const other = await Detector.create({ input: 64, workers: 1, threads: 1 });
    t.after(() => other.close());
    const file = () => new Response(backbone);
    assert.equal(await other.loadBackbone(file(), { onProgress: thrower }).catch((e) => e), fault);
    await other.loadBackbone(file());

    const detector = await trained(t, { variant: 'simd', workers: 2 });
    const score = (await detector.score(pixels(43))).score;
    const some = photos(4);
    for (const [name, call] of Object.entries({
        measure: () => detector.measure(photos(4), { onProgress: thrower }),
        add: () => detector.add(some, { onProgress: thrower }),
        onPhoto: () => detector.add(some, { onPhoto: thrower }),
        train: () => detector.train({ onProgress: thrower }),
        scoreFolder: () => detector.scoreFolder({ onProgress: thrower }),
        scoreMany: () => detector.scoreMany(some, { onProgress: thrower }),
    })) {
        assert.equal(await call().catch((e) => e), fault, name);
        assert.ok((await detector.scoreMany(some)).length === 4, name);
    }
    assert.equal(typeof score, 'number');
    await detector.train();
    await detector.scoreFolder();
});

test('failures are of one kind, with the address and status where something is fetched', async (t) => {
    const server = createServer((request, response) => {
        const cut = request.url?.startsWith('/cut');
        response.writeHead(cut ? 200 : 503, { 'Content-Length': 100 });
        response.write('0');
        if (cut) setTimeout(() => response.destroy(), 50);
        else response.end('0'.repeat(99));
    });
    await new Promise((resume) => server.listen(0, '127.0.0.1', () => resume(null)));
    t.after(() => server.close());
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const address = `http://127.0.0.1:${port}`;
    const detector = await Detector.create({ input: 64, workers: 1, threads: 1 });
    t.after(() => detector.close());
    for (const [file, message] of [
        [`${address}/busy`, /^http:.*\/busy: status 503 Service Unavailable$/],
        [`${address}/cut`, /^http:.*\/cut: /],
        [new URL('file:///none.safetensors'), /^file:\/\/\/none\.safetensors: ENOENT/],
        ['http://127.0.0.1:1/x', /^http:\/\/127\.0\.0\.1:1\/x: /],
    ])
        await assert.rejects(detector.loadBackbone(file), {
            name: 'DetectorError',
            code: 'network',
            message,
        });
    const read = new Response('abc');
    await read.text();
    await assert.rejects(detector.loadBackbone(read), { code: 'network', message: /read before/ });
    await assert.rejects(Detector.create({ wasmUrl: new URL('file:///none/') }), {
        name: 'DetectorError',
        code: 'network',
        message: /^file:\/\/\/none\/fleck-\S+\.wasm: ENOENT/,
    });
    for (const wasmBinary of [new Uint8Array(8), new ArrayBuffer(8)])
        await assert.rejects(Detector.create({ wasmBinary }), {
            name: 'DetectorError',
            code: 'format',
            message: /^wasmBinary: /,
        });
    await detector.loadBackbone();
    const bytes = bmp(pixels(0));
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const [{ error }] = await detector.add([{ bytes }]);
    assert.ok(error instanceof DetectorError, 'bytes that were given away');
});

test('a backbone on its way is given up at an abort, and another can follow', async (t) => {
    let gone = 0;
    const server = createServer((request, response) => {
        response.on('close', () => gone++);
        if (request.url === '/silent') return;
        response.writeHead(200, { 'Content-Length': backbone.length });
        response.write(backbone.subarray(0, 1000));
    });
    await new Promise((resume) => server.listen(0, '127.0.0.1', () => resume(null)));
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const address = `http://127.0.0.1:${port}`;
    const detector = await Detector.create({ input: 64, workers: 1, threads: 1 });
    t.after(() => detector.close());
    const reason = new Error('enough');
    const controller = () => {
        const abort = new AbortController();
        return { signal: abort.signal, stop: () => abort.abort(reason) };
    };

    const silent = controller();
    setTimeout(silent.stop, 50);
    const first = detector.loadBackbone(`${address}/silent`, { signal: silent.signal });
    assert.equal(await first.catch((error) => error), reason, 'before an answer');

    for (const given of [`${address}/slow`, await fetch(`${address}/slow`)]) {
        const slow = controller();
        const loading = detector.loadBackbone(given, {
            signal: slow.signal,
            onProgress: slow.stop,
        });
        assert.equal(await loading.catch((error) => error), reason, 'between its parts');
    }
    const before = AbortSignal.abort(reason);
    const [photo] = photos(1);
    for (const call of [
        () => detector.loadBackbone(backbone, { signal: before }),
        () => detector.add(photo, { signal: before }),
    ])
        assert.equal(await call().catch((error) => error), reason, 'before its turn');
    while (gone < 3) await new Promise((resume) => setTimeout(resume, 10));
    await detector.loadBackbone(backbone, { signal: controller().signal });
    assert.ok('index' in (await detector.add(photo))[0]);
});

test('screenshots: options that do not exist, or of other types, are refused by name', async () => {
    for (const [options, message] of [
        [{ treshold: 0.5 }, /^unknown option: treshold; known: backbone, model, update, /],
        [{ update: 'yes' }, /^update must be of type boolean$/],
        [{ detector: { metod: 'knn' } }, /^unknown option: metod$/],
        [{ detector: { method: 'kn' } }, /^method must be one of /],
    ])
        await assert.rejects(expectNoAnomaly(['none.png'], options), {
            name: 'TypeError',
            message,
        });
});

test('using closes', async (t) => {
    const detector = await trained(t);
    assert.equal('undefined' in detector, false);
    if (Symbol.dispose) detector[Symbol.dispose]();
    else detector.close();
    await assert.rejects(detector.score(pixels(0)), { code: 'state', message: /closed/ });
    if (Symbol.asyncDispose) await detector[Symbol.asyncDispose]();
});

test('of live pictures the latest is scored', async (t) => {
    const closed = [];
    const frame = (name) => ({ name, close: () => closed.push(name) });
    const scored = [];
    const finish = [];
    const look = latestFrame((each) => {
        scored.push(each.name);
        return new Promise((resolve, reject) => finish.push({ resolve, reject }));
    });
    const turn = () => new Promise((resume) => setImmediate(resume));
    const results = ['a', 'b', 'c', 'd'].map((name) => look(frame(name)));
    await turn();
    assert.deepEqual(scored, ['a']);
    assert.deepEqual(closed, ['b', 'c'], 'those that nobody scores are closed');
    finish[0].resolve(1);
    assert.deepEqual(await Promise.all(results.slice(0, 3)), [1, null, null]);
    await turn();
    assert.deepEqual(scored, ['a', 'd']);
    finish[1].reject(new Error('d'));
    await assert.rejects(results[3], { message: 'd' });
    const last = look(frame('e'));
    await turn();
    finish[2].resolve(2);
    assert.equal(await last, 2);

    const detector = await trained(t);
    const live = latestFrame((photo) => detector.score(photo, { heat: false }));
    const seen = await Promise.all([0, 10, 1].map((i) => live(pixels(i))));
    assert.equal(seen[1], null);
    assert.ok(seen[0].score >= 0 && seen[2].score >= 0);
});

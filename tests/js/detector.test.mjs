import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
    backbone,
    bmp,
    Detector,
    DetectorError,
    HEAT,
    open,
    packageFolder,
    photos,
    pixels,
    readBytes,
    readText,
} from './fixtures.mjs';
import { overflowing } from './overflow.mjs';

const { DEFECT, judge, keyOf, learnsFrom, photoKey } = await import(
    new URL('node.js', packageFolder)
);

const COUNT = 22; // two of them with a blot

const digest = (...arrays) =>
    arrays
        .reduce(
            (hash, array) =>
                hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
            createHash('sha256'),
        )
        .digest('hex');

test('ranks photos while others are still being added', async (t) => {
    const detector = await open(t);
    await assert.rejects(detector.preview(), { code: 'state', message: /0 photos are too few/ });
    const list = photos(COUNT);
    /** @type {Promise<(number | null)[]> | undefined} */
    let early;
    const all = list.map((_, i) => i !== 3);
    await detector.add(list, {
        learn: all,
        onPhoto: ({ position }) => {
            if (position === 15) early = detector.preview();
        },
    });
    const first = await early;
    assert.ok(first && first.length >= 16);
    assert.equal(first[3], null, 'not learnt from');
    const unusual = await detector.preview();
    assert.equal(unusual.length, COUNT);
    const order = [...unusual.keys()].sort((a, b) => (unusual[b] ?? -1) - (unusual[a] ?? -1));
    assert.deepEqual(order.slice(0, 2).sort(), [10, 21], 'those with a blot');
    assert.deepEqual(await detector.preview(), unusual, 'the same again');
});

test('finds the photos with a blot, and where it is', async (t) => {
    const detector = await open(t);
    const phases = new Set();
    await detector.add(photos(COUNT), { onProgress: ({ phase }) => phases.add(phase) });
    assert.equal(detector.count, COUNT);
    let last;
    await detector.train({ onProgress: (progress) => phases.add((last = progress).phase) });
    assert.equal(last.done, last.total);
    const results = await detector.scoreFolder({ onProgress: ({ phase }) => phases.add(phase) });
    assert.ok(phases.has('features') && phases.has('memory') && phases.has('score'));

    const order = results
        .map(({ score }, index) => ({ score, index }))
        .sort((a, b) => b.score - a.score);
    assert.deepEqual(
        order
            .slice(0, 2)
            .map(({ index }) => index)
            .sort(),
        [10, 21],
    );
    for (const { score, verdict, heat } of results) {
        assert.equal(verdict, score >= 0.5 ? 'defect' : score >= 0.3 ? 'look' : 'ok');
        assert.equal(heat.length, HEAT * HEAT);
        assert.ok(heat.every((value) => value >= 0 && value <= 1));
    }
    // The blot is at (40, 44) of 96 x 80; the map covers the centred 7/8 of both.
    const { heat } = results[10];
    // Beside photos this much alike a blot is far beyond the scale: its middle counts.
    const most = heat.reduce((a, b) => Math.max(a, b));
    const hottest = [...heat.keys()].filter((at) => heat[at] === most);
    const mean = (of) => hottest.reduce((sum, at) => sum + of(at), 0) / hottest.length;
    const x = ((mean((at) => at % HEAT) / HEAT) * 0.875 + 0.0625) * 96;
    const y = ((mean((at) => Math.floor(at / HEAT)) / HEAT) * 0.875 + 0.0625) * 80;
    assert.ok(Math.hypot(x - 40, y - 44) < 16, `hottest at (${x}, ${y})`); // half a blot more

    assert.equal((await detector.scoreAdded(3, { heat: false })).heat, null);
    const other = await detector.score(new Blob([bmp(pixels(32))]));
    const plain = await detector.score(new Blob([bmp(pixels(31))]));
    assert.ok(other.score > plain.score, 'a new photo with a blot scores higher');
});

test('judges the folder: two with a blot among others, and photos that are all the same', async (t) => {
    for (const options of [{ method: 'irmb', workers: 2, variant: 'simd' }, { threads: 2 }]) {
        const detector = await open(t, options);
        await detector.add(photos(COUNT));
        await assert.rejects(detector.judgeFolder(), { code: 'state' });
        await detector.train();
        const verdicts = (await detector.scoreFolder({ heat: false })).map(
            ({ verdict }) => verdict,
        );
        const count = (wanted) => verdicts.filter((verdict) => verdict === wanted).length;
        const judged = await detector.judgeFolder();
        assert.deepEqual(judged, {
            photos: COUNT,
            defects: count('defect'),
            looks: count('look'),
            clean: false,
            estimated: 2,
            estimatedLeast: 2,
            estimatedMost: count('defect') + count('look'),
            secondProduct: 0,
        });
        assert.ok(judged.defects >= 2);

        await detector.add(photos(1));
        assert.deepEqual(await detector.judgeFolder(), judged, 'later photos were not learnt from');
        await detector.load(await detector.save());
        await assert.rejects(
            detector.judgeFolder(),
            { code: 'state' },
            'a loaded model has no folder',
        );

        await detector.clear();
        await detector.add(Array.from({ length: 12 }, () => photos(1)[0]));
        await detector.train();
        assert.deepEqual(await detector.judgeFolder(), {
            photos: 12,
            defects: 0,
            looks: 0,
            clean: true,
            estimated: 0,
            estimatedLeast: 0,
            estimatedMost: 0,
            secondProduct: 0,
        });
        detector.close();
    }
});

test('the order of photos changes nothing, nor does adding them in parts', async (t) => {
    const list = photos(COUNT);
    for (const method of ['irmb', 'softpatch', 'l2bt']) {
        const detector = await open(t, { method, workers: 2, variant: 'simd' });
        await detector.add(list);
        await detector.train();
        const results = await detector.scoreFolder();
        const parts = await open(t, { method, threads: 2 });
        await parts.add(list.slice(12).reverse());
        await parts.train();
        await parts.add(list.slice(0, 12).reverse());
        await parts.train();
        assert.deepEqual((await parts.scoreFolder()).reverse(), results);
        assert.deepEqual(await parts.save(), await detector.save());
        assert.deepEqual(await parts.judgeFolder(), await detector.judgeFolder());
        detector.close();
        parts.close();
    }
});

test('photos have the keys that they have in C', () => {
    assert.equal(photoKey(new Uint8Array()), 0xab3e7c0b92ca2f0en);
    assert.equal(photoKey(Buffer.from('photo')), 0x38896afd8e17deaen);
    const keys = [9n, 3n, 5n, 5n, 2n ** 64n, 5n, 0n];
    assert.deepEqual(learnsFrom(keys, 3), [false, true, true, false, false, false, true]);
});

test('learns from a part of a large folder and judges all of it', async (t) => {
    const most = 9;
    const list = photos(COUNT);
    const unreadable = 3;
    let chosen = list.map(() => true);
    for (let n = 0; chosen[unreadable]; n++) {
        // until it is not among those that are learnt from
        list[unreadable] = new Blob([`this is no photo ${n}`]);
        chosen = learnsFrom(await Promise.all(list.map(keyOf)), most);
    }
    const learns = (i) => chosen[i];
    const left = [...list.keys()].filter((i) => !learns(i) && i !== unreadable);
    const one = chosen.indexOf(true);
    for (const options of [{ workers: 2, variant: 'simd' }, { threads: 2 }]) {
        const detector = await open(t, { ...options, learnMost: most });
        const events = [];
        const progress = [];
        const added = await detector.add(list, {
            onPhoto: (event) => events.push(event),
            onProgress: (step) => progress.push(step),
        });
        assert.deepEqual(
            added.map(({ index }) => index),
            [...list.keys()],
        );
        assert.deepEqual(
            events.map(({ position }) => position),
            [...list.keys()],
        );
        assert.deepEqual(
            events.map(({ features }) => Boolean(features)),
            [...list.keys()].map(learns),
        );
        assert.equal(progress.at(-1).total, most);
        assert.equal(detector.count, COUNT);
        assert.equal(detector.note, '22 photos: learns from 9 of them and judges all');
        await assert.rejects(detector.addFeatures(events[one].features), {
            code: 'state',
            message: /^9 photos are the most/,
        });
        await detector.train();
        assert.equal((await detector.judgeFolder()).photos, most);
        const scored = [];
        const results = await detector.scoreFolder({ onProgress: (step) => scored.push(step) });
        assert.equal(results.length, COUNT);
        assert.equal(scored.at(-1).done, COUNT);
        assert.equal(scored.at(-1).total, COUNT);
        assert.deepEqual(results[unreadable].error?.code, 'kind');

        // The same as with these photos alone.
        const alone = await open(t, options);
        await alone.add(list.filter((_, i) => learns(i)));
        assert.equal(alone.note, null);
        await alone.train();
        const own = await alone.scoreFolder();
        assert.deepEqual(
            results.filter((_, i) => learns(i)),
            own,
        );
        for (const i of left.slice(0, 2)) {
            assert.deepEqual(results[i], await alone.score(list[i]));
            assert.deepEqual(await detector.scoreAdded(i), results[i]);
        }
        for (const i of [one, left[0]]) {
            assert.deepEqual(await detector.scoreAdded(i, { heat: false }), {
                ...results[i],
                heat: null,
            });
        }

        // In another order, and in parts, the same are learnt from.
        const reversed = await open(t, { ...options, learnMost: most });
        const [back, does] = [[...list].reverse(), [...chosen].reverse()];
        await reversed.add(back.slice(0, 5), { learn: does.slice(0, 5) });
        await reversed.add(back.slice(5), { learn: does.slice(5) });
        await reversed.train();
        assert.deepEqual(
            (await reversed.scoreFolder()).reverse().filter((_, i) => i !== unreadable),
            results.filter((_, i) => i !== unreadable),
        );
        assert.deepEqual(await reversed.save(), await detector.save());
        reversed.close();
        await assert.rejects(detector.scoreAdded(unreadable), { code: 'kind' });

        // Where there is no room left; and by wish.
        assert.deepEqual(await detector.add(photos(1)), [{ index: COUNT }]);
        assert.deepEqual(await alone.add(photos(2), { learn: false }), [
            { index: 9 },
            { index: 10 },
        ]);
        assert.equal((await alone.scoreFolder({ heat: false })).length, 11);
        await detector.clear();
        assert.equal(detector.note, null);
        assert.deepEqual(await detector.add(photos(2)), [{ index: 0 }, { index: 1 }]);
        detector.close();
        alone.close();
    }
    await assert.rejects(Detector.create({ learnMost: 4 }), { code: 'argument' });
    const detector = await Detector.create({ workers: 1, variant: 'simd' });
    t.after(() => detector.close());
    const { learnMost } = await detector.loadBackbone(backbone);
    assert.equal(
        learnMost,
        Math.floor((352 * 2 ** 20) / (785 * 384 * 2)),
        'what 352 MB of features hold',
    );
});

test('iterations are steps of the methods that learn by them', async (t) => {
    const total = async (/** @type {number} */ iterations) => {
        const detector = await open(t, { method: 'simplenet', iterations });
        await detector.add(photos(6));
        let last;
        await detector.train({ onProgress: (progress) => (last = progress) });
        return last.total;
    };
    assert.equal((await total(5)) - (await total(2)), 3 * (5 - 2), 'of each third of the folder');
});

test('every method finds the blots, and its model knows its name', async (t) => {
    for (const method of [
        'ensemble',
        'knn',
        'musc',
        'mahalanobis',
        'softpatch',
        'l2bt',
        'simplenet',
    ]) {
        const detector = await open(t, { method });
        await detector.add(photos(COUNT));
        await detector.train();
        const scores = (await detector.scoreFolder({ heat: false })).map(({ score }) => score);
        const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
        assert.deepEqual(order.slice(0, 2).sort(), [10, 21], method);
        assert.equal((await Detector.optionsOf(await detector.save())).method, method);
        detector.close();
    }
});

test('the bits depend on neither variant, workers nor threads', async (t) => {
    const digests = new Set();
    for (const precision of ['i16', 'f32', 'i8']) {
        const own = [];
        for (const options of [
            { variant: 'simd', workers: 1 },
            { variant: 'simd', workers: 3 },
            { variant: 'threads', threads: 1 },
            { variant: 'threads', threads: 2 },
        ]) {
            const detector = await open(t, { ...options, precision, method: 'irmb', seed: 7 });
            const { patch, cls } = await detector.extract(pixels(0));
            own.push(digest(patch, cls, ...(precision === 'i8' ? await learnt(detector) : [])));
            detector.close();
        }
        assert.equal(new Set(own).size, 1, `${precision}:\n${own.join('\n')}`);
        digests.add(own[0]);
    }
    assert.equal(digests.size, 3, 'precisions differ');
});

/** All bits that 8 photos make of a detector. */
async function learnt(detector) {
    await detector.add(photos(8));
    await detector.train();
    const results = await detector.scoreFolder();
    const scores = Float32Array.from(results, ({ score }) => score);
    return [scores, ...results.map(({ heat }) => heat), await detector.save()];
}

test('every precision puts the defects of the sample photos first, with much the same scores', async (t) => {
    const list = JSON.parse(await readText('web/samples/index.json')).photos;
    const isDefect = (path) => /^test\/(?!good\/)/.test(path);
    const defects = list.filter(isDefect);
    const paths = [...defects, ...list.filter((path) => !isDefect(path)).slice(0, 18)];
    const files = await Promise.all(
        paths.map(async (path) => ({
            bytes: new Uint8Array(await readBytes(`web/samples/${path}`)),
        })),
    );
    const scores = [];
    for (const precision of ['f32', 'i16', 'i8']) {
        const detector = await Detector.create({ precision, method: 'knn' });
        t.after(() => detector.close());
        await detector.loadBackbone(backbone);
        await detector.add(files);
        await detector.train();
        const results = await detector.scoreFolder({ heat: false });
        detector.close();
        const order = paths
            .map((path, i) => ({ path, ...results[i] }))
            .sort((a, b) => b.score - a.score);
        order.forEach(({ path }, i) => assert.equal(i < defects.length, isDefect(path), path));
        scores.push(results.map(({ score }) => score));
    }
    for (const rounded of scores.slice(1))
        rounded.forEach((score, i) => assert.ok(Math.abs(score - scores[0][i]) < 0.1, paths[i]));
});

test('files and pixels give the same features', async (t) => {
    const detector = await open(t);
    const file = bmp(pixels(4));
    const [a, b, c] = [
        await detector.extract(new Blob([file])),
        await detector.extract({ bytes: file }),
        await detector.extract(pixels(4)),
    ];
    assert.equal(digest(a.patch, a.cls), digest(b.patch, b.cls));
    assert.equal(digest(a.patch, a.cls), digest(c.patch, c.cls));
    assert.ok(file.length > 0, 'the bytes stay with the caller');
});

test("photos in node's Buffers stay what they are", async (t) => {
    const detector = await open(t);
    const list = Array.from({ length: 5 }, (_, i) => ({ bytes: Buffer.from(bmp(pixels(i))) }));
    const added = await detector.add(list);
    assert.deepEqual(
        added.map(({ index }) => index),
        [0, 1, 2, 3, 4],
    );
    assert.deepEqual(new Uint8Array(list[3].bytes), bmp(pixels(3)));
});

test('bad photos say why, indices follow the order of the others', async (t) => {
    const detector = await open(t, { workers: 2, variant: 'simd' });
    const list = photos(9);
    list[2] = new Blob(['this is no photo']);
    list[5] = { bytes: new Uint8Array(0) };
    list[6] = pixels(6);
    const events = [];
    const added = await detector.add(list, { onPhoto: (event) => events.push(event) });
    assert.deepEqual(
        added.map(({ index, error }) => index ?? error.code),
        [0, 1, 'kind', 2, 3, 'format', 4, 5, 6],
    );
    assert.ok(added[2].error instanceof DetectorError && added[2].error.message);
    assert.deepEqual(
        events.map(({ position }) => position),
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.equal(events[8].index, 6);
    assert.deepEqual(await detector.extract(list[8]), events[8].features);
    assert.equal(await detector.addFeatures(events[8].features), 7);
    assert.equal(detector.count, 8);
});

test('a photo whose features overflow says so, and the others are added', async (t) => {
    const detector = await Detector.create({
        input: 64,
        method: 'knn',
        workers: 2,
        variant: 'simd',
    });
    t.after(() => detector.close());
    // The channel stays below 0.8 on stripes and is at 3.7 in the blot of the 11th photo.
    await detector.loadBackbone(overflowing(backbone, 130, 1.7));
    const added = await detector.add(photos(12));
    assert.deepEqual(
        added.map(({ index, error }) => index ?? error.code),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'format', 10],
    );
    const said = {
        code: 'format',
        message: 'the features of this photo hold a value that is not finite',
    };
    assert.equal(added[10].error.message, said.message);
    await detector.train();
    await assert.rejects(detector.score(pixels(10)), said);
    await assert.rejects(detector.extract(pixels(10)), said);
    assert.ok((await detector.score(pixels(12))).score < 1);
});

test('features are half floats', async (t) => {
    const value = (half) =>
        (half & 0x8000 ? -1 : 1) *
        (half & 0x7c00
            ? (1 + (half & 0x3ff) / 1024) * 2 ** (((half >> 10) & 31) - 15)
            : (half & 0x3ff) * 2 ** -24);
    const detector = await Detector.create({ input: 64, blocks: [3], workers: 1, variant: 'simd' });
    t.after(() => detector.close());
    const { patches, dim } = await detector.loadBackbone(backbone);
    const { patch, cls } = await detector.extract(pixels(1));
    assert.ok(patch instanceof Uint16Array && cls instanceof Uint16Array);
    assert.ok(patch.length === patches * dim && cls.length === dim);
    // Tokens of a block that is not the last are normalised: mean 0, variance 1.
    for (const row of [cls, patch.subarray(0, dim), patch.subarray(-dim)]) {
        const values = Array.from(row, value);
        const mean = values.reduce((sum, x) => sum + x) / dim;
        const variance = values.reduce((sum, x) => sum + x * x, 0) / dim;
        assert.ok(Math.abs(mean) < 1e-3 && Math.abs(variance - 1) < 1e-2, `${mean} ${variance}`);
    }
    assert.equal(await detector.addFeatures({ patch, cls }), 0);
    patch[7] = 0x7e00; // NaN
    await assert.rejects(detector.addFeatures({ patch, cls }), {
        code: 'argument',
        message: /not finite/,
    });
});

test('features cross the page only where somebody asks for them', async (t) => {
    const { Channel } = await import(new URL('channel.js', packageFolder));
    const { call } = Channel.prototype;
    const seen = { bytes: 0 };
    const bytesIn = (value) =>
        ArrayBuffer.isView(value)
            ? value.byteLength
            : value && typeof value === 'object'
              ? Object.values(value).reduce((sum, part) => sum + bytesIn(part), 0)
              : 0;
    t.after(() => (Channel.prototype.call = call));
    Channel.prototype.call = async function (method, args, options) {
        const result = await call.call(this, method, args, options);
        if (!['hold', 'sizeOf'].includes(method)) seen.bytes += bytesIn(args); // the photo itself
        seen.bytes += bytesIn(result);
        return result;
    };
    const list = photos(12);
    const left = photos(14).slice(12);
    const results = [];
    for (const workers of [1, 3])
        for (const onPhoto of [false, true])
            for (const features of [false, true]) {
                const detector = await open(t, { workers, variant: 'simd' });
                const events = [];
                seen.bytes = 0;
                await detector.add(list, {
                    features,
                    onPhoto: onPhoto ? (event) => events.push(event) : undefined,
                });
                const one = (await detector.extract(list[0])).patch.byteLength;
                const [crossed, asked] = [seen.bytes - one, onPhoto && features];
                assert.ok(asked ? crossed > 12 * one : crossed < one, `${crossed} bytes`);
                assert.ok(events.every((event) => event.learnt));
                assert.ok(events.every((event) => Boolean(event.features) === asked));
                if (asked) assert.deepEqual(await detector.extract(list[7]), events[7].features);
                await detector.add(left, { learn: false });
                await detector.train();
                seen.bytes = 0;
                results.push(await detector.scoreFolder({ heat: false }));
                assert.equal(seen.bytes, 0, 'those that are not learnt from stay there too');
            }
    for (const result of results) assert.deepEqual(result, results[0]);
});

test('features that nobody takes are not held', async () => {
    const { Held } = await import(new URL('held.js', packageFolder));
    const held = new Held();
    const early = held.take(1);
    for (const number of [2, 1, 0]) held.put(number, { number });
    assert.deepEqual(await early, { number: 1 });
    assert.deepEqual(await held.take(0), { number: 0 });
    held.drop(5); // 2, and 4, which comes late
    held.put(4, { number: 4 });
    held.put(5, { number: 5 });
    assert.deepEqual(await held.take(5), { number: 5 });
    const still = (number) => Promise.race([held.take(number), Promise.resolve('nothing')]);
    for (const number of [2, 4]) assert.equal(await still(number), 'nothing');
});

test('an aborted add keeps what was added, and the rest can follow', async (t) => {
    const detector = await open(t, { workers: 2, variant: 'simd' });
    const stop = new AbortController();
    const reason = new Error('enough');
    const list = photos(12);
    await assert.rejects(
        detector.add(list, {
            signal: stop.signal,
            onPhoto: ({ position }) => position === 4 && stop.abort(reason),
        }),
        reason,
    );
    assert.equal(detector.count, 5);
    const added = await detector.add(list.slice(5));
    assert.deepEqual(
        added.map(({ index }) => index),
        [5, 6, 7, 8, 9, 10, 11],
    );
    await assert.rejects(detector.add(list, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(detector.count, 12);
});

test('an aborted training leaves the old model', async (t) => {
    const detector = await open(t, { method: 'irmb' });
    await detector.add(photos(5));
    await detector.train();
    const before = await detector.save();
    await detector.add(photos(60));
    const stop = new AbortController(); // enough photos that it comes before the end
    const training = detector.train({ signal: stop.signal, onProgress: () => stop.abort() });
    await assert.rejects(training, { name: 'AbortError' });
    assert.deepEqual(await detector.save(), before);
    assert.equal((await detector.scoreFolder()).length, 65);
});

test('a saved model scores as before', async (t) => {
    const detector = await open(t, { seed: 3, preset: 'fit', precision: 'i16' });
    await detector.add(photos(8));
    await detector.train();
    const model = await detector.save();
    const expected = await detector.score(pixels(10));

    const options = await Detector.optionsOf(model);
    assert.equal(options.seed, 3);
    assert.equal(options.preset, 'fit');
    assert.equal(options.input, 64);
    assert.equal(options.precision, 'i16');
    const other = await open(t, options);
    await other.load(model);
    assert.deepEqual(await other.score(pixels(10)), expected);
    assert.deepEqual(await other.save(), model);

    await assert.rejects(other.load(model.slice(0, -1)), { code: 'format' });
    assert.deepEqual(await other.score(pixels(10)), expected, 'a refused model changes nothing');
    await assert.rejects(Detector.optionsOf(new Uint8Array(9)), { code: 'format' });
    const wrong = await open(t, { ...options, preset: 'funad' });
    await assert.rejects(wrong.load(model), { code: 'format', message: /another preset/ });
    const other8 = await open(t, { ...options, precision: 'i8' });
    await assert.rejects(other8.load(model), { code: 'format', message: /another precision/ });
});

test('a defect has regions, and those that are too small do not count', async (t) => {
    const detector = await open(t);
    await detector.add(photos(COUNT));
    await detector.train();
    const size = { width: 96, height: 80 };
    const results = await detector.scoreFolder();
    for (const { score, heat } of results) {
        const regions = await detector.findRegions(heat, size);
        assert.equal(regions.length > 0, score >= DEFECT, 'a region where the photo is called');
        assert.ok(regions.every(({ peak }, i) => !i || peak <= regions[i - 1].peak));
    }
    await detector.setThreshold(0.99 * results[10].score); /* of a backbone of noise all is hot */
    const [{ outline, holes, ...region }] = await detector.findRegions(results[10].heat, size);
    assert.equal(region.peak, results[10].score);
    const { left, top, width, height } = region;
    for (const { x, y } of [...outline, ...holes.flat()]) {
        assert.ok(x >= left - 1e-3 && x <= left + width + 1e-3);
        assert.ok(y >= top - 1e-3 && y <= top + height + 1e-3);
    }
    /* the blot is at (40, 44) */
    assert.ok(left < 40 && left + width > 40 && top < 44 && top + height > 44);
    assert.ok(Math.hypot(region.centroidX - 40, region.centroidY - 44) < 12);
    assert.ok(region.area > 0 && region.area <= width * height);
    assert.ok(Math.abs(region.share - region.area / (96 * 80)) < 1e-6);
    let twice = 0; /* clockwise: twice the area, y downwards */
    outline.forEach(({ x, y }, i) => {
        const next = outline[(i + 1) % outline.length];
        twice += x * next.y - next.x * y;
    });
    if (!holes.length) assert.ok(Math.abs(twice / 2 - region.area) < 0.01 * region.area);

    /* a photo is called up to one threshold: at it there is a region, at the next float none */
    const { heat, score } = results[10];
    assert.equal(await detector.calledUpTo(heat), score, 'every region counts');
    const own = detector.threshold;
    const next = new Uint32Array(1);
    for (const area of [0.001, 0.05, 0.4]) {
        await detector.setSmallestArea(area);
        const most = await detector.calledUpTo(heat);
        assert.ok(most > 0 && most < score, `${area}: ${most}`);
        next.set(new Uint32Array(Float32Array.of(most).buffer));
        next[0]++;
        for (const [threshold, count] of /** @type {[number, boolean][]} */ ([
            [most, true],
            [new Float32Array(next.buffer)[0], false],
        ])) {
            await detector.setThreshold(threshold);
            assert.equal((await detector.findRegions(heat, size)).length > 0, count, `${area}`);
            assert.equal(
                (await detector.scoreAdded(10)).verdict,
                count ? 'defect' : 'look',
                'as it is judged',
            );
        }
        await detector.setThreshold(own);
        assert.equal(await detector.calledUpTo(heat), most, 'whatever the threshold is');
        assert.equal(detector.threshold, own);
    }
    await detector.setSmallestArea(1);
    assert.equal(await detector.calledUpTo(new Float32Array(HEAT * HEAT)), 0);
    await assert.rejects(detector.calledUpTo(new Float32Array(5)), TypeError);

    await detector.setSmallestArea(0.9);
    assert.equal(detector.smallestArea, 0.9);
    assert.deepEqual(await detector.findRegions(results[10].heat, size), []);
    for (const heat of [true, false]) {
        const judged = await detector.scoreAdded(10, { heat });
        assert.equal(judged.verdict, 'look', 'it keeps its score, and is not called');
        assert.equal(judged.score, results[10].score);
        assert.equal(judged.heat === null, !heat);
    }
    assert.equal((await detector.score(photos(COUNT)[10])).verdict, 'look');
    assert.equal((await detector.judgeFolder()).defects, 0);
    await detector.setThreshold(DEFECT);
    const other = await open(t);
    await other.load(await detector.save());
    assert.equal(other.smallestArea, 0.9);
    await other.clear();
    assert.equal(other.smallestArea, 0);

    await assert.rejects(detector.setSmallestArea(1.5), { code: 'argument' });
    await assert.rejects(detector.setSmallestArea(/** @type {any} */ ('1')), TypeError);
    await assert.rejects(detector.findRegions(new Float32Array(5), size), TypeError);
    await assert.rejects(detector.findRegions(results[10].heat, { width: 0, height: 5 }), /width/);
    const cold = new Float32Array(HEAT * HEAT).fill(2);
    await assert.rejects(detector.findRegions(cold, size), { code: 'argument' });
});

test('verdicts follow the threshold, and models keep it', async (t) => {
    const detector = await open(t);
    await detector.add(photos(12));
    await detector.train();
    const { score } = await detector.scoreAdded(10);
    assert.equal(detector.threshold, DEFECT);
    assert.equal((await detector.scoreAdded(10)).verdict, 'defect');

    const above = Math.min(1, score + 1e-6);
    await detector.setThreshold(above);
    assert.deepEqual(await detector.scoreAdded(10), {
        ...(await detector.score(photos(12)[10])),
        score,
        verdict: 'look',
    });
    assert.equal((await detector.judgeFolder()).defects, 0);
    await detector.setThreshold(score);
    assert.equal((await detector.scoreAdded(10)).verdict, 'defect');
    assert.equal((await detector.judgeFolder()).defects, 1);
    for (const wrong of [0, -0.5, 1.5, NaN, Infinity])
        await assert.rejects(detector.setThreshold(wrong), { code: 'argument' });
    for (const wrong of ['0.6', null, undefined])
        await assert.rejects(detector.setThreshold(/** @type {any} */ (wrong)), TypeError);
    assert.equal(detector.threshold, score);

    for (const threshold of [0.7, 1 / 3, 1]) {
        await detector.setThreshold(threshold);
        const other = await open(t);
        await other.load(await detector.save());
        assert.ok(Math.abs(other.threshold - threshold) < 1e-7);
        if (threshold === 0.7) assert.equal(other.threshold, 0.7, 'as it was written');
        await other.clear();
        assert.equal(other.threshold, DEFECT);
    }
    for (const [seven, verdict] of /** @type {[number, string][]} */ ([
        [Math.fround(0.7), 'defect'],
        [0.69, 'look'],
        [0.42, 'look'],
        [0.419, 'ok'],
    ]))
        assert.equal(judge(seven, 0.7), verdict);
});

test('clear forgets', async (t) => {
    const detector = await open(t);
    await detector.add(photos(6));
    await detector.train();
    await detector.clear();
    assert.equal(detector.count, 0);
    await assert.rejects(detector.scoreAdded(0), DetectorError);
    assert.deepEqual((await detector.add(photos(1)))[0], { index: 0 });
    await assert.rejects(detector.train(), { code: 'state' });
});

test('wrong types never reach the core', async (t) => {
    for (const options of [
        { method: 'best' },
        { preset: 1 },
        { input: -1 },
        { input: 1.5 },
        { blocks: 4 },
        { blocks: [0] },
        { blocks: [1, 2, 3, 4, 5] },
        { seed: -1 },
        { seed: '1' },
        { threads: 0 },
        { workers: 65 },
        { learnMost: 1.5 },
        { iterations: -1 },
        { variant: 'gpu' },
        { precision: 'int8' },
    ]) {
        await assert.rejects(Detector.create(options), TypeError, JSON.stringify(options));
    }
    const detector = await open(t);
    for (const photo of [
        'a.png',
        null,
        7,
        { bytes: [1] },
        { data: new Uint8ClampedArray(3), width: 1, height: 1 },
    ]) {
        await assert.rejects(detector.add([photos(1)[0], photo]), TypeError);
        await assert.rejects(detector.score(photo), TypeError);
    }
    assert.equal(detector.count, 0);
    await assert.rejects(detector.addFeatures({ patch: [1], cls: [1] }), TypeError);
    await assert.rejects(
        detector.addFeatures({ patch: new Float32Array(1), cls: new Float32Array(1) }),
        TypeError,
    );
    await assert.rejects(
        detector.addFeatures({ patch: new Uint16Array(1), cls: new Uint16Array(1) }),
        { code: 'argument' },
    );
    await assert.rejects(detector.scoreAdded(0.5), TypeError);
});

test('the backbone comes with the package, for whoever adds photos without one', async (t) => {
    const detector = await Detector.create({ input: 64, workers: 1, variant: 'simd' });
    t.after(() => detector.close());
    const [{ index }] = await detector.add(photos(1));
    assert.equal(index, 0);
    const other = await Detector.create({ input: 64, workers: 1, variant: 'simd' });
    t.after(() => other.close());
    const seen = [];
    const shape = await other.loadBackbone(new Response(backbone), {
        onProgress: ({ done }) => seen.push(done),
    });
    assert.deepEqual(shape, detector.shape);
    assert.equal(seen.at(-1), backbone.length);
});

test('calls out of order, bad backbones and closed detectors are refused', async (t) => {
    const detector = await Detector.create({ workers: 2, variant: 'simd' });
    t.after(() => detector.close());
    await assert.rejects(detector.extract(photos(1)[0]), { code: 'state' });
    await assert.rejects(detector.loadBackbone(backbone.subarray(0, 1000)), { code: 'format' });
    const page = new Response('<!doctype html><title>Log in</title>');
    await assert.rejects(detector.loadBackbone(page), { code: 'format', message: /HTML/ });
    const missing = new Response('', { status: 404, statusText: 'Not Found' });
    await assert.rejects(detector.loadBackbone(missing), { code: 'network', message: /404/ });
    await assert.rejects(detector.loadBackbone(1), { name: 'TypeError' });
    const shape = await detector.loadBackbone(backbone);
    assert.equal(shape.patches, shape.rows * shape.columns);
    await assert.rejects(detector.loadBackbone(backbone), { code: 'state' });
    await assert.rejects(detector.score(pixels(0)), { code: 'state' });
    await assert.rejects(detector.save(), { code: 'state' });
    const pending = detector.extract(pixels(0));
    detector.close();
    await assert.rejects(pending, { code: 'state', message: /closed/ });
    await assert.rejects(detector.train(), { code: 'state', message: /closed/ });
});

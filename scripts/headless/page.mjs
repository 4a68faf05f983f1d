/** The browser's side of headless.mjs; the site's own modules do the work. */
const { Detector, learnsFrom, lookFrom, photoKey } = await import(
    new URL('../fleck/index.js', location.href).href
);
const { flatten, quantise } = await import(new URL('../overlay.js', location.href).href);

const AT_ONCE = 16; /* photos in memory at a time */
const SIDE = 1024; /* longest side of a heatmap picture in pixels */
const THUMB = 360; /* and of one in the report */
const THUMBS_MAX = 200; /* the report embeds these many, the highest scores first */
const OPACITY = 0.8;

/** @param {OffscreenCanvas} canvas @param {string} type @returns {Promise<string>} base64 */
async function encode(canvas, type) {
    const bytes = new Uint8Array(
        await (await canvas.convertToBlob({ type, quality: 0.82 })).arrayBuffer(),
    );
    let text = '';
    for (let at = 0; at < bytes.length; at += 0x8000)
        text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
}

/** A photo as a small picture. @param {ImageBitmap} photo */
function shrunk(photo) {
    const scale = Math.min(1, THUMB / Math.max(photo.width, photo.height));
    const [width, height] = [photo.width, photo.height].map((side) =>
        Math.max(1, Math.round(side * scale)),
    );
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    return canvas;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {number} at */
async function fetchPhoto(at) {
    return (await fetch(`photo/${at}`)).blob();
}

/** @param {number} count */
async function keysOf(count) {
    const keys = [];
    for (let at = 0; at < count; at++)
        keys.push(photoKey(new Uint8Array(await (await fetchPhoto(at)).arrayBuffer())));
    return keys;
}

/**
 * @param {number} count number of photos, served as photo/0, photo/1, ...
 * @param {number} learnMost of the detector's options
 */
async function inspect(count, learnMost) {
    const { tell, savePicture } = /** @type {any} */ (window);
    const detector = await Detector.create({ learnMost });
    const backbone = await fetch('../models/fleck-tiny.safetensors');
    if (!backbone.ok) throw new Error('the site has no models/fleck-tiny.safetensors');
    const shape = await detector.loadBackbone(new Uint8Array(await backbone.arrayBuffer()));

    const began = performance.now();
    /** @type {number[]} the photo behind each of the detector's indices */
    const added = [];
    const skipped = [];
    const all = [...Array(count).keys()];
    const chosen =
        count > shape.learnMost ? learnsFrom(await keysOf(count), shape.learnMost) : null;
    const learns = (/** @type {number} */ at) => chosen?.[at] ?? true;
    const learnt = all.filter(learns);
    /* photos of 16 bits have one range, which must be known before the first is read */
    for (let first = 0; first < count; first += AT_ONCE)
        await detector.measure(
            await Promise.all(all.slice(first, first + AT_ONCE).map(fetchPhoto)),
        );
    for (let first = 0; first < learnt.length; first += AT_ONCE) {
        const some = learnt.slice(first, first + AT_ONCE);
        const results = await detector.add(await Promise.all(some.map(fetchPhoto)));
        results.forEach((/** @type {any} */ { index, error }, /** @type {number} */ i) => {
            if (error) skipped.push({ at: some[i], message: error.message });
            else added[index] = some[i];
        });
        const done = first + some.length;
        const passed = (performance.now() - began) / 1000;
        tell({
            phase: 'features',
            done,
            total: learnt.length,
            secondsLeft: (passed / done) * (learnt.length - done),
        });
    }
    await detector.train({ onProgress: tell });
    const folder = await detector.judgeFolder();
    const results = await detector.scoreFolder({ heat: false, onProgress: tell });
    const rows = results.map(
        (/** @type {any} */ { score, verdict }, /** @type {number} */ index) => ({
            index,
            at: added[index],
            score,
            verdict,
        }),
    );
    /** @type {Map<number, {levels: Uint8ClampedArray, heat: Float32Array|null}>} heatmaps of photos
     * that are not learnt from, and of those that have regions what these follow from */
    const others = new Map();
    for (const at of all.filter((at) => !learns(at))) {
        try {
            const { score, verdict, heat } = await detector.score(await fetchPhoto(at));
            const isCalled = verdict === 'defect';
            others.set(at, { levels: quantise(heat), heat: isCalled ? heat : null });
            rows.push({ at, score, verdict });
        } catch (error) {
            skipped.push({ at, message: /** @type {Error} */ (error).message });
        }
        tell({ phase: 'score', done: rows.length, total: count, secondsLeft: null });
    }

    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score || a.at - b.at);
    for (const [rank, row] of rows.entries()) {
        const { index, at, verdict } = row;
        const added = others.has(at) ? null : (await detector.scoreAdded(index)).heat;
        const { levels, heat } = others.get(at) ?? { levels: quantise(added), heat: added };
        const photo = await createImageBitmap(await fetchPhoto(at), {
            imageOrientation: 'from-image',
        });
        const size = { width: photo.width, height: photo.height };
        const regions = verdict === 'defect' ? await detector.findRegions(heat, size) : [];
        Object.assign(row, size, { regions, groups: [] });
        const picture = await encode(
            flatten(photo, levels, shape.frameShare, OPACITY, SIDE),
            'image/png',
        );
        const thumb =
            rank < THUMBS_MAX && verdict !== 'ok' ? await encode(shrunk(photo), 'image/jpeg') : '';
        photo.close();
        await savePicture(at, picture, thumb);
        tell({ phase: 'heatmaps', done: rank + 1, total: rows.length, secondsLeft: null });
    }
    const called = rows.filter((/** @type {any} */ { regions }) => regions.length);
    const heats = async function* () {
        for (const { index, at, width, height } of called) {
            const photo = index ?? (await fetchPhoto(at));
            const heat = others.get(at)?.heat ?? (await detector.scoreAdded(index)).heat;
            yield { photo, heat, width, height };
        }
    };
    const { groups, sizes } = called.length
        ? await detector.groupRegions(heats())
        : { groups: [], sizes: [] };
    for (const [i, row] of called.entries()) row.groups = groups[i];
    const { note, samples, threshold } = detector;
    const model = await sha256(await detector.save());
    detector.close();
    return {
        ...{ rows, folder, learnt: learnt.length, skipped, note, shape: detector.shape },
        ...{ model, samples, threshold, look: lookFrom(threshold) },
        groups: sizes.map((/** @type {number} */ size) => ({ size, name: '' })),
    };
}

Object.assign(window, { inspect });

/** The browser's side of headless.mjs; the site's own modules do the work. */
const { Detector, learnsFrom, photoKey } = await import(
    new URL('../fleck/index.js', location.href).href
);
const { flatten, quantise } = await import(new URL('../overlay.js', location.href).href);

const AT_ONCE = 16; /* photos in memory at a time */
const SIDE = 1024; /* longest side of a heatmap picture in pixels */
const THUMB = 320; /* and of one in the report */
const THUMBS_MAX = 400; /* the report embeds these many, the highest scores first */
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
    const seconds = { features: 0, training: 0, scoring: 0 };
    const detector = await Detector.create({ learnMost });
    const backbone = await fetch('../models/fleck-tiny.safetensors');
    if (!backbone.ok) throw new Error('the site has no models/fleck-tiny.safetensors');
    const shape = await detector.loadBackbone(new Uint8Array(await backbone.arrayBuffer()));

    let began = performance.now();
    const lap = () => {
        const now = performance.now(),
            passed = (now - began) / 1000;
        began = now;
        return passed;
    };
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
    seconds.features = lap();
    await detector.train({ onProgress: tell });
    const folder = await detector.judgeFolder();
    seconds.training = lap();
    const results = await detector.scoreFolder({ heat: false, onProgress: tell });
    const rows = results.map(
        (/** @type {any} */ { score, verdict }, /** @type {number} */ index) => ({
            index,
            at: added[index],
            score,
            verdict,
        }),
    );
    /** @type {Map<number, Uint8ClampedArray>} heatmaps of photos that are not learnt from */
    const others = new Map();
    for (const at of all.filter((at) => !learns(at))) {
        try {
            const { score, verdict, heat } = await detector.score(await fetchPhoto(at));
            others.set(at, quantise(heat));
            rows.push({ at, score, verdict });
        } catch (error) {
            skipped.push({ at, message: /** @type {Error} */ (error).message });
        }
        tell({ phase: 'score', done: rows.length, total: count, secondsLeft: null });
    }
    seconds.scoring = lap();

    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score || a.at - b.at);
    for (const [rank, { index, at }] of rows.entries()) {
        const levels = others.get(at) ?? quantise((await detector.scoreAdded(index)).heat);
        const photo = await createImageBitmap(await fetchPhoto(at), {
            imageOrientation: 'from-image',
        });
        const picture = await encode(
            flatten(photo, levels, shape.frameShare, OPACITY, SIDE),
            'image/png',
        );
        const thumb =
            rank < THUMBS_MAX
                ? await encode(
                      flatten(photo, levels, shape.frameShare, OPACITY, THUMB),
                      'image/jpeg',
                  )
                : '';
        photo.close();
        await savePicture(at, picture, thumb);
        tell({ phase: 'heatmaps', done: rank + 1, total: rows.length, secondsLeft: null });
    }
    const { info, note } = detector;
    detector.close();
    return { rows, folder, learnt: learnt.length, skipped, info, note, shape, seconds };
}

Object.assign(window, { inspect });

/** The browser's side of headless.mjs; the site's own modules do the work. */
const { Detector } = await import(new URL('../fleck/index.js', location.href).href);
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

/** @param {number} count number of photos, served as photo/0, photo/1, ... */
async function inspect(count) {
    const { tell, savePicture } = /** @type {any} */ (window);
    const seconds = { features: 0, training: 0, scoring: 0 };
    const detector = await Detector.create();
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
    for (let first = 0; first < count; first += AT_ONCE) {
        const photos = await Promise.all(
            Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) =>
                fetchPhoto(first + i),
            ),
        );
        const results = await detector.add(photos);
        results.forEach((/** @type {any} */ { index, error }, /** @type {number} */ i) => {
            if (error) skipped.push({ at: first + i, message: error.message });
            else added[index] = first + i;
        });
        const done = first + photos.length;
        const passed = (performance.now() - began) / 1000;
        tell({
            phase: 'features',
            done,
            total: count,
            secondsLeft: (passed / done) * (count - done),
        });
    }
    seconds.features = lap();
    await detector.train({ onProgress: tell });
    const folder = await detector.judgeFolder();
    seconds.training = lap();
    const results = await detector.scoreFolder({ heat: false, onProgress: tell });
    seconds.scoring = lap();

    const rows = results.map(
        (/** @type {any} */ { score, verdict }, /** @type {number} */ index) => ({
            index,
            at: added[index],
            score,
            verdict,
        }),
    );
    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score || a.at - b.at);
    for (const [rank, { index, at }] of rows.entries()) {
        const { heat } = await detector.scoreAdded(index);
        const photo = await createImageBitmap(await fetchPhoto(at), {
            imageOrientation: 'from-image',
        });
        const levels = quantise(heat);
        const picture = await encode(
            flatten(photo, levels, shape.view, OPACITY, SIDE),
            'image/png',
        );
        const thumb =
            rank < THUMBS_MAX
                ? await encode(flatten(photo, levels, shape.view, OPACITY, THUMB), 'image/jpeg')
                : '';
        photo.close();
        await savePicture(at, picture, thumb);
        tell({ phase: 'heatmaps', done: rank + 1, total: rows.length, secondsLeft: null });
    }
    const { info } = detector;
    detector.close();
    return { rows, folder, skipped, info, shape, seconds };
}

Object.assign(window, { inspect });

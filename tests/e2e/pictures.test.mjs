/** Photos that the browser has decoded: bitmaps, frames and elements count as their pixels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite } from './site.mjs';

test('bitmaps, frames and elements are what their pixels are', async () => {
    const site = await openSite();
    try {
        const page = await site.browser.newPage();
        await page.goto(site.url);
        const { same, near, emptied, again, refused, keys, folder, learnt } =
            await page.evaluate(comparePictures);
        assert.deepEqual(same, {
            ImageBitmap: true,
            VideoFrame: true,
            HTMLCanvasElement: true,
            OffscreenCanvas: true,
            HTMLImageElement: true,
        });
        assert.ok(near > 0.97, `of a video's tokens ${near} have the signs of the pixels'`);
        assert.deepEqual(emptied, [0, null], 'the bitmap and the frame were transferred');
        assert.match(again, /^format: the picture was closed or given to a detector before/);
        assert.match(refused[0], /^format: the picture shows nothing yet/);
        assert.match(refused[1], /^TypeError: a photo must be a File, .*, an ImageBitmap, a Video/);
        assert.equal(keys[0], keys[1]);
        assert.equal(learnt, 8);
        assert.deepEqual(folder[1], folder[0]);
    } finally {
        await site.stop();
    }
});

/** In the page. */
async function comparePictures() {
    const { Detector, keyOf } = await import(new URL('fleck/index.js', location.href).href);
    const detector = await Detector.create({ input: 56, precision: 'f32' });
    const file = await fetch('models/fleck-tiny.safetensors');
    const backbone = await file.arrayBuffer();
    await detector.loadBackbone(backbone);
    try {
        const canvas = drawn(3);
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
        const pixels = context.getImageData(0, 0, 112, 112);
        const want = await detector.extract(pixels);

        const offscreen = new OffscreenCanvas(112, 112);
        offscreen.getContext('2d')?.putImageData(pixels, 0, 0);
        const img = new Image();
        img.src = canvas.toDataURL('image/png');
        await img.decode();
        const bitmap = await createImageBitmap(canvas);
        const keys = [String(await keyOf(bitmap)), String(await keyOf(pixels))];
        const frame = new VideoFrame(canvas, { timestamp: 0 });
        /** @type {Record<string, boolean>} */
        const same = {};
        for (const picture of [bitmap, frame, canvas, offscreen, img]) {
            const { patch } = await detector.extract(picture);
            same[picture.constructor.name] = String(patch) === String(want.patch);
        }

        const video = document.createElement('video');
        const waiting = await failure(detector.extract(video));
        video.muted = true;
        video.srcObject = canvas.captureStream();
        /* a frame is captured when something is drawn */
        const drawing = setInterval(() => context.putImageData(pixels, 0, 0), 50);
        await video.play();
        clearInterval(drawing);
        const seen = await detector.extract(video);
        const isAlike = (/** @type {number} */ half, /** @type {number} */ i) =>
            half >> 15 === want.patch[i] >> 15;
        const near = seen.patch.filter(isAlike).length / want.patch.length; /* of signs */

        const folder = [];
        let learnt = 0;
        for (const toPhoto of [
            (/** @type {HTMLCanvasElement} */ one) =>
                one.getContext('2d')?.getImageData(0, 0, 112, 112),
            createImageBitmap,
        ]) {
            const own = await Detector.create({ input: 56, learnMost: 8 });
            await own.loadBackbone(backbone);
            const numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
            await own.add(await Promise.all(numbers.map((i) => toPhoto(drawn(i)))));
            await own.train();
            learnt = (await own.judgeFolder()).photos;
            folder.push((await own.scoreFolder({ heat: false })).map(({ score }) => score));
            own.close();
        }
        return {
            same,
            near,
            keys,
            folder,
            learnt,
            emptied: [bitmap.width, frame.format],
            again: await failure(detector.extract(bitmap)),
            refused: [waiting, await failure(detector.extract(document.body))],
        };
    } finally {
        detector.close();
    }

    /** @param {number} number */
    function drawn(number) {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 112;
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
        const light = context.createLinearGradient(0, 0, 112, 112 + number);
        light.addColorStop(0, '#234');
        light.addColorStop(1, '#dcb');
        context.fillStyle = light;
        context.fillRect(0, 0, 112, 112);
        context.fillStyle = '#a33';
        context.fillRect(30 + number, 40, 25, 35);
        return canvas;
    }

    /** @param {Promise<unknown>} promise */
    function failure(promise) {
        return promise.then(
            () => 'none',
            (error) => `${error.code ?? error.name}: ${error.message}`,
        );
    }
}

/**
 * How many pictures of a camera the page judges in a second, and where the time of one goes, in
 * headless Chromium with the device that it plays itself:
 *
 *     node tests/speed/camera.mjs [--seconds N] [--workers] [--photos N]
 *
 * Milliseconds are medians, of one thing after the other. CPU time is that of all of the browser's
 * processes while the page judges, by the picture: on a busy machine it says more than the clock. The
 * fake camera and the painting of its video, which a GPU does elsewhere, are not in the renderer's.
 * --workers: on a page that is not isolated, with workers in place of threads; --photos: so many
 * are learnt from, of the camera's. Needs the page: assemble_site.
 */
import { parseArgs } from 'node:util';
import { openSite, reach } from '../e2e/site.mjs';

const { values } = parseArgs({
    options: {
        seconds: { type: 'string', default: '20' },
        photos: { type: 'string', default: '20' },
        workers: { type: 'boolean', default: false },
    },
});
const [seconds, photos] = [Number(values.seconds), Number(values.photos)];
const FLAGS = ['--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream'];

/** In the page: ms of each stage. @param {{photos: number, rounds: number}} plan */
async function stages({ photos, rounds }) {
    const { Detector } = await import(new URL('/fleck/index.js', location.href).href);
    const detector = await Detector.create();
    await detector.loadBackbone(
        await (await fetch('/models/fleck-tiny.safetensors')).arrayBuffer(),
    );
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1120 } } /* as the page asks for one tile */,
    });
    await video.play();
    const grab = () => createImageBitmap(video);
    const pixelsOf = (
        /** @type {ImageBitmap} */ { width, height },
        /** @type {ImageBitmap} */ bitmap,
    ) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
            canvas.getContext('2d', { willReadFrequently: true })
        );
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, width, height);
    };
    for (let i = 0; i < photos; i++) {
        await detector.add(await grab());
        await new Promise((later) => setTimeout(later, 40));
    }
    await detector.train();
    /** @type {Record<string, number[]>} */
    const ms = {};
    const time = async (/** @type {string} */ stage, /** @type {() => any} */ run) => {
        const began = performance.now();
        const result = await run();
        (ms[stage] ??= []).push(performance.now() - began);
        return result;
    };
    for (let i = 0; i < rounds; i++) {
        const bitmap = await time('a bitmap of the video', grab);
        const image = await time('its pixels', () => pixelsOf(bitmap, bitmap));
        await time('features of pixels', () => detector.extract(image));
        await time('score, without heatmap', () => detector.scoreAdded(0, { heat: false }));
        await time('score and heatmap', () => detector.scoreAdded(0));
        await time('all of it, from bitmap to heatmap', () => detector.score(bitmap));
    }
    const size = `${video.videoWidth} x ${video.videoHeight}`;
    const { variant, threads, workers } = detector.info;
    return { ms, size, runs: `${variant}, ${workers} x ${threads} threads` };
}

const site = await openSite({ isolation: !values.workers, flags: FLAGS });
try {
    const { page, close } = await site.open();
    const { ms, size, runs } = await page.evaluate(stages, { photos, rounds: 30 });
    console.log(`Chromium ${site.browser.version()}, ${runs}, pictures of ${size}`);
    for (const [stage, times] of Object.entries(ms)) {
        times.sort((a, b) => a - b);
        console.log(`${times[times.length >> 1].toFixed(1).padStart(7)} ms  ${stage}`);
    }
    await close();

    const job = await site.open();
    await job.page.getByRole('button', { name: 'Use a camera' }).click();
    for (let count = 1; count <= photos; count++) {
        await job.page.getByRole('button', { name: 'Take a photo' }).click();
        await job.page.locator('.watch-counts', { hasText: `${count} photo` }).waitFor();
    }
    await job.page.getByRole('button', { name: 'Done: learn from these' }).click();
    await reach(job.page, 'result');
    await job.page.locator('.summary summary', { hasText: 'New' }).click();
    await job.page.getByRole('button', { name: 'Use a camera…' }).click();
    await job.page.getByText(/pictures a second/).waitFor();
    const session = await site.browser.newBrowserCDPSession();
    const cpu = async () => {
        const { processInfo } = await session.send('SystemInfo.getProcessInfo');
        /** @type {Record<string, number>} */
        const times = {};
        for (const { type, cpuTime } of processInfo) times[type] = (times[type] ?? 0) + cpuTime;
        return times;
    };
    /* each picture that is judged draws its heatmap anew */
    const judged = () =>
        job.page.evaluate(async (ms) => {
            const heat = /** @type {HTMLCanvasElement} */ (document.querySelector('.watch canvas'));
            const context = /** @type {any} */ (heat.getContext('2d'));
            const { putImageData } = context;
            let count = 0;
            context.putImageData = function (/** @type {any[]} */ ...args) {
                count++;
                return putImageData.apply(this, args);
            };
            const began = performance.now();
            await new Promise((end) => setTimeout(end, ms));
            return { count, seconds: (performance.now() - began) / 1000 };
        }, 1000 * seconds);
    const before = await cpu();
    const { count, seconds: took } = await judged();
    const after = await cpu();
    console.log(
        `${(count / took).toFixed(1).padStart(7)} pictures a second on the page; CPU time:`,
    );
    for (const [type, time] of Object.entries(after)) {
        const spent = (1000 * (time - (before[type] ?? 0))) / count;
        if (spent >= 1)
            console.log(`${spent.toFixed(0).padStart(7)} ms a picture, process ${type}`);
    }
    await job.close();
} finally {
    await site.stop();
}

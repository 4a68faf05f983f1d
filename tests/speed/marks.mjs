/**
 * How long scores take to follow a mark, in headless Chromium:
 *
 *     npm run bench:marks -- [--photos N] [--marks N] [--seen N] [--workers]
 *
 * The built-in backbone learns from N photos: the samples over and over, each time moved by some
 * pixels, so that none is another's twin. Then what proposeMarks names first is marked, as many
 * photos as --marks says, by what the samples' folders say; after each mark all photos are scored
 * as the page does it, with the heatmaps of those that are seen. Milliseconds are medians and the
 * longest of all marks. --workers: without threads, as on a page that is not isolated. Needs the
 * page: assemble_site.
 */
import { parseArgs } from 'node:util';
import { openSite, samplePaths } from '../e2e/site.mjs';

const { values } = parseArgs({
    options: {
        photos: { type: 'string', default: '200' },
        marks: { type: 'string', default: '20' },
        seen: { type: 'string', default: '20' },
        workers: { type: 'boolean', default: false },
    },
});

/**
 * In the page: ms of each stage.
 * @param {{paths: string[], photos: number, marks: number, seen: number}} plan
 */
async function stages({ paths, photos, marks, seen }) {
    const { Detector } = await import(new URL('/fleck/index.js', location.href).href);
    const detector = await Detector.create();
    await detector.loadBackbone(
        await (await fetch('/models/fleck-tiny.safetensors')).arrayBuffer(),
    );
    const bitmaps = await Promise.all(
        paths.map(async (path) =>
            createImageBitmap(await (await fetch(`/samples/${path}`)).blob()),
        ),
    );
    for (let i = 0; i < photos; i++) {
        const bitmap = bitmaps[i % paths.length];
        const moved = Math.floor(i / paths.length);
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.drawImage(bitmap, 0, 0); /* what the moved one leaves free */
        context.drawImage(bitmap, moved, -moved);
        await detector.add(context.getImageData(0, 0, bitmap.width, bitmap.height));
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
    const score = async () => {
        for (let i = 0; i < photos; i++) await detector.scoreAdded(i, { heat: i < seen });
        await detector.judgeFolder();
    };
    await time('scores, nothing marked', score);
    for (let made = 0; made < marks; made++) {
        const [photo] = await time('what to mark', () => detector.proposeMarks(1));
        const mark = paths[photo % paths.length].includes('good') ? 'good' : 'defect';
        await time('from the mark to all scores', async () => {
            await detector.mark(photo, mark);
            await score();
        });
    }
    const { variant, threads, workers } = detector.info;
    return { ms, runs: `${variant}, ${workers} x ${threads} threads` };
}

const site = await openSite({ isolation: !values.workers });
try {
    const { page, close } = await site.open();
    const { ms, runs } = await page.evaluate(stages, {
        paths: await samplePaths(),
        photos: Number(values.photos),
        marks: Number(values.marks),
        seen: Number(values.seen),
    });
    console.log(`Chromium ${site.browser.version()}, ${runs}, ${values.photos} photos`);
    for (const [stage, times] of Object.entries(ms)) {
        times.sort((a, b) => a - b);
        const [median, longest] = [times[times.length >> 1], times[times.length - 1]];
        console.log(`${median.toFixed(0).padStart(6)} ms, at most ${longest.toFixed(0)}: ${stage}`);
    }
    await close();
} finally {
    await site.stop();
}

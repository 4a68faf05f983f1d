/**
 * What a photo costs with backbones, beside each other, in headless Chromium:
 *
 *     npm run bench:backbones -- [--rounds N] [--threads N] FILE...
 *
 * Milliseconds from the pixels of a photo of 512x512 to its features, by the package with one
 * thread unless told otherwise, in each precision. All take turns, so that what else the machine
 * does meets them alike. Needs `npm ci --ignore-scripts`, Chromium and the package:
 *
 *     cmake --preset wasm && cmake --build --preset wasm
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

const PRECISIONS = ['i16', 'i8', 'f32'];

const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
        rounds: { type: 'string', default: '60' },
        threads: { type: 'string', default: '1' },
    },
});
const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
if (!files.length || !(rounds >= 1) || !(threads >= 1)) {
    console.error('usage: npm run bench:backbones -- [--rounds N] [--threads N] FILE...');
    process.exit(2);
}

/**
 * In the page.
 * @param {{count: number, precisions: string[], rounds: number, threads: number}} plan
 * @returns {Promise<{backbone: number, precision: string, ms: number[]}[]>} in the order of rounds
 */
async function measure({ count, precisions, rounds, threads }) {
    const { Detector } = await import(new URL('/build/package/index.js', location.href).href);
    const photo = new ImageData(512, 512);
    photo.data.forEach((_, i, data) => (data[i] = (i * 31) % 251));
    const runs = [];
    for (let backbone = 0; backbone < count; backbone++)
        for (const precision of precisions) {
            const variant = threads > 1 ? 'threads' : 'simd';
            const detector = await Detector.create({ variant, threads, workers: 1, precision });
            await detector.loadBackbone(await (await fetch(`/backbone/${backbone}`)).arrayBuffer());
            runs.push({ backbone, precision, detector, ms: /** @type {number[]} */ ([]) });
        }
    for (let round = 0; round < rounds; round++)
        for (const { detector, ms } of runs) {
            const began = performance.now();
            await detector.extract(photo);
            ms.push(performance.now() - began);
        }
    return runs.map(({ backbone, precision, ms }) => ({ backbone, precision, ms }));
}

const server = await serve(fileURLToPath(new URL('../../', import.meta.url)));
const browser = await launch();
try {
    const page = await browser.newPage();
    await page.route('**/backbone/*', async (route) => {
        const index = Number(basename(new URL(route.request().url()).pathname));
        await route.fulfill({ body: await readFile(files[index]) });
    });
    await page.goto(`${server.url}tests/speed/page.html`);
    const plan = { count: files.length, precisions: PRECISIONS, rounds, threads };
    console.log(`Chromium ${browser.version()}, threads: ${threads}, ms a photo of ${rounds}`);
    console.log('      least median  backbone');
    for (const { backbone, precision, ms } of await page.evaluate(measure, plan)) {
        ms.sort((a, b) => a - b);
        const [least, median] = [ms[0], ms[ms.length >> 1]].map((x) => x.toFixed(0).padStart(6));
        console.log(`${precision.padEnd(4)} ${least} ${median}  ${files[backbone]}`);
    }
} finally {
    await browser.close();
    await server.close();
}

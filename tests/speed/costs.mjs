/**
 * What learning and scoring cost beside reading photos, by method, in node on one thread:
 *
 *     npm run bench:costs -- [--methods irmb,knn] [--photos 20,60,240]
 *
 * Seconds of CPU, counted in photos read: web/inspection/estimate.js has them, for its estimates.
 * The photos are the samples, over and over, read by the built-in backbone. Needs
 * `npm ci --ignore-scripts`, build/package and build/site.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { METHOD_NAMES } from '../../build/package/constants.js';
import { Detector } from '../../build/package/node.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PHOTOS = 60;

const { values } = parseArgs({
    options: {
        methods: {
            type: 'string',
            default: METHOD_NAMES.filter((name) => name !== 'paper').join(),
        },
        photos: { type: 'string', default: '20,60,240' },
    },
});

/** @param {() => Promise<unknown>} work @returns {Promise<number>} seconds of CPU */
async function cpuOf(work) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
}

const backbone = readFileSync(join(ROOT, 'models/fleck-tiny.safetensors'));
/** @param {import('../../build/package/node.js').Options} options */
async function open(options) {
    const detector = await Detector.create({ variant: 'simd', workers: 1, ...options });
    await detector.loadBackbone(backbone);
    return detector;
}

const folder = join(ROOT, 'build/site/samples');
const photos = readdirSync(folder, { recursive: true })
    .filter((name) => /(good|test).*\.jpg$/.test(String(name)))
    .slice(0, PHOTOS)
    .map((name) => ({ bytes: new Uint8Array(readFileSync(join(folder, String(name)))) }));

const reader = await open({});
for (const photo of photos.slice(0, 10)) await reader.extract(photo); /* compiled meanwhile */
/** @type {import('../../build/package/node.js').Features[]} */
const features = [];
const reading = await cpuOf(async () => {
    for (const photo of photos) features.push(await reader.extract(photo));
});
reader.close();
const unit = reading / photos.length;
console.log(`${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`a photo is read in ${(1000 * unit).toFixed(0)} ms`);
console.log('method       photos  learning, all  a photo  scoring a photo');
for (const method of values.methods.split(','))
    for (const count of values.photos.split(',').map(Number)) {
        const detector = await open({ method: /** @type {any} */ (method) });
        for (let i = 0; i < count; i++) await detector.addFeatures(features[i % features.length]);
        const learn = (await cpuOf(() => detector.train())) / unit;
        const score = (await cpuOf(() => detector.scoreFolder())) / unit / count;
        detector.close();
        console.log(
            method.padEnd(12),
            String(count).padStart(6),
            learn.toFixed(1).padStart(14),
            (learn / count).toFixed(3).padStart(8),
            score.toFixed(3).padStart(16),
        );
    }

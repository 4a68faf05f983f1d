/**
 * The WebAssembly heap of a folder, learnt from and scored, in node:
 *
 *     npm run bench:heap -- [--photos 200,1000] [--method irmb] [--threads 1]
 *         [--learn-most 0] [--modules DIR]
 *
 * Features are 784 patches of 384 values, as two blocks of the built-in backbone make
 * them: made-up ones, so that no photo is read. A photo has what all of them have, and
 * noise; every tenth has a blot, so that there is something to learn. A WebAssembly
 * memory never shrinks: its size in the end is its peak. More photos than the detector
 * learns from are scored as new ones. Needs `npm ci --ignore-scripts` and build/wasm
 * (cmake --preset wasm && cmake --build --preset wasm); 1,000 photos take minutes.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BLOT = [10, 15]; /* its first row and column, and those behind its last */

const { values } = parseArgs({
    options: {
        photos: { type: 'string', default: '200,1000' },
        method: { type: 'string', default: 'irmb' },
        threads: { type: 'string', default: '1' },
        'learn-most': { type: 'string', default: '0' },
        modules: { type: 'string', default: `${ROOT}build/wasm/wasm/modules` },
    },
});
const folder = pathToFileURL(`${resolve(values.modules)}/`);
const { Engine, loadModule } = await import(new URL('engine.js', folder).href);
const { learnsFrom } = await import(new URL('index.js', folder).href);
const { nameOf } = await import(new URL('load.js', folder).href);
const { Worker } = await import(new URL('node_thread.js', folder).href);

// What Emscripten's glue, which is a browser's, expects of a worker.
Object.assign(globalThis, { self: globalThis, importScripts: () => {}, Worker });

/** Half floats of 0, 1/256, 2/256, ... 8, exact. */
const HALVES = Uint16Array.from({ length: 2049 }, (_, i) => {
    const exponent = 31 - Math.clz32(i);
    return i && ((exponent + 7) << 10) + (((i << 10) >> exponent) - 1024);
});

/** A generator of 32 random bits (xorshift). @param {number} state not 0 */
function randomBits(state) {
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        return (state ^= state << 5) >>> 0;
    };
}

/** @param {import('../../wasm/js/engine.js').FeatureShape} shape @param {number} photo */
function makeFeatures({ patches, columns, dim }, photo) {
    const pattern = randomBits(1),
        noise = randomBits(photo + 2);
    const patch = new Uint16Array(patches * dim);
    const cls = Uint16Array.from({ length: dim }, () => HALVES[noise() & 1023]);
    const inBlot = (/** @type {number} */ at) => at >= BLOT[0] && at < BLOT[1];
    for (let p = 0, at = 0; p < patches; p++) {
        const odd = photo % 10 === 9 && inBlot(p % columns) && inBlot(Math.floor(p / columns));
        for (let d = 0; d < dim; d++, at++) {
            const common = pattern() & 511;
            patch[at] = HALVES[(odd ? 1200 - common : common) + (noise() & 255)];
        }
    }
    return { patch, cls };
}

/** @param {number} count photos */
async function measure(count) {
    const threads = Number(values.threads);
    const variant = threads > 1 ? 'threads' : 'simd';
    const choice = { variant, relaxed: false, threads };
    const name = nameOf(choice);
    const { default: glue } = await import(new URL(`glue/${name}.js`, folder).href);
    const wasm = await readFile(new URL(`../${name}.wasm`, folder));
    Object.assign(globalThis, { location: new URL(`${name}.js`, folder) }); // what threads run
    const loaded = await loadModule(glue, await WebAssembly.compile(wasm), choice);
    const heap = () => (loaded.memory.buffer.byteLength / 1e6).toFixed(0);
    const engine = new Engine(loaded, threads);
    engine.configure({
        method: values.method,
        preset: 'funad',
        input: 224,
        blocks: [],
        seed: 0,
        precision: 'i16',
        learnMost: Number(values['learn-most']),
    });
    const shape = engine.loadBackbone(await readFile(`${ROOT}models/fleck-tiny.safetensors`));
    const began = performance.now();
    const chosen = learnsFrom([...Array(count).keys()].map(BigInt), shape.learnMost);
    const learns = (/** @type {number} */ i) => chosen[i];
    const learnt = [...Array(count).keys()].filter(learns);
    for (const photo of learnt) engine.addFeatures(makeFeatures(shape, photo));
    const added = heap();
    engine.trainBegin();
    for (let step = { done: 0, total: 1 }; step.done < step.total;) step = engine.trainStep();
    const trained = heap();
    for (let i = 0; i < learnt.length; i++) engine.scoreAdded(i, true);
    for (let i = 0; i < count; i++) if (!learns(i)) engine.score(makeFeatures(shape, i), true);
    const { defects } = engine.judgeFolder();
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
        `${values.method}, ${count} photos of ${shape.patches} x ${shape.dim}, ` +
            `${learnt.length} learnt from, ` +
            `${threads} threads: ${added} MB when added, ${trained} MB when learnt, ` +
            `${heap()} MB when scored; ${defects} defects, ${seconds} s`,
    );
}

for (const count of values.photos.split(',')) await measure(Number(count));
process.exit(); // its threads wait for more

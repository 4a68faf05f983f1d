/** The step of bench.mjs that measures networks. */
import { describe, measured, ratios } from './report.mjs';

export const NAMES = { s16: 'ViT-S/16', s8: 'ViT-S/8', b8: 'ViT-B/8' };

/* Mean cosine to PyTorch's tokens that an engine must reach. Float32 differs by rounding alone;
 * i16 promises as much as can be told from it by detection; 8 bits cannot. */
const COSINE_MIN = { f32: 0.999, i16: 0.999, i8: 0.995, fp32: 0.999, int8: 0.995 };

const ENGINES = [
    { kind: 'fleck', precision: 'f32' },
    { kind: 'ort', precision: 'fp32' },
    { kind: 'fleck', precision: 'i16' },
    { kind: 'ort', precision: 'int8' },
    { kind: 'fleck', precision: 'i8' },
].map(engine => ({ ...engine, name: `${engine.kind} ${engine.precision}` }));

/** Multiplications and additions of the matrix products. @param {any} sizes of make_models.py */
function countFlop({ tokens, dim, depth, patch }) {
    const linear = tokens * 12 * dim * dim; /* qkv 3, proj 1, fc1 4, fc2 4 */
    const attention = 2 * tokens * tokens * dim;
    return 2 * (depth * (linear + attention) + (tokens - 1) * 3 * patch * patch * dim);
}

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {string} model
 * @param {number} threads
 * @param {number} rounds
 */
export async function benchVit(bench, model, threads, rounds) {
    const { peers, paths, sizesOf } = bench;
    const settings = { ...paths, model, threads };
    const open = [];
    for (const engine of ENGINES) {
        try {
            const info = await peers('open', { ...settings, ...engine, key: engine.name });
            open.push({ ...engine, info });
        } catch (error) {
            /* Not every package and machine has every precision; the others must work. */
            if (engine.kind !== 'fleck' || engine.precision === 'f32') throw error;
            bench.note(`${engine.name} is left out: ${error.message}`);
        }
    }
    await bench.warmUp(open.map(each => each.name));
    const cosines = new Map();
    for (const { name } of open)
        cosines.set(name, await peers('compareTokens', name, { models: paths.models, model }));
    const f32 = cosines.get('fleck f32');
    const used = open.filter(({ kind, precision, name }) => {
        const same =
            kind === 'fleck' && precision !== 'f32' && cosines.get(name).hash === f32.hash;
        if (same) bench.note(`${name} is left out: this package computes the same as for f32`);
        return !same;
    });

    const times = await bench.interleave(used.map(each => each.name), rounds);
    await peers('closeAll');
    const flop = countFlop(sizesOf(model));
    const results = used.map(({ name, kind, precision, info }) => {
        const { mean, worst } = cosines.get(name);
        if (!(mean >= COSINE_MIN[precision]))
            bench.fail(
                `${NAMES[model]}, ${threads} thread(s), ${name}: mean cosine ${mean.toFixed(6)} ` +
                    `to PyTorch's tokens is below ${COSINE_MIN[precision]}`,
            );
        return { kind, info, cosine: { mean, worst }, ...measured(name, times.get(name), flop) };
    });
    const pairs = ratios(
        results.filter(each => each.kind === 'fleck'),
        results.filter(each => each.kind === 'ort'),
    );
    const title = `${NAMES[model]}, ${threads} thread${threads > 1 ? 's' : ''}, ${rounds} rounds`;
    console.log(describe(title, results, pairs));
    return { model, threads, rounds, gflop: flop / 1e9, engines: results, ratios: pairs };
}

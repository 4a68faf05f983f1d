/** The step of bench.mjs that measures networks. */
import { describe, measured, plural, ratios } from './report.mjs';

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
].map((engine) => ({ ...engine, name: `${engine.kind} ${engine.precision}` }));

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
    const used = [];
    const seen = new Map(); /* from a hash of the tokens to fleck's first precision with them */
    for (const engine of ENGINES) {
        const { kind, precision, name } = engine;
        let info;
        try {
            info = await peers('open', { ...settings, ...engine, key: name });
        } catch (error) {
            if (kind !== 'fleck' || precision === 'f32') throw error;
            bench.note(`${name} is left out: ${/** @type {Error} */ (error).message}`);
            continue;
        }
        await peers('run', name);
        const { hash, ...cosine } = await peers('compareTokens', name, settings);
        if (kind === 'fleck' && seen.has(hash)) {
            bench.note(`${name} is left out: here it computes the same as ${seen.get(hash)}`);
            await peers('close', name);
            continue;
        }
        if (kind === 'fleck') seen.set(hash, name);
        used.push({ ...engine, info, cosine });
    }
    const names = used.map((each) => each.name);
    await bench.warmUp(names);
    const times = await bench.interleave(names, rounds);
    for (const name of names) await peers('close', name);

    const flop = countFlop(sizesOf(model));
    const title = `${NAMES[model]}, ${plural(threads, 'thread')}, ${plural(rounds, 'round')}`;
    const results = used.map(({ name, kind, precision, info, cosine }) => {
        if (!(cosine.mean >= COSINE_MIN[precision]))
            bench.fail(
                `${title}, ${name}: mean cosine ${cosine.mean.toFixed(6)} to PyTorch's ` +
                    `tokens is below ${COSINE_MIN[precision]}`,
            );
        return { kind, info, cosine, ...measured(name, times[name], flop) };
    });
    const pairs = ratios(
        results.filter((each) => each.kind === 'fleck'),
        results.filter((each) => each.kind === 'ort'),
    );
    console.log(describe(title, results, pairs));
    return { model, threads, rounds, gflop: flop / 1e9, engines: results, ratios: pairs };
}

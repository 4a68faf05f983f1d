/** The step of bench.mjs that measures nearest-neighbour search. */
import { describe, measured, plural, ratios } from './report.mjs';

export const SETS = ['gaussian', 'clustered'];

/* Modules of bench_nn.c. */
const BUILDS = { fleck: 'bench-nn', 'fleck-relaxed': 'bench-nn-relaxed' };
const FLECK = Object.keys(BUILDS);

/* onnxruntime-web answers so many queries, and its time is scaled up: its product with all of
 * them would take 2 GB. */
const CHUNK = 784;

/* What sums of some hundred squares in float32 can round: by so much of a squared distance,
 * two rows count as equally near. */
const TIE = 1e-5;

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {string} set
 * @param {number} threads
 * @param {number} rounds
 */
export async function benchSearch(bench, set, threads, rounds) {
    const { peers, paths } = bench;
    const sizes = bench.sizesOf(`nn-${set}`);
    const settings = { ...paths, set, sizes, threads, chunk: CHUNK };
    /** @type {Record<string, {buildMs: number}>} */
    const info = {};
    for (const [key, build] of Object.entries(BUILDS))
        info[key] = await peers('open', { ...settings, kind: 'fleck-search', build, key });
    await peers('open', { ...settings, kind: 'ort-search', key: 'ort' });
    await bench.warmUp(FLECK, 1); /* they alone run for seconds */
    await bench.warmUp(['ort']);
    const times = await bench.interleave([...FLECK, 'ort'], rounds);
    /** @type {Record<string, any>} */
    const agreement = {};
    for (const key of FLECK) agreement[key] = await peers('compareNearest', key, 'ort', settings);
    for (const key of Object.keys(times)) await peers('close', key);

    const flop = 2 * sizes.queries * sizes.rows * sizes.dim;
    const scale = sizes.queries / CHUNK;
    const ours = FLECK.map((key) => measured(key, times[key], flop));
    const theirs = [
        measured(
            'ort',
            times.ort.map((ms) => ms * scale),
            flop,
        ),
    ];
    const results = [...ours, ...theirs];
    const pairs = ratios(ours, theirs);
    const { queries, rows, dim } = sizes;
    console.log(
        describe(
            `nearest of ${rows} ${set} rows for ${queries} queries of ${dim}, ` +
                `${plural(threads, 'thread')}, ${plural(rounds, 'round')}; ` +
                `ort: ${CHUNK} queries, times ${scale}`,
            results,
            pairs,
        ),
    );
    for (const key of FLECK) {
        const { compared, differing, fleckFarther, otherFarther } = agreement[key];
        console.log(
            `${key} made the rows searchable in ${info[key].buildMs.toFixed(0)} ms (not counted); ` +
                `of ${compared} queries ${differing} got another row: ` +
                `at most ${fleckFarther.toExponential(1)} farther by fleck, ` +
                `${otherFarther.toExponential(1)} by ort (of the squared distance)`,
        );
        if (!(fleckFarther <= TIE))
            bench.fail(`nn ${set}: ${key} names a row that is farther than onnxruntime-web's`);
    }
    const setting = { set, sizes, threads, rounds, chunk: CHUNK };
    return { ...setting, info, agreement, engines: results, ratios: pairs };
}

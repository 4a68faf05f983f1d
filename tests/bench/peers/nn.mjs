/** The step of bench.mjs that measures nearest-neighbour search. */
import { describe, measured, plural, ratios } from './report.mjs';

export const SETS = ['gaussian', 'clustered'];

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
    const info = await peers('open', { ...settings, kind: 'fleck-search', key: 'fleck' });
    await peers('open', { ...settings, kind: 'ort-search', key: 'ort' });
    await bench.warmUp(['fleck'], 1); /* it alone runs for seconds */
    await bench.warmUp(['ort']);
    const times = await bench.interleave(['fleck', 'ort'], rounds);
    const agreement = await peers('compareNearest', 'fleck', 'ort', settings);
    for (const key of Object.keys(times)) await peers('close', key);

    const flop = 2 * sizes.queries * sizes.rows * sizes.dim;
    const scale = sizes.queries / CHUNK;
    const results = [
        measured('fleck', times.fleck, flop),
        measured('ort', times.ort.map(ms => ms * scale), flop),
    ];
    const pairs = ratios(results.slice(0, 1), results.slice(1));
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
    console.log(
        `fleck made the rows searchable in ${info.buildMs.toFixed(0)} ms (not counted); ` +
            `of ${agreement.compared} queries ${agreement.differing} got another row: ` +
            `at most ${agreement.fleckFarther.toExponential(1)} farther by fleck, ` +
            `${agreement.otherFarther.toExponential(1)} by ort (of the squared distance)`,
    );
    if (!(agreement.fleckFarther <= TIE))
        bench.fail(`nn ${set}: fleck names a row that is farther than onnxruntime-web's`);
    const setting = { set, sizes, threads, rounds, chunk: CHUNK };
    return { ...setting, ...info, agreement, engines: results, ratios: pairs };
}

/** Numbers of bench.mjs as tables for people. */

/** @param {number[]} values */
export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** @param {number} count @param {string} thing */
export const plural = (count, thing) => `${count} ${thing}${count > 1 ? 's' : ''}`;

/**
 * @param {string} name
 * @param {number[]} times in milliseconds
 * @param {number} flop of a run
 */
export function measured(name, times, flop) {
    const typical = median(times);
    return { name, ms: typical, min: Math.min(...times), gflops: flop / typical / 1e6, times };
}

/**
 * How many times as long each engine of the other kind takes.
 * @param {{name: string, ms: number}[]} ours
 * @param {{name: string, ms: number}[]} others
 */
export function ratios(ours, others) {
    return ours.flatMap(({ name: fleck, ms }) =>
        others.map(({ name: ort, ms: theirs }) => ({ fleck, ort, ratio: theirs / ms })),
    );
}

/** @param {string[][]} rows the first column to the left, the others to the right */
function table(rows) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    return rows
        .map((row) =>
            row
                .map((cell, i) => (i ? cell.padStart(widths[i] + 2) : cell.padEnd(widths[0])))
                .join('')
                .trimEnd(),
        )
        .join('\n');
}

/**
 * @param {string} title
 * @param {any[]} engines as measured(), some with a cosine
 * @param {{fleck: string, ort: string, ratio: number}[]} pairs
 */
export function describe(title, engines, pairs) {
    const others = [...new Set(pairs.map((pair) => pair.ort))];
    const cosines = engines.some((each) => each.cosine);
    const head = ['', 'median ms', 'min ms', 'GFLOP/s', ...others.map((name) => `${name} / this`)];
    if (cosines) head.push('cosine mean', 'worst');
    const body = engines.map((each) => [
        each.name,
        each.ms.toFixed(1),
        each.min.toFixed(1),
        each.gflops.toFixed(1),
        ...others.map((ort) => {
            const pair = pairs.find((p) => p.fleck === each.name && p.ort === ort);
            return pair ? `${pair.ratio.toFixed(2)}x` : '';
        }),
        ...(cosines ? [each.cosine.mean.toFixed(6), each.cosine.worst.toFixed(6)] : []),
    ]);
    return `\n${title}\n${table([head, ...body])}`;
}

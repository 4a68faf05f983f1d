/**
 * node scripts/quality/marks.mjs FOLDER...
 *
 * Simulates an inspector. Each FOLDER is of split_dataset.py: photos in train/good, good or not, and
 * train_labels.csv. Half of the photos can be marked, one after the other what proposeMarks names
 * next, by its label; the other half is measured after 0, 2, 5 and 10 marks, so that what is left
 * unmarked does not change. Means of four splits, the photos of even and odd numbers, and of the
 * first and second of every two pairs; then of all folders. Prints image AUROC, AP, F1 of the
 * verdicts at the detector's threshold and at the proposed one, and the best threshold's F1.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Detector } from '../../build/package/node.js';

const STEPS = [0, 2, 5, 10];
const SPLITS = [
    (/** @type {number} */ i) => i % 2 === 0,
    (/** @type {number} */ i) => i % 2 === 1,
    (/** @type {number} */ i) => i % 4 < 2,
    (/** @type {number} */ i) => i % 4 >= 2,
];
const backbone = fileURLToPath(new URL('../../models/fleck-tiny.safetensors', import.meta.url));

/** @param {number[]} scores @param {boolean[]} odd */
function auroc(scores, odd) {
    let [sum, pairs] = [0, 0];
    scores.forEach((a, i) =>
        scores.forEach((b, j) => {
            if (!odd[i] || odd[j]) return;
            pairs++;
            sum += a > b ? 1 : a === b ? 0.5 : 0;
        }),
    );
    return sum / pairs;
}

/** @param {number[]} scores @param {boolean[]} odd */
function averagePrecision(scores, odd) {
    const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
    let [found, sum] = [0, 0];
    order.forEach((i, rank) => {
        if (odd[i]) sum += ++found / (rank + 1);
    });
    return sum / found;
}

/** @param {number[]} scores @param {boolean[]} odd @param {number} threshold */
function f1(scores, odd, threshold) {
    const called = scores.map((score) => score >= threshold);
    const right = called.filter((is, i) => is && odd[i]).length;
    const wrong = called.filter(Boolean).length + odd.filter(Boolean).length;
    return wrong ? (2 * right) / wrong : 1;
}

/** @param {string} folder */
async function measure(folder) {
    const files = readdirSync(join(folder, 'train/good')).sort();
    const labels = new Map(
        readFileSync(join(folder, 'train_labels.csv'), 'utf8')
            .trim()
            .split('\n')
            .slice(1)
            .map((line) => /** @type {[string, string]} */ (line.split(',').slice(0, 2))),
    );
    const odd = files.map((name) => labels.get(name) !== 'good');
    const detector = await Detector.create();
    await detector.loadBackbone(readFileSync(backbone));
    const read = (/** @type {string} */ name) => readFileSync(join(folder, 'train/good', name));
    await detector.add(files.map((name) => new Blob([read(name)])));
    await detector.train();
    const sums = STEPS.map(() => [0, 0, 0, 0, 0]);
    let [followed, follows] = [0, 0];
    for (const isMarked of SPLITS) {
        await detector.clearMarks();
        const measured = files.map((_, i) => i).filter((i) => !isMarked(i));
        const truth = measured.map((i) => odd[i]);
        for (let marks = 0; ; marks++) {
            const began = performance.now();
            const all = (await detector.scoreFolder({})).map(({ score }) => score ?? 0);
            if (marks) [followed, follows] = [followed + performance.now() - began, follows + 1];
            const at = STEPS.indexOf(marks);
            if (at >= 0) {
                const scores = measured.map((i) => all[i]);
                const { threshold } = await detector.reviewMarks();
                [
                    auroc(scores, truth),
                    averagePrecision(scores, truth),
                    f1(scores, truth, detector.threshold),
                    f1(scores, truth, threshold),
                    Math.max(...scores.map((score) => f1(scores, truth, score))),
                ].forEach((value, k) => (sums[at][k] += value / SPLITS.length));
            }
            if (marks === STEPS[STEPS.length - 1]) break;
            const next = (await detector.proposeMarks(files.length)).find(isMarked);
            if (next === undefined) throw new Error(`${folder}: nothing is left to be marked`);
            await detector.mark(next, odd[next] ? 'defect' : 'good');
        }
    }
    detector.close();
    print(`${basename(folder)} (${Math.round(followed / follows)} ms)`, sums);
    return sums;
}

/** @param {string} name @param {number[][]} rows */
function print(name, rows) {
    const cells = rows.map(
        ([a, p, f, g, best]) =>
            `${a.toFixed(3)} ${p.toFixed(3)} ${f.toFixed(2)} ${g.toFixed(2)} / ${best.toFixed(2)}`,
    );
    console.log(`| ${name} | ${cells.join(' | ')} |`);
}

const folders = process.argv.slice(2);
console.log(
    `| AUROC, AP, F1, proposed F1 / best | ${STEPS.map((n) => `${n} marks`).join(' | ')} |`,
);
console.log(`|---|${STEPS.map(() => '---|').join('')}`);
const mean = STEPS.map(() => [0, 0, 0, 0, 0]);
for (const folder of folders)
    (await measure(folder)).forEach((row, at) =>
        row.forEach((value, k) => (mean[at][k] += value / folders.length)),
    );
print('mean', mean);

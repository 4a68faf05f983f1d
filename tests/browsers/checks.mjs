/** What the page must do in every browser. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportedScores, press, reach, ready, runsAs, SHOTS } from './site.mjs';

/** @typedef {import('./site.mjs').Tab} Tab */

const VISITS = 4;
const PROMPT_MS = 10_000; /* a visit on a busy machine; what hangs takes a minute or for ever */

/**
 * Visits again and again, also when the service worker is at work: none hangs.
 * @param {Tab} tab
 * @param {string} url
 */
export async function visits(tab, url) {
    for (let visit = 1; visit <= VISITS; visit++) {
        const began = performance.now();
        await tab.open(url);
        await ready(tab);
        const took = performance.now() - began;
        assert.ok(took < PROMPT_MS, `visit ${visit} took ${Math.round(took)} ms`);
        /* it is registered when the detector's threads are there, asleep */
        await tab.evaluate(() => navigator.serviceWorker.ready.then(() => 1));
        await sleep(500);
    }
    assert.ok(await tab.evaluate(() => Boolean(navigator.serviceWorker.controller)));
    /* what the next visit cut short */
    const others = tab.errors.filter(error => !/A ServiceWorker intercepted/.test(error));
    tab.errors.splice(0, Infinity, ...others);
}

/**
 * The sample job, from the click to the exported scores, which come in the right order.
 * @param {Tab} tab
 * @param {string} downloads
 * @param {string} shot a name for the screenshot
 */
export async function sampleJob(tab, downloads, shot) {
    await press(tab, 'Try the sample photos');
    await reach(tab, 'result');
    const rows = await exportedScores(tab, downloads);
    await mkdir(SHOTS, { recursive: true });
    await tab.screenshot(join(SHOTS, `${shot}.png`));
    assert.equal(rows.length, 60);
    rows.slice(1).forEach(({ score }, i) => assert.ok(rows[i].score >= score, 'highest first'));
    const defective = rows.map(({ file }) => /^test\/(?!good\/)/.test(file));
    assert.deepEqual(
        defective.flatMap((is, at) => (is ? [at] : [])),
        [0, 1, 2, 3, 4, 5],
        'the six defective photos come first',
    );
    return rows;
}

/** @param {Tab} tab @param {boolean} isolated */
export async function usesThreads(tab, isolated) {
    assert.equal(await tab.evaluate(() => crossOriginIsolated), isolated);
    const { variant, workers, threads } = await runsAs(tab);
    const cores = availableParallelism();
    if (isolated) assert.deepEqual([variant, workers], ['threads', 1]);
    else assert.deepEqual([variant, threads], ['simd', 1]);
    assert.equal(isolated ? threads : workers, Math.min(cores, isolated ? 16 : 8));
}

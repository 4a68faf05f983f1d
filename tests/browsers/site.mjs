/**
 * The built page in browsers that Playwright does not drive as their makers build them. What a
 * test needs of a browser is the type Tab; firefox.mjs and webkit.mjs have it.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serve } from '../../scripts/serve.mjs';

/**
 * A browser with one tab and nothing kept from others.
 * @typedef {object} Tab
 * @property {string[]} errors that the page has shown so far
 * @property {(address: string) => Promise<void>} open
 * @property {() => Promise<void>} reload
 * @property {(run: (...args: any[]) => any, ...args: any[]) => Promise<any>} evaluate runs in the
 *     page, waits for promises
 * @property {(css: string) => Promise<void>} click as the user does
 * @property {(css: string, paths: string[]) => Promise<void>} setFiles of an input
 * @property {(path: string) => Promise<void>} screenshot
 * @property {() => Promise<void>} close
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SITE = process.env.FLECK_SITE || join(ROOT, 'build/site');
export const SHOTS = join(ROOT, 'build/screenshots');
export const PATIENCE = 180_000; /* ms for whatever is waited for, on two slow and busy cores */
const WORK = 600_000; /* ms for reading and learning on such */

/**
 * Runs a test with a tab of its own on the page.
 * @template {Tab} T
 * @param {(downloads: string) => Promise<T>} openTab
 * @param {{isolation?: boolean, host?: string, folder?: string}} options host: a name that the
 *     browser takes for another machine's
 * @param {(site: {tab: T, url: string, downloads: string, down: () => Promise<void>}) =>
 *     Promise<void>} run down: the network is gone
 */
export async function withPage(
    openTab,
    { isolation = true, host = '127.0.0.1', folder = SITE },
    run,
) {
    if (!existsSync(join(SITE, 'fleck/index.js')))
        throw new Error(`${SITE} is not built; scripts/demo.sh builds it`);
    const downloads = await mkdtemp(join(tmpdir(), 'fleck-'));
    const server = await serve(folder, { isolation });
    try {
        const tab = await openTab(downloads);
        try {
            const url = server.url.replace('127.0.0.1', host);
            await tab.open(url);
            await run({ tab, url, downloads, down: server.close });
            assert.deepEqual(tab.errors, [], 'the page reports no errors');
        } finally {
            await tab.close();
        }
    } finally {
        await server.close();
        await rm(downloads, { recursive: true, maxRetries: 20, retryDelay: 200 });
    }
}

/**
 * Waits until a function that runs in the page returns something.
 * @param {Tab} tab
 * @param {string} what for the message
 * @param {(...args: any[]) => any} look
 * @param {any[]} [args]
 */
export async function until(tab, what, look, args = [], patience = PATIENCE) {
    for (const end = performance.now() + patience; performance.now() < end; await sleep(50)) {
        const found = await tab.evaluate(look, ...args);
        if (found) return found;
    }
    const shown = await tab.evaluate(() => document.body.innerText);
    throw new Error(`waited ${patience / 1000} s for ${what}; the page shows: ${shown}`);
}

/** Sample photos, as paths. @param {number} good how many without a defect @param {number} [defective] */
export async function samplePhotos(good, defective = 0) {
    const samples = join(SITE, 'samples');
    const { photos } = JSON.parse(await readFile(join(samples, 'index.json'), 'utf8'));
    const isGood = (/** @type {string} */ path) => path.includes('/good/');
    return [
        ...photos.filter(isGood).slice(0, good),
        ...photos.filter((/** @type {string} */ path) => !isGood(path)).slice(0, defective),
    ].map((/** @type {string} */ path) => join(samples, path));
}

/** The page is there to be used. @param {Tab} tab */
export function ready(tab) {
    return until(tab, 'the start page', () => {
        const heading = document.querySelector('.start h1');
        return heading instanceof HTMLElement && heading.offsetParent !== null;
    });
}

/** @param {Tab} tab @param {string} phase */
export async function reach(tab, phase) {
    const reached = (/** @type {string} */ wanted) => document.body.dataset.phase === wanted;
    await until(tab, `the phase ${phase}`, reached, [phase], WORK);
}

/** Clicks a button that is seen, by its words. @param {Tab} tab @param {string} words */
export async function press(tab, words) {
    const mark = (/** @type {string} */ wanted) => {
        document.querySelector('[data-press]')?.removeAttribute('data-press');
        const buttons = [...document.querySelectorAll('button, summary')];
        const found = buttons.find(
            (each) =>
                each instanceof HTMLElement &&
                each.offsetParent !== null &&
                (each.textContent?.trim() === wanted || each.ariaLabel === wanted),
        );
        found?.setAttribute('data-press', '');
        return Boolean(found);
    };
    await until(tab, `the button ${words}`, mark, [words]);
    await tab.click('[data-press]');
}

/** What the page's settings say of the module that runs. @param {Tab} tab */
export async function runsAs(tab) {
    await press(tab, 'Settings');
    const [, variant, workers, threads] = await until(tab, 'what runs', () =>
        /“(\w+)” with (\d+) × (\d+)/.exec(document.querySelector('.about')?.textContent ?? ''),
    );
    await press(tab, 'Cancel');
    return { variant, workers: Number(workers), threads: Number(threads) };
}

/**
 * The rows of the CSV that the page exports.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function exportedScores(tab, downloads) {
    await press(tab, 'Export');
    await press(tab, 'Scores (CSV)');
    const text = await saved(downloads, 'scores.csv');
    const [head, ...lines] = text.toString('utf8').trimEnd().split('\r\n');
    assert.match(head, /^file,score,verdict(,area)?(,mark)?$/);
    return lines.map((line) => {
        const [file, score, verdict] = line.split(',');
        return { file, score: Number(score), verdict };
    });
}

/** A file that the page handed out, whole. @param {string} downloads @param {string} name */
export async function saved(downloads, name) {
    for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(50)) {
        const names = await readdir(downloads);
        if (!names.includes(name) || names.some((each) => each.endsWith('.part'))) continue;
        const bytes = await readFile(join(downloads, name));
        if (!bytes.length) continue;
        await rm(join(downloads, name));
        return bytes;
    }
    throw new Error(`${name} was not downloaded`);
}

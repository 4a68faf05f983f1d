/**
 * From a visit to the page that can be used, in headless Chromium:
 *
 *     npm run bench:visits -- [--rounds 5]
 *
 * Milliseconds, in turns: a first visit; the next one, whose files the browser keeps; and the next
 * one where the server takes the connection and never answers. Needs `npm ci --ignore-scripts` and
 * build/site (scripts/demo.sh builds it).
 */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';
import { startFront } from '../e2e/front.mjs';

const SITE = fileURLToPath(new URL('../../build/site/', import.meta.url));

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

const server = await serve(SITE);
const front = await startFront();
const browser = await launch();
const taken = /** @type {Record<string, number[]>} */ ({ first: [], second: [], unanswered: [] });

/** @param {import('playwright-core').Page} page @param {string} visit */
async function visit(page, visit) {
    const began = performance.now();
    await page.goto(front.url);
    await page.locator('body[data-phase="start"]').waitFor();
    await page.getByRole('button', { name: 'Try the sample photos' }).waitFor();
    taken[visit].push(performance.now() - began);
}

try {
    for (let round = 0; round < Number(values.rounds); round++) {
        const context = await browser.newContext();
        const page = await context.newPage();
        front.site = server.url;
        await visit(page, 'first');
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
        await visit(page, 'second');
        front.site = '';
        await visit(page, 'unanswered');
        await context.close();
    }
} finally {
    await browser.close();
    await front.close();
    await server.close();
}

console.log(`${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`);
for (const [name, ms] of Object.entries(taken)) {
    const sorted = ms.map(Math.round).sort((a, b) => a - b);
    console.log(
        `${name.padEnd(12)} median ${sorted[sorted.length >> 1]} ms, most ${sorted.at(-1)} ms`,
    );
}

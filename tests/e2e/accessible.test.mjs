/** Everybody can use the page: axe finds nothing, keys reach all, forced colours show all. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { drop, openSite, reach, samplePaths, SAMPLES, SHOTS } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FAKE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const BUSY = ['reading', 'learning', 'scoring'];

/** Runs in the page: each violation and where it is, and how many rules found nothing wrong. */
async function violations() {
    const { violations, passes } = await /** @type {any} */ (globalThis).axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'label-content-name-mismatch': { enabled: true } },
    });
    return {
        passed: passes.length,
        found: violations.map(
            (
                /** @type {{id: string, nodes: {target: string[], failureSummary: string}[]}} */ each,
            ) =>
                `${each.id}: ${each.nodes
                    .slice(0, 3)
                    .map(({ target, failureSummary }) => `${target} (${failureSummary})`)
                    .join(' | ')}`,
        ),
    };
}

/**
 * At both widths, light and dark.
 * @param {Page} page
 * @param {string} state
 */
async function isAccessible(page, state) {
    await page.evaluate(AXE);
    for (const width of [1280, 360])
        for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
            await page.setViewportSize({ width, height: 800 });
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            const { found, passed } = await page.evaluate(violations);
            assert.deepEqual(found, [], `${state}, ${width} wide, ${colorScheme}`);
            assert.ok(passed > 10, `${state}: ${passed} rules`);
        }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light' });
}

describe('a page for everybody', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    let defect = '';
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite({ flags: FAKE });
        const dent = (await samplePaths()).find((/** @type {string} */ path) =>
            path.includes('dent'),
        );
        defect = join(SAMPLES, dent);
    });
    after(() => site.stop());

    test('has no violation of WCAG 2.2 AA in any state', async () => {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await isAccessible(page, 'start');

        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'reading');
        await page.getByRole('progressbar').waitFor();
        await isAccessible(page, 'reading');
        const phase = await page.evaluate(() => document.body.dataset.phase);
        assert.ok(BUSY.includes(String(phase)), 'it was still at work');
        await reach(page, 'result');
        await isAccessible(page, 'result');
        await page.locator('.summary summary').first().click();
        await isAccessible(page, 'menu');
        await page.keyboard.press('Escape');

        await drop(page, [defect]);
        await page.getByText('These photos are here already.').waitFor();
        await isAccessible(page, 'notice');
        await page.getByRole('listbox').press('Enter');
        await page.locator('.viewer.large').waitFor();
        await isAccessible(page, 'large view');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByText(/^Runs as WebAssembly/).waitFor();
        await isAccessible(page, 'settings');
        await page.keyboard.press('Escape');

        await page.evaluate(() =>
            Object.assign(window, {
                showDirectoryPicker: async () =>
                    (await navigator.storage.getDirectory()).getDirectoryHandle('new', {
                        create: true,
                    }),
            }),
        );
        await page.locator('.summary summary', { hasText: 'New' }).click();
        await page.getByRole('button', { name: 'Watch a folder…' }).click();
        await page.getByRole('heading', { name: 'Watching new' }).waitFor();
        await isAccessible(page, 'watched folder');
        await page.getByRole('button', { name: 'Stop watching' }).click();

        await page.locator('.summary summary', { hasText: 'New' }).click();
        await page.getByRole('button', { name: 'Use a camera…' }).click();
        await page.getByText(/pictures a second/).waitFor();
        await isAccessible(page, 'camera');
        await page.getByRole('button', { name: 'Stop watching' }).click();

        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByRole('heading', { name: 'Your jobs on this device' }).waitFor();
        await isAccessible(page, 'start with jobs');
        await page.getByRole('button', { name: 'Delete Sample photos' }).click();
        await page.getByRole('heading', { name: 'Delete Sample photos?' }).waitFor();
        await isAccessible(page, 'question');
        await close();
    });
});

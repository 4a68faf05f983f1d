/** No error goes unseen: whatever a handler throws becomes a sentence on the page. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { becomes, choose, drop, goodFiles, openSite, reach, SITE } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const BROKEN = /broken on purpose/;

describe('an error that nobody expects', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite();
    });
    after(() => site.stop());

    /**
     * In a page where something throws, the page says so and stays of use.
     * @param {() => void} breakIt runs in the page
     * @param {(page: Page) => Promise<unknown>} act
     * @param {boolean} [withResult] first the page judges some photos
     */
    async function isSaid(breakIt, act, withResult = false) {
        const { page, close } = await site.open();
        if (withResult) {
            await choose(page, await goodFiles(6));
            await reach(page, 'result');
        } else await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await page.evaluate(breakIt);
        await act(page);
        const notice = page.getByText(/^Something went wrong: .*broken on purpose\. What was done/);
        await notice.waitFor();
        await page.evaluate(() => /** @type {any} */ (window).repair?.());
        assert.equal(await notice.count(), 1, 'once');
        await page.getByRole('button', { name: 'Close this message' }).first().click();
        await notice.waitFor({ state: 'hidden' });
        await close(BROKEN);
    }

    test('in a drop', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
        await writeFile(join(folder, 'a.png'), 'a');
        await isSaid(
            () => {
                DataTransferItem.prototype.webkitGetAsEntry = () => {
                    throw new Error('broken on purpose');
                };
            },
            (page) => drop(page, [folder]),
        );
        await rm(folder, { recursive: true });
    });

    test('while dropped files are sorted out', () =>
        isSaid(
            () => {
                Object.defineProperty(Intl.Collator.prototype, 'compare', {
                    get() {
                        throw new Error('broken on purpose');
                    },
                });
            },
            async (page) => choose(page, await goodFiles(2)),
        ));

    test('when photos are chosen', () =>
        isSaid(
            () => {
                Object.defineProperty(HTMLInputElement.prototype, 'files', {
                    get() {
                        throw new Error('broken on purpose');
                    },
                });
            },
            async (page) => choose(page, await goodFiles(2)),
        ));

    test('behind a button', () =>
        isSaid(
            () => {
                HTMLDialogElement.prototype.showModal = () => {
                    throw new Error('broken on purpose');
                };
            },
            (page) => page.getByRole('button', { name: 'Settings' }).click(),
        ));

    test('in what a button began', () =>
        isSaid(
            () => {
                Worker.prototype.postMessage = () => {
                    throw new Error('broken on purpose.');
                };
            },
            (page) => page.getByRole('button', { name: 'Save model' }).click(),
            true,
        ));

    test('in an export', () =>
        isSaid(
            () => {
                URL.createObjectURL = () => {
                    throw new Error('broken on purpose');
                };
            },
            async (page) => {
                await page.locator('.summary summary', { hasText: 'Export' }).click();
                await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
            },
            true,
        ));

    test('in keys and in what is drawn', () =>
        isSaid(
            () => {
                const { setProperty } = CSSStyleDeclaration.prototype;
                Object.assign(window, {
                    repair: () => (CSSStyleDeclaration.prototype.setProperty = setProperty),
                });
                CSSStyleDeclaration.prototype.setProperty = () => {
                    throw new Error('broken on purpose');
                };
            },
            (page) => page.keyboard.press('Space'),
            true,
        ));
});

describe('a page whose script does not come', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite();
    });
    after(() => site.stop());

    /** @param {Page} page */
    const shown = (page) =>
        page.evaluate(() => {
            const main = /** @type {Element} */ (document.querySelector('main'));
            const { content, visibility } = getComputedStyle(main, '::after');
            return visibility === 'visible' && content;
        });

    /** @param {Page} page @param {RegExp} words */
    const says = (page, words) =>
        becomes(async () => words.test(String(await shown(page))), true, 'it is said');

    test('says so', async () => {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        assert.doesNotMatch(String(await shown(page)), /has not started/);
        await page.route('**/main.js', (route) => route.abort());
        await page.reload();
        await says(page, /has not started.* reload the page/);
        await close(/ERR_FAILED/);
    });

    test('because it was opened as a file says what to do', async () => {
        const { page, close } = await site.open();
        await page.goto(pathToFileURL(join(SITE, 'index.html')).href);
        await says(page, /Opened as a file .* has to come from a web server/);
        await close(/main\.js|ERR_FAILED/);
    });
});

describe('of an export of heatmaps', () => {
    test('a photo that is gone is named, and the others are there', async () => {
        const site = await openSite();
        const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
        try {
            const { page, close } = await site.open();
            for (const { name, buffer } of await goodFiles(6))
                await writeFile(join(folder, name), buffer);
            await page.getByText('Drop a folder of photos here').waitFor();
            await drop(page, [folder]);
            await reach(page, 'result');
            const [{ name }] = await goodFiles(1);
            await rm(join(folder, name));
            const download = page.waitForEvent('download');
            await page.locator('.summary summary', { hasText: 'Export' }).click();
            await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
            await download;
            const note = /^These photos could not be read and are missing: fleck-\w+\/[^,]+\.$/;
            await page.getByText(note).waitFor();
            await close();
        } finally {
            await site.stop();
            await rm(folder, { recursive: true });
        }
    });
});

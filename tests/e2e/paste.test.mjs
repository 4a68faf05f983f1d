/** What is pasted is taken as what is dropped. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { choose, exportedScores, goodFiles, openSite, reach } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Pastes files, as after they were copied in a file manager.
 * @param {Page} page
 * @param {{name: string, mimeType: string, buffer: Buffer}[]} files
 * @param {string} [into] an element; by default what has the focus
 */
async function paste(page, files, into = ':focus, body') {
    const given = files.map(({ name, mimeType, buffer }) => ({
        name,
        type: mimeType,
        base64: buffer.toString('base64'),
    }));
    await page
        .locator(into)
        .last()
        .evaluate((element, all) => {
            const clipboardData = new DataTransfer();
            for (const { name, type, base64 } of all) {
                const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
                clipboardData.items.add(new File([bytes], name, { type }));
            }
            element.dispatchEvent(
                new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
            );
        }, given);
}

describe('what is pasted', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite();
    });
    after(() => site.stop());

    test('is a job of files with their names, to which pictures come that have none', async () => {
        const { page, close } = await site.open();
        await page.getByText('Drop a folder of photos here').waitFor();
        const photos = await goodFiles(8);
        await paste(page, photos.slice(0, 6));
        await reach(page, 'result');
        assert.deepEqual(
            (await exportedScores(page)).map(({ file }) => file).sort(),
            photos
                .slice(0, 6)
                .map(({ name }) => name)
                .sort(),
        );

        const title = 'input[aria-label="Name of this job"]';
        await paste(page, photos.slice(6), title); /* a text field takes no photos */
        const question = page.getByRole('dialog', { name: 'What are these photos for?' });
        await page.waitForTimeout(500);
        assert.equal(await question.isVisible(), false);
        const pictures = photos.slice(6).map((photo) => ({ ...photo, name: 'image.jpeg' }));
        await paste(page, pictures);
        await question.getByRole('button', { name: 'Judge them' }).click();
        await page.getByRole('button', { name: 'New 2' }).waitFor();
        await reach(page, 'result');
        const names = (await exportedScores(page)).map(({ file }) => file);
        const pasted = names.filter((name) => name.startsWith('pasted')).sort();
        assert.equal(pasted.length, 2);
        assert.match(pasted[0], /^pasted \d\d\.\d\d\.\d\d \(2\)\.jpeg$/);
        assert.match(pasted[1], /^pasted \d\d\.\d\d\.\d\d\.jpeg$/);
        await close();
    });

    test('comes from the system, by its keys', async () => {
        const { page, close } = await site.open({
            permissions: ['clipboard-read', 'clipboard-write'],
        });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        /* The page itself may not write there. */
        const other = await page.context().newPage();
        await other.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
        await other.goto(site.url);
        await other.bringToFront();
        await other.evaluate(async () => {
            const canvas = new OffscreenCanvas(336, 320);
            canvas.getContext('2d')?.fillRect(0, 0, 336, 320);
            const png = await canvas.convertToBlob({ type: 'image/png' });
            await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
        });
        await page.bringToFront();
        await page.keyboard.press('Control+v');
        await page.getByRole('button', { name: 'Judge them' }).click();
        await page.getByRole('option', { name: /^pasted \d\d\.\d\d\.\d\d\.png/ }).waitFor();
        await reach(page, 'result');
        await other.bringToFront();
        await other.evaluate(() => navigator.clipboard.writeText('words'));
        await page.bringToFront();
        await page.keyboard.press('Control+v'); /* of no use, and nothing happens */
        await page.waitForTimeout(500);
        assert.equal((await exportedScores(page)).length, 7);
        assert.equal(await page.locator('.notice').count(), 0);
        await close();
    });
});

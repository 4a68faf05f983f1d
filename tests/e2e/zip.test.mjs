/** ZIPs: those that the page writes. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { choose, downloaded, goodFiles, openSite, reach, SHOTS } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Pictures are drawn slowly, so that there is something to see and to stop. */
function slowly() {
    const { convertToBlob } = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.convertToBlob = async function (options) {
        if (options?.type === 'image/png') await new Promise((done) => setTimeout(done, 1000));
        return convertToBlob.call(this, options);
    };
}

/** @param {Page} page */
async function exportHeatmaps(page) {
    await page.getByText('Export', { exact: true }).click();
    await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
}

describe('a ZIP of heatmaps', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
    });
    after(() => site.stop());

    test('tells how far it is, and is not written once it is cancelled', async () => {
        const { page, close } = await site.open({ before: slowly });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        let handed = 0;
        page.on('download', () => handed++);
        await exportHeatmaps(page);
        const task = page.locator('.task', { hasText: 'Drawing the heatmaps' });
        await task.getByText('33 %').waitFor();
        await page.screenshot({ path: join(SHOTS, 'task.png') });
        await task.getByRole('button', { name: 'Cancel' }).click();
        await task.waitFor({ state: 'detached' });
        assert.equal(handed, 0);

        const { bytes } = await downloaded(page, () => exportHeatmaps(page)); /* and once more */
        assert.equal(bytes.readUInt16LE(bytes.length - 12), 6);
        await task.waitFor({ state: 'detached' });
        await close();
    });

    test('is not written of half a job: closing it says so', async () => {
        const { page, close } = await site.open({ before: slowly });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        let handed = 0;
        page.on('download', () => handed++);
        await exportHeatmaps(page);
        await page.locator('.task', { hasText: '16 %' }).waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByText('The job was closed before all of its heatmaps were drawn.').waitFor();
        await page.locator('.task').waitFor({ state: 'detached' });
        assert.equal(handed, 0);
        await close();
    });
});

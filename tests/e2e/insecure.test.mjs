/** Over plain http from another machine, where browsers leave out much. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choose, drop, exportedScores, goodFiles, openKept, openSite, reach } from './site.mjs';

test('over plain http the page works and says what is missing', async () => {
    const site = await openSite({ host: 'fleck.test' });
    const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
    try {
        const { page, close } = await site.open();
        assert.deepEqual(await page.evaluate(() => [isSecureContext, typeof crypto.randomUUID]), [
            false,
            'undefined',
        ]);
        await page
            .getByText(/^Threads are unavailable because this page does not come by https/)
            .waitFor();
        await page.getByRole('button', { name: 'Close this message' }).click();
        for (const { name, buffer } of await goodFiles(6))
            await writeFile(join(folder, name), buffer);
        await drop(page, [folder]);
        await reach(page, 'result');
        const rows = await exportedScores(page);
        assert.equal(rows.length, 6);

        await page.reload(); /* what is kept is there all the same */
        await openKept(page, /6 photos/);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), rows);
        await choose(page, (await goodFiles(7)).slice(6));
        await page.getByRole('heading', { name: /7 photos|new photo/ }).waitFor();

        await page.getByRole('button', { name: 'Settings' }).click();
        await page
            .getByRole('radio', { name: /^DINOv2 ViT-S/ })
            .first()
            .check();
        await page.getByRole('button', { name: /^Download/ }).click();
        await page
            .getByText(/^Only a page that comes by https can check and keep/)
            .first()
            .waitFor();
        await close(/Cross-Origin-Opener-Policy header has been ignored/);
    } finally {
        await site.stop();
        await rm(folder, { recursive: true });
    }
});

/** The table of scores for spreadsheets: a choice that is asked for and remembered. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { choose, downloaded, goodFiles, openKept, openSite, reach, SHOTS } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {string} name */
async function item(page, name) {
    await page.locator('.summary summary', { hasText: 'Export' }).click();
    await page.getByRole('button', { name }).click();
}

test('is plain until the user wants another, which is remembered', async () => {
    mkdirSync(SHOTS, { recursive: true });
    const site = await openSite();
    try {
        const { page, close } = await site.open({ locale: 'fr-FR' });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        const plain = await downloaded(page, () => item(page, 'Scores (CSV)'));
        assert.equal(plain.name, 'scores.csv');
        const rows = plain.bytes.toString();
        assert.match(rows, /^file,score,verdict\r\n[^,]+,0\.\d{6},ok\r\n/);

        const dialog = page.getByRole('dialog', { name: 'Table of scores' });
        await item(page, 'Scores for spreadsheets…');
        await dialog.getByText('in yours mostly semicolons and decimal commas').waitFor();
        await dialog.getByLabel('Between columns').selectOption('Semicolon');
        await dialog.getByLabel('Between columns').press(' '); /* is the list's, not the page's */
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        assert.deepEqual(await downloaded(page, () => item(page, 'Scores (CSV)')), plain);

        await item(page, 'Scores for spreadsheets…');
        assert.equal(await dialog.getByLabel('Between columns').inputValue(), ',');
        await dialog.getByLabel('Between columns').selectOption('Semicolon');
        await dialog.getByLabel('Decimals').selectOption('Comma, as in 0,5');
        await dialog.getByLabel('Begin with a byte order mark').check();
        await page.screenshot({ path: join(SHOTS, 'csv.png') });
        const chosen = await downloaded(page, () =>
            dialog.getByRole('button', { name: 'Export' }).click(),
        );
        const wanted = `\ufeff${rows.replaceAll(',', ';').replace(/0\.(\d{6})/g, '0,$1')}`;
        assert.deepEqual(chosen, { name: 'scores.csv', bytes: Buffer.from(wanted) });

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await downloaded(page, () => item(page, 'Scores (CSV)')), chosen);
        await item(page, 'Scores for spreadsheets…');
        await dialog.getByLabel('Between columns').selectOption('Tab');
        const { name } = await downloaded(page, () =>
            dialog.getByRole('button', { name: 'Export' }).click(),
        );
        assert.equal(name, 'scores.tsv');
        await close();
    } finally {
        await site.stop();
    }
});

/** Long photos on the page: read as tiles, which is told before it takes its time, and kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bmp, pixels } from '../js/fixtures.mjs';
import { choose, exportedScores, openKept, openSite, reach } from './site.mjs';

const TOLD = 'Each photo is looked at as 1 × 3 tiles, which takes 3 times as long';

/** @param {number} i @param {number} width @param {number} height */
const photo = (i, width, height) => ({
    name: `p${i}.bmp`,
    mimeType: 'image/bmp',
    buffer: Buffer.from(bmp(pixels(i, width, height))),
});
/** @param {number[]} numbers */
const long = (numbers) => numbers.map((i) => photo(i, 240, 600));

test('long photos are read as tiles, over a reload too, and settings override it', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        await choose(page, long([1, 2, 3, 4, 5, 6, 7, 10]));
        await page.getByText(TOLD).first().waitFor();
        await reach(page, 'result');
        const scores = await exportedScores(page);
        assert.equal(scores[0].file, 'p10.bmp');

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByText('1 × 3 tiles of 224 × 224 pixels, 1960 patches').waitFor();

        await page.getByLabel('Tiles that a photo becomes').selectOption('1x1');
        await page.getByRole('button', { name: 'Apply' }).click();
        await reach(page, 'reading');
        await reach(page, 'result');
        const whole = await exportedScores(page);
        assert.notDeepEqual(whole, scores);
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByText('A photo becomes 224 × 224 pixels, 784 patches').waitFor();
        assert.equal(await page.getByLabel('Tiles that a photo becomes').inputValue(), '1x1');
        await close();
    } finally {
        await site.stop();
    }
});

test('a folder whose photos turn out to be of another shape is read anew', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        await choose(
            page,
            [1, 2, 3, 4].map((i) => photo(i, 96, 80)),
        );
        await page.getByText('Only 4 of the photos could be used.').first().waitFor();
        await choose(page, long([5, 6, 7, 8, 9]));
        await page.getByText(TOLD).first().waitFor();
        await reach(page, 'result');
        assert.equal(await page.locator('.card').count(), 9);
        await close();
    } finally {
        await site.stop();
    }
});

/** TIFF photos on the page, which no browser but Safari decodes: read, shown, drawn with heatmaps. Those
 * of 16 bits are shown as they are read, PNGs too. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { png, tiff } from '../js/pictures.mjs';
import { choose, downloaded, openKept, openSite, reach, SHOTS } from './site.mjs';

const SIDE = 64;

/** Stripes of 12 of 16 bits, with a white corner. @param {number} seed */
function pixels(seed) {
    let state = (seed * 2654435761) >>> 0;
    return (/** @type {number} */ x, /** @type {number} */ y) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        if (x < 8 && y < 8) return 4095;
        return 1500 + 400 * (((x + y) >> 3) % 2) + (state >>> 25);
    };
}

/** @param {number} seed */
const photo = (seed) => ({
    name: `p${seed}.tif`,
    mimeType: 'image/tiff',
    buffer: tiff(SIDE, SIDE - 16, pixels(seed)),
});

/** Size and mean grey of what an img shows. @param {import('playwright-core').Locator} image */
const look = (image) =>
    image.evaluate(async (/** @type {HTMLImageElement} */ img) => {
        await img.decode();
        const { naturalWidth: width, naturalHeight: height } = img;
        const context = new OffscreenCanvas(width, height).getContext('2d');
        context?.drawImage(img, 0, 0);
        const pixels = context?.getImageData(0, 0, width, height).data ?? [];
        let sum = 0;
        for (let i = 0; i < pixels.length; i += 4) sum += pixels[i];
        return { width, height, mean: sum / (width * height) };
    });

/** Of 12 bits, as 8. */
const isMiddling = (/** @type {number} */ mean) => mean > 95 && mean < 125;

test('TIFFs of 16 bits are read, shown and drawn; a damaged one is named', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        const cut = photo(9);
        cut.buffer = cut.buffer.subarray(0, 3000);
        await choose(page, [...[1, 2, 3, 4, 5, 6].map(photo), { ...cut, name: 'cut.tif' }]);
        await reach(page, 'result');
        await page
            .getByText('16-bit photos: values up to 4,095 are read as 12 bits.')
            .first()
            .waitFor();
        await page
            .locator('.troubles li', { hasText: 'cut.tif: truncated TIFF' })
            .waitFor({ state: 'attached' });
        assert.equal(await page.locator('.card').count(), 6);
        for (const card of await page.locator('.card img').all()) {
            const { width, height, mean } = await look(card);
            assert.deepEqual([width, height], [SIDE, SIDE - 16]);
            assert.ok(isMiddling(mean), `mean ${mean}`);
        }

        await page.locator('.card').first().click();
        const large = page.locator('.viewer-sheet img');
        await page.waitForFunction(
            ([thumb, shown]) => thumb?.src && shown?.src && thumb.src !== shown.src,
            [await page.locator('.card img').first().elementHandle(), await large.elementHandle()],
        );
        const { width, height, mean } = await look(large);
        assert.deepEqual([width, height], [SIDE, SIDE - 16]);
        assert.ok(isMiddling(mean), `mean ${mean}`);
        await mkdir(SHOTS, { recursive: true });
        await page.screenshot({ path: join(SHOTS, 'tiff.png') });

        const { bytes } = await downloaded(page, async () => {
            await page.locator('.summary summary', { hasText: 'Export' }).click();
            await page.getByRole('button', { name: /heatmaps/i }).click();
        });
        const drawn = Object.entries(unzipSync(new Uint8Array(bytes)));
        assert.deepEqual(
            drawn.map(([name]) => name).sort(),
            [1, 2, 3, 4, 5, 6].map((seed) => `p${seed}.png`),
        );

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await page.locator('.card').first().click();
        await choose(page, [
            {
                name: 'p8.png',
                mimeType: 'image/png',
                buffer: png(SIDE, SIDE, pixels(8), { kind: 'grey', depth: 16 }),
            },
            photo(7),
        ]);
        await page.waitForFunction(
            () => document.querySelectorAll('.card img:not([hidden])').length === 8,
        );
        for (const name of ['p7.tif', 'p8.png']) {
            const { mean: grey } = await look(
                page.locator('.card', { hasText: name }).locator('img'),
            );
            assert.ok(isMiddling(grey), `${name}: mean ${grey}`);
        }
        await close();
    } finally {
        await site.stop();
    }
});

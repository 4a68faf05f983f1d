/** Photos of 16 bits on the page: one range for all of a folder, told, and kept over a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../js/pictures.mjs';
import { choose, openKept, openSite, reach } from './site.mjs';

const SIDE = 64;

/** A grey photo with noise and one pixel of the value most. @param {number} seed @param {number} most */
function photo(seed, most) {
    let state = (seed * 2654435761) >>> 0;
    const buffer = png(
        SIDE,
        SIDE,
        (x, y) => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return x === 30 && y === 30 ? most : 600 + 4 * x + (state >>> 26);
        },
        { kind: 'grey', depth: 16 },
    );
    return { name: `p${seed}.png`, mimeType: 'image/png', buffer };
}

test("photos of 16 bits have their folder's range, whatever comes later", async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        const says = (/** @type {string} */ text) =>
            page.getByText(text, { exact: false }).first().waitFor();
        await choose(
            page,
            [1, 2, 3, 4, 5, 6].map((seed) => photo(seed, 2000)),
        );
        await reach(page, 'result');
        await says('16-bit photos: values up to 2,000 are read as 12 bits.');
        await choose(page, [photo(7, 5000)]);
        await says(
            'p7.png: 16-bit values up to 5,000; the photos learnt from have 12 bits, ' +
                'so what is above 4,095 is read as white.',
        );
        await reach(page, 'result');
        await page.getByRole('button', { name: /learn/i }).first().click();
        await says('16-bit photos: values up to 5,000 are read as 14 bits.');
        await reach(page, 'result');

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.equal(await page.locator('.card').count(), 7);
        await choose(page, [photo(8, 20000)]);
        await says('p8.png: 16-bit values up to 20,000; the photos learnt from have 14 bits');
        await close();
    } finally {
        await site.stop();
    }
});

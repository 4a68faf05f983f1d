/** What a folder of many photos asks of the page's own thread, and when: counts, no times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, goodFiles, openSite, reach } from './site.mjs';

test('many photos are kept in small lots', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open({ before: count });
        await choose(page, await goodFiles(40));
        await reach(page, 'result');
        const counts = await page.evaluate(() => /** @type {any} */ (window).counts);
        assert.equal(counts.photos, 40);
        assert.ok(counts.photosAtOnce <= 16, `${counts.photosAtOnce} photos put at once`);
        await close();
    } finally {
        await site.stop();
    }
});

/** In the page. */
function count() {
    const counts = {
        photos: 0,
        photosAtOnce: 0,
    };
    let pending = 0;
    Object.assign(window, { counts });
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
        const request = put.apply(this, args);
        if (this.name === 'photos') {
            counts.photos++;
            counts.photosAtOnce = Math.max(counts.photosAtOnce, ++pending);
            request.addEventListener('success', () => pending--);
        }
        return request;
    };
}

/** What a folder of many photos asks of the page's own thread, and when: counts, no times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, goodFiles, openSite, reach } from './site.mjs';

test('many photos are kept in small lots, and their pictures made as they are read', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open({ before: count });
        await choose(page, await goodFiles(40));
        await reach(page, 'result');
        const counts = await page.evaluate(() => /** @type {any} */ (window).counts);
        assert.equal(counts.photos, 40);
        assert.ok(counts.photosAtOnce <= 16, `${counts.photosAtOnce} photos put at once`);
        assert.equal(counts.features, 40);
        assert.equal(counts.thumbs, 40);
        assert.ok(counts.ahead <= 0, `${counts.ahead} pictures neither of seen nor read photos`);
        assert.ok(
            counts.slices <= 40 + 5,
            `${counts.slices} slices: one tells what each file is, few what is shown large`,
        );
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
        features: 0,
        thumbs: 0,
        ahead: 0,
        slices: 0,
    };
    let cards = 0;
    let pending = 0;
    Object.assign(window, { counts });
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
        const request = put.apply(this, args);
        cards = Math.max(cards, document.querySelectorAll('.card').length);
        if (this.name === 'features') counts.features++;
        if (this.name === 'thumbs')
            counts.ahead = Math.max(counts.ahead, ++counts.thumbs - counts.features - cards);
        if (this.name === 'photos') {
            counts.photos++;
            counts.photosAtOnce = Math.max(counts.photosAtOnce, ++pending);
            request.addEventListener('success', () => pending--);
        }
        return request;
    };
    const { slice } = Blob.prototype;
    Blob.prototype.slice = function (...args) {
        if (this instanceof File) counts.slices++;
        return slice.apply(this, args);
    };
}

/** A folder of more photos than are learnt from, with a low limit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnsFrom, photoKey } from '../../build/package/node.js';
import { choose, exportedScores, goodFiles, openKept, openSite, reach } from './site.mjs';

const NOTE = /^(\d+) photos: learns from (\d+) of them and judges all\.$/;

test('of a large folder a part is learnt from and all is judged', async () => {
    const site = await openSite();
    try {
        const { page, close } = await openLimited(site);
        const files = await goodFiles(12);
        /* it is not learnt from: it is read, and found broken, in the end */
        const broken = { ...files[0], name: 'broken.jpg' };
        const keys = files.slice(0, 9).map(({ buffer }) => photoKey(buffer));
        for (let n = 0; !n || learnsFrom([photoKey(broken.buffer), ...keys], 6)[0]; n++)
            broken.buffer = Buffer.from(`no photo ${n}`);
        await choose(page, [files[0], files[1], broken, ...files.slice(2, 9)]);
        await reach(page, 'result');
        assert.deepEqual(await told(page), ['10', '6']);
        await page.getByText('1 file skipped').waitFor();
        const rows = await exportedScores(page);
        assert.equal(rows.length, 9);

        /* a photo's heatmap, whether it is learnt from or not */
        for (const { name } of files.slice(0, 2)) {
            await page.getByRole('option', { name }).click();
            await page.locator('.viewer canvas').first().waitFor();
        }

        await page.reload();
        await openKept(page, /9 photos/);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), rows);
        assert.equal(await page.getByText(NOTE).count(), 0, 'nothing was learnt anew');

        await choose(page, files.slice(9));
        await page.getByRole('button', { name: 'Learn from the new photos too' }).click();
        await page.getByText(NOTE).waitFor();
        await reach(page, 'result');
        assert.deepEqual(await told(page), ['12', '6']);
        const all = await exportedScores(page);
        assert.equal(all.length, 12);

        /* the same bits for photos that come together, in another order, and for some that come
         * first: too few to learn from alone */
        for (const parts of [[[...files].reverse()], [files.slice(8), files.slice(0, 8)]]) {
            const other = await openLimited(site);
            for (const [i, part] of parts.entries()) {
                await choose(other.page, part);
                await reach(other.page, i + 1 < parts.length ? 'paused' : 'result');
            }
            assert.deepEqual(await exportedScores(other.page), all);
            await other.close();
        }
        await close();
    } finally {
        await site.stop();
    }
});

/** The page with a low limit, for which it has no control. @param {Awaited<ReturnType<typeof openSite>>} site */
async function openLimited(site) {
    let limited = 0;
    /* from the first visit on: a request still under way at a reload could not be answered */
    const opened = await site.open({ prepare: limit });
    await opened.page.getByRole('button', { name: 'Choose a folder' }).waitFor();
    assert.equal(limited, 1);
    return opened;

    /** @param {import('playwright-core').Page} page */
    async function limit(page) {
        await page.route('**/*.js', async (route) => {
            const response = await route.fetch();
            const text = await response.text();
            /* in which of its scripts a bundle has the settings is its own affair */
            const body = text.replace(/precision:\s*["']i8["']/g, '$&,learnMost:6');
            limited += Number(body !== text);
            await route.fulfill({ response, body });
        });
    }
}

/** @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
async function told(page) {
    const notes = await page.getByText(NOTE).allInnerTexts();
    assert.equal(notes.length, 1, 'told once');
    return /** @type {string[]} */ (NOTE.exec(notes[0])).slice(1);
}

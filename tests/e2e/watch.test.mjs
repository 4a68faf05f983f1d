/** A folder that is watched: photos are judged as they come. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    choose,
    exportedScores,
    fits,
    goodFiles,
    openSite,
    reach,
    SAMPLES,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** A folder that Chromium keeps for the page has the handles of any other. */
function stub() {
    const parts = /** @type {string[]} */ ([]); /* of a file that grows by one at each look */
    const file = { failing: '', answers: Promise.resolve(), parts };
    Object.assign(window, {
        watched: file,
        showDirectoryPicker: async () => {
            if (file.failing === 'AbortError') throw new DOMException('', 'AbortError');
            const root = await navigator.storage.getDirectory();
            const line = await root.getDirectoryHandle('line', { create: true });
            const { entries } = line;
            line.entries = async function* () {
                await file.answers;
                if (file.failing) throw new DOMException('', file.failing);
                const part = file.parts.shift();
                if (part) {
                    const grows = await line.getFileHandle('dent.jpg', { create: true });
                    const to = await grows.createWritable({ keepExistingData: true });
                    await to.seek((await grows.getFile()).size);
                    await to.write(Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0)));
                    await to.close();
                }
                yield* entries.call(this);
            };
            return line;
        },
    });
}

/**
 * Writes a file of the folder.
 * @param {Page} page
 * @param {string} path
 * @param {Buffer} bytes
 */
const put = (page, path, bytes) =>
    page.evaluate(
        async ([path, base64]) => {
            const parts = path.split('/');
            let folder = await navigator.storage.getDirectory();
            for (const part of ['line', ...parts.slice(0, -1)])
                folder = await folder.getDirectoryHandle(part, { create: true });
            const file = await folder.getFileHandle(parts.at(-1) ?? '', { create: true });
            const to = await file.createWritable();
            await to.write(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
            await to.close();
        },
        /** @type {const} */ ([path, bytes.toString('base64')]),
    );

/** @param {Page} page @param {string} failing the name of an error */
const fail = (page, failing) =>
    page.evaluate((name) => {
        /** @type {any} */ (window).watched.failing = name;
    }, failing);

/** @param {Page} page */
async function begin(page) {
    await page.locator('.summary summary', { hasText: 'New' }).click();
    await page.getByRole('button', { name: 'Watch a folder…' }).click();
}

describe('a watched folder', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Buffer} */
    let dent;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        dent = await readFile(join(SAMPLES, 'test/dent/part_019.jpg'));
    });
    after(() => site.stop());

    /** A page with a job that has learnt, and a photo in the folder. */
    async function openJob() {
        const photos = await goodFiles(14);
        const tab = await site.open({ before: stub });
        await put(tab.page, 'before.jpg', photos[0].buffer);
        await choose(tab.page, photos.slice(0, 12));
        await reach(tab.page, 'result');
        const light = tab.page.getByRole('region', { name: 'Watched folder' }).getByRole('status');
        return { ...tab, photos, light, counts: tab.page.locator('.watch-counts') };
    }

    test('shows the verdict of what comes, whole, and none of it is kept', async () => {
        const { page, close, photos, light, counts } = await openJob();
        const scores = await exportedScores(page);
        await begin(page);
        await light.getByText('Waiting for the first photo').waitFor();
        await put(page, 'sub/good.jpg', photos[12].buffer);
        await light.getByText('OK', { exact: true }).waitFor();
        await light.getByText(/^0\.\d\d · line\/sub\/good\.jpg$/).waitFor();
        assert.equal(await counts.innerText(), '1 photo, 0 defects');
        assert.equal(await page.locator('.panel').isVisible(), false);

        /* one that is written slowly is judged when it is whole */
        const third = Math.ceil(dent.length / 3);
        const thirds = [0, third, 2 * third].map((at) =>
            dent.subarray(at, at + third).toString('base64'),
        );
        await page.evaluate(
            (thirds) => /** @type {any} */ (window).watched.parts.push(...thirds),
            thirds,
        );
        await light.getByText('Defect', { exact: true }).waitFor();
        await light.getByText(/line\/dent\.jpg$/).waitFor();
        assert.equal(await counts.innerText(), '2 photos, 1 defect');
        assert.equal(await page.locator('.watch-trouble').innerText(), '');
        await page.locator('.watch .frame canvas').waitFor();
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await fits(page, 'watch');
            await page.screenshot({ path: join(SHOTS, `watch-${width}.png`) });
        }
        await page.setViewportSize({ width: 1280, height: 800 });

        await put(page, 'notes.txt', Buffer.from('words'));
        await put(page, 'cut.jpg', dent.subarray(0, 300));
        await page.getByText(/1 other file left out\./).waitFor();
        await page.getByText(/^1 file could not be judged, the last: line\/cut\.jpg: /).waitFor();
        await put(page, 'dent.jpg', photos[13].buffer); /* written over */
        await light.getByText('OK', { exact: true }).waitFor();
        assert.equal(await counts.innerText(), '3 photos, 1 defect');

        await page.getByRole('button', { name: 'Stop watching' }).click();
        assert.deepEqual(await exportedScores(page), scores);
        await put(page, 'late.jpg', photos[12].buffer);
        await page.waitForTimeout(4000);
        assert.equal(await page.locator('.watch').isVisible(), false);
        assert.equal(await page.locator('.notice').count(), 0);
        await close();
    });

    test('waits for photos only when it knows what is there already', async () => {
        const { page, close, photos, light, counts } = await openJob();
        await page.evaluate(() => {
            const { watched } = /** @type {any} */ (window);
            watched.answers = new Promise((resolve) => (watched.answer = resolve));
        });
        await begin(page);
        await light.getByText('Looking at what is in it already').waitFor();
        await put(page, 'early.jpg', photos[12].buffer);
        await page.evaluate(() => /** @type {any} */ (window).watched.answer());
        await light.getByText('Waiting for the first photo').waitFor();
        await put(page, 'late.jpg', photos[13].buffer);
        await light.getByText(/line\/late\.jpg$/).waitFor();
        assert.equal(await counts.innerText(), '1 photo, 0 defects');
        await close();
    });

    test('fills the job where that is asked for, after a reload too', async () => {
        const { page, close, photos, light, counts } = await openJob();
        await begin(page);
        await light.getByText('Waiting for the first photo').waitFor();
        await page.getByLabel('Keep the photos in this job').check();
        await put(page, 'a.jpg', photos[12].buffer);
        await counts.getByText('1 photo,').waitFor();
        await put(page, 'dent.jpg', dent);
        await counts.getByText('2 photos,').waitFor();
        await page.getByLabel('Keep the photos in this job').uncheck();
        await put(page, 'b.jpg', photos[13].buffer);
        await counts.getByText('3 photos,').waitFor();
        await page.getByRole('button', { name: 'Stop watching' }).click();
        const rows = await exportedScores(page);
        assert.equal(rows.length, 14);
        assert.deepEqual(
            rows.filter(({ file }) => file.startsWith('line/')).map(({ file }) => file),
            ['line/dent.jpg', 'line/a.jpg'],
        );
        await page.getByRole('button', { name: 'New 2' }).waitFor();
        await page.reload();
        await page.locator('.job-open', { hasText: '14 photos' }).click();
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), rows);
        await close();
    });

    test('that vanishes, is forbidden or not chosen ends with a sentence, or none', async () => {
        const { page, close, light } = await openJob();
        await fail(page, 'AbortError');
        await begin(page);
        await page.waitForTimeout(500);
        assert.equal(await page.locator('.watch').isVisible(), false);
        assert.equal(await page.locator('.notice').count(), 0);
        for (const [name, why] of Object.entries({
            NotAllowedError: 'the browser may read it no longer; choose it again to go on',
            NotFoundError: 'it is no longer there',
        })) {
            await fail(page, '');
            await begin(page);
            await light.getByText('Waiting for the first photo').waitFor();
            await fail(page, name);
            await page.getByText(`The folder line is watched no more: ${why}.`).waitFor();
            assert.equal(await page.locator('.watch').isVisible(), false);
        }
        assert.equal(await page.locator('.notice').count(), 2);
        await close();
    });

    test('waits while its job is at work', async () => {
        const { page, close, photos, light, counts } = await openJob();
        await begin(page);
        await light.getByText('Waiting for the first photo').waitFor();
        await choose(page, photos.slice(12, 13));
        await page.locator('.status').waitFor(); /* how it goes on, and how it is stopped */
        await put(page, 'a.jpg', photos[13].buffer);
        await reach(page, 'result');
        await counts.getByText('1 photo, 0 defects').waitFor();
        assert.equal(await page.locator('.panel').isVisible(), false);
        await page.getByRole('button', { name: 'Stop watching' }).click();
        assert.equal((await exportedScores(page)).length, 13);
        await close();
    });

    test('ends with its job', async () => {
        const { page, close, photos, light } = await openJob();
        await begin(page);
        await light.getByText('Waiting for the first photo').waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').click();
        await reach(page, 'result');
        await put(page, 'late.jpg', photos[12].buffer);
        await page.waitForTimeout(4000);
        assert.equal(await page.locator('.watch').isVisible(), false);
        assert.equal((await exportedScores(page)).length, 12);
        assert.equal(await page.locator('.notice').count(), 0);
        await close();
    });
});

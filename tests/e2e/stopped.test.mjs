/** Workers that stop, or give no sign: the work goes on with new ones. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { choose, exportedScores, goodFiles, openSite, reach } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Keeps the workers of the page where stop() finds them. */
function catchWorkers() {
    const workers = /** @type {Worker[]} */ ([]);
    class Caught extends Worker {
        /** @param {string|URL} url @param {WorkerOptions} [options] */
        constructor(url, options) {
            super(url, options);
            workers.push(this);
        }
    }
    Object.assign(window, { workers, Worker: Caught });
}

/** Ends all workers. @param {Page} page @param {boolean} isTold as a browser tells that one failed */
const stop = (page, isTold) =>
    page.evaluate((isTold) => {
        for (const worker of /** @type {any} */ (window).workers.splice(0)) {
            worker.terminate();
            if (isTold) worker.onerror?.(new ErrorEvent('error', { message: 'gone' }));
        }
    }, isTold);

describe('workers that stop', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite();
    });
    after(() => site.stop());

    /** A job of 12 photos, and its scores. */
    async function openJob({ isKept = true } = {}) {
        const tab = await site.open({ before: catchWorkers });
        if (!isKept) {
            await tab.page.addInitScript(() =>
                Object.defineProperty(window, 'indexedDB', { value: undefined }),
            );
            await tab.page.reload();
        }
        await choose(tab.page, (await goodFiles(14)).slice(0, 12));
        await reach(tab.page, 'result');
        return { ...tab, scores: await exportedScores(tab.page) };
    }

    test('while photos are read wait for the user, and Continue goes on', async () => {
        const { close: closeOther, scores } = await openJob();
        await closeOther();
        for (const isTold of [true, false]) {
            const { page, close } = await site.open({ before: catchWorkers });
            if (!isTold) {
                await page.clock.install();
                await page.reload(); /* so that all timers are its own */
            }
            await choose(page, (await goodFiles(14)).slice(0, 12));
            await page.locator('.status-detail', { hasText: /^[1-9]\d* of 12 photos/ }).waitFor();
            await stop(page, isTold);
            if (!isTold) {
                await page.clock.runFor(310_000);
                await page.clock.resume();
            }
            await page
                .getByText(/stopped, or gave no sign .* Continue starts/)
                .first()
                .waitFor();
            await reach(page, 'paused');
            await page.getByRole('button', { name: 'Continue' }).click();
            await reach(page, 'result');
            assert.deepEqual(await exportedScores(page), scores);
            await close();
        }
    });

    test('behind a result are replaced without a word, and so is what they held', async () => {
        const { page, close, scores } = await openJob();
        await stop(page, true);
        const [next] = (await goodFiles(14)).slice(13);
        await page.waitForFunction(() => /** @type {any} */ (window).workers.length > 0);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await choose(page, next);
        await page.locator('.card .badge:visible').first().waitFor();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 13);
        assert.equal(await page.locator('.notice').count(), 0);

        /* soon again, which on a slow machine is the next time: it would be for ever */
        const again = page.getByText(/stopped again and again: the job was closed/);
        for (let tries = 0; tries < 3 && !(await again.isVisible()); tries++) {
            await stop(page, true);
            await page.waitForFunction(
                () =>
                    /** @type {any} */ (window).workers.length > 0 ||
                    document.body.dataset.phase === 'start',
            );
        }
        await again.waitFor();
        await page.locator('.job-open', { hasText: '13 photos' }).click();
        await reach(page, 'result');
        await close();
    });

    test('while new photos are scored lose none of them', async () => {
        const { page, close } = await openJob();
        const fresh = (await goodFiles(30)).slice(12);
        await choose(page, fresh);
        await page.locator('.status-detail', { hasText: /^[1-9]\d* of 18 photos/ }).waitFor();
        await stop(page, true);
        await reach(page, 'paused');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('button', { name: 'New 18' }).waitFor();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 30);
        await close();
    });

    test('of a job that the browser does not keep have its photos read again', async () => {
        const { page, close, scores } = await openJob({ isKept: false });
        await stop(page, true);
        await reach(page, 'reading');
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await close();
    });
});

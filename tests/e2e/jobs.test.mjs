/** Jobs that the browser keeps: several, each with what was set and found, none lost by another. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    becomes,
    choose,
    drop,
    exportedScores,
    fits,
    goodFiles,
    openKept,
    openSite,
    reach,
    SAMPLES,
    samplePaths,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Six photos, named so. @param {string} name @param {number} [from] the first of the good ones */
async function six(name, from = 0) {
    const files = (await goodFiles(from + 6)).slice(from);
    return files.map((file, i) => ({ ...file, name: `${name}${i}.jpg` }));
}

/** @param {Page} page */
async function jobs(page) {
    await page.locator('.jobs').waitFor();
    return page.locator('.job-open').allInnerTexts();
}

/** @param {Page} page @param {string} value */
const threshold = (page, value) =>
    page.locator(`[role="slider"][aria-valuenow="${value}"]`).waitFor();

describe('jobs', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
    });
    after(() => site.stop());

    test('several are kept, with threshold and name; one is not lost by another', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const scores = await exportedScores(page);
        await page.getByRole('textbox', { name: 'Name of this job' }).fill('Bottles, line 2');
        await page.keyboard.press('Enter');
        await page.getByRole('slider', { name: 'Threshold' }).focus();
        for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
        await threshold(page, '0.57');
        await page.getByRole('button', { name: 'Close this job' }).click();
        await reach(page, 'start');

        await choose(page, await six('b', 6));
        await reach(page, 'result');
        await threshold(page, '0.50');
        const [other] = await goodFiles(14).then((files) => files.slice(13));
        await page.getByRole('button', { name: 'Close this job' }).click();
        await choose(page, [other]); /* a single photo replaces nothing */
        await reach(page, 'paused');
        await page.reload();
        const listed = await jobs(page);
        assert.equal(listed.length, 3);
        assert.match(listed[0], /1 photo, not finished/);
        assert.match(listed[1], /6 photos, \d defects? · .* · \d/);
        assert.match(listed[2], /^Bottles, line 2 6 photos, \d/);
        await page.screenshot({ path: join(SHOTS, 'jobs.png') });
        await page.setViewportSize({ width: 360, height: 780 });
        await fits(page, 'list of jobs');
        await page.screenshot({ path: join(SHOTS, 'jobs-360.png') });
        await page.setViewportSize({ width: 1280, height: 800 });

        await openKept(page, /6 photos/); /* the other one first: nothing of it is shown later */
        await reach(page, 'result');
        await page.getByRole('option', { name: /^b0\.jpg/ }).waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await openKept(page, /^Bottles/);
        await reach(page, 'result');
        await page.getByRole('option', { name: /^a0\.jpg/ }).waitFor();
        assert.equal(await page.getByRole('option', { name: /^b/ }).count(), 0);
        assert.equal(await page.getByRole('listbox').getByRole('option').count(), 6);
        await threshold(page, '0.57');
        assert.deepEqual(await exportedScores(page), scores);
        assert.equal(
            await page.getByRole('textbox', { name: 'Name of this job' }).inputValue(),
            'Bottles, line 2',
        );
        await page.getByRole('button', { name: 'Close this job' }).click();
        assert.match((await jobs(page))[0], /^Bottles/, 'the last used comes first');
        await close();
    });

    test('settings that are applied as they were change nothing', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const phases = await page.evaluateHandle(() => {
            /** @type {(string|undefined)[]} */
            const seen = [];
            new MutationObserver(() => seen.push(document.body.dataset.phase)).observe(
                document.body,
                { attributes: true, attributeFilter: ['data-phase'] },
            );
            return seen;
        });
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.waitForTimeout(1000);
        const others = (await phases.jsonValue()).filter((phase) => phase !== 'result');
        assert.deepEqual(others, [], 'nothing is read again');
        assert.equal((await exportedScores(page)).length, 6);
        await close();
    });

    test('are renamed, copied and deleted', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const scores = await exportedScores(page);
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByRole('button', { name: /^Rename/ }).click();
        await page.getByRole('textbox', { name: 'Name of the job' }).fill('Lids');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Duplicate Lids' }).click();
        await page.getByRole('button', { name: 'Duplicate Lids, copy' }).waitFor();
        assert.equal((await jobs(page)).length, 2);
        await page.getByRole('button', { name: 'Delete Lids', exact: true }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
        assert.equal((await jobs(page)).length, 2);
        await page.getByRole('button', { name: 'Delete Lids', exact: true }).click();
        await page.getByRole('button', { name: 'Delete it' }).click();
        await page
            .getByRole('button', { name: 'Duplicate Lids', exact: true })
            .waitFor({ state: 'hidden' });
        await page.reload();
        assert.match((await jobs(page)).join(), /^Lids, copy 6 photos/);
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await close();
    });

    test('come back with their result at once, and judge what is new', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const scores = await exportedScores(page);
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await page.locator('.card canvas').first().waitFor(); /* heatmaps follow */
        await choose(page, (await goodFiles(8)).slice(7));
        await page.getByRole('button', { name: 'All 7' }).waitFor();
        await reach(page, 'result');
        const more = await exportedScores(page);
        assert.equal(more.length, 7);
        for (const row of scores)
            assert.deepEqual(
                more.find(({ file }) => file === row.file),
                row,
            );
        await page.reload(); /* and the new one is there, too */
        await openKept(page, /7 photos/);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), more);
        await close();
    });

    test('what is dropped on one that has learnt asks what it is for', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const paths = (await samplePaths()).filter((/** @type {string} */ path) =>
            path.includes('/good/'),
        );
        const files = paths.slice(8, 14).map((/** @type {string} */ path) => join(SAMPLES, path));
        const question = page.getByRole('dialog', { name: 'What are these photos for?' });

        await drop(page, files.slice(0, 1));
        await question.waitFor();
        await page.locator('button:focus', { hasText: 'Judge them' }).waitFor();
        for (const width of [360, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            await page.screenshot({ path: join(SHOTS, `question-${width}.png`) });
            const fits = await question.evaluate((dialog) => {
                const { left, right } = dialog.getBoundingClientRect();
                return [...dialog.querySelectorAll('button')]
                    .map((button) => button.getBoundingClientRect())
                    .every((box) => box.left >= left && box.right <= right);
            });
            assert.ok(fits, `${width}: every answer is within the question`);
        }
        await question.getByRole('button', { name: 'Cancel' }).click();
        assert.equal((await exportedScores(page)).length, 6);

        await drop(page, files.slice(0, 1));
        await question.getByRole('button', { name: 'Judge them' }).click();
        await page.getByRole('button', { name: /^New 1$/ }).waitFor();

        await drop(page, files.slice(1, 2));
        await question.getByRole('button', { name: 'Learn from them too' }).click();
        await page.locator('body:not([data-phase="result"])').waitFor();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 8);
        assert.equal(await page.getByRole('button', { name: /^New/ }).isVisible(), false);

        await drop(page, files);
        await question.getByRole('button', { name: 'A new job' }).click();
        await page.getByRole('button', { name: 'All 6' }).waitFor();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 6);
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').nth(1).waitFor();
        assert.equal((await jobs(page)).length, 2);
        await close();
    });

    test('one whose learning was cut short does not show what was learnt before', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        await choose(page, (await goodFiles(8)).slice(7));
        await page.getByRole('button', { name: /^New 1$/ }).waitFor();
        await reach(page, 'result');
        await page.getByRole('button', { name: 'Learn from the new photos too' }).click();
        await page.locator('body[data-phase="learning"]').waitFor();
        await page.reload();
        await page.locator('.job-open', { hasText: '7 photos, not finished' }).waitFor();
        await openKept(page);
        await page.locator('body[data-phase="learning"]').waitFor();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 7);
        await close();
    });

    test('one that is open in another tab is not opened twice, nor by two clicks', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const other = await page.context().newPage();
        await other.goto(site.url);
        await openKept(other);
        await other.getByText('This job is open in another tab').waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await reach(page, 'start');
        await other.locator('.job-open').dblclick();
        await reach(other, 'result');
        await other.waitForTimeout(500);
        await becomes(() => other.getByRole('listbox').getByRole('option').count(), 6);
        await close();
    });

    test('one that another tab deletes is kept no longer, which is said', async () => {
        const { page, close } = await site.open();
        await choose(page, await six('a'));
        await reach(page, 'result');
        const other = await page.context().newPage();
        await other.goto(site.url);
        await other.getByRole('button', { name: /^Delete / }).click();
        await other.getByRole('button', { name: 'Delete it' }).click();
        await other.locator('.jobs').waitFor({ state: 'hidden' });
        await choose(page, (await goodFiles(8)).slice(7));
        await page.getByText('This job was deleted in another tab').waitFor();
        assert.equal((await exportedScores(page)).length, 7);
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByRole('button', { name: 'Close it' }).click();
        await reach(page, 'start');
        await other.reload();
        await other.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await other.waitForTimeout(500);
        assert.equal(await other.locator('.jobs').isVisible(), false, 'nothing is left of it');
        await close();
    });

    test('the folder that the version before kept is one of them', async () => {
        const { page, close } = await site.open({
            before: () => {
                const request = indexedDB.open('fleck', 6);
                request.onupgradeneeded = () => {
                    const [session, photos] = ['session', 'photos', 'features', 'model'].map(
                        (name) => request.result.createObjectStore(name),
                    );
                    const settings = {
                        method: 'irmb',
                        preset: 'fit',
                        input: 0,
                        tiles: 'auto',
                        blocks: [],
                        seed: 0,
                        precision: 'i8',
                        backbone: null,
                    };
                    session.put({ id: 'old', settings, loadedModel: null }, 'last');
                    photos.put({ id: 0, name: 'a.png', file: new Blob(), fresh: false }, [
                        'old',
                        0,
                    ]);
                };
                request.onsuccess = () => request.result.close();
            },
        });
        assert.match((await jobs(page)).join(), /^Last folder 1 photo, not finished/);
        await openKept(page);
        await page.locator('.notice.error', { hasText: 'could be used' }).waitFor();
        await page.locator('.jobs').waitFor({ state: 'hidden' }); /* its only photo is none */
        await close();
    });

    test('the browser is asked to keep them where it might not, and what it says is told', async () => {
        const { page, close } = await site.open({
            before: () => {
                const answers = [false, true];
                navigator.storage.persisted = async () => false;
                navigator.storage.persist = async () => answers.shift() ?? false;
            },
        });
        const ask = page.getByRole('button', { name: 'Ask it to keep them' });
        assert.equal(await ask.isVisible(), false, 'there are none');
        await choose(page, (await six('a')).slice(4));
        await reach(page, 'paused');
        await page.getByRole('button', { name: 'Close this job' }).click();
        await ask.click();
        await page.getByText('The browser did not agree').waitFor();
        await ask.click();
        await page.getByText('keeps your jobs until you delete them').waitFor();
        await ask.waitFor({ state: 'hidden' });
        await close();
    });
});

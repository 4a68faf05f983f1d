/** Groups of regions that look alike on the page: named, chosen, kept, and exported. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dataOf } from '../cli/reports.mjs';
import { isResults } from '../cli/schemas.mjs';
import { isAccessible } from './axe.mjs';
import {
    becomes,
    downloaded,
    drop,
    exported,
    fits,
    openKept,
    openSite,
    reach,
    SHOTS,
    togglesTwice,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page */
const row = (page) => page.getByRole('region', { name: 'Groups of regions that look alike' });

/** How many regions each group has, as it is shown. @param {Page} page */
const sizes = (page) => row(page).locator('b').allInnerTexts();

/** What is exported, as text. @param {Page} page @param {string} name in the menu */
const textOf = async (page, name) => (await exported(page, name)).bytes.toString();

/** Runs in the page: `wasEmpty` says whether the row was ever seen with nothing in it. */
function watchForEmpty() {
    const look = () => {
        const row = /** @type {HTMLElement|null} */ (document.querySelector('.groups'));
        const isEmpty = row && !row.hidden && !row.querySelector('li');
        if (isEmpty) /** @type {any} */ (window).wasEmpty = true;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
}

describe('groups of regions', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof site.open>>} */
    let tab;
    /** @type {any} */
    let results;

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        tab = await site.open({ before: watchForEmpty });
        await tab.page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(tab.page, 'result');
        await row(tab.page).waitFor();
    });
    after(() => site.stop());

    /** Photos that have a region of a group. @param {number} group */
    const photosOf = (group) =>
        results.photos
            .filter((/** @type {any} */ { regions }) =>
                regions.some((/** @type {any} */ region) => region.group === group),
            )
            .map((/** @type {any} */ { file }) => file);

    test('are shown with a picture and their size, as the results say', async () => {
        const { page } = tab;
        results = JSON.parse(await textOf(page, 'Results (JSON)'));
        assert.ok(isResults(results), JSON.stringify(isResults.errors));
        assert.ok(results.folder.groups.length > 1);
        assert.deepEqual(await sizes(page), results.folder.groups.map(String));
        const wasEmpty = await page.evaluate(() => /** @type {any} */ (window).wasEmpty);
        assert.equal(wasEmpty, undefined, 'they are not seen before there are some');
        const drawn = () =>
            row(page)
                .locator('canvas')
                .evaluateAll((all) =>
                    all.every((canvas) =>
                        /** @type {any} */ (canvas)
                            .getContext('2d')
                            .getImageData(48, 48, 1, 1)
                            .data.at(3),
                    ),
                );
        await becomes(drawn, true, 'every group has a picture');
    });

    test('one that is chosen leaves its photos, by the keyboard as well', async () => {
        const { page } = tab;
        const count = photosOf(1).length;
        const [first, second] = await row(page).getByRole('button').all();
        const shown = page.locator('.gallery-bar output');
        await first.press('Enter');
        await first.and(page.locator('[aria-pressed="true"]')).waitFor();
        await shown.getByText(`${count} of ${results.photos.length} photos`).waitFor();
        const names = await page
            .locator('.card .name')
            .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
        assert.deepEqual(names.sort(), photosOf(1).sort());
        await second.click();
        await second.and(page.locator('[aria-pressed="true"]')).waitFor();
        await second.press(' ');
        await shown.getByText(/^$/).waitFor({ state: 'attached' });
        await togglesTwice(first);
        await first.click();
        await page.getByRole('button', { name: 'Show all' }).click();
        await first.and(page.locator('[aria-pressed="false"]')).waitFor();
    });

    test('a name is told in the list of regions, and in whatever is exported', async () => {
        const { page } = tab;
        const name = page.getByLabel('Name of group 1');
        await name.fill('Scratch');
        await name.press('Enter');
        await row(page)
            .getByRole('button', { name: /^Scratch, \d+ region/ })
            .waitFor();
        await name.fill('another');
        await name.press('Escape');
        assert.equal(await name.inputValue(), 'Scratch');

        await page.getByLabel('Order', { exact: true }).selectOption('group');
        await page.getByRole('listbox').press('Home');
        await page.locator('.region-list', { hasText: 'Scratch' }).waitFor();

        results = JSON.parse(await textOf(page, 'Results (JSON)'));
        assert.ok(isResults(results), JSON.stringify(isResults.errors));
        const regions = results.photos.flatMap((/** @type {any} */ photo) => photo.regions);
        for (const { group, group_name: said } of regions)
            assert.equal(said, group === 1 ? 'Scratch' : undefined);
        const coco = JSON.parse(await textOf(page, 'Regions (COCO)'));
        assert.deepEqual(coco.categories.map((/** @type {any} */ { name }) => name).slice(0, 2), [
            'Scratch',
            'group 2',
        ]);
        const [head, ...lines] = (await textOf(page, 'Regions (CSV)')).trim().split('\r\n');
        assert.match(head, /,group,group_name$/);
        assert.equal(
            lines.filter((line) => line.endsWith(',1,Scratch')).length,
            results.folder.groups[0],
        );
        const report = await textOf(page, 'Report to print (HTML)');
        assert.deepEqual(dataOf(report).photos, results.photos);
        const file = join(SHOTS, 'groups-report.html');
        writeFileSync(file, report);
        const printed = await tab.page.context().newPage();
        await printed.goto(`file://${file}`);
        assert.equal(
            await printed.getByText('1, Scratch', { exact: true }).count(),
            results.folder.groups[0],
        );
        await printed.close();
        await page.screenshot({ path: join(SHOTS, 'groups.png') });
    });

    test('follow the threshold, and names come back with their regions', async () => {
        const { page } = tab;
        const before = await sizes(page);
        const slider = page.getByRole('slider', { name: 'Threshold of a defect' });
        await slider.press('End');
        await row(page).waitFor({ state: 'hidden' });
        /** @param {string} key by a tenth @param {number} times */
        const pull = async (key, times) => {
            for (let i = 0; i < times; i++) await slider.press(key);
        };
        assert.equal(results.threshold, 0.5);
        await pull('PageDown', 5);
        const isBefore = async () => (await sizes(page)).join() === before.join();
        await becomes(isBefore, true, 'the same regions, the same groups');
        await row(page)
            .getByRole('button', { name: /^Scratch, / })
            .waitFor();
        await pull('PageDown', 4);
        await becomes(isBefore, false, 'other regions, other groups');
        await page.getByLabel('Smallest area that counts').fill('99');
        await page.keyboard.press('Tab');
        await row(page).waitFor({ state: 'hidden' });
        await page.getByLabel('Smallest area that counts').fill('0');
        await page.keyboard.press('Tab');
        await pull('PageUp', 4);
        await becomes(isBefore, true, 'as they were');
        await row(page)
            .getByRole('button', { name: /^Scratch, / })
            .waitFor();
    });

    test('an export that waits for them says that they were cancelled, and works again', async () => {
        const { page } = tab;
        await page.evaluate(() => {
            const { postMessage } = Worker.prototype;
            Worker.prototype.postMessage = function (
                /** @type {any} */ message,
                /** @type {any} */ options,
            ) {
                const wait = message.method === 'groupsAdd' ? 500 : 0;
                if (wait) setTimeout(() => postMessage.call(this, message, options), wait);
                else postMessage.call(this, message, options);
            };
        });
        let handed = 0;
        page.on('download', () => handed++);
        const slider = page.getByRole('slider', { name: 'Threshold of a defect' });
        await slider.press('PageDown');
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Results (JSON)', exact: true }).click();
        const cancel = page.getByRole('button', {
            name: 'Cancel: Looking for regions that look alike',
        });
        const notice = page.locator('.notice', {
            hasText:
                'Results (JSON): not exported, since looking for regions that look alike was cancelled.',
        });
        const isSaid = async () => {
            if (await notice.count()) return true;
            /* the first that is seen may be of the groups that are shown */
            if (await cancel.count()) await cancel.click({ timeout: 1000 }).catch(() => {});
            return false;
        };
        await becomes(isSaid, true, 'it is said');
        assert.equal(handed, 0);
        await slider.press('PageUp');
        const again = JSON.parse(await textOf(page, 'Results (JSON)'));
        assert.deepEqual(again.photos, results.photos);
        assert.equal(handed, 1);
    });

    test('can be read by everybody, also on a phone', async () => {
        const { page } = tab;
        await isAccessible(page, 'groups');
        await page.setViewportSize({ width: 360, height: 740 });
        await fits(page, 'groups');
        await row(page).scrollIntoViewIfNeeded();
        await page.screenshot({ path: join(SHOTS, 'groups-narrow.png') });
        await page.setViewportSize({ width: 1280, height: 800 });
    });

    test('names are kept with the job, and go along with it', async () => {
        const { page } = tab;
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await row(page)
            .getByRole('button', { name: /^Scratch, / })
            .waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        const { bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: /^Export / }).click(),
        );
        await tab.close();
        const file = join(SHOTS, 'groups.fleck-job.zip');
        writeFileSync(file, bytes);
        tab = await site.open();
        await tab.page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await drop(tab.page, [file]);
        await reach(tab.page, 'result');
        await row(tab.page)
            .getByRole('button', { name: /^Scratch, / })
            .waitFor();
        await tab.close();
    });
});

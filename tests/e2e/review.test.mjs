/** Going through the photos: sorted, searched, and by folder. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exportedScores, openKept, openSite, reach, SAMPLES, samplePaths, SHOTS } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {string} path */
const isDefect = (path) => path.startsWith('test/') && !path.startsWith('test/good/');

/** Names of the photos that are shown, in their order, as far as there are cards. @param {Page} page */
const shown = (page) =>
    page
        .locator('.card')
        .evaluateAll((cards) =>
            cards
                .sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
                .map((card) => card.querySelector('.name')?.getAttribute('title')),
        );

/** @param {Page} page @param {string|RegExp} text said of how many are shown */
const said = (page, text) => page.locator('.gallery-bar output', { hasText: text }).waitFor();

describe('going through the photos', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof site.open>>} */
    let tab;
    /** @type {{file: string, score: number, verdict: string}[]} */
    let rows;

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        tab = await site.open({ reducedMotion: 'no-preference' });
        const { page } = tab;
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'result');
        rows = await exportedScores(page);
    });
    after(() => site.stop());

    test('as one types those with the text in their path stay, their pictures as they are', async () => {
        const { page } = tab;
        const cards = page.locator('.card');
        const kept = rows.find(({ file }) => file.startsWith('test/scratch/'));
        const [, , name] = String(kept?.file).split('/');
        const picture = await page
            .locator('.card', { hasText: name })
            .locator('img')
            .elementHandle();
        const search = page.getByRole('searchbox', { name: 'Search names' });
        await search.pressSequentially('SCRATCH/');
        const expected = rows.filter(({ file }) => file.includes('scratch/'));
        await said(page, `${expected.length} of ${rows.length} photos`);
        assert.deepEqual(
            await shown(page),
            expected.map(({ file }) => file),
        );
        assert.equal(await cards.count(), expected.length);
        assert.ok(await picture?.evaluate((image) => image.isConnected), 'it is the same picture');
        const defects = page.locator('.filter.defect b');
        const all = rows.filter(({ verdict }) => verdict === 'defect').length;
        assert.equal(await defects.innerText(), `${expected.length} of ${all}`);
        assert.match(
            await page.locator('.summary h1').innerText(),
            new RegExp(`^${all} of ${rows.length} photos`),
            'the sentence is on the whole folder',
        );
        await page.locator('.filter.ok').click();
        await page.getByText('No photo has all that is asked for.').waitFor();
        await page.screenshot({ path: join(SHOTS, 'search.png') });
        await page.getByRole('button', { name: 'Show all' }).click();
        await page.waitForFunction(() => document.querySelectorAll('.card').length > 4);
        assert.equal(await search.inputValue(), '');
        assert.equal(await defects.innerText(), String(all));
        assert.ok(await search.evaluate((element) => element === document.activeElement));
        await page.evaluate(() => {
            const make = URL.createObjectURL.bind(URL);
            Object.assign(window, { made: 0 });
            URL.createObjectURL = (blob) => {
                /** @type {any} */ (window).made++;
                return make(blob);
            };
        });
        await search.fill('scratch/');
        await said(page, `${expected.length} of ${rows.length} photos`);
        await search.fill('');
        await page.waitForFunction(() => document.querySelectorAll('.card').length > 4);
        assert.equal(await page.evaluate('made'), 0, 'no picture was made anew');
    });

    test('by folder and in other orders, which the job keeps; what was searched it does not', async () => {
        const { page } = tab;
        const folder = page.getByRole('combobox', { name: 'Folder' });
        const sort = page.getByRole('combobox', { name: 'Order' });
        const folders = await folder.locator('option').allInnerTexts();
        assert.equal(folders[0], 'All folders');
        assert.ok(folders.includes('test') && folders.includes('test/good'), String(folders));
        await folder.selectOption('test');
        const inTest = rows.filter(({ file }) => file.startsWith('test/'));
        await said(page, `${inTest.length} of ${rows.length} photos`);
        await sort.selectOption('Lowest score first');
        await page.waitForFunction(
            (name) =>
                document.querySelector('.card[aria-posinset="1"] .name')?.getAttribute('title') ===
                name,
            inTest.at(-1)?.file,
        );
        await sort.selectOption('Name, A to Z');
        const byName = inTest.map(({ file }) => file).sort();
        await page.waitForFunction(
            (name) =>
                document.querySelector('.card[aria-posinset="1"] .name')?.getAttribute('title') ===
                name,
            byName[0],
        );
        assert.deepEqual(await shown(page), byName.slice(0, (await shown(page)).length));
        await page.locator('.filter.defect').click();
        const defects = byName.filter(isDefect);
        await said(page, `${defects.length} of ${rows.length} photos`);
        assert.deepEqual(await shown(page), defects);
        await page.getByRole('searchbox').fill('part_0');

        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').waitFor(); /* all of it is kept */
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await said(page, `${defects.length} of ${rows.length} photos`);
        assert.deepEqual(await shown(page), defects);
        assert.equal(await sort.inputValue(), 'name');
        assert.equal(await folder.inputValue(), 'test');
        assert.equal(await page.getByRole('searchbox').inputValue(), '');
        assert.deepEqual(await exportedScores(page), rows, 'the table is of all, by score');
        await page.getByRole('button', { name: 'Show all' }).click();
        await sort.selectOption('Highest score first');
    });
});

test('by the time of their files, newest and oldest first', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        const paths = (await samplePaths()).slice(0, 5);
        /* the order of names is another than that of times */
        const times = [3, 1, 4, 5, 2];
        const files = paths.map((/** @type {string} */ path, /** @type {number} */ i) => ({
            name: `${i}.jpg`,
            content: readFileSync(join(SAMPLES, path)).toString('base64'),
            time: Date.UTC(2026, 0, times[i]),
        }));
        await page.evaluate((files) => {
            const transfer = new DataTransfer();
            for (const { name, content, time } of files) {
                const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { lastModified: time }));
            }
            const input = /** @type {HTMLInputElement} */ (
                document.querySelector('input[type="file"][accept^="image/png"]')
            );
            input.files = transfer.files;
            input.dispatchEvent(new Event('change'));
        }, files);
        await reach(page, 'result');
        const sort = page.getByRole('combobox', { name: 'Order' });
        assert.equal(await page.getByRole('combobox', { name: 'Folder' }).isVisible(), false);
        for (const again of [false, true]) {
            for (const [order, names] of Object.entries({
                'Newest first': ['3', '2', '0', '4', '1'],
                'Oldest first': ['1', '4', '0', '2', '3'],
            })) {
                await sort.selectOption(order);
                await page.waitForTimeout(200);
                assert.deepEqual(
                    await shown(page),
                    names.map((name) => `${name}.jpg`),
                    `${order}, ${again ? 'opened again' : 'at once'}`,
                );
            }
            if (again) break;
            await page.getByRole('button', { name: 'Close this job' }).click();
            await page.locator('.job-open').waitFor(); /* all of it is kept */
            await page.reload();
            await openKept(page);
            await reach(page, 'result');
            assert.equal(await sort.inputValue(), 'oldest');
        }
        await close();
    } finally {
        await site.stop();
    }
});

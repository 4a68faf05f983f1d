/** Marks: photos and spots are marked, scores follow, the job keeps it, and it can be undone. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isAccessible } from './axe.mjs';
import {
    exportedScores,
    fits,
    openKept,
    openSite,
    PATIENCE,
    reach,
    SHOTS,
    togglesTwice,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{file: string, score: number, verdict: string}} Row */

/** Names of the photos that are shown, in their order, as far as there are cards. @param {Page} page */
const shown = (page) =>
    page
        .locator('.card')
        .evaluateAll((cards) =>
            cards
                .sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
                .map((card) => card.querySelector('.name')?.getAttribute('title')),
        );

/** @param {Page} page @param {string} file */
const badge = (page, file) =>
    page.locator('.card', { has: page.locator(`.name[title="${file}"]`) }).locator('.badge.mark');

/** Chooses a card by its name. @param {Page} page @param {string} file */
async function pick(page, file) {
    await page.getByRole('searchbox').fill(file);
    await page.locator(`.card .name[title="${file}"]`).click();
    await page.locator('.viewer-name', { hasText: file }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
}

/** When the scores of all photos are by the marks. @param {Page} page @param {(rows: Row[]) => boolean} isMeant */
async function untilScored(page, isMeant) {
    for (const end = Date.now() + PATIENCE; ; await page.waitForTimeout(200)) {
        const rows = await exportedScores(page);
        if (isMeant(rows)) return rows;
        assert.ok(Date.now() < end, 'scores follow');
    }
}

/** By the key that makes it. */
const MARK = { g: 'good', d: 'defect' };

/** @param {Row[]} rows @param {string} file */
const rowOf = (rows, file) => /** @type {Row} */ (rows.find((row) => row.file === file));

describe('marks', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof site.open>>} */
    let tab;
    /** @type {Row[]} */
    let rows;
    /** @type {string[]} */
    let good;
    /** @type {Row[]} */
    let marked;

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        tab = await site.open();
        const { page } = tab;
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'result');
        rows = await exportedScores(page);
        good = rows.filter(({ verdict }) => verdict === 'ok').map(({ file }) => file);
        await page.getByRole('group', { name: 'Marks' }).waitFor();
    });
    after(() => site.stop());

    test('by keys in the gallery: all scores follow, and photos move when the user rests', async () => {
        const { page } = tab;
        const first = rows[0].file;
        const order = await shown(page);
        await page.getByRole('listbox').focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('g');
        /* looked at in the frame that has the badge: a second later the photos move */
        const atOnce = await page.waitForFunction((name) => {
            const cards = [...document.querySelectorAll('.card')];
            const nameOf = (/** @type {Element} */ card) =>
                card.querySelector('.name')?.getAttribute('title');
            const marked = cards.find((card) => nameOf(card) === name);
            return (
                /Good/.test(marked?.querySelector('.badge.mark')?.textContent ?? '') &&
                cards.sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet)).map(nameOf)
            );
        }, first);
        assert.deepEqual(await atOnce.jsonValue(), order, 'no card moves under the pointer');
        await page.waitForFunction(
            (name) =>
                document.querySelector('.card[aria-posinset="1"] .name')?.getAttribute('title') !==
                name,
            first,
        );
        const after = await untilScored(page, (found) => rowOf(found, first).verdict === 'ok');
        assert.notDeepEqual(
            after.map(({ score }) => score),
            rows.map(({ score }) => score),
        );
        await page.getByRole('button', { name: 'Good', exact: true }).press('g');
        await badge(page, first).waitFor({ state: 'hidden' });
        assert.deepEqual(await untilScored(page, (found) => found[0].file === first), rows);
    });

    test('five of them, kept with the job, and found again', async () => {
        const { page } = tab;
        const wanted = /** @type {const} */ ([
            [rows[1].file, 'g'],
            [rows[2].file, 'd'],
            [rows[3].file, 'd'],
            [good[0], 'd'],
            [good[5], 'g'],
        ]);
        for (const [file, key] of wanted) {
            await pick(page, file);
            await page.locator('.viewer').press(key);
            await page.locator(`.marking [value="${MARK[key]}"][aria-pressed="true"]`).waitFor();
        }
        marked = await untilScored(page, (found) => rowOf(found, good[0]).verdict === 'defect');
        assert.equal(rowOf(marked, rows[1].file).verdict, 'ok');
        assert.equal(await page.locator('.filter.marked b').innerText(), '5');
        await page.locator('.filter.marked').click();
        await page.locator('.gallery-bar output', { hasText: `5 of ${rows.length}` }).waitFor();
        await page.screenshot({ path: join(SHOTS, 'marks.png') });
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').waitFor(); /* all of it is kept */
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await page.locator('.gallery-bar output', { hasText: `5 of ${rows.length}` }).waitFor();
        assert.deepEqual(new Set(await shown(page)), new Set(wanted.map(([file]) => file)));
        await page.getByRole('button', { name: 'Show all' }).click();
        assert.deepEqual(await exportedScores(page), marked);
        /* the detector knows them too: what follows is the same */
        await pick(page, good[1]);
        await page.locator('.viewer').press('d');
        await page.locator('.marking [value="defect"][aria-pressed="true"]').waitFor();
        await page.locator('.viewer').press('u');
        await page.locator('.marking [value="defect"][aria-pressed="false"]').waitFor();
        assert.deepEqual(await exportedScores(page), marked);
    });

    test('undone one after the other, over all of the visit', async () => {
        const { page } = tab;
        const undo = page.getByRole('button', { name: 'Undo' });
        assert.ok(await undo.isDisabled(), 'what was marked before the reload stays');
        await page.locator('.filter.unmarked').click();
        await page.locator('.gallery-bar output', { hasText: `${rows.length - 5} of` }).waitFor();
        await page.getByRole('listbox').focus();
        for (const key of ['End', 'g', 'ArrowLeft', 'd', 'd', 'g']) await page.keyboard.press(key);
        await page.locator('.filter.marked b', { hasText: '7' }).waitFor();
        for (const count of ['6', '7', '6', '5']) {
            await undo.click();
            await page.locator('.filter.marked b', { hasText: count }).waitFor();
        }
        await page.locator('.marking button:disabled', { hasText: 'Undo' }).waitFor();
        await page.getByRole('button', { name: 'Show all' }).click();
        assert.deepEqual(await exportedScores(page), marked);
    });

    test('of spots: one that is clicked, and the region that is chosen in the list', async () => {
        const { page } = tab;
        const [first] = marked.filter(
            ({ file, verdict }) => verdict === 'defect' && file === rows[0].file,
        );
        await pick(page, first.file);
        await page.getByRole('listbox').press('Enter');
        await page.locator('.viewer.large').waitFor();
        await page.locator('.region-list button').first().click();
        await page.getByRole('button', { name: 'This spot is good' }).waitFor();
        await page.locator('.viewer').press('g');
        await page.locator('.spots .good').waitFor();
        await page.getByText(`Spots of ${first.file} are marked.`).waitFor({ state: 'attached' });
        await page.locator('.viewer').press('u');
        await page.locator('.spots .good').waitFor({ state: 'detached' });

        const spots = page.getByRole('button', { name: 'Choose a spot' });
        await togglesTwice(spots);
        await spots.click();
        const box = await page.locator('.viewer-sheet').first().boundingBox();
        assert.ok(box);
        await page.mouse.click(box.x + 0.5 * box.width, box.y + 0.45 * box.height);
        await page.locator('.spots .chosen').waitFor();
        await page.getByRole('button', { name: 'This spot is a defect' }).click();
        const point = page.locator('.spots .defect');
        await point.waitFor();
        await isAccessible(page, 'a spot that is marked');
        await page.screenshot({ path: join(SHOTS, 'spot.png') });
        const at = await point.evaluate(({ style }) => [style.left, style.top].map(parseFloat));
        assert.ok(Math.abs(at[0] - 50) < 1 && Math.abs(at[1] - 45) < 1, String(at));
        await page.setViewportSize({ width: 360, height: 800 });
        await fits(page, 'a spot that is marked');
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.getByRole('button', { name: 'Undo' }).click();
        await point.waitFor({ state: 'detached' });
        await page.getByRole('button', { name: 'Choose a spot' }).click();
        await page.keyboard.press('Escape');
        await page.locator('.viewer:not(.large)').waitFor();
    });

    test('a spot is seen beside the places of other photos that are most like it', async () => {
        const { page } = tab;
        await pick(page, rows[0].file);
        await page.getByRole('listbox').press('Enter');
        await page.locator('.region-list button').first().click();
        await page.locator('.viewer').press('e');
        const dialog = page.getByRole('dialog', { name: 'Why this spot' });
        await dialog.waitFor();
        assert.equal(await dialog.getByRole('img').count(), 4);
        const names = await dialog.locator('figcaption').allInnerTexts();
        assert.equal(new Set(names).size, 4, String(names));
        assert.ok(!names.includes(rows[0].file), 'other photos');
        const [, times, percent] =
            /within ([\d.]+) times .* (\d+) % of all/.exec(await dialog.innerText()) ?? [];
        assert.ok(Number(times) > 1 && Number(percent) > 90, `${times} times, ${percent} %`);
        const isDrawn = await dialog.locator('canvas').evaluateAll((all) =>
            all.map((canvas) => {
                const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
                const context = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d');
                return new Set(context?.getImageData(0, 0, width, height).data).size > 50;
            }),
        );
        assert.deepEqual(isDrawn, [true, true, true, true]);
        await isAccessible(page, 'why a spot is hot');
        await page.screenshot({ path: join(SHOTS, 'why.png') });
        await page.setViewportSize({ width: 360, height: 800 });
        await fits(page, 'why a spot is hot');
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        assert.ok(await page.locator('.viewer.large').isVisible());
        await page.keyboard.press('Escape');
    });

    test('the photo that is nearest to the threshold is proposed next', async () => {
        const { page } = tab;
        const now = await exportedScores(page);
        const logit = (/** @type {number} */ score) => Math.abs(Math.log(score / (1 - score)));
        const isMarked = new Set([rows[1], rows[2], rows[3]].map(({ file }) => file));
        for (const file of [good[0], good[5]]) isMarked.add(file);
        const name = page.locator('.viewer-name');
        await pick(page, rows[1].file);
        await page.locator('.viewer').press('m');
        await page.locator('.viewer.large').waitFor();
        const expected = now
            .filter(({ file }) => !isMarked.has(file))
            .sort((a, b) => logit(a.score) - logit(b.score));
        await name.filter({ hasText: expected[0].file }).waitFor();
        await page.keyboard.press('Escape');
    });

    test('beside what fleck says, with a threshold to take', async () => {
        const { page } = tab;
        const slider = page.getByRole('slider', { name: 'Threshold of a defect' });
        for (let steps = 0; steps < 20; steps++) await slider.press('ArrowRight');
        await page.getByRole('button', { name: 'What your marks say…' }).click();
        const dialog = page.getByRole('dialog', { name: 'What your marks say' });
        await dialog.waitFor();
        const cells = (await dialog.locator('td').allInnerTexts()).filter(Boolean).map(Number);
        assert.equal(cells.length, 4);
        assert.equal(cells[0] + cells[1], 3, 'defects');
        assert.equal(cells[2] + cells[3], 2, 'good');
        assert.match(await dialog.innerText(), /Precision: .* %.*\nRecall|Precision: [^]*Recall: /);
        await dialog.getByText('Marked photos are hard ones on purpose').waitFor();
        await isAccessible(page, 'what the marks say');
        await page.screenshot({ path: join(SHOTS, 'marks-say.png') });
        await page.setViewportSize({ width: 360, height: 800 });
        await fits(page, 'what the marks say');
        await page.setViewportSize({ width: 1280, height: 800 });
        const use = dialog.getByRole('button', { name: /Use the threshold/ });
        const [, proposed] = /([\d.]+)$/.exec(await use.innerText()) ?? [];
        await use.click();
        await page.locator('.threshold-value', { hasText: proposed }).waitFor();
        await dialog.waitFor({ state: 'hidden' });
        await tab.close();
    });
});

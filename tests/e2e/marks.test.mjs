/** Marks: photos and spots are marked, scores follow, the job keeps it, and it can be undone. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exportedScores, openKept, openSite, reach, SHOTS } from './site.mjs';

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
    for (let tries = 0; ; tries++) {
        const rows = await exportedScores(page);
        if (isMeant(rows)) return rows;
        assert.ok(tries < 20, 'scores follow');
        await page.waitForTimeout(200);
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
        await badge(page, first).getByText('Good').waitFor();
        assert.deepEqual(await shown(page), order, 'no card moves under the pointer');
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
        assert.deepEqual(
            new Set(await shown(page)),
            new Set(wanted.map(([file]) => file)),
        );
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
});

/** The whole path on the sample photos: read, learn, look, export, keep. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    choose,
    downloaded,
    exportedScores,
    goodFiles,
    maskOf,
    openKept,
    openSite,
    reach,
    samplePaths,
    SAMPLES,
    settled,
    SHOTS,
} from './site.mjs';

describe('the sample photos', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof site.open>>} */
    let tab;
    /** @type {{file: string, score: number, verdict: string}[]} */
    let rows;
    /** @type {Buffer} */
    let model;

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        tab = await site.open();
    });
    after(async () => {
        await site.stop();
    });

    test('are read, learnt and ranked: the 6 defects among the first 8', async (t) => {
        const { page } = tab;
        const began = performance.now();
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'reading');
        await page.getByRole('progressbar').waitFor();
        await page.getByText('A preview: the photos that look most unusual').waitFor();
        await reach(page, 'learning');
        const preview = await page
            .locator('.card')
            .evaluateAll((cards) =>
                cards
                    .filter((card) => Number(card.ariaPosInSet) <= 8)
                    .map(
                        (card) =>
                            /^(\S+) Preview, (.*)$/.exec(card.ariaLabel ?? '')?.slice(1) ?? [],
                    ),
            );
        const unusual = preview.filter(([name, folder]) => isDefect(`${folder}/${name}`));
        await reach(page, 'result');
        assert.ok(unusual.length >= 4, `defects among the preview's first 8: ${unusual.length}`);
        t.diagnostic(`from click to result: ${((performance.now() - began) / 1000).toFixed(1)} s`);
        rows = await exportedScores(page);
        await page.screenshot({ path: join(SHOTS, 'result-light.png') });
        assert.equal(rows.length, (await samplePaths()).length);
        const defects = rows
            .slice(0, 8)
            .filter(({ file }) => isDefect(file))
            .map(({ file }) => file);
        assert.equal(
            defects.length,
            6,
            `first 8: ${rows
                .slice(0, 8)
                .map((row) => row.file)
                .join(' ')}`,
        );
        for (let i = 1; i < rows.length; i++)
            assert.ok(rows[i - 1].score >= rows[i].score, 'highest first');
        for (const { score } of rows) assert.ok(score >= 0 && score <= 1);
        assert.equal(await sentence(page), sentenceOf(rows));
    });

    test('show their heat on the defects', async () => {
        const { page } = tab;
        for (const { file } of rows.filter((row) => isDefect(row.file))) {
            await show(page, file);
            const { inside, hottest } = await page.evaluate(
                hottestOnMask,
                `samples/${await maskOf(file)}`,
            );
            assert.ok(inside, `${file}: hottest at ${hottest} of the photo, off the mask`);
        }
    });

    test('keep the threshold, the counts and the CSV in step', async () => {
        const { page } = tab;
        const slider = page.getByRole('slider', { name: 'Threshold of a defect' });
        await slider.focus();
        await page.keyboard.press('End');
        await page.keyboard.press('PageDown');
        await page.keyboard.press('Shift+ArrowLeft');
        for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
        await page.locator('.threshold[aria-valuenow="0.82"]').waitFor();
        const threshold = rows[Math.min(3, rows.length - 1)].score;
        const plot = await page.locator('.plot').boundingBox();
        assert.ok(plot);
        await page.mouse.move(plot.x + plot.width * 0.82, plot.y + plot.height / 2);
        await page.mouse.down();
        await page.mouse.move(
            plot.x + (plot.width * Math.floor(threshold * 100)) / 100,
            plot.y + 5,
            { steps: 5 },
        );
        await page.mouse.up();
        await settled(page);
        const dragged = Number(await slider.getAttribute('aria-valuenow'));
        assert.ok(
            Math.abs(dragged - threshold) < 0.02,
            `dragged to ${dragged}, meant ${threshold}`,
        );
        const expected = rows.filter((row) => row.score >= dragged).length;
        assert.equal(await page.locator('.filter.defect b').innerText(), String(expected));
        assert.match(
            await sentence(page),
            new RegExp(`^${expected} of ${rows.length} photos lies? above your threshold$`),
        );
        const moved = await exportedScores(page);
        assert.equal(moved.filter((row) => row.verdict === 'defect').length, expected);
        await page.locator('.filter.defect').click();
        await page.waitForFunction(
            (count) => document.querySelectorAll('.card').length === count,
            Math.min(expected, 20),
        );
        await page.locator('.filter.all').click();
        await page.getByRole('button', { name: 'Reset' }).click();
        await page.locator('.threshold[aria-valuenow="0.50"]').waitFor();
        assert.equal(await sentence(page), sentenceOf(rows));
    });

    test('are walked and looked at by keyboard', async () => {
        const { page } = tab;
        const gallery = page.getByRole('listbox');
        await gallery.focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('ArrowRight');
        const chosen = page.locator('.card[aria-selected="true"]');
        await chosen.and(page.locator('[aria-posinset="2"]')).waitFor();
        await page.keyboard.press('ArrowDown');
        await chosen.and(page.locator(':not([aria-posinset="2"])')).waitFor();
        const below = Number(await chosen.getAttribute('aria-posinset'));
        assert.ok(below > 3, 'the arrow down moves by a row');
        await page.keyboard.press('Enter');
        await page.locator('.viewer.large').waitFor();
        await page.keyboard.press('ArrowRight');
        await page
            .locator(`.card[aria-selected="true"][aria-posinset="${below + 1}"]`)
            .waitFor({ state: 'attached' });
        await page.keyboard.press('Escape');
        await page.locator('.viewer:not(.large)').waitFor();
        const heatmap = page.getByRole('switch', { name: 'Show' });
        await page.keyboard.press('Space');
        await page.waitForFunction(
            () =>
                !(
                    /** @type {HTMLInputElement} */ (document.querySelector('[role=switch]'))
                        .checked
                ),
        );
        await page.keyboard.press('Space');
        await page.waitForFunction(
            () => /** @type {HTMLInputElement} */ (document.querySelector('[role=switch]')).checked,
        );
        assert.ok(await heatmap.isVisible());
        await page.keyboard.press('End');
        await page.locator(`.card[aria-selected="true"][aria-posinset="${rows.length}"]`).waitFor();
    });

    test('come as a ZIP of pictures with heatmaps', async () => {
        const { page } = tab;
        const { bytes } = await downloaded(page, async () => {
            await page.locator('.summary summary', { hasText: 'Export' }).click();
            await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
        });
        assert.equal(bytes.readUInt32LE(0), 0x04034b50);
        assert.equal(bytes.readUInt16LE(bytes.length - 12), rows.length, 'one entry a photo');
    });

    test('give a model that scores a photo alike in a fresh page', async () => {
        const { page } = tab;
        const file = rows[0].file;
        const photo = {
            name: 'again.jpg',
            mimeType: 'image/jpeg',
            buffer: readFileSync(join(SAMPLES, file)),
        };
        await choose(page, photo);
        await page.locator('.card .badge:visible').first().waitFor();
        await reach(page, 'result');
        const here = (await exportedScores(page)).find((row) => row.file === 'again.jpg');
        const save = () => page.getByRole('button', { name: 'Save model' }).click();
        await page.getByRole('slider', { name: 'Threshold' }).press('PageUp');
        const strict = await downloaded(page, save);
        await page.getByRole('slider', { name: 'Threshold' }).press('PageDown');
        const saved = await downloaded(page, save);
        assert.match(saved.name, /\.fleck$/);
        model = saved.bytes;

        const fresh = await site.open();
        await load(fresh.page, strict.name, strict.bytes);
        await fresh.page.locator('.threshold[aria-valuenow="0.60"]').waitFor({ state: 'attached' });
        await load(fresh.page, saved.name, model);
        await fresh.page.locator('.threshold[aria-valuenow="0.50"]').waitFor({ state: 'attached' });
        await reach(fresh.page, 'result');
        await choose(fresh.page, photo);
        await fresh.page.locator('.card .badge:not(.mark)').waitFor();
        await reach(fresh.page, 'result');
        const [there] = await exportedScores(fresh.page);
        assert.equal(there.file, 'again.jpg');
        assert.equal(there.score, here?.score);
        await fresh.close();
    });

    test('refuse a damaged model and go on', async () => {
        const { page } = tab;
        await load(page, 'damaged.fleck', model.subarray(0, model.length >> 1));
        await page.locator('.notice.error', { hasText: 'damaged.fleck' }).waitFor();
        assert.equal(await page.evaluate(() => document.body.dataset.phase), 'result');
        assert.equal((await exportedScores(page)).length, rows.length + 1);
        await page.getByRole('button', { name: 'Close this message' }).click();
    });

    test('are there again after a reload, and can be deleted', async () => {
        const { page } = tab;
        await page.reload();
        await openKept(page, new RegExp(`^Sample photos ${rows.length + 1} photos, \\d defects`));
        await reach(page, 'result');
        const again = await exportedScores(page);
        assert.deepEqual(
            again.filter((row) => row.file !== 'again.jpg'),
            rows,
        );
        assert.equal(await sentence(page), sentenceOf(again));
        await page.screenshot({ path: join(SHOTS, 'restored.png') });
        await page.reload();
        await page.getByRole('button', { name: 'Delete Sample photos' }).click();
        await page.getByRole('button', { name: 'Delete it' }).click();
        await page.locator('.jobs').waitFor({ state: 'hidden' });
        await page.reload();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await page.waitForTimeout(500);
        assert.equal(await page.locator('.jobs').isVisible(), false);
        await tab.close();
    });
});

describe('a folder of equal photos', () => {
    test('looks clean, after a reload too, and new photos are told apart', async () => {
        const site = await openSite();
        try {
            const { page, close } = await site.open();
            const clean = 'This folder looks clean: no photo stands out from the rest';
            const [good] = await goodFiles(1);
            await choose(
                page,
                Array.from({ length: 6 }, (_, i) => ({ ...good, name: `${i}.jpg` })),
            );
            await reach(page, 'result');
            assert.equal(await sentence(page), clean);
            await page.reload();
            await openKept(page);
            await reach(page, 'result');
            assert.equal(await sentence(page), clean);
            const defect = (await samplePaths()).find(isDefect);
            await choose(page, [
                {
                    name: 'new.jpg',
                    mimeType: 'image/jpeg',
                    buffer: readFileSync(join(SAMPLES, defect)),
                },
            ]);
            await page
                .getByRole('heading', {
                    name: 'The folder looks clean; of 1 new photo 1 looks defective',
                })
                .waitFor();
            await close();
        } finally {
            await site.stop();
        }
    });
});

/** The page's word on the folder. @param {import('playwright-core').Page} page */
function sentence(page) {
    return page.locator('.summary h1').innerText();
}

/** And what it says of photos some of which are defects. @param {{verdict: string}[]} rows */
function sentenceOf(rows) {
    const defects = rows.filter(({ verdict }) => verdict === 'defect').length;
    return `${defects} of ${rows.length} photos look defective`;
}

/** @param {string} file */
function isDefect(file) {
    return file.startsWith('test/') && !file.startsWith('test/good/');
}

/** @param {import('playwright-core').Page} page @param {string} name @param {Buffer} bytes */
async function load(page, name, bytes) {
    await page
        .locator('input[accept=".fleck"]')
        .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: bytes });
}

/**
 * Chooses a photo by walking to it.
 * @param {import('playwright-core').Page} page
 * @param {string} file
 */
async function show(page, file) {
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Home');
    const name = page.locator('.viewer-name');
    const at = (/** @type {number} */ place) =>
        page
            .locator(`.card[aria-selected="true"][aria-posinset="${place}"]`)
            .waitFor({ state: 'attached' });
    await at(1);
    for (let place = 1; !(await name.innerText()).startsWith(file); place++) {
        assert.ok(place < 60, `${file} is in the gallery`);
        await page.keyboard.press('ArrowRight');
        await at(place + 1);
    }
    await page.locator('.viewer-sheet canvas:visible').waitFor();
}

/**
 * Runs in the page: where the chosen photo is hottest, as it is drawn over the
 * photo, and whether its mask lies there. Heat has the grain of a patch, 1/28 of
 * the heatmap, so half a patch beside the mask still counts.
 * @param {string} mask
 */
async function hottestOnMask(mask) {
    const heat = /** @type {HTMLCanvasElement} */ (document.querySelector('.viewer-sheet canvas'));
    const image = /** @type {HTMLImageElement} */ (document.querySelector('.viewer-sheet img'));
    const { data, width, height } = /** @type {CanvasRenderingContext2D} */ (
        heat.getContext('2d')
    ).getImageData(0, 0, heat.width, heat.height);
    let best = -1,
        sum = 0,
        sumX = 0,
        sumY = 0;
    for (let i = 0; i < width * height; i++) {
        /* alpha rises with heat, then lightness does */
        const level = data[4 * i + 3] * 1000 + data[4 * i] + data[4 * i + 1] + data[4 * i + 2];
        if (level > best) [best, sum, sumX, sumY] = [level, 0, 0, 0];
        if (level === best) {
            sum++;
            sumX += i % width;
            sumY += Math.floor(i / width);
        }
    }
    const frame = image.getBoundingClientRect(),
        box = heat.getBoundingClientRect();
    const x = (box.left + ((sumX / sum + 0.5) / width) * box.width - frame.left) / frame.width;
    const y = (box.top + ((sumY / sum + 0.5) / height) * box.height - frame.top) / frame.height;

    const bitmap = await createImageBitmap(await (await fetch(mask)).blob());
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
        new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    );
    context.drawImage(bitmap, 0, 0);
    const reach = (bitmap.width * box.width) / frame.width / 28 / 2;
    const near = context.getImageData(
        x * bitmap.width - reach,
        y * bitmap.height - reach,
        2 * reach,
        2 * reach,
    );
    return {
        inside: near.data.some((value, i) => i % 4 === 0 && value > 127),
        hottest: `${x.toFixed(2)}, ${y.toFixed(2)}`,
    };
}

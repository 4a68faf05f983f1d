/**
 * node tests/e2e/screenshot.mjs FILE.png [light|dark] [result|area|review]: the sample job, 1280×800:
 * its result; its area of interest as it is drawn; or its review, with that area, three marks and
 * groups that have names. README.md shows all three, as web/screenshot.png, -area.png, -review.png.
 */
import { execFileSync } from 'node:child_process';
import { exported, reach, openSite } from './site.mjs';

const [file, scheme = 'light', what = 'result'] = process.argv.slice(2);
if (!file) {
    console.error(
        'usage: node tests/e2e/screenshot.mjs FILE.png [light|dark] [result|area|review]',
    );
    process.exit(1);
}

/** In a palette, which a photo takes a fourth of. */
const SMALLER = `
import sys
from PIL import Image
picture = Image.open(sys.argv[1]).convert("RGB")
picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)
`;

/** Around the flange. @param {import('playwright-core').Page} page */
async function drawArea(page) {
    await page.getByRole('button', { name: 'Area of interest…' }).click();
    const stage = page.getByRole('application');
    await page.locator('.area-stage img').waitFor();
    const box = await stage.boundingBox();
    if (!box) throw new Error('there is nothing to draw on');
    const corners = 12;
    for (let i = 0; i <= corners; i++) {
        const turn = (2 * Math.PI * (i % corners)) / corners;
        const [x, y] = [0.5 + 0.46 * Math.sin(turn), 0.5 - 0.46 * Math.cos(turn)];
        await stage.click({ position: { x: x * box.width, y: y * box.height } });
    }
}

/** Marks a photo of a verdict. @param {import('playwright-core').Page} page @param {string} filter @param {number} at @param {string} key */
async function mark(page, filter, at, key) {
    await page.locator(`.filter.${filter}`).click();
    await page.locator(`.card[aria-posinset="${at}"]`).click();
    await page.locator('.viewer').press(key);
    await page.locator('.marking [aria-pressed="true"]').waitFor();
}

/** Each by what most of its photos have, as their folder says. @param {import('playwright-core').Page} page */
async function nameGroups(page) {
    const { bytes } = await exported(page, 'Results (JSON)');
    const { photos, folder } = JSON.parse(bytes.toString());
    for (let group = 1; group <= folder.groups.length; group++) {
        const of = photos.find((/** @type {any} */ { regions }) =>
            regions.some((/** @type {any} */ region) => region.group === group),
        );
        const name = page.getByLabel(`Name of group ${group}`);
        const [, defect] = of.file.split('/');
        await name.fill(defect[0].toUpperCase() + defect.slice(1).replaceAll('_', ' '));
        await name.press('Enter');
    }
}

/** @param {import('playwright-core').Page} page */
async function review(page) {
    await page.getByRole('button', { name: 'Learn from it' }).click();
    await page.getByText('Only the area of interest counts').waitFor();
    await reach(page, 'result');
    await page.getByRole('group', { name: 'Marks' }).waitFor();
    await mark(page, 'defect', 1, 'd');
    await mark(page, 'defect', 2, 'd');
    await mark(page, 'ok', 1, 'g');
    await page.locator('.filter.all').click();
    await nameGroups(page);
    await page.locator('.card[aria-posinset="1"]').click();
    await page.locator('.region-list button').first().waitFor();
}

const site = await openSite();
try {
    const { page, close } = await site.open({ colorScheme: scheme === 'dark' ? 'dark' : 'light' });
    await page.getByRole('button', { name: 'Try the sample photos' }).click();
    await reach(page, 'result');
    if (what !== 'result') await drawArea(page);
    if (what === 'review') await review(page);
    await page.waitForTimeout(2500); /* the cards have settled, and photos went to their places */
    await page.screenshot({ path: file });
    if (what !== 'result') execFileSync('/usr/bin/python3', ['-c', SMALLER, file]);
    await close();
} finally {
    await site.stop();
}

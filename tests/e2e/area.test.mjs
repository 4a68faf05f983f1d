/** The area of interest on the page: drawn by pointer and by keys, or of a mask, and the scores of the
 * command line's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fleck, missing, png } from '../cli/cli.mjs';
import { takeParts } from './parts.mjs';
import {
    becomes,
    choose,
    downloaded,
    drop,
    exported,
    fits,
    openKept,
    openSite,
    reach,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const OPEN = 'Area of interest…';
const COUNTS = /^.*Only the area of interest counts, .* % of what is looked at/;

/** Opens the dialog, once its photo is there. @param {Page} page */
async function open(page) {
    await page.getByRole('button', { name: OPEN, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Area of interest' });
    await page.waitForFunction(() => {
        const image = /** @type {HTMLImageElement|null} */ (
            document.querySelector('.area-stage img')
        );
        return image?.complete && image.naturalWidth > 0;
    });
    return {
        dialog,
        stage: dialog.getByRole('application'),
        said: dialog.getByRole('status'),
        corners: dialog.locator('.area-corners span'),
        button: (/** @type {string} */ name) => dialog.getByRole('button', { name, exact: true }),
    };
}

/** Learns from what is drawn, to the end. @param {Page} page */
async function learn(page) {
    await Promise.all([
        page.locator('body:not([data-phase="result"])').waitFor(),
        page.getByRole('button', { name: 'Learn from it' }).click(),
    ]);
    await reach(page, 'result');
}

/** Reads and learns anew, with another seed. @param {Page} page @param {number} value */
async function seed(page, value) {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Seed of the random draws').fill(String(value));
    await Promise.all([
        page.locator('body:not([data-phase="result"])').waitFor(),
        page.getByRole('button', { name: 'Apply' }).click(),
    ]);
    await reach(page, 'result');
}

/** @param {Page} page */
async function results(page) {
    const { bytes } = await exported(page, 'Results (JSON)');
    return JSON.parse(bytes.toString());
}

/** Clicks at a share of the photo. @param {import('playwright-core').Locator} stage @param {number} x @param {number} y */
async function click(stage, x, y) {
    const box = await stage.boundingBox();
    assert.ok(box);
    await stage.click({ position: { x: x * box.width, y: y * box.height } });
}

describe('the area of interest', { skip: missing }, () => {
    let site = /** @type {Awaited<ReturnType<typeof openSite>>} */ (/** @type {unknown} */ (null));
    let parts = /** @type {Awaited<ReturnType<typeof takeParts>>} */ (
        /** @type {unknown} */ (null)
    );
    let dir = '',
        folder = '';
    /** @type {string[]} */
    let files = [];
    /** What the command line writes of these photos as JSON. @param {string[]} args */
    const told = (...args) => parts.told(...args);

    /** @param {Page} page @param {string[]} args */
    async function areAs(page, ...args) {
        const [found, expected] = [await results(page), told(...args)];
        for (const part of ['settings', 'photos', 'folder', 'threshold'])
            assert.deepEqual(found[part], expected[part], `${part}, ${args}`);
    }

    /** A file for --area. @param {string} name @param {string|Buffer} content */
    function write(name, content) {
        const file = join(dir, name);
        writeFileSync(file, content);
        return file;
    }

    /** @param {number} width @param {number} height */
    const half = (width, height) =>
        png(width, height, (/** @type {number} */ x) => Array(3).fill(x < width / 2 ? 255 : 0));

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        parts = await takeParts('area');
        ({ dir, folder, files } = parts);
    });
    after(async () => {
        await site.stop();
        parts.remove();
    });

    test('is drawn by pointer, survives a reload and an export, and scores as the command line', async () => {
        const { page, close } = await site.open({
            before: () => {
                const { postMessage } = Worker.prototype;
                /** @type {string[]} */
                const asked = [];
                Object.assign(window, { asked });
                /** @param {any[]} args */
                Worker.prototype.postMessage = function (...args) {
                    if (args[0]?.method) asked.push(args[0].method);
                    /** @type {any} */ (postMessage).apply(this, args);
                };
            },
        });
        /** What workers were asked since the last time. */
        const asked = () => page.evaluate(() => /** @type {any} */ (window).asked.splice(0));
        await choose(page, files);
        await reach(page, 'result');
        assert.ok((await asked()).includes('hold'), 'photos are read');

        const { dialog, stage, said, corners, button } = await open(page);
        assert.equal(await said.innerText(), 'All of the photo counts.');
        const shape = [
            [0.1, 0.15],
            [0.8, 0.1],
            [0.85, 0.8],
            [0.5, 0.95],
            [0.15, 0.85],
        ];
        for (const [x, y] of [...shape, shape[0]]) await click(stage, x, y);
        await said
            .getByText(/^\d\d\.\d % of what is looked at lies inside, \d+ patches\.$/)
            .waitFor();
        assert.equal(await corners.count(), shape.length);
        const whole = await said.innerText();
        await dialog.getByLabel('exclude').check();
        for (const [x, y] of [
            [0.4, 0.4],
            [0.6, 0.4],
            [0.5, 0.6],
        ])
            await click(stage, x, y);
        await click(stage, 0.5, 0.6); /* a double click closes */
        await page.waitForFunction(
            (whole) => document.querySelector('.area-said')?.textContent !== whole,
            whole,
        );
        assert.equal(await corners.count(), shape.length + 3);
        const less = await said.innerText();

        /* a corner is dragged, which can be undone */
        const box = await stage.boundingBox();
        assert.ok(box);
        const at = (/** @type {number} */ x, /** @type {number} */ y) =>
            /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
        await page.mouse.move(...at(0.85, 0.8));
        await page.mouse.down();
        await page.mouse.move(...at(0.6, 0.7), { steps: 4 });
        await page.mouse.up();
        await page.waitForFunction(
            (less) => document.querySelector('.area-said')?.textContent !== less,
            less,
        );
        await button('Undo').click();
        await said.getByText(less).waitFor();
        await page.screenshot({ path: join(SHOTS, 'area.png') });
        await page.setViewportSize({ width: 360, height: 800 });
        await fits(page, 'area');
        await page.screenshot({ path: join(SHOTS, 'area-narrow.png') });
        await page.setViewportSize({ width: 1280, height: 800 });

        await asked();
        await learn(page);
        assert.equal(await dialog.isVisible(), false);
        assert.ok(!(await asked()).includes('hold'), 'photos are not read again');
        await page.getByText(COUNTS).waitFor();
        await page.screenshot({ path: join(SHOTS, 'area-result.png') });

        /* what an exported job says of it the command line reads */
        await page.getByRole('button', { name: 'Close this job' }).click();
        const { bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: /^Export / }).click(),
        );
        const archive = write('job.zip', bytes);
        execFileSync('python3', ['-m', 'zipfile', '-e', archive, join(dir, 'job')]);
        const { area } = JSON.parse(readFileSync(join(dir, 'job/fleck-job.json'), 'utf8'));
        assert.deepEqual([area.include[0].length, area.exclude[0].length], [5, 3]);
        const drawn = write('drawn.json', JSON.stringify(area));
        await openKept(page);
        await reach(page, 'result');
        await areAs(page, '--area', drawn);

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await page.getByText(COUNTS).waitFor();
        await areAs(page, '--area', drawn);
        const again = await open(page);
        await again.said.getByText(less).waitFor();
        assert.equal(await again.corners.count(), shape.length + 3);
        await again.button('Cancel').click();

        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByRole('button', { name: /^Delete / }).click();
        await page.getByRole('button', { name: 'Delete it' }).click();
        await choose(page, [{ name: 'a.zip', mimeType: 'application/zip', buffer: bytes }]);
        await reach(page, 'result');
        await areAs(page, '--area', drawn);

        /* of photos that are read anew, and of others that come */
        await seed(page, 3);
        await areAs(page, '--area', drawn, '--seed', '3');
        const other = write('other.png', half(320, 320));
        await drop(page, [other]);
        await page.getByRole('button', { name: 'Learn from them too' }).click();
        await page.locator('.filter.all b', { hasText: '13' }).waitFor();
        await reach(page, 'result');
        assert.equal(
            (await results(page)).settings.area.share,
            told('--area', drawn, '--seed', '3').settings.area.share,
        );
        await close();
    });

    test('is drawn by keys alone, and given up', async () => {
        const { page, close } = await site.open();
        await choose(page, files);
        await reach(page, 'result');
        const press = async (/** @type {string} */ key, times = 1) => {
            for (let i = 0; i < times; i++) await page.keyboard.press(key);
        };
        await page.getByRole('button', { name: OPEN, exact: true }).focus();
        await press('Enter');
        const dialog = page.getByRole('dialog', { name: 'Area of interest' });
        const said = dialog.getByRole('status');
        await dialog.waitFor();
        await page.waitForFunction(() => document.activeElement?.matches('.area-stage'));
        await press('Shift+ArrowLeft', 11);
        await press('Shift+ArrowUp', 11);
        await page.getByText('Crosshair at 0.0 %, 0.0 %').waitFor();
        await press('Enter');
        await press('Shift+ArrowRight', 9);
        await press('ArrowRight', 10);
        await press('Enter');
        await press('Shift+ArrowDown', 20);
        await press('Enter');
        await press('Shift+ArrowLeft', 8);
        await press('Enter');
        await press('Escape'); /* it is discarded */
        const corners = () => dialog.locator('.area-corners span').count();
        await becomes(corners, 0);
        await page.keyboard.press('Control+z');
        await becomes(corners, 4);
        await press('Delete');
        await press('Shift+ArrowLeft', 2);
        await press('Enter', 2); /* closes */
        await said.getByText('50.0 % of what is looked at lies inside, 392 patches.').waitFor();

        /* a corner is chosen, moved and put back */
        await press('PageDown', 2);
        await page.getByText('Corner at 50.0 %, 0.0 %').waitFor();
        await press('Shift+ArrowRight', 4);
        await said.getByText('60.0 % of what is looked at lies inside, ').waitFor();
        await press('Escape');
        await page.keyboard.press('Control+z');
        await said.getByText('50.0 % of what is looked at lies inside, 392 patches.').waitFor();

        /* one that crosses itself is refused, and nothing is lost */
        await press('PageUp');
        await press('Shift+ArrowRight', 15);
        await press('Shift+ArrowUp', 10);
        await said.getByText(/^polygon 1 to include crosses itself: /).waitFor();
        await page.getByRole('button', { name: 'Learn from it' }).press('Enter');
        await said.getByText(/^polygon 1 to include crosses itself: /).waitFor();
        await page.screenshot({ path: join(SHOTS, 'area-refused.png') });
        assert.ok(await dialog.isVisible());
        await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).press('Enter');
        await said.getByText('50.0 % of what is looked at lies inside, 392 patches.').waitFor();
        const left = [
            [0, 0],
            [0.5, 0],
            [0.5, 1],
            [0, 1],
        ];
        const file = write('half.json', JSON.stringify({ include: [left], exclude: [] }));
        await Promise.all([
            page.locator('body:not([data-phase="result"])').waitFor(),
            page.getByRole('button', { name: 'Learn from it' }).press('Enter'),
        ]);
        await reach(page, 'result');
        await areAs(page, '--area', file);

        /* all of the photo again: the first scores */
        const again = await open(page);
        await again.button('Whole photo').click();
        await again.said.getByText('All of the photo counts.').waitFor();
        await learn(page);
        await areAs(page);
        assert.equal(await page.getByText(COUNTS).count(), 0);
        await close();
    });

    test('is taken from a mask of the shape of the photos, and of no other', async () => {
        const { page, close } = await site.open();
        await choose(page, files);
        await reach(page, 'result');
        const { dialog, said, button } = await open(page);
        const input = dialog.locator('input[type="file"]');
        const { width, height } = told().photos[0];
        await input.setInputFiles(write('long.png', half(100, 30)));
        await said
            .getByText(
                `The mask long.png, 100 × 30 pixels, has another shape than 12 photos, as ` +
                    `${told().photos[0].file}, ${width} × ${height} pixels`,
            )
            .waitFor();
        await input.setInputFiles(write('none.png', 'this is no picture'));
        await said.getByText('none.png cannot be read as a picture').waitFor();
        const mask = write('mask.png', half(width / 4, height / 4));
        await input.setInputFiles(mask);
        await said.getByText('50.0 % of what is looked at lies inside, 392 patches.').waitFor();
        await button('Undo').click();
        await said.getByText('All of the photo counts.').waitFor();
        await page.evaluate(() => {
            const decode = createImageBitmap;
            globalThis.createImageBitmap = async (/** @type {any[]} */ ...given) => {
                await new Promise((later) => setTimeout(later, 1000));
                return /** @type {any} */ (decode)(...given);
            };
        });
        await input.setInputFiles(mask);
        await learn(page); /* pressed while the mask is still being read */
        await areAs(page, '--area', mask);
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        const again = await open(page);
        await again.said.getByText('50.0 % of what is looked at lies inside, 392').waitFor();
        await again.button('Cancel').click();
        await areAs(page, '--area', mask);
        await close();
    });

    test('of a loaded model goes on where its photos are learnt from', async () => {
        const polygon = [
            [0.25, 0],
            [1, 0],
            [1, 0.75],
            [0.25, 0.75],
        ];
        const area = write('model.json', JSON.stringify({ include: [polygon], exclude: [] }));
        const model = join(dir, 'model.fleck');
        const { status, stderr } = fleck('train', folder, '--save', model, '--area', area);
        assert.equal(status, 0, stderr);
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await drop(page, [model]);
        await page.getByText('Drop photos to judge them').first().waitFor();
        await choose(page, files);
        await page.locator('.filter.all b', { hasText: '12' }).waitFor();
        await reach(page, 'result');
        assert.equal(await page.getByRole('button', { name: OPEN }).count(), 0);
        await seed(page, 3);
        await areAs(page, '--area', area, '--seed', '3');
        const { said, button } = await open(page);
        await said.getByText(/^56\.3 % of what is looked at lies inside/).waitFor();
        await button('Cancel').click();
        await close();
    });
});

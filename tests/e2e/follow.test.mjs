/** An area of interest that is proposed and follows the part, on the page, beside the command line. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleck, missing, movingPart } from '../cli/cli.mjs';
import { inspectAs } from './parts.mjs';
import { choose, exported, openKept, openSite, reach, SHOTS } from './site.mjs';

const SIDE = 224;
const DRAWN = 'drawn.png';

/** Photos of a part that lies elsewhere on each, one of them with a defect. */
function drawPhotos() {
    /** @type {Record<string, number[]>} by how many patches it is moved */
    const shifts = { [DRAWN]: [0, 0], 'odd.png': [-2, 1] };
    for (let i = 0; i < 10; i++) shifts[`p${i}.png`] = [(i % 5) - 2, ((3 * i) % 5) - 2];
    const dir = mkdtempSync(join(tmpdir(), 'fleck-follow-'));
    const folder = join(dir, 'photos');
    mkdirSync(folder);
    const files = Object.entries(shifts).map(([name, shift], seed) => {
        writeFileSync(join(folder, name), movingPart(SIDE, seed, shift, name === 'odd.png'));
        return join(folder, name);
    });
    return { dir, folder, files, shifts };
}

test(
    'is proposed, seen on other photos at any zoom, kept, and as the command line has it',
    { skip: missing },
    async () => {
        mkdirSync(SHOTS, { recursive: true });
        const { dir, folder, files, shifts } = drawPhotos();
        const site = await openSite();
        try {
            const { page, close } = await site.open();
            await choose(page, files);
            await reach(page, 'result');
            const dialog = page.getByRole('dialog', { name: 'Area of interest' });
            const button = (/** @type {string} */ name) =>
                dialog.getByRole('button', { name, exact: true });
            const open = async () => {
                await page.getByRole('button', { name: 'Area of interest…' }).click();
                await dialog.waitFor();
            };
            const seen = dialog.locator('.area-tools > .hint').last();
            const turnTo = async (/** @type {string} */ name) => {
                for (let i = 0; i < files.length; i++) {
                    if ((await seen.innerText()).startsWith(name)) return;
                    await button('Next photo').click();
                }
                assert.fail(`${name} is not among ${files.length} photos`);
            };
            /** Where the area lies, in patches from where it was drawn. */
            const liesAt = (/** @type {number[]} */ [x, y]) =>
                page.waitForFunction(
                    ([x, y]) => {
                        const layer = /** @type {HTMLElement} */ (
                            document.querySelector('.area-layer')
                        );
                        const [across, down = 0] = layer.style.translate.split(' ').map(parseFloat);
                        return Math.abs(across - x) < 0.01 && Math.abs(down - y) < 0.01;
                    },
                    [(100 * 8 * x) / SIDE, (100 * 8 * y) / SIDE],
                );

            await open();
            await turnTo(DRAWN);
            await button('Propose').click();
            await dialog.locator('.area-corners span').nth(3).waitFor();
            await dialog.getByLabel('Follow the part where it moves').check();
            for (const name of ['p3.png', 'odd.png', 'p9.png']) {
                await turnTo(name);
                assert.equal(await seen.innerText(), `${name}, drawn over ${DRAWN}`);
                await liesAt(shifts[name]);
            }
            await page.screenshot({ path: join(SHOTS, 'area-follows.png') });

            const stage = dialog.getByRole('application');
            const width = async () => (await stage.boundingBox())?.width ?? 0;
            const whole = await width();
            await button('Zoom in').click();
            await stage.press('+');
            await stage.hover({ position: { x: 20, y: 20 } });
            await page.mouse.wheel(0, -100);
            assert.ok(Math.abs((await width()) / whole - 1.25 ** 3) < 0.01, `${await width()}`);
            await page.screenshot({ path: join(SHOTS, 'area-zoomed.png') });
            for (let i = 0; i < 4; i++) await button('Zoom out').click();
            assert.equal(await width(), whole);

            await Promise.all([
                page.locator('body:not([data-phase="result"])').waitFor(),
                button('Learn from it').click(),
            ]);
            await reach(page, 'result');
            const proposed = fleck('propose-area', join(folder, DRAWN));
            assert.equal(proposed.status, 0, proposed.stderr);
            const file = join(dir, 'area.json');
            writeFileSync(file, JSON.stringify({ ...JSON.parse(proposed.stdout), follow: DRAWN }));
            const expected = inspectAs(dir, folder, ['--area', file]);
            for (const photo of expected.photos) {
                const [x, y] = shifts[photo.file];
                assert.deepEqual(photo.shift, [8 * x, 8 * y], photo.file);
            }
            const results = async () =>
                JSON.parse((await exported(page, 'Results (JSON)')).bytes.toString());
            const found = await results();
            assert.equal(expected.settings.area.follows, true);
            for (const part of ['settings', 'photos', 'folder'])
                assert.deepEqual(found[part], expected[part], part);
            const called = found.photos.filter(
                (/** @type {any} */ { verdict }) => verdict === 'defect',
            );
            assert.deepEqual(
                called.map((/** @type {any} */ { file }) => file),
                ['odd.png'],
            );

            await page.reload();
            await openKept(page);
            await reach(page, 'result');
            assert.deepEqual((await results()).photos, found.photos);
            await open();
            assert.equal(await seen.innerText(), DRAWN, 'over the photo that it was drawn over');
            assert.ok(await dialog.getByLabel('Follow the part where it moves').isChecked());
            await close();
        } finally {
            await site.stop();
            rmSync(dir, { recursive: true });
        }
    },
);

/** A camera: what it sees is judged as it comes, and photos are taken of it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    choose,
    exportedScores,
    fits,
    goodFiles,
    openSite,
    reach,
    SAMPLES,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const FAKE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** @param {Page} page */
async function openFromMenu(page) {
    await page.locator('.summary summary', { hasText: 'New' }).click();
    await page.getByRole('button', { name: 'Use a camera…' }).click();
    await page.getByRole('region', { name: 'Camera' }).waitFor();
}

describe('a camera that sees parts', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    let dir = '';
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        dir = mkdtempSync(join(tmpdir(), 'fleck-camera-'));
        /* Chromium shows a file of JPEGs, one after the other, again and again. */
        const [good] = await goodFiles(13).then((files) => files.slice(12));
        const dent = await readFile(join(SAMPLES, 'test/dent/part_019.jpg'));
        const seconds = (/** @type {Buffer} */ jpeg) => Array.from({ length: 120 }, () => jpeg);
        const film = join(dir, 'film.mjpeg');
        writeFileSync(film, Buffer.concat([...seconds(good.buffer), ...seconds(dent)]));
        site = await openSite({ flags: [...FAKE, `--use-file-for-fake-video-capture=${film}`] });
    });
    after(async () => {
        await site.stop();
        rmSync(dir, { recursive: true, force: true });
    });

    test('shows verdict and heat of what it sees, and keeps the photos that are asked for', async () => {
        const { page, close } = await site.open();
        await choose(page, (await goodFiles(12)).slice(0, 12));
        await reach(page, 'result');
        await openFromMenu(page);
        const light = page.getByRole('region', { name: 'Camera' }).getByRole('status');
        const counts = page.locator('.watch-counts');
        await light.getByText('OK', { exact: true }).waitFor();
        await light.getByText('Defect', { exact: true }).waitFor();
        await light.getByText(/^0\.\d\d · \d+\.\d pictures a second$/).waitFor();
        await page.locator('.watch .frame canvas').waitFor();
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await fits(page, 'camera');
            await page.screenshot({ path: join(SHOTS, `camera-${width}.png`) });
        }
        await page.setViewportSize({ width: 1280, height: 800 });
        assert.equal(await counts.innerText(), '0 photos, 0 defects');

        await page.getByRole('button', { name: 'Take a photo' }).press('Space');
        await counts.getByText('1 photo,').waitFor();
        await page.getByLabel('Keep the photos in this job').check();
        await page.getByLabel('When photos are taken').selectOption('rest');
        await counts.getByText('3 photos,').waitFor();
        await page.getByLabel('When photos are taken').selectOption('hand');
        await page.waitForTimeout(1000);
        const taken = Number.parseInt(await counts.innerText(), 10);
        assert.ok(taken <= 4, `${taken} photos of two parts that rest`);
        await page.getByRole('button', { name: 'Stop watching' }).click();
        const rows = (await exportedScores(page)).filter(({ file }) => file.startsWith('camera '));
        assert.equal(rows.length, 2, 'the same part is no other photo');
        assert.deepEqual(rows.map(({ verdict }) => verdict).sort(), ['defect', 'ok']);
        assert.equal(await page.evaluate(() => document.querySelector('video')?.srcObject), null);
        await close();
    });

    test('that is taken away, or refused, is told of', async () => {
        const { page, close } = await site.open();
        await choose(page, (await goodFiles(6)).slice(0, 6));
        await reach(page, 'result');
        await openFromMenu(page);
        await page.evaluate(() => {
            const stream = /** @type {MediaStream} */ (document.querySelector('video')?.srcObject);
            stream.getTracks()[0].dispatchEvent(new Event('ended'));
        });
        await page.getByText('The camera is no longer there.').waitFor();
        assert.equal(await page.locator('.watch').isVisible(), false);
        for (const [name, why] of Object.entries({
            NotAllowedError: 'the browser does not allow it; its address bar tells',
            NotFoundError: 'there is none.',
            NotReadableError: 'another program uses it.',
        })) {
            await page.evaluate((name) => {
                navigator.mediaDevices.getUserMedia = async () => {
                    throw new DOMException('', name);
                };
            }, name);
            await page.locator('.summary summary', { hasText: 'New' }).click();
            await page.getByRole('button', { name: 'Use a camera…' }).click();
            await page.getByText(`The camera cannot be used: ${why}`).waitFor();
        }
        await close();
    });
});

test('photos that a camera takes are learnt from, where nothing was learnt yet', async () => {
    const site = await openSite({ flags: FAKE });
    try {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Use a camera' }).click();
        const counts = page.locator('.watch-counts');
        await page.getByText('Take photos of good parts, 20 or more').waitFor();
        await page
            .locator('video')
            .evaluate(
                (/** @type {HTMLVideoElement} */ video) =>
                    video.videoWidth ||
                    new Promise((next) => video.addEventListener('resize', next)),
            );
        const width = () => document.querySelector('video')?.videoWidth;
        assert.equal(await page.evaluate(width), 1120, 'no more than one tile takes');
        for (let count = 1; count <= 6; count++) {
            await page.getByRole('button', { name: 'Take a photo' }).click();
            await counts.getByText(`${count} photo`).waitFor();
        }
        await page.getByRole('button', { name: 'Done: learn from these' }).click();
        await reach(page, 'result');
        const rows = await exportedScores(page);
        assert.equal(rows.length, 6);
        assert.ok(rows.every(({ file }) => /^camera \d{4}-\d\d-\d\d [\d.]+\.png$/.test(file)));
        await close();
    } finally {
        await site.stop();
    }
});

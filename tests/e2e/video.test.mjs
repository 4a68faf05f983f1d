/** Videos: their pictures become photos, and what is no use is named. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { drawFilm, numbersOf } from '../films.mjs';
import { zip } from '../js/zips.mjs';
import { choose, drop, exportedScores, goodFiles, openSite, reach, SHOTS } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page */
const dialogOf = (page) => page.getByRole('dialog', { name: 'Photos from videos' });

/** @param {Page} page @param {number} every seconds */
async function takePhotos(page, every) {
    await dialogOf(page).getByLabel('Seconds between two photos').fill(String(every));
    await page.getByRole('button', { name: 'Take the photos' }).click();
}

describe('a video', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    let folder = '';
    const files = { film: '', short: '', recorded: '', sound: '', none: '', avi: '', lot: '' };
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        folder = await mkdtemp(join(tmpdir(), 'fleck-video-'));
        const { page, close } = await site.open();
        /** @param {Parameters<typeof drawFilm>[0]} options */
        const draw = async (options) =>
            Buffer.from(await page.evaluate(drawFilm, options), 'base64');
        const film = await draw({ pictures: 48 });
        const contents = {
            film,
            short: await draw({ pictures: 8 }),
            recorded: await draw({ pictures: 20, tellsLength: false }),
            sound: await draw({ pictures: 0, isSilent: false }),
            none: film.subarray(0, 100),
            avi: Buffer.from('RIFF\0\0\0\0AVI LIST and no more'),
            lot: zip([['lot 7/cut.mp4', film.subarray(0, 0.6 * film.length)]]),
        };
        for (const name of /** @type {(keyof typeof files)[]} */ (Object.keys(files))) {
            files[name] = join(folder, name === 'lot' ? 'lot.zip' : `${name}.webm`);
            await writeFile(files[name], contents[name]);
        }
        await close();
    });
    after(async () => {
        await site.stop();
        await rm(folder, { recursive: true });
    });

    /** A page that takes what is dropped. */
    async function openPage() {
        const opened = await site.open();
        await opened.page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        return opened;
    }

    test('becomes photos at an interval, the same each time, that a job is made of', async () => {
        const { page, close } = await openPage();
        await drop(page, [files.film]);
        const dialog = dialogOf(page);
        await dialog.getByText('film.webm, 4.8 s', { exact: true }).waitFor();
        await dialog.getByText('48 photos', { exact: true }).waitFor();
        const every = dialog.getByLabel('Seconds between two photos');
        assert.equal(await every.inputValue(), '0.1');
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await page.screenshot({ path: join(SHOTS, `video-${width}.png`) });
        }
        await page.setViewportSize({ width: 1280, height: 800 });
        await takePhotos(page, 0.2);
        await reach(page, 'result');
        const names = Array.from(
            { length: 24 },
            (_, i) => `film.webm 00m0${(0.2 * i).toFixed(2)}s.png`,
        );
        const rows = await exportedScores(page);
        assert.deepEqual(rows.map(({ file }) => file).sort(), names);
        assert.equal(await page.getByLabel('Name of this job').inputValue(), 'film.webm');
        assert.deepEqual(
            await page.evaluate(numbersOf),
            Object.fromEntries(names.map((name, i) => [name, 2 * i])),
        );

        await drop(page, [files.film]);
        await page.getByRole('button', { name: 'Judge them' }).click();
        await takePhotos(page, 0.4);
        await page.getByText('These photos are here already.').waitFor();

        await page.reload();
        await page.locator('.job-open').click();
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), rows);
        await close();
    });

    test('comes with photos, in the middle of a job, and all is for what the user says', async () => {
        const { page, close } = await openPage();
        const photos = await goodFiles(7);
        await choose(page, photos.slice(0, 6));
        await reach(page, 'result');
        const photo = join(folder, 'photo.jpg');
        await writeFile(photo, photos[6].buffer);
        await drop(page, [files.short, photo]);
        await page.getByRole('button', { name: 'Judge them' }).click();
        await dialogOf(page).waitFor();
        await page.keyboard.press('Escape');
        await page.locator('.filter.all b', { hasText: /^7$/ }).waitFor();
        await page.getByText('1 video file: left out').waitFor({ state: 'attached' });
        await reach(page, 'result');

        await drop(page, [files.short, files.recorded]);
        await page.getByRole('button', { name: 'A new job' }).click();
        await dialogOf(page).getByText('recorded.webm and 1 other, 2.7 s').waitFor();
        await takePhotos(page, 0.1);
        await page.locator('.filter.all b', { hasText: /^27$/ }).waitFor();
        await reach(page, 'result');
        const names = (await exportedScores(page)).map(({ file }) => file);
        assert.equal(names.filter((name) => name.startsWith('short.webm 00m00.')).length, 8);
        assert.equal(names.filter((name) => name.startsWith('recorded.webm 00m0')).length, 19);
        await close();
    });

    test('is asked for after the one before, where it comes while that is', async () => {
        const { page, close } = await openPage();
        const dialog = dialogOf(page);
        await choose(page, [files.short]);
        await dialog.getByText('short.webm, 0.8 s', { exact: true }).waitFor();
        await choose(page, [files.film]);
        await page.waitForTimeout(1000);
        await dialog.getByText('short.webm, 0.8 s', { exact: true }).waitFor();
        await takePhotos(page, 0.1);
        await dialog.getByText('film.webm, 4.8 s', { exact: true }).waitFor();
        await takePhotos(page, 0.4);
        await page.locator('.filter.all b', { hasText: /^(18|19|20)$/ }).waitFor();
        await reach(page, 'result');
        await close();
    });

    test('that is no use is named, and the others are taken', async () => {
        const { page, close } = await openPage();
        await drop(page, [files.sound, files.none, files.avi, files.lot]);
        await dialogOf(page).getByText('lot 7/cut.mp4, 4.8 s', { exact: true }).waitFor();
        await takePhotos(page, 0.1);
        await reach(page, 'result');
        const rows = await exportedScores(page);
        assert.equal(rows.length, 29);
        for (const { file } of rows) assert.match(file, /^lot 7\/cut\.mp4 00m0\d\.\d0s\.png$/);
        await page.locator('.troubles summary').click();
        for (const told of [
            /^sound\.webm: no pictures can be read in it/,
            /^none\.webm: this browser does not read this video; MP4 \(H\.264\) or WebM would do$/,
            /^avi\.webm: this browser does not read/,
            /^lot 7\/cut\.mp4: at 19 of 48 times it stands still, or is damaged/,
        ])
            await page.locator('.troubles li', { hasText: told }).waitFor();
        await close();
    });

    test('is taken from as long as the user wants, and as there is room', async () => {
        const { page, close } = await openPage();
        await page.evaluate(() => {
            /* time to stop it */
            const { convertToBlob } = OffscreenCanvas.prototype;
            OffscreenCanvas.prototype.convertToBlob = async function (options) {
                if (options?.type === 'image/png') await new Promise((on) => setTimeout(on, 150));
                return convertToBlob.call(this, options);
            };
        });
        await drop(page, [files.film, files.recorded]);
        const dialog = dialogOf(page);
        const every = dialog.getByLabel('Seconds between two photos');
        await every.fill('0.01');
        const isValid = () =>
            every.evaluate((/** @type {HTMLInputElement} */ input) => input.checkValidity());
        assert.equal(await isValid(), false);
        await takePhotos(page, 0.1);
        await page.getByText(/^([6-9]|\d\d) of 67 photos$/).waitFor();
        await page.screenshot({ path: join(SHOTS, 'video-taking.png') });
        await page.keyboard.press('Escape');
        await reach(page, 'result');
        const count = (await exportedScores(page)).length;
        assert.ok(count > 5 && count < 48, `${count} photos`);
        await page.locator('.troubles summary').click();
        const told = new RegExp(`^film\\.webm: stopped by you; ${count} of 48 photos$`);
        await page.locator('.troubles li', { hasText: told }).waitFor();
        await page
            .locator('.troubles li', { hasText: 'recorded.webm: stopped by you; 0 of 19 photos' })
            .waitFor();
        await close();
    });
});

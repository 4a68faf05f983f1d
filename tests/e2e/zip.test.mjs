/** ZIPs: those that are dropped or chosen, and those that the page writes. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zip } from '../js/zips.mjs';
import {
    choose,
    downloaded,
    drop,
    exportedScores,
    goodFiles,
    openSite,
    reach,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Pictures are drawn slowly, so that there is something to see and to stop. */
function slowly() {
    const { convertToBlob } = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.convertToBlob = async function (options) {
        if (options?.type === 'image/png') await new Promise((done) => setTimeout(done, 1000));
        return convertToBlob.call(this, options);
    };
}

/** @param {Page} page */
async function exportHeatmaps(page) {
    await page.locator('.summary summary', { hasText: 'Export' }).click();
    await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
}

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
/** @type {string} */
let folder;
before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    site = await openSite();
    folder = await mkdtemp(join(tmpdir(), 'fleck-zip-'));
});
after(async () => {
    await site.stop();
    await rm(folder, { recursive: true });
});

describe('a ZIP of photos', () => {
    test('gives what its folder gives, and names what it does not', async () => {
        const photos = await goodFiles(7);
        await mkdir(join(folder, 'tiles/a'), { recursive: true });
        for (const { name, buffer } of photos)
            await writeFile(join(folder, 'tiles/a', name), buffer);
        const { page, close } = await site.open();
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [join(folder, 'tiles')]);
        await reach(page, 'result');
        const rows = await exportedScores(page);
        await close();

        const again = await site.open();
        /** @type {string[]} */
        const asked = [];
        again.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        await again.page.getByText('Drop a folder of photos here').waitFor();
        const archive = join(folder, 'photos.zip');
        await writeFile(
            archive,
            zip([
                ['tiles/', ''],
                ...photos.map(
                    ({ name, buffer }, i) =>
                        /** @type {[string, Buffer, any]} */ ([
                            `tiles/a/${name}`,
                            buffer,
                            { method: i % 2 ? 0 : 8, wide: i === 3 },
                        ]),
                ),
                ['tiles/wrong.jpg', photos[0].buffer, { crc: 1 }],
                ['tiles/secret.jpg', photos[0].buffer, { flags: 1 }],
                ['tiles/inner.zip', zip([['x.jpg', photos[0].buffer]])],
                ['__MACOSX/tiles/._wrong.jpg', 'x'],
            ]),
        );
        assert.equal(asked.filter((path) => path.includes('unzip')).length, 0);
        await drop(again.page, [archive]);
        await reach(again.page, 'result');
        assert.equal(asked.filter((path) => path.includes('unzip')).length, 1);
        assert.deepEqual(await exportedScores(again.page), rows);
        assert.equal(
            await again.page.getByRole('textbox', { name: 'Name of this job' }).inputValue(),
            'tiles',
        );
        await again.page.getByText('2 files skipped, 1 other left out').click();
        assert.deepEqual((await again.page.locator('.troubles li').allInnerTexts()).sort(), [
            '1 ZIP file inside a folder or another ZIP: left out',
            'tiles/secret.jpg: the file is encrypted',
            'tiles/wrong.jpg: the file is damaged in the archive',
        ]);
        await again.close();
    });

    test('is chosen beside photos, and can be cancelled without them', async () => {
        const photos = await goodFiles(8);
        const file = (/** @type {string} */ name, /** @type {Buffer} */ buffer) => ({
            name,
            mimeType: 'application/zip',
            buffer,
        });
        const { page, close } = await site.open({
            before: () => {
                const { arrayBuffer } = Blob.prototype;
                Blob.prototype.arrayBuffer = async function () {
                    const slow = /** @type {any} */ (window).slow && this.size === 1 << 20;
                    if (slow) await new Promise((done) => setTimeout(done, 1000));
                    return arrayBuffer.call(this);
                };
            },
        });
        const large = Buffer.alloc(4 << 20);
        await page.evaluate(() => Object.assign(window, { slow: true }));
        await choose(page, [
            ...photos.slice(0, 6),
            file('slow.zip', zip([['a.jpg', large, { method: 0 }]])),
            file('quick.zip', zip(photos.slice(6).map(({ name, buffer }) => [name, buffer]))),
        ]);
        const task = page.locator('.task', { hasText: 'Unpacking slow.zip' });
        await task.waitFor();
        await page.screenshot({ path: join(SHOTS, 'unpacking.png') });
        await task.getByRole('button', { name: 'Cancel' }).click();
        await reach(page, 'result');
        const names = (await exportedScores(page)).map(({ file }) => file);
        assert.deepEqual(
            names.sort(),
            photos.map(({ name }, i) => (i < 6 ? name : `quick/${name}`)).sort(),
        );
        await page.getByText('1 file skipped').click();
        await page.getByText('slow.zip: unpacking was cancelled').waitFor();
        await close();
    });

    test('that is none, is cut or has no photo gives a sentence, and the page goes on', async () => {
        const { page, close } = await site.open();
        const photos = await goodFiles(6);
        const whole = zip(photos.map(({ name, buffer }) => [name, buffer]));
        const files = { cut: whole.subarray(0, 5000), words: zip([['a.txt', 'words']]) };
        for (const [name, buffer] of Object.entries(files))
            await choose(page, [{ name: `${name}.zip`, mimeType: 'application/zip', buffer }]);
        await page
            .getByText(/^No photos were found there\./)
            .nth(1)
            .waitFor();
        await page.getByText('1 file skipped, 1 other left out').click();
        assert.deepEqual((await page.locator('.troubles li').allInnerTexts()).sort(), [
            '1 text file: left out',
            'cut.zip: cannot be unpacked: it is damaged or not complete',
        ]);
        await choose(page, [{ name: 'all.zip', mimeType: 'application/zip', buffer: whole }]);
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 6);
        await close();
    });
});

describe('a ZIP of heatmaps', () => {
    test('tells how far it is, and is not written once it is cancelled', async () => {
        const { page, close } = await site.open({ before: slowly });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        let handed = 0;
        page.on('download', () => handed++);
        await exportHeatmaps(page);
        const task = page.locator('.task', { hasText: 'Drawing the heatmaps' });
        await task.getByText(/[1-9]\d %/).waitFor();
        await page.screenshot({ path: join(SHOTS, 'task.png') });
        await task.getByRole('button', { name: 'Cancel' }).click();
        await task.waitFor({ state: 'detached' });
        assert.equal(handed, 0);

        const { bytes } = await downloaded(page, () => exportHeatmaps(page)); /* and once more */
        assert.equal(bytes.readUInt16LE(bytes.length - 12), 6);
        await task.waitFor({ state: 'detached' });
        await close();
    });

    test('is not written of half a job: closing it says so', async () => {
        const { page, close } = await site.open({ before: slowly });
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        let handed = 0;
        page.on('download', () => handed++);
        await exportHeatmaps(page);
        await page.locator('.task', { hasText: /[1-9]\d %/ }).waitFor();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByText('The job was closed before all of it was exported.').waitFor();
        await page.locator('.task').waitFor({ state: 'detached' });
        assert.equal(handed, 0);
        await close();
    });
});

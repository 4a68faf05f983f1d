/** What is dropped or chosen: all of it is used or named, whatever it is. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { choose, downloaded, drop, exportedScores, goodFiles, reach, openSite } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const BIG_TIFF = Buffer.from('49492b0008000000', 'hex');
const GIF = Buffer.from('R0lGODdhAQABAIABAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64');

describe('of what it is given the page', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {string} */
    let folder;
    before(async () => {
        site = await openSite();
        folder = await mkdtemp(join(tmpdir(), 'fleck-'));
    });
    after(async () => {
        await site.stop();
        await rm(folder, { recursive: true });
    });

    test('takes photos by their content, names the others, and takes nothing twice', async () => {
        const { page, close } = await site.open();
        const photos = await goodFiles(6);
        const all = join(folder, 'all');
        const put = async (/** @type {string} */ name, /** @type {Buffer|string} */ bytes) => {
            await mkdir(join(all, name, '..'), { recursive: true });
            await writeFile(join(all, name), bytes);
        };
        const names = ['a.jfif', 'b', 'c.JPG', 'sub/d.jpeg', 'e.png', 'sub/empty.folder/f.jpe'];
        for (const [i, name] of names.entries()) await put(name, photos[i].buffer);
        for (const name of ['1.tif', '2.TIFF', '3.tif', '4.jpg']) await put(name, BIG_TIFF);
        for (const name of ['notes.txt', 'more.txt']) await put(name, 'words');
        for (const name of ['.hidden.jpg', '__MACOSX/._a.jpg', 'Thumbs.db']) await put(name, GIF);
        await put('zero.jpg', '');
        await mkdir(join(all, 'nothing'));
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [all]);
        await reach(page, 'result');
        const rows = await exportedScores(page);
        assert.deepEqual(
            rows.map(({ file }) => file).sort(),
            names.map((name) => `all/${name}`).sort(),
        );
        await page.getByText('5 files skipped, 2 others left out').click();
        assert.deepEqual(await troubles(page), [
            '2 text files: left out',
            '4 BigTIFF pictures: all/1.tif, all/2.TIFF, all/3.tif and 1 more: this browser reads no ' +
                'such files; PNG, JPEG, BMP, TIFF, WebP, AVIF and GIF are read',
            'all/zero.jpg: the file is empty',
        ]);

        await drop(page, [all]); /* once more */
        await page.getByText('These photos are here already.').waitFor();
        await drop(page, [join(all, 'a.jfif')]); /* and one alone */
        await page.getByText('1 photo: here already, and counted once').waitFor();
        assert.deepEqual(await exportedScores(page), rows);
        await close();
    });

    test('says when there is nothing to see: an empty folder, BigTIFFs alone', async () => {
        const { page, close } = await site.open();
        const [empty, tiffs] = [join(folder, 'empty'), join(folder, 'tiffs')];
        await mkdir(join(empty, 'inner'), { recursive: true });
        await mkdir(tiffs);
        for (let i = 0; i < 14; i++) await writeFile(join(tiffs, `${i}.tif`), BIG_TIFF);
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [empty]);
        const notice = page.getByText(/^No photos were found there\./);
        await notice.waitFor();
        await page.getByRole('button', { name: 'Close this message' }).click();
        await notice.waitFor({ state: 'hidden' });
        await drop(page, [tiffs]);
        await notice.waitFor();
        await page.getByText('14 files skipped').click();
        assert.match(
            (await troubles(page))[0],
            /^14 BigTIFF pictures: tiffs\/0\.tif, .+ and 11 more: /,
        );
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await close();
    });

    test('names what cannot be read of a drop and takes the rest', async () => {
        const { page, close } = await site.open({
            before: () => {
                /* as of files and folders that are removed while they are read */
                const gone = new DOMException('It is gone.', 'NotFoundError');
                const wrap = (/** @type {any} */ entry) => ({
                    isFile: entry.isFile,
                    isDirectory: entry.isDirectory,
                    name: entry.name,
                    fullPath: entry.fullPath,
                    file: (/** @type {any} */ resolve, /** @type {any} */ reject) =>
                        entry.name.startsWith('gone') ? reject(gone) : entry.file(resolve, reject),
                    createReader: () => {
                        const reader = entry.createReader();
                        return {
                            readEntries: (/** @type {any} */ resolve, /** @type {any} */ reject) =>
                                entry.name === 'removed'
                                    ? reject(gone)
                                    : reader.readEntries(
                                          (/** @type {any[]} */ some) => resolve(some.map(wrap)),
                                          reject,
                                      ),
                        };
                    },
                });
                const { webkitGetAsEntry } = DataTransferItem.prototype;
                DataTransferItem.prototype.webkitGetAsEntry = function () {
                    return /** @type {any} */ (wrap(webkitGetAsEntry.call(this)));
                };
            },
        });
        const part = join(folder, 'part');
        await mkdir(join(part, 'removed'), { recursive: true });
        for (const { name, buffer } of await goodFiles(6))
            await writeFile(join(part, name), buffer);
        for (const name of ['gone1.jpg', 'gone2.jpg', 'removed/x.jpg'])
            await writeFile(join(part, name), GIF);
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [part]);
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 6);
        await page.getByText('3 files skipped').click();
        assert.deepEqual(await troubles(page), [
            'part/gone1.jpg: cannot be read: It is gone.',
            'part/gone2.jpg: cannot be read: It is gone.',
            'part/removed/: cannot be read: It is gone.',
        ]);
        await close();
    });

    test('leaves out the heatmaps that it drew itself, and says so', async () => {
        const { page, close } = await site.open();
        const tiles = join(folder, 'tiles');
        await mkdir(tiles);
        const photos = await goodFiles(6);
        for (const { name, buffer } of photos) await writeFile(join(tiles, name), buffer);
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [tiles]);
        await reach(page, 'result');
        const rows = await exportedScores(page);
        const { bytes } = await downloaded(page, async () => {
            await page.locator('.summary summary', { hasText: 'Export' }).click();
            await page.getByRole('button', { name: 'Photos with heatmaps' }).click();
        });
        for (const [name, picture] of unpacked(bytes)) {
            await mkdir(join(folder, 'heatmaps', name, '..'), { recursive: true });
            await writeFile(join(folder, 'heatmaps', name), picture);
        }
        await cp(join(folder, 'heatmaps/tiles'), join(tiles, 'heatmaps'), { recursive: true });
        await writeFile(join(tiles, 'scores.csv'), 'file,score,verdict\r\n');
        await close();

        const again = await site.open();
        await again.page.getByText('Drop a folder of photos here').waitFor();
        await drop(again.page, [tiles]);
        await reach(again.page, 'result');
        assert.deepEqual(await exportedScores(again.page), rows);
        await again.page.getByText('7 files left out').click();
        assert.deepEqual(await troubles(again.page), [
            '1 other file of fleck: left out',
            '6 heatmaps of fleck: left out',
        ]);
        await again.close();
    });

    test('reads GIF as its browser does', async () => {
        const { page, close } = await site.open();
        await choose(page, [
            ...(await goodFiles(6)),
            { name: 'dot.gif', mimeType: 'image/gif', buffer: GIF },
        ]);
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 7);
        await close();
    });
});

/** What is said of files that are not used, sorted. @param {Page} page */
async function troubles(page) {
    return (await page.locator('.troubles li').allInnerTexts()).sort();
}

/** The files of a ZIP without compression, as the page writes it. @param {Buffer} zip */
function* unpacked(zip) {
    for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
        const [size, name] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
        const from = at + 30 + name;
        yield /** @type {const} */ ([
            zip.subarray(at + 30, from).toString(),
            zip.subarray(from, from + size),
        ]);
        at = from + size;
    }
}

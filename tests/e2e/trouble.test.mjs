/** What can go wrong, and the ways to go on. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    becomes,
    choose,
    drop,
    exportedScores,
    fits,
    goodFiles,
    openKept,
    openSite,
    reach,
    SHOTS,
} from './site.mjs';

describe('in trouble the page', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
    });
    after(() => site.stop());

    test('names a broken file, asks for more when photos are too few, and goes on', async () => {
        const { page, close } = await site.open();
        const files = await goodFiles(8);
        const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
        const broken = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
        await mkdir(join(folder, 'deep/ground_truth'), { recursive: true });
        await writeFile(join(folder, 'IMG_7.png'), broken);
        await writeFile(join(folder, 'notes.txt'), 'left out');
        await writeFile(join(folder, 'deep/ground_truth/mask.png'), broken);
        for (const { name, buffer } of files.slice(0, 3))
            await writeFile(join(folder, 'deep', name), buffer);
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [folder]);
        await reach(page, 'paused');
        await rm(folder, { recursive: true });
        await page.getByRole('heading', { name: /Only 3 of the photos could be used/ }).waitFor();
        await page.getByText('1 file skipped, 2 others left out').click();
        assert.match(
            await page.locator('.troubles li', { hasText: 'IMG_7' }).innerText(),
            /^fleck-\w+\/IMG_7\.png: .+, skipped$/,
        );
        await page.screenshot({ path: join(SHOTS, 'trouble.png') });
        await choose(page, files.slice(3));
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 8);

        /* of a photo whose file was deleted meanwhile, the small picture is left */
        const note = page.getByText(/^The file of this photo was .+: this is its small picture/);
        const pictured = () =>
            page.waitForFunction(() => {
                const image = document.querySelector('.viewer img');
                return image instanceof HTMLImageElement && image.complete && image.naturalWidth;
            });
        await page.getByRole('option', { name: files[0].name }).click();
        await note.waitFor();
        await pictured();
        const wider = await page
            .locator('.viewer')
            .evaluate((viewer) => viewer.scrollWidth - viewer.clientWidth);
        assert.ok(wider <= 0, 'a long name leaves the controls in sight');
        await page.screenshot({ path: join(SHOTS, 'deleted.png') });
        await page.getByRole('option', { name: files[7].name }).click();
        await note.waitFor({ state: 'hidden' });
        await pictured();
        await close();
    });

    test('says so when nothing dropped is a photo', async () => {
        const { page, close } = await site.open();
        await choose(page, [
            { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
        ]);
        await page.getByText('No photos were found there').first().waitFor();
        await choose(page, [
            { name: 'scan.tiff', mimeType: 'image/tiff', buffer: Buffer.from('II+\0') },
        ]);
        await page.getByText('1 file skipped, 1 other left out').click();
        assert.match(
            await page.locator('.troubles li', { hasText: 'TIFF' }).innerText(),
            /^1 BigTIFF picture: scan\.tiff: this browser reads no such files/,
        );
        await close();
    });

    test('stops when asked to, keeps what was done, and continues', async () => {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await page.locator('.status-detail', { hasText: /^\d+ of 60 photos/ }).waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await reach(page, 'paused');
        await page.getByText('Stopped. What was done is kept.').first().waitFor();
        const read = Number((await page.locator('.status-detail').innerText()).match(/^\d+/)?.[0]);
        assert.ok(read < 60, `${read} photos were read`);
        await page.screenshot({ path: join(SHOTS, 'paused.png') });

        await page.reload(); /* what was done survives this, too */
        await openKept(page, /60 photos/);
        await page.waitForFunction(() => /learn/.test(document.body.dataset.phase ?? ''), null, {
            timeout: 120_000,
        });
        await page.getByRole('button', { name: 'Cancel' }).click();
        await reach(page, 'paused');
        assert.match(await page.locator('.status-detail').innerText(), /60 photos read/);
        await page.getByRole('button', { name: 'Close this job' }).click();
        await reach(page, 'start');
        await close();
    });

    test('keeps a job whose photos come before the database has answered', async () => {
        for (const answersAfter of [1500, Infinity]) {
            const { page, close } = await site.open({
                before: `Object.defineProperty(IDBOpenDBRequest.prototype, 'onsuccess', {
                    set(act) {
                        const after = ${answersAfter};
                        if (after < Infinity)
                            this.addEventListener('success', () => setTimeout(act, after));
                    },
                });`,
            });
            await choose(page, await goodFiles(6));
            await reach(page, 'result');
            await page.getByRole('button', { name: 'Close this job' }).click();
            if (answersAfter < Infinity) await page.locator('.job-open').waitFor();
            else await page.getByText('The browser cannot keep it').waitFor();
            await close();
        }
    });

    test('forgets a folder that an older version of it kept', async () => {
        const { page, close } = await site.open({
            before: () => {
                const request = indexedDB.open('fleck', 1);
                request.onupgradeneeded = () => {
                    const stores = ['session', 'photos', 'features', 'model'].map((name) =>
                        request.result.createObjectStore(name),
                    );
                    stores[0].put({ id: 'old', settings: {}, loadedModel: null }, 'last');
                    stores[1].put({ id: 0, name: 'a.png', file: new Blob() }, ['old', 0]);
                };
                request.onsuccess = () => request.result.close();
            },
        });
        const kept = () =>
            page.evaluate(async () => {
                const [{ version }] = await indexedDB.databases();
                const request = indexedDB.open('fleck');
                await new Promise((resolve) => (request.onsuccess = resolve));
                const count = request.result.transaction('photos').objectStore('photos').count();
                await new Promise((resolve) => (count.onsuccess = resolve));
                request.result.close();
                return { version, photos: count.result };
            });
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await becomes(
            async () => Number((await kept()).version) > 1,
            true,
            'the database is the newer one',
        );
        await page.waitForTimeout(500);
        assert.equal(await page.locator('.jobs').isVisible(), false);
        assert.equal((await kept()).photos, 0);
        await close();
    });

    test('tells which browsers work when this one lacks SIMD', async () => {
        const { page, close } = await site.open({
            before: () => {
                WebAssembly.validate = () => false;
            },
        });
        const alert = page.getByRole('alert');
        await alert.waitFor();
        assert.match(await alert.innerText(), /SIMD/);
        await page.screenshot({ path: join(SHOTS, 'no-simd.png') });
        await close();
    });

    test('fits a narrow and dark screen', async () => {
        const { page, close } = await site.open({
            viewport: { width: 360, height: 740 },
            colorScheme: 'dark',
        });
        await fits(page, 'start');
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        await fits(page, 'result');
        await page.screenshot({ path: join(SHOTS, 'result-dark-360.png') });
        await page.getByRole('listbox').focus();
        await page.keyboard.press('Enter');
        await page.locator('.viewer.large').waitFor();
        await fits(page, 'large');
        await page.screenshot({ path: join(SHOTS, 'large-dark-360.png') });
        await close();
    });
});

describe('without isolation headers the page', () => {
    test('works and says once what it lacks', async () => {
        const site = await openSite({ isolation: false });
        try {
            const { page, close } = await site.open();
            assert.equal(await page.evaluate(() => crossOriginIsolated), false);
            await page.locator('.notice').waitFor();
            await choose(page, await goodFiles(6));
            await reach(page, 'result');
            assert.equal(await page.locator('.notice').count(), 1);
            assert.equal((await exportedScores(page)).length, 6);
            await close();
        } finally {
            await site.stop();
        }
    });
});

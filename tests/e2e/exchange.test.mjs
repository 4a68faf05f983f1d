/** Jobs as files: exported, imported, and nothing left of one that is not whole. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    becomes,
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

/** @param {string} name @param {Buffer} buffer */
const archive = (name, buffer) => ({ name, mimeType: 'application/zip', buffer });

/** How many values each store of the browser has. @param {Page} page */
const kept = (page) =>
    page.evaluate(async () => {
        const done = (/** @type {IDBRequest} */ request) =>
            new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
        const db = await done(indexedDB.open('fleck'));
        const stores = [...db.objectStoreNames];
        const transaction = db.transaction(stores);
        const counts = await Promise.all(
            stores.map((name) => done(transaction.objectStore(name).count())),
        );
        db.close();
        return Object.fromEntries(stores.map((name, i) => [name, counts[i]]));
    });

const NOTHING = { jobs: 0, photos: 0, thumbs: 0, features: 0, model: 0, scores: 0 };

/** Phases that the page goes through from now on. @param {Page} page */
const phasesOf = (page) =>
    page.evaluateHandle(() => {
        /** @type {(string|undefined)[]} */
        const seen = [];
        new MutationObserver(() => seen.push(document.body.dataset.phase)).observe(document.body, {
            attributes: true,
            attributeFilter: ['data-phase'],
        });
        return seen;
    });

/** The bytes of blobs come late, so that there is something to see and to stop. */
function slowly() {
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = async function () {
        if (/** @type {any} */ (window).slow) await new Promise((done) => setTimeout(done, 300));
        return arrayBuffer.call(this);
    };
}

describe('a job', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {string} */
    let folder;
    /** What the first test exports. @type {Buffer} */
    let exported;
    /** @type {Awaited<ReturnType<typeof exportedScores>>} */
    let scores;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        folder = await mkdtemp(join(tmpdir(), 'fleck-job-'));
    });
    after(async () => {
        await site.stop();
        await rm(folder, { recursive: true });
    });

    test('that is exported, deleted and imported shows the same at once', async () => {
        const { page, close } = await site.open();
        const photos = await goodFiles(8);
        await choose(page, photos.slice(0, 6));
        await reach(page, 'result');
        await choose(page, photos.slice(6));
        await page.getByRole('button', { name: 'New 2' }).waitFor();
        await reach(page, 'result');
        await page.getByRole('textbox', { name: 'Name of this job' }).fill('Flanges: line 2');
        await page.keyboard.press('Enter');
        await page.getByRole('slider', { name: 'Threshold' }).focus();
        for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
        scores = await exportedScores(page);
        const verdict = await page.locator('.summary h1').innerText();
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.jobs').waitFor();
        await page.screenshot({ path: join(SHOTS, 'jobs-export.png') });
        const before = await kept(page);
        const { name, bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: 'Export Flanges' }).click(),
        );
        assert.equal(name, 'Flanges_ line 2.fleck-job.zip');
        exported = bytes;
        await page.getByRole('button', { name: 'Delete Flanges' }).click();
        await page.getByRole('button', { name: 'Delete it' }).click();
        await page.locator('.jobs').waitFor({ state: 'hidden' });
        assert.deepEqual(await kept(page), NOTHING);

        const phases = await phasesOf(page);
        await choose(page, [archive('renamed', bytes)]); /* it is known by its content */
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        assert.equal(await page.locator('.summary h1').innerText(), verdict);
        await page.locator('[role="slider"][aria-valuenow="0.57"]').waitFor();
        const title = page.getByRole('textbox', { name: 'Name of this job' });
        assert.equal(await title.inputValue(), 'Flanges: line 2');
        const seen = await phases.jsonValue();
        assert.ok(!seen.includes('learning') && !seen.includes('scoring'), seen.join());
        assert.deepEqual(await kept(page), before);
        await page.locator('.card canvas').first().waitFor(); /* heatmaps follow */
        await page.getByRole('button', { name: 'New 2' }).waitFor();

        await page.reload(); /* and it is a job as any other */
        await page.locator('.job-open', { hasText: 'Flanges: line 2 8 photos' }).click();
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await close();
    });

    test('comes into another browser by a drop, beside what is open there', async () => {
        const { page, close } = await site.open();
        const file = join(folder, 'Flanges.fleck-job.zip');
        await writeFile(file, exported);
        await page.getByText('Drop a folder of photos here').waitFor();
        await drop(page, [file]);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await drop(page, [file]);
        await page
            .getByText('Flanges: line 2 is now among your jobs, on the start page.')
            .waitFor();
        assert.deepEqual(await exportedScores(page), scores, 'the open one stays as it is');
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').nth(1).waitFor();
        assert.equal(await page.locator('.job-open').count(), 2);
        await close();
    });

    test('that is not finished goes on where it was', async () => {
        const { page, close } = await site.open();
        await choose(page, await goodFiles(12));
        await reach(page, 'learning');
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open', { hasText: '12 photos, not finished' }).waitFor();
        const { bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: /^Export / }).click(),
        );
        await close();
        const other = await site.open();
        await choose(other.page, [archive('a.zip', bytes)]);
        await reach(other.page, 'learning');
        assert.equal(await other.page.locator('.task').count(), 0, 'it has come');
        await reach(other.page, 'result');
        assert.equal((await exportedScores(other.page)).length, 12);
        await other.close();
    });

    test('that is cut or changed gives a sentence and leaves nothing', async () => {
        const { page, close } = await site.open();
        await page.getByText('Drop a folder of photos here').waitFor();
        const changed = (/** @type {string} */ from, /** @type {string} */ to) => {
            const at = exported.indexOf(from);
            assert.ok(at > 0 && from.length === to.length);
            return Buffer.concat([
                exported.subarray(0, at),
                Buffer.from(to),
                exported.subarray(at + from.length),
            ]);
        };
        const last = Buffer.from(exported);
        last[exported.lastIndexOf('model.fleck', exported.length - 2000) + 5000] ^= 1;
        for (const [what, bytes] of Object.entries({
            'cut.zip': exported.subarray(0, exported.length - 1000),
            'half.zip': exported.subarray(0, exported.length / 2),
            'changed.zip': changed('"threshold":0.57', '"threshold":5.57'),
            'model.zip': last /* all but the model is right and was kept when it is found */,
        })) {
            await choose(page, [archive(what, bytes)]);
            const notice = page.locator('.notice.error');
            await notice.waitFor();
            assert.match(
                await notice.innerText(),
                new RegExp(`^${what} was not imported: (it|the file) is damaged[^.]*\\.$`),
            );
            await page.getByRole('button', { name: 'Close this message' }).click();
            await notice.waitFor({ state: 'hidden' });
            assert.deepEqual(await kept(page), NOTHING, what);
        }
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await close();
    });

    test('is neither written nor kept in part where that is cancelled', async () => {
        const { page, close } = await site.open({ before: slowly });
        await page.getByText('Drop a folder of photos here').waitFor();
        await page.evaluate(() => Object.assign(window, { slow: true }));
        await choose(page, [archive('a.zip', exported)]);
        const importing = page.locator('.task', { hasText: 'Importing a.zip' });
        await importing.getByText(/[1-9]\d %/).waitFor();
        assert.equal(await page.locator('.jobs').isVisible(), false, 'it is no job yet');
        assert.equal((await kept(page)).jobs, 1);
        await importing.getByRole('button', { name: 'Cancel' }).click();
        await importing.waitFor({ state: 'detached' });
        assert.deepEqual(await kept(page), NOTHING);

        await page.evaluate(() => Object.assign(window, { slow: false }));
        await choose(page, [archive('a.zip', exported)]);
        await reach(page, 'result');
        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.jobs').waitFor();
        await page.evaluate(() => Object.assign(window, { slow: true }));
        let handed = 0;
        page.on('download', () => handed++);
        await page.getByRole('button', { name: 'Export Flanges' }).click();
        const exporting = page.locator('.task', { hasText: 'Exporting Flanges' });
        await exporting.getByText(/[1-9]\d %/).waitFor();
        await exporting.getByRole('button', { name: 'Cancel' }).click();
        await exporting.waitFor({ state: 'detached' });
        assert.equal(handed, 0);
        await close();
    });

    test('that came in part when its page was closed is removed by the next', async () => {
        const { page, close } = await site.open({ before: slowly });
        await page.getByText('Drop a folder of photos here').waitFor();
        await page.evaluate(() => Object.assign(window, { slow: true }));
        await choose(page, [archive('a.zip', exported)]);
        await page
            .locator('.task')
            .getByText(/[1-9]\d %/)
            .waitFor();
        const other = await page.context().newPage();
        await other.goto(site.url);
        await other.getByText('Drop a folder of photos here').waitFor();
        await other.waitForTimeout(1000);
        assert.equal((await kept(page)).jobs, 1, 'another page leaves it alone while it comes');
        assert.equal(await other.locator('.jobs').isVisible(), false, 'and does not show it');
        await page.reload();
        await page.getByText('Drop a folder of photos here').waitFor();
        await becomes(() => kept(page), NOTHING);
        await close();
    });
});

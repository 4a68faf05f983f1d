/** Regions on the page: verdicts by the smallest area that counts, as the command line gives them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fleck, missing, png } from '../cli/cli.mjs';
import { isResults } from '../cli/schemas.mjs';
import { takeParts, ungrouped } from './parts.mjs';
import {
    becomes,
    choose,
    downloaded,
    drop,
    exported,
    exportedScores,
    fits,
    openKept,
    openSite,
    reach,
    settled,
    SHOTS,
    togglesTwice,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** A photo that ends early. */
const CUT = png(8, 8, () => [9, 9, 9]).subarray(0, 40);

/** Compares the masks in two folders. */
const SAME_PICTURES = `
import sys
from pathlib import Path
import numpy as np
from PIL import Image
ours, theirs = (Path(folder) / "masks" for folder in sys.argv[1:])
names = sorted(path.name for path in theirs.iterdir())
assert names == sorted(path.name for path in ours.iterdir()), names
for name in names:
    a, b = (np.array(Image.open(folder / name)) for folder in (ours, theirs))
    assert a.dtype == b.dtype and a.shape == b.shape and (a == b).all(), name
print(len(names), "alike")
`;

const LABEL = 'Smallest area that counts';

/** Sets the smallest area as the user does. @param {Page} page @param {number} percent */
async function count(page, percent) {
    await page.getByLabel(LABEL).fill(String(percent));
    await page.keyboard.press('Tab');
}

describe('regions', { skip: missing }, () => {
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

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        parts = await takeParts('regions');
        ({ dir, folder, files } = parts);
    });
    after(async () => {
        await site.stop();
        parts.remove();
    });

    test('a photo with no region that counts is to be looked at, as on the command line', async () => {
        const all = told();
        const shares = all.photos
            .filter((/** @type {any} */ photo) => photo.verdict === 'defect')
            .map((/** @type {any} */ photo) =>
                Math.max(...photo.regions.map((/** @type {any} */ region) => region.share)),
            )
            .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
        assert.ok(shares.length > 1 && shares[0] < shares.at(-1), `${shares}`);
        /* between the smallest and the largest */
        const percent = Number((50 * (shares[0] + shares.at(-1))).toFixed(3));
        const some = told('--smallest-area', String(percent));
        const verdicts = ({ photos }) =>
            Object.fromEntries(photos.map(({ file, verdict }) => [file, verdict]));
        assert.notDeepEqual(verdicts(some), verdicts(all));

        const { page, close } = await site.open();
        /** @param {{photos: any[]}} expected @param {string} what */
        const judgesAs = async ({ photos }, what) => {
            const rows = await exportedScores(page);
            const shown = Object.fromEntries(rows.map(({ file, verdict }) => [file, verdict]));
            assert.deepEqual(shown, verdicts({ photos }), what);
            for (const { file, score } of photos)
                assert.equal(rows.find((row) => row.file === file)?.score, score, file);
            const defects = photos.filter(({ verdict }) => verdict === 'defect').length;
            const button = page.locator('.filter.defect b');
            await becomes(() => button.innerText(), String(defects), what);
        };
        await choose(page, files);
        await reach(page, 'result');
        await judgesAs(all, 'without one');
        await count(page, percent);
        await judgesAs(some, 'with one');

        /* the threshold moves, and regions with it */
        await page.getByRole('slider', { name: 'Threshold of a defect' }).focus();
        await page.keyboard.press('PageDown');
        const low = ['--smallest-area', String(percent), '--threshold', '0.4'];
        await judgesAs(told(...low), 'at another threshold');

        /* a kept job comes back with it, and shows it before anything is measured */
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.equal(await page.getByLabel(LABEL).inputValue(), String(percent));
        await judgesAs(told(...low), 'kept');

        /* so does one that was exported, and the model keeps it, there as here */
        await page.getByRole('button', { name: 'Close this job' }).click();
        const { bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: /^Export / }).click(),
        );
        await page.getByRole('button', { name: /^Delete / }).click();
        await page.getByRole('button', { name: 'Delete it' }).click();
        await choose(page, [{ name: 'a.zip', mimeType: 'application/zip', buffer: bytes }]);
        await reach(page, 'result');
        await judgesAs(told(...low), 'imported');
        const model = await downloaded(page, () =>
            page.getByRole('button', { name: 'Save model' }).click(),
        );
        const file = join(dir, 'kept.fleck');
        writeFileSync(file, model.bytes);
        const { stdout } = fleck('score', file, folder);
        for (const { file: name, verdict } of told(...low).photos)
            assert.match(stdout, new RegExp(`${name},[^,]+,${verdict}$`, 'm'));
        await page.getByRole('button', { name: 'Close this job' }).click();
        await drop(page, [file]);
        await page.getByText('Drop photos to judge them').first().waitFor();
        await choose(page, files);
        await page.locator('.filter.all b', { hasText: '12' }).waitFor();
        await reach(page, 'result');
        assert.equal(await page.getByLabel(LABEL).inputValue(), String(percent));
        await judgesAs(told(...low), 'by the model');

        await count(page, 0);
        await judgesAs(told('--threshold', '0.4'), 'without one again');
        await page.getByLabel(LABEL).fill('-1');
        await page.keyboard.press('Tab');
        assert.equal(
            await page.getByLabel(LABEL).inputValue(),
            '0',
            'what is none changes nothing',
        );
        await close();
    });

    test('are measured in the background, which can be cancelled, and judged by score until then', async () => {
        const { page, close } = await site.open({
            before: () => {
                const { postMessage } = Worker.prototype;
                /** @param {any[]} args */
                Worker.prototype.postMessage = function (...args) {
                    const send = () => /** @type {any} */ (postMessage).apply(this, args);
                    if (args[0]?.method === 'calledUpTo') setTimeout(send, 700);
                    else send();
                };
            },
        });
        await choose(page, files);
        await reach(page, 'result');
        const defects = page.locator('.filter.defect b');
        const all = await defects.innerText();
        assert.ok(Number(all) > 1);
        await count(page, 99);
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Scores (CSV)', exact: true }).click();
        const task = page.locator('.task', { hasText: 'Measuring the regions' });
        await task.getByText(/[1-9]\d? %/).waitFor();
        await task.getByRole('button', { name: 'Cancel' }).click();
        const why = 'Scores (CSV): not exported, since measuring the regions was cancelled.';
        await page.locator('.notice', { hasText: why }).waitFor();
        await task.waitFor({ state: 'detached' });
        await page.getByText(/^\d photos? not measured yet, judged by score$/).waitFor();
        assert.ok(Number(await defects.innerText()) > 0, 'no defect is hidden unmeasured');
        await page.screenshot({ path: join(SHOTS, 'regions-unmeasured.png') });

        /* a table waits for it */
        const rows = await exportedScores(page);
        assert.deepEqual(
            rows.filter(({ verdict }) => verdict === 'defect'),
            [],
        );
        await page
            .locator('.filter.defect b', { hasText: /^0$/ })
            .waitFor(); /* shown a little later */
        await count(page, 0);
        await page.locator('.filter.defect b', { hasText: all }).waitFor();
        await close();
    });

    test('are outlined in the large view at every zoom, and listed', async () => {
        const { page, close } = await site.open();
        await choose(page, files);
        await reach(page, 'result');
        const first = told().photos.toSorted(
            (/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score,
        )[0];
        await page.getByRole('listbox').press('Home');
        await page.locator('.viewer-name', { hasText: first.file }).waitFor();
        const rows = page.locator('.region-list button');
        await rows.first().waitFor();
        assert.equal(await rows.count(), first.regions.length);
        const { share, area, peak, mean, peak_at: at } = first.regions[0];
        const said = await rows.first().innerText();
        for (const each of [
            `${(100 * share).toFixed(2)} %`,
            `${Math.round(area).toLocaleString('en-GB')} px`,
            `peak ${peak.toFixed(2)}`,
            `mean ${mean.toFixed(2)}`,
            `at ${Math.floor(at[0])}, ${Math.floor(at[1])}`,
        ])
            assert.ok(said.includes(each), `${said}: ${each}`);

        /** Where the first region is drawn, and the photo. */
        const drawn = () =>
            page.evaluate(() => {
                const path = /** @type {SVGPathElement} */ (
                    document.querySelector('.outlines path')
                );
                const image = /** @type {Element} */ (document.querySelector('.viewer-sheet img'));
                const [line, photo] = [path, image].map((each) => each.getBoundingClientRect());
                return { line: line.toJSON(), photo: photo.toJSON() };
            });
        const liesRight = async () => {
            const { line, photo } = await drawn();
            const scale = photo.width / first.width;
            const [left, top, width, height] = first.regions[0].box;
            const expected = {
                left: photo.left + left * scale,
                top: photo.top + top * scale,
                width: width * scale,
                height: height * scale,
            };
            for (const [side, value] of Object.entries(expected))
                assert.ok(Math.abs(line[side] - value) < 1.5, `${side}: ${line[side]}, ${value}`);
            return scale;
        };
        await page.keyboard.press('Enter');
        await page.locator('.viewer.large').waitFor();
        await settled(page);
        const whole = await liesRight();
        await page.keyboard.press('+');
        assert.ok(Math.abs((await liesRight()) / whole - 1.5) < 0.01);
        await page.keyboard.press('1');
        assert.equal(await liesRight(), 1, 'a pixel of the photo for one of the screen');
        await page.locator('.zoom output', { hasText: /^100 %$/ }).waitFor();
        const { photo: before } = await drawn();
        await page.mouse.move(400, 400);
        await page.mouse.wheel(0, -400);
        assert.ok((await liesRight()) > 2);
        await page.mouse.down();
        await page.mouse.move(440, 430, { steps: 3 });
        await page.mouse.up();
        const { photo: moved } = await drawn();
        assert.notEqual(moved.left, before.left);
        await liesRight();
        await page.keyboard.press('0');
        assert.equal(await liesRight(), whole);
        await page.getByRole('button', { name: 'True pixels, 1:1' }).click();
        assert.equal(await liesRight(), 1);
        await page.keyboard.press('0');

        await togglesTwice(rows.first());
        await rows.first().press('Enter');
        await page.locator('.region-list [aria-pressed="true"]').waitFor();
        assert.equal(await page.locator('.outlines .chosen').count(), 1);
        const near = await liesRight();
        assert.ok(near > whole, 'it is shown from near');
        const { line } = await drawn();
        const box = await page.locator('.stage').boundingBox();
        assert.ok(box && line.left > box.x && line.right < box.x + box.width);
        await page.screenshot({ path: join(SHOTS, 'regions-large.png') });
        await rows.first().press(' ');
        await page.locator('.region-list [aria-pressed="true"]').waitFor({ state: 'detached' });
        assert.equal(await liesRight(), whole);

        await page.setViewportSize({ width: 360, height: 740 });
        await fits(page, 'the large view with regions');
        await liesRight();
        await page.screenshot({ path: join(SHOTS, 'regions-narrow.png') });
        await page.setViewportSize({ width: 1280, height: 800 });

        /* another photo, without regions */
        await page.keyboard.press('Escape');
        await page.getByRole('listbox').press('End');
        await page.getByText('No region that counts').waitFor();
        assert.equal(await page.locator('.outlines path').count(), 0);

        /* the heatmap instead, and the next visit too */
        const shown = page.getByLabel('What is shown over the photo');
        const heat = page.locator('.viewer-sheet .heat');
        assert.equal(await heat.evaluate((canvas) => canvas.style.opacity), '0');
        await page.getByRole('listbox').press('Home');
        await page.locator('.outlines path').first().waitFor();
        await shown.selectOption('Heatmap');
        await page.locator('.outlines').waitFor({ state: 'hidden' });
        assert.equal(await heat.evaluate((canvas) => canvas.style.opacity), '0.8');
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.equal(await shown.inputValue(), 'heat');
        await shown.selectOption('Outlines');
        await page.locator('.outlines path').first().waitFor();
        await page.screenshot({ path: join(SHOTS, 'regions.png') });
        await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
        await page.screenshot({ path: join(SHOTS, 'regions-forced.png') });
        await close();
    });

    test('are exported as the command line writes them', async () => {
        const out = join(dir, 'reports');
        const names = ['results.json', 'coco.json', 'regions.csv'].map((name) => join(out, name));
        const rule = ['--smallest-area', '0.5', '--threshold', '0.45'];
        const [json, coco, table] = ['--json', '--coco', '--regions'].map((option, i) => [
            option,
            names[i],
        ]);
        const { status, stderr } = fleck(
            ...['inspect', folder, '-o', out, '--no-heatmaps', '--masks'],
            ...[...rule, ...json, ...coco, ...table],
        );
        assert.equal(status, 0, stderr);
        const [results, data, rows] = names.map((name) => readFileSync(name, 'utf8'));

        const { page, close } = await site.open();
        const damaged = join(dir, 'damaged');
        const cut = join(damaged, 'cut.png');
        mkdirSync(damaged);
        writeFileSync(cut, CUT);
        await choose(page, [...files, cut]);
        await reach(page, 'result');
        await count(page, 0.5);
        await page.getByRole('slider', { name: 'Threshold of a defect' }).focus();
        for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');

        const found = await exported(page, 'Results (JSON)');
        assert.equal(found.name, 'results.json');
        const { skipped, ...said } = JSON.parse(found.bytes.toString());
        const { skipped: none, ...expected } = JSON.parse(results);
        assert.deepEqual(said, expected);
        assert.deepEqual(none, []);
        assert.ok(expected.photos.some((/** @type {any} */ photo) => photo.regions.length));
        const { stderr: alone } = fleck('inspect', damaged, '-o', join(dir, 'alone'));
        const [{ file, skipped: why }, ...others] = skipped;
        assert.equal(others.length, 0);
        assert.equal(file, 'cut.png');
        assert.ok(alone.includes(why), `${why} is what the command line says: ${alone}`);
        assert.ok(isResults(JSON.parse(found.bytes.toString())), JSON.stringify(isResults.errors));

        const asCoco = await exported(page, 'Regions (COCO)');
        assert.deepEqual(JSON.parse(asCoco.bytes.toString()), JSON.parse(data));
        const asTable = await exported(page, 'Regions (CSV)');
        assert.equal(asTable.bytes.toString().replaceAll('\r\n', '\n'), rows);

        const masks = await exported(page, 'Masks (ZIP)');
        assert.equal(masks.name, 'masks.zip');
        const archive = join(dir, 'masks.zip');
        writeFileSync(archive, masks.bytes);
        execFileSync('python3', ['-m', 'zipfile', '-e', archive, join(dir, 'masks')]);
        const compared = execFileSync('/usr/bin/python3', ['-c', SAME_PICTURES, dir, out], {
            encoding: 'utf8',
        });
        assert.equal(compared.trim(), `${files.length} alike`);
        await close();
    });

    test("follow a model's area of interest, which tables and JSON tell", async () => {
        const model = join(dir, 'half.fleck');
        const [area, out] = ['area.json', 'half.json'].map((name) => join(dir, name));
        const half = [
            [0, 0],
            [0.5, 0],
            [0.5, 1],
            [0, 1],
        ];
        writeFileSync(area, JSON.stringify({ include: [half], exclude: [] }));
        const learnt = fleck('train', folder, '--save', model, '--area', area);
        assert.equal(learnt.status, 0, learnt.stderr);
        const judged = fleck('score', model, folder, '--json', out);
        assert.equal(judged.status, 0, judged.stderr);
        const expected = JSON.parse(readFileSync(out, 'utf8'));
        const { share } = expected.settings.area;
        assert.equal(share, 0.5);

        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await drop(page, [model]);
        await page.getByText('Drop photos to judge them').first().waitFor();
        await choose(page, files);
        await page.locator('.filter.all b', { hasText: '12' }).waitFor();
        await reach(page, 'result');
        const told = page.getByText(
            'Only the area of interest counts, 50.0 % of what is looked at',
        );
        await told.waitFor();
        const { bytes } = await exported(page, 'Results (JSON)');
        const said = JSON.parse(bytes.toString());
        assert.ok(isResults(said), JSON.stringify(isResults.errors));
        ungrouped(said);
        for (const part of ['settings', 'photos', 'skipped', 'threshold'])
            assert.deepEqual(said[part], expected[part], part);
        const table = await exported(page, 'Scores (CSV)');
        const [head, ...rows] = table.bytes.toString().trimEnd().split('\r\n');
        assert.equal(head, 'file,score,verdict,area');
        for (const row of rows) assert.match(row, /,0\.500$/);

        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await told.waitFor();
        await close();
    });

    test('exports tell how far they are, and can be cancelled', async () => {
        const { page, close } = await site.open();
        await choose(page, files);
        await reach(page, 'result');
        await page.evaluate(() => {
            const { stream } = Blob.prototype;
            Blob.prototype.stream = function () {
                return new Response(
                    new ReadableStream({
                        start: (control) =>
                            setTimeout(async () => {
                                const bytes = await new Response(stream.call(this)).arrayBuffer();
                                control.enqueue(new Uint8Array(bytes));
                                control.close();
                            }, 400),
                    }),
                ).body;
            };
        });
        let handed = 0;
        page.on('download', () => handed++);
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Masks (ZIP)' }).click();
        const task = page.locator('.task', { hasText: 'Writing the regions' });
        await task.getByText(/[1-9]\d? %/).waitFor();
        await task.getByRole('button', { name: 'Cancel' }).click();
        await task.waitFor({ state: 'detached' });
        assert.equal(handed, 0);
        await close();
    });
});

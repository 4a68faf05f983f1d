/** The report of the page: the same as the command line's of the same photos. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { fleck, missing } from '../cli/cli.mjs';
import { dataOf, withData } from '../cli/reports.mjs';
import { isReport } from '../cli/schemas.mjs';
import { takeParts, ungrouped } from './parts.mjs';
import { choose, downloaded, drop, exported, openSite, reach, SHOTS } from './site.mjs';

describe('the report', { skip: missing }, () => {
    let site = /** @type {Awaited<ReturnType<typeof openSite>>} */ (/** @type {unknown} */ (null));
    let parts = /** @type {Awaited<ReturnType<typeof takeParts>>} */ (
        /** @type {unknown} */ (null)
    );
    let ours = '',
        theirs = '';
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        parts = await takeParts('report');
        ours = join(parts.dir, 'page.html');
        theirs = join(parts.dir, 'cli.html');
    });
    after(async () => {
        await site.stop();
        parts.remove();
    });

    test('says what the command line says, and is verified by it', async () => {
        const { status, stderr } = fleck(
            ...['inspect', parts.folder, '-o', join(parts.dir, 'out'), '--no-heatmaps'],
            ...['--report', theirs, '--smallest-area', '0.5'],
        );
        assert.equal(status, 0, stderr);

        const { page, close } = await site.open();
        await choose(page, parts.files);
        await reach(page, 'result');
        await page.getByLabel('Smallest area that counts').fill('0.5');
        await page.keyboard.press('Tab');
        const { name, bytes } = await exported(page, 'Report to print (HTML)');
        assert.equal(name, 'report.html');
        writeFileSync(ours, bytes);
        await close();

        const [said, expected] = [ours, theirs].map((file) => dataOf(readFileSync(file, 'utf8')));
        assert.ok(isReport(said), JSON.stringify(isReport.errors));
        /* pictures are scaled otherwise */
        const places = (/** @type {any} */ { pictures }) =>
            pictures.map((/** @type {any} */ { photo }) => photo);
        assert.deepEqual(places(said), places(expected));
        assert.ok(places(said).length > 0);
        for (const data of [said, expected]) {
            delete data.pictures;
            delete data.run.date;
            delete data.run.title;
        }
        assert.deepEqual(said, expected);

        const verified = fleck('verify', ours, parts.folder);
        assert.equal(verified.status, 0, verified.stdout + verified.stderr);
    });

    /** What the page exports, by its name in the menu. @param {import('playwright-core').Page} page @param {string} name */
    const textOf = async (page, name) => (await exported(page, name)).bytes.toString('utf8');
    /** A report's data, but for what may be otherwise. @param {string} html */
    const comparable = (html) => {
        const data = dataOf(html);
        delete data.pictures; /* scaled otherwise */
        delete data.run.date;
        delete data.run.title;
        return data;
    };

    test('tells of marks, by which the command line does it again, and so does a loaded model', async () => {
        const [ours, theirs] = ['marked.html', 'told.html'].map((name) => join(parts.dir, name));
        const { page, close } = await site.open();
        await choose(page, parts.files);
        await reach(page, 'result');
        await page.getByRole('group', { name: 'Marks' }).waitFor();
        const list = page.getByRole('listbox');
        const marked = (/** @type {number} */ count) =>
            page.locator('.filter.marked b', { hasText: String(count) }).waitFor();
        await list.focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('g');
        await marked(1);
        await page.keyboard.press('End');
        await page.keyboard.press('d');
        await marked(2);
        await page.keyboard.press('Home');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Choose a spot' }).click();
        const box = await page.locator('.viewer-sheet').first().boundingBox();
        assert.ok(box);
        await page.mouse.click(box.x + 0.31 * box.width, box.y + 0.62 * box.height);
        await page.locator('.spots .chosen').waitFor();
        await page.getByRole('button', { name: 'This spot is a defect' }).click();
        await page.locator('.spots .defect').waitFor();
        await page.keyboard.press('Escape');
        await marked(3);

        const results = JSON.parse(await textOf(page, 'Results (JSON)'));
        const table = await textOf(page, 'Scores (CSV)');
        const html = await textOf(page, 'Report to print (HTML)');
        writeFileSync(ours, html);
        const said = comparable(html);
        assert.ok(isReport(dataOf(html)), JSON.stringify(isReport.errors));
        const lines = results.photos.flatMap((/** @type {any} */ { file, marks = [] }) =>
            marks.map((/** @type {any} */ { mark, at }) => [file, mark, ...(at ?? ['', ''])]),
        );
        assert.equal(lines.length, 3);
        assert.equal(lines.filter((/** @type {any[]} */ line) => line[2] !== '').length, 1);

        const [marks, json, model] = ['marks.csv', 'r.json', 'm.fleck'].map((name) =>
            join(parts.dir, name),
        );
        writeFileSync(marks, ['file,mark,x,y', ...lines].join('\n'));
        const out = join(parts.dir, 'marked');
        const run = fleck(
            ...['inspect', parts.folder, '-o', out, '--no-heatmaps', '--marks', marks],
            ...['--report', theirs, '--json', json, '-q'],
        );
        assert.equal(run.status, 0, run.stderr);
        assert.deepEqual(results, JSON.parse(readFileSync(json, 'utf8')));
        assert.equal(table.replaceAll('\r\n', '\n'), readFileSync(join(out, 'scores.csv'), 'utf8'));
        assert.deepEqual(said, comparable(readFileSync(theirs, 'utf8')));
        const verified = fleck('verify', ours, parts.folder);
        assert.equal(verified.status, 0, verified.stdout + verified.stderr);

        /* the same photos judged by what was learnt, which knows its marks */
        const saved = await downloaded(page, () =>
            page.getByRole('button', { name: 'Save model' }).click(),
        );
        writeFileSync(model, saved.bytes);
        await page.getByRole('button', { name: 'Close this job' }).click();
        await drop(page, [model]);
        await page.getByText('Drop photos to judge them').first().waitFor();
        await choose(page, parts.files);
        await page.locator('.filter.all b', { hasText: '12' }).waitFor();
        await reach(page, 'result');
        const judged = await textOf(page, 'Report to print (HTML)');
        writeFileSync(ours, judged);
        const scored = fleck(
            'score',
            model,
            parts.folder,
            '--report',
            theirs,
            '--json',
            json,
            '-q',
        );
        assert.equal(scored.status, 0, scored.stderr);
        const [mine, others] = [judged, readFileSync(theirs, 'utf8')].map((html) =>
            ungrouped(comparable(html)),
        );
        assert.equal(mine.photos.filter((/** @type {any} */ { marks: has }) => has).length, 3);
        assert.deepEqual({ ...mine, model }, { ...others, model });
        assert.equal((await textOf(page, 'Scores (CSV)')).replaceAll('\r\n', '\n'), scored.stdout);
        const known = fleck('verify', ours, parts.folder, '--model', model);
        assert.equal(known.status, 0, known.stdout + known.stderr);

        /* another threshold, and a mark more: still of that model */
        await page.getByRole('slider', { name: 'Threshold of a defect' }).focus();
        await page.keyboard.press('PageDown');
        await list.focus();
        await page.keyboard.press('End');
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('d');
        await marked(1);
        writeFileSync(ours, await textOf(page, 'Report to print (HTML)'));
        const more = fleck('verify', ours, parts.folder, '--model', model);
        assert.equal(more.status, 0, more.stdout + more.stderr);
        await close();
    });

    test('is read and printed, whatever its names are', async () => {
        const html = readFileSync(theirs, 'utf8');
        const data = dataOf(html);
        const hostile = '<img src=x onerror=alert(1)>';
        data.photos[0].file = data.run.by = data.run.title = hostile;
        data.photos[0].marks = [{ mark: 'good', at: null }];
        data.run.marks = {
            ...{
                good: 1,
                good_called: 1,
                defects: 0,
                defects_called: 0,
                elsewhere: 0,
                by: hostile,
            },
            ...{ precision: [0, 0, 0.793457], recall: [0, 0, 1], threshold: 0.5 },
        };
        data.pictures.pop();
        data.skipped = [{ file: hostile, skipped: hostile }];
        const file = join(parts.dir, 'hostile.html');
        writeFileSync(file, withData(html, data));
        const context = await site.browser.newContext({ viewport: { width: 1280, height: 1000 } });
        const page = await context.newPage();
        /** @type {string[]} */
        const errors = [];
        page.on('pageerror', (error) => errors.push(String(error)));
        page.on('console', (message) => errors.push(message.text()));
        page.on('dialog', () => errors.push('a dialog'));
        await page.goto(pathToFileURL(file).href);
        assert.equal(await page.title(), `Inspection report: ${hostile}`);
        assert.equal(await page.locator('h1').innerText(), `Inspection report: ${hostile}`);
        assert.equal(await page.getByText(`Inspected by ${hostile}`).count(), 1);
        assert.equal(await page.getByText(`arked by ${hostile}: good`).count(), 1);
        assert.equal(
            await page.getByText(/^1 mark: by the others alone 0 of 0 defects/).count(),
            1,
        );
        const called = data.photos.filter((/** @type {any} */ { verdict }) => verdict !== 'ok');
        assert.equal(await page.locator('article').count(), called.length);
        assert.equal(await page.locator('img').count(), data.pictures.length);
        assert.equal(await page.getByText(/^Pictures of .* of \d+\.$/).count(), 1);
        const widths = await page
            .locator('img')
            .evaluateAll((all) => all.map((each) => /** @type {any} */ (each).naturalWidth));
        assert.ok(widths.every((width) => width > 50 && width <= 360));
        const outlines = data.pictures.flatMap(
            (/** @type {any} */ { photo }) => data.photos[photo].regions,
        ).length;
        assert.equal(await page.locator('path').count(), 2 * outlines);
        for (const text of [data.run.model_sha256, data.run.backbone_sha256, 'irmb, seed 0'])
            assert.equal(await page.getByText(text).count(), 1, text);
        await page.screenshot({ path: join(SHOTS, 'report.png') });
        const pdf = await page.pdf({ preferCSSPageSize: true, path: join(SHOTS, 'report.pdf') });
        assert.match(
            pdf.toString('latin1'),
            /^%PDF[^]*\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/,
        );
        await page.setViewportSize({ width: 360, height: 800 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
        assert.deepEqual(errors, []);
        await context.close();
    });
});

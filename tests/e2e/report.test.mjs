/** The report of the page: the same as the command line's of the same photos. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { fleck, missing } from '../cli/cli.mjs';
import { dataOf, withData } from '../cli/reports.mjs';
import { takeParts } from './parts.mjs';
import { choose, exported, openSite, reach, ROOT, SHOTS } from './site.mjs';

const schemaOf = (/** @type {string} */ name) =>
    JSON.parse(readFileSync(join(ROOT, `tests/cli/${name}.schema.json`), 'utf8'));
const isReport = new Ajv({ allowUnionTypes: true, strictTypes: false })
    .addSchema(schemaOf('results'), 'results')
    .compile(schemaOf('report'));

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

    test('is read and printed, whatever its names are', async () => {
        const html = readFileSync(theirs, 'utf8');
        const data = dataOf(html);
        const hostile = '<img src=x onerror=alert(1)>';
        data.photos[0].file = data.run.by = data.run.title = hostile;
        data.photos[0].marks = [{ mark: 'good', at: null }];
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
        assert.equal(await page.getByText('arked by hand: good').count(), 1);
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

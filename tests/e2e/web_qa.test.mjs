/** Screenshots of a web page by the package's testing entry, and its example. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { shoot } from '../../examples/web-qa/shoot.mjs';
import { BREAKS } from '../../examples/web-qa/shop.mjs';
import { launch } from '../../scripts/browser.mjs';
import { ROOT } from './site.mjs';

const { AnomalyError, expectNoAnomaly } = await import(join(ROOT, 'build/package/testing.js'));

/** The names of the screenshots that it fails for. @param {Promise<unknown>} looked */
async function defectsOf(looked) {
    const error = await looked.then(
        () => null,
        (error) => error,
    );
    if (!error) return [];
    assert.ok(error instanceof AnomalyError, error);
    const named = [...error.message.matchAll(/^ {2}(\S+): score \d\.\d+; \d+ x \d+ pixels at/gm)];
    return named.map(([, name]) => name).sort();
}

describe('screenshots of a page', () => {
    /** @type {import('playwright-core').Browser} */
    let browser;
    let folder = '';
    /** @type {{name: string, bytes: Uint8Array}[]} */
    let good;
    /** @type {{name: string, bytes: Uint8Array}[]} one broken in each way */
    let broken;
    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'fleck-web-qa-'));
        browser = await launch();
        const page = await browser.newPage();
        good = await shoot(
            page,
            Array.from({ length: 32 }, (_, visit) => ({ visit })),
        );
        broken = await shoot(
            page,
            BREAKS.map((broken, i) => ({ visit: 40 + i, broken })),
        );
    });
    after(async () => {
        await browser?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    test('three of thirty are broken: these and no others are named', async () => {
        const report = join(folder, 'new/report.html');
        const model = join(folder, 'not-kept.fleck');
        const shots = [...good.slice(0, 27), ...broken];
        const looked = expectNoAnomaly(shots, { report, model });
        assert.deepEqual(await defectsOf(looked), broken.map(({ name }) => name).sort());
        assert.ok(!existsSync(model), 'what was learnt from broken pages is not kept');
        const page = await browser.newPage();
        await page.goto(`file://${report}`);
        assert.match(await page.locator('body').innerText(), /3 of 30 photos look defective/);
        assert.equal(await page.locator('article figure img').count(), 3);
        await page.close();
    });

    for (const [i, kind] of BREAKS.entries())
        test(`one of thirty is broken, ${kind}: it is named`, async () => {
            const shots = [...good.slice(0, 29), broken[i]];
            assert.deepEqual(await defectsOf(expectNoAnomaly(shots)), [broken[i].name]);
        });

    test('what was learnt from good ones is kept, and judges those of later runs', async () => {
        const model = join(folder, 'kept/shop.fleck');
        const paths = good.slice(0, 30).map(({ name, bytes }) => {
            const path = join(folder, name);
            writeFileSync(path, bytes);
            return path;
        });
        const first = await expectNoAnomaly(paths, { model });
        assert.equal(first.learnt, true);
        assert.equal(first.sureness, 'Learnt from these 30 screenshots.');
        const kept = readFileSync(model);
        const later = await expectNoAnomaly(good.slice(30), { model });
        assert.equal(later.learnt, false);
        assert.equal(later.screenshots.length, 2);
        const report = join(folder, 'kept/report.html');
        const shots = [good[30], ...broken];
        assert.deepEqual(
            await defectsOf(expectNoAnomaly(shots, { model, report })),
            broken.map(({ name }) => name).sort(),
        );
        assert.ok(readFileSync(report, 'utf8').includes('"model":"shop.fleck"'));
        assert.deepEqual(readFileSync(model), kept);
        await expectNoAnomaly(good.slice(0, 6), { model, update: true });
        assert.notDeepEqual(readFileSync(model), kept);
    });

    test('few screenshots are told to be few, and what cannot be read is named', async () => {
        const { sureness } = await expectNoAnomaly(good.slice(0, 8));
        assert.match(sureness, /^Learnt from these 8 screenshots, too few to be sure: 20 or more/);
        const refused = async (/** @type {any} */ shots, /** @type {RegExp} */ why, more = {}) =>
            assert.rejects(expectNoAnomaly(shots, { ...more }), { message: why });
        await refused(good.slice(0, 4), /^4 screenshots: at least 5 are needed to learn from$/);
        await refused([], /not empty/);
        await refused(good.slice(0, 6), /^ENOENT.*none\.safetensors/, {
            backbone: join(folder, 'none.safetensors'),
        });
        await refused([7, 8, 9], /^a screenshot must be a path or \{name, bytes\}$/);
        const damaged = { name: 'damaged.png', bytes: good[0].bytes.slice(0, 5000) };
        await refused([...good.slice(0, 6), damaged], /^damaged\.png: /);
        const wrong = join(folder, 'wrong.fleck');
        writeFileSync(wrong, 'no model');
        await refused(good.slice(0, 6), /wrong\.fleck: /, { model: wrong });
    });

    test('CommonJS requires it', async () => {
        const required = createRequire(import.meta.url)(join(ROOT, 'build/package/cjs/testing.js'));
        const { sureness } = await required.expectNoAnomaly(good.slice(0, 6));
        assert.match(sureness, /^Learnt from these 6/);
    });

    test('the example names the three that it breaks', async () => {
        const run = promisify(execFile)(process.execPath, [
            join(ROOT, 'examples/web-qa/example.mjs'),
            join(folder, 'example'),
        ]);
        const { code, stderr } = await run.then(
            () => assert.fail('the example finds nothing'),
            (error) => error,
        );
        assert.equal(code, 1);
        assert.match(stderr, /^3 of 30 screenshots look unlike the others:$/m);
        for (const kind of BREAKS) assert.ok(stderr.includes(`-${kind}.png: score`), stderr);
        assert.ok(existsSync(join(folder, 'example/report.html')));
    });
});

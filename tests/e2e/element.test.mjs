/** The package's element, in its example, whose policy is strict. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { isAccessible } from './axe.mjs';
import { becomes, fits, goodFiles, openSite, PATIENCE, ROOT } from './site.mjs';

/** The element of the page, and what is in it. @param {import('playwright-core').Page} page */
const partOf = (page) => (/** @type {string} */ name) =>
    page.locator(`fleck-inspector [part="${name}"]`);

/** Keeps what the element tells. */
function listen() {
    const told = /** @type {any} */ (globalThis.told = []);
    for (const type of ['fleck-progress', 'fleck-result', 'fleck-error'])
        addEventListener(type, (event) => {
            const { phase, error, name, photos, folder } = /** @type {any} */ (event).detail;
            told.push({
                type,
                ...(phase && { phase }),
                ...(error && { name, message: error.message }),
                ...(photos && { photos, folder }),
            });
        });
}

describe('the element', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {any[]} */
    let files;
    before(async () => {
        site = await openSite({ folder: ROOT });
        files = await goodFiles(9);
    });
    after(() => site?.stop());

    const open = async () => {
        const opened = await site.open({ before: listen, path: 'examples/element/' });
        const told = (/** @type {string} */ type) =>
            opened.page.evaluate(
                (wanted) =>
                    /** @type {any} */ (globalThis).told.filter(
                        (/** @type {any} */ each) => each.type === wanted,
                    ),
                type,
            );
        return { ...opened, part: partOf(opened.page), told };
    };
    const choose = (
        /** @type {import('playwright-core').Page} */ page,
        /** @type {any} */ chosen,
    ) => page.locator('fleck-inspector input[type="file"]').setInputFiles(chosen);

    test('photos are chosen by the keyboard, judged, and shown with heatmaps', async () => {
        const { page, part, told, close } = await open();
        const choosing = page.waitForEvent('filechooser'); /* well before it is opened */
        const focused = () =>
            page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.part.value);
        await page.keyboard.press('Tab');
        await becomes(focused, 'choose', 'the first key finds the button');
        await page.keyboard.press('Enter');
        const text = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('words') };
        await (await choosing).setFiles([...files, text]);
        await part('gallery').waitFor({ timeout: PATIENCE });
        assert.equal(await part('photo').count(), 9);
        assert.match(await part('verdict').innerText(), /looks? defective\.$/);
        assert.match(await part('troubles').innerText(), /^notes\.png: /);
        const [{ photos, folder }] = await told('fleck-result');
        assert.equal(folder.photos, 9);
        assert.deepEqual(
            photos.map((/** @type {any} */ { score }) => score),
            photos.map((/** @type {any} */ { score }) => score).sort((a, b) => b - a),
        );
        assert.deepEqual(
            (await told('fleck-error')).map((/** @type {any} */ { name }) => name),
            ['notes.png'],
        );
        const phases = (await told('fleck-progress')).map((/** @type {any} */ each) => each.phase);
        for (const phase of ['features', 'learn', 'score']) assert.ok(phases.includes(phase));
        await page.waitForFunction(() => {
            const root = document.querySelector('fleck-inspector')?.shadowRoot;
            return [...(root?.querySelectorAll('canvas') ?? [])].some(({ width }) => width > 300);
        });
        await page.locator('#found', { hasText: 'To be sorted out: ' }).waitFor();
        await isAccessible(page, 'result');
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await fits(page, 'result');
        }

        /* The lowest score as threshold: all are defects, at once. */
        const lowest = Math.min(...photos.map((/** @type {any} */ { score }) => score));
        await page.evaluate((threshold) => {
            /** @type {any} */ (document.querySelector('fleck-inspector')).threshold = threshold;
        }, lowest);
        assert.equal(await part('verdict').innerText(), '9 of 9 photos look defective.');
        await page.evaluate(() =>
            document.querySelector('fleck-inspector')?.setAttribute('lang', 'de'),
        );
        assert.equal(await part('verdict').innerText(), '9 von 9 Fotos sehen fehlerhaft aus.');
        assert.equal(await part('choose').innerText(), 'Fotos wählen');
        await close();
    });

    test('it is cancelled, says what it cannot do, and begins anew', async () => {
        const { page, part, told, close } = await open();
        await isAccessible(page, 'empty');
        await choose(page, files);
        await part('cancel').click();
        await page.locator('fleck-inspector', { hasText: 'Cancelled.' }).waitFor();
        assert.ok(await part('progress').isHidden());
        const dataTransfer = await page.evaluateHandle(() => {
            const transfer = new DataTransfer();
            for (const name of ['a.png', 'b.png', 'c.png'])
                transfer.items.add(new File([], name, { type: 'image/png' }));
            return transfer;
        });
        await part('drop').dispatchEvent('drop', { dataTransfer });
        await page
            .locator('fleck-inspector', { hasText: '3 photos: at least 5 are needed.' })
            .waitFor();
        await page.evaluate(() => {
            /** @type {any} */ (document.querySelector('fleck-inspector')).backbone =
                'none.safetensors';
        });
        await choose(page, files);
        await page.locator('fleck-inspector', { hasText: /none\.safetensors: .*404/ }).waitFor();
        assert.equal((await told('fleck-error')).length, 2);
        assert.deepEqual(await told('fleck-result'), []);
        await close(/404/);
    });

    test('a server that renders pages may import it', () => {
        execFileSync(process.execPath, [
            ...['--input-type=module', '-e'],
            `import '${ROOT}build/package/element.js'`,
        ]);
    });
});

/** Everybody can use the page: axe finds nothing, keys reach all, forced colours show all. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { drawFilm } from '../films.mjs';
import { isAccessible } from './axe.mjs';
import {
    choose,
    drop,
    goodFiles,
    openSite,
    reach,
    samplePaths,
    SAMPLES,
    settled,
    SHOTS,
} from './site.mjs';

const FAKE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const BUSY = ['reading', 'learning', 'scoring'];

describe('a page for everybody', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    let defect = '';
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite({ flags: FAKE });
        const dent = (await samplePaths()).find((/** @type {string} */ path) =>
            path.includes('dent'),
        );
        defect = join(SAMPLES, dent);
    });
    after(() => site.stop());

    test('has no violation of WCAG 2.2 AA in any state', async () => {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await isAccessible(page, 'start');

        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'reading');
        await page.getByRole('progressbar').waitFor();
        await isAccessible(page, 'reading');
        const phase = await page.evaluate(() => document.body.dataset.phase);
        assert.ok(BUSY.includes(String(phase)), 'it was still at work');
        await reach(page, 'result');
        await isAccessible(page, 'result');
        await page.locator('.summary summary').first().click();
        await isAccessible(page, 'menu');
        await page.keyboard.press('Escape');

        await drop(page, [defect]);
        await page.getByText('These photos are here already.').waitFor();
        await isAccessible(page, 'notice');
        await page.getByRole('listbox').press('Enter');
        await page.locator('.viewer.large').waitFor();
        await isAccessible(page, 'large view');
        for (const key of ['c', 'b']) {
            await page.keyboard.press(key);
            await page.getByRole('group', { name: 'Second photo' }).waitFor();
            await isAccessible(page, key === 'c' ? 'photos side by side' : 'blinking photos');
        }
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: 'Keys' }).waitFor();
        await isAccessible(page, 'keys');
        await page.keyboard.press('Escape');
        await page.keyboard.press('b');
        await page.keyboard.press('Escape');
        await page.getByRole('searchbox').fill('none of this name');
        await page.getByText('No photo has all that is asked for.').waitFor();
        await isAccessible(page, 'search');
        await page.getByRole('button', { name: 'Show all' }).click();
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Photos by verdict…' }).click();
        await page.getByRole('dialog', { name: 'Photos to take along' }).waitFor();
        await isAccessible(page, 'photos to take along');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByText(/^Runs as WebAssembly/).waitFor();
        await isAccessible(page, 'settings');
        await page.keyboard.press('Escape');

        await page.getByRole('button', { name: 'Area of interest…' }).click();
        const stage = page.getByRole('application', { name: 'Photo to draw on' });
        for (const key of ['Enter', 'ArrowLeft', 'Enter', 'ArrowUp', 'Enter'])
            await stage.press(key);
        await isAccessible(page, 'area of interest');
        await page.getByRole('button', { name: 'Cancel' }).click();

        await page.evaluate(() =>
            Object.assign(window, {
                showDirectoryPicker: async () =>
                    (await navigator.storage.getDirectory()).getDirectoryHandle('new', {
                        create: true,
                    }),
            }),
        );
        await page.locator('.summary summary', { hasText: 'New' }).click();
        await page.getByRole('button', { name: 'Watch a folder…' }).click();
        await page.getByRole('heading', { name: 'Watching new' }).waitFor();
        await isAccessible(page, 'watched folder');
        await page.getByRole('button', { name: 'Stop watching' }).click();

        await page.locator('.summary summary', { hasText: 'New' }).click();
        await page.getByRole('button', { name: 'Use a camera…' }).click();
        await page.getByText(/pictures a second/).waitFor();
        await isAccessible(page, 'camera');
        await page.getByRole('button', { name: 'Stop watching' }).click();

        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.getByRole('heading', { name: 'Your jobs on this device' }).waitFor();
        await isAccessible(page, 'start with jobs');
        await page.getByRole('button', { name: 'Delete Sample photos' }).click();
        await page.getByRole('heading', { name: 'Delete Sample photos?' }).waitFor();
        await isAccessible(page, 'question');
        await page.keyboard.press('Escape');

        const film = Buffer.from(await page.evaluate(drawFilm, { pictures: 8 }), 'base64');
        await choose(page, [{ name: 'film.webm', mimeType: 'video/webm', buffer: film }]);
        await page.getByRole('dialog', { name: 'Photos from videos' }).waitFor();
        await isAccessible(page, 'video');
        await close();
    });

    test('holds the focus in the large view, and gives it back to the card', async () => {
        const { page, close } = await site.open();
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        const gallery = page.getByRole('listbox', { name: 'Photos' });
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await gallery.press('End');
            await page.locator('.card[aria-selected="true"][aria-posinset="6"]').waitFor();
            const card = await gallery.getAttribute('aria-activedescendant');
            await gallery.press('Enter');
            const dialog = page.getByRole('dialog', { name: 'Chosen photo' });
            await dialog.waitFor();
            assert.equal(await dialog.getAttribute('aria-modal'), 'true');
            const seen = new Set();
            for (let tabs = 0; tabs < 24; tabs++) {
                const at = await page.evaluate(() => {
                    const { activeElement: active, body } = document;
                    return active === body
                        ? 'the browser'
                        : active?.closest('[role=dialog]')
                          ? (active.getAttribute('aria-label') ?? active.getAttribute('role'))
                          : `outside: ${active?.outerHTML}`;
                });
                assert.doesNotMatch(String(at), /^outside/);
                seen.add(at);
                await page.keyboard.press('Tab');
            }
            for (const name of ['Close the large view', 'Next photo', 'switch', 'Heatmap opacity'])
                assert.ok(seen.has(name), `${name}: ${[...seen]}`);
            await page.keyboard.press('Escape');
            await dialog.waitFor({ state: 'detached' });
            assert.ok(await gallery.evaluate((element) => element === document.activeElement));
            assert.equal(await gallery.getAttribute('aria-activedescendant'), card);
        }
        await close();
    });

    test('has the focus on the headline when its button is gone', async () => {
        const { page, close } = await site.open();
        const focused = () => page.evaluate(() => document.activeElement?.outerHTML ?? '');
        await page.getByRole('button', { name: 'Try the sample photos' }).press('Enter');
        await reach(page, 'reading');
        await page.getByRole('button', { name: 'Cancel' }).focus();
        await reach(page, 'result');
        await page.waitForFunction(() => document.activeElement?.matches('.summary h1'));
        assert.match(await focused(), /look defective/);
        await page.getByRole('button', { name: 'Close this job' }).press('Enter');
        await page.waitForFunction(() => document.activeElement?.matches('.start h1'));
        await close();
    });

    test('shows in forced colours what colours mean, and where the focus is', async () => {
        const { page, close } = await site.open();
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
            await page.emulateMedia({ forcedColors: 'active', colorScheme });
            await page.getByRole('slider', { name: 'Threshold of a defect' }).press('ArrowRight');
            await settled(page);
            await page.evaluate(() => {
                const all = document
                    .getAnimations()
                    .filter((each) => each instanceof CSSTransition);
                return Promise.allSettled(all.map(({ finished }) => finished)).then(() => {});
            });
            await page.screenshot({ path: join(SHOTS, `forced-${colorScheme}.png`) });
            const colour = (/** @type {string} */ selector, property = 'background-color') =>
                page
                    .locator(selector)
                    .first()
                    .evaluate(
                        (element, property) => getComputedStyle(element).getPropertyValue(property),
                        property,
                    );
            const ground = await colour('body');
            const zones = await Promise.all(
                ['ok', 'look', 'defect'].map((verdict) => colour(`.zone.${verdict}`)),
            );
            assert.equal(new Set([ground, ...zones]).size, 4, `${ground}: ${zones}`);
            const shown = ['.threshold', '.legend-tick', '.filter[aria-pressed="true"]'];
            for (const selector of shown) {
                const found = await colour(selector);
                assert.notEqual(found, ground, selector);
                assert.doesNotMatch(found, /^rgba.*, 0\)$/, `${selector} is there`);
            }
            assert.equal(await colour('.threshold-grip', 'outline-style'), 'solid');
            await page.getByRole('button', { name: 'Save model' }).press('Shift');
            const ring = page.getByRole('button', { name: 'Save model' });
            assert.equal(
                await ring.evaluate((element) => getComputedStyle(element).outlineStyle),
                'solid',
            );
        }
        await close();
    });

    test('says on every screen that nothing is uploaded', async () => {
        const { page, close } = await site.open({ viewport: { width: 360, height: 800 } });
        const promise = page.locator('.privacy', { hasText: 'nothing is uploaded' });
        await promise.waitFor();
        const box = await promise.boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= 360 && box.height > 10);
        await close();
    });
});

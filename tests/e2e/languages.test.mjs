/** The page in German: all of it, as the browser prefers or the settings say. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { en } from '../../web/texts/en.js';
import { de } from '../../web/texts/de.js';
import {
    choose,
    drop,
    fits,
    goodFiles,
    openSite,
    reach,
    samplePaths,
    SAMPLES,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {unknown} text @returns {string[]} */
const strings = (text) =>
    typeof text === 'string'
        ? [text]
        : typeof text === 'object'
          ? Object.values(/** @type {object} */ (text)).flatMap(strings)
          : [];

/** What only an English page says. */
const german = new Set(strings(de));
const ENGLISH = strings(en).filter((text) => !german.has(text));

/** What can be seen or is read out: texts, labels, titles. @param {Page} page */
const said = (page) =>
    page.evaluate(() => {
        const texts = [document.title];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const { parentElement } = node;
            if (!parentElement?.closest('noscript, script, [lang="en"]'))
                texts.push(node.textContent ?? '');
        }
        for (const element of document.querySelectorAll('[aria-label], [title], [alt]'))
            for (const name of ['aria-label', 'title', 'alt'])
                texts.push(element.getAttribute(name) ?? '');
        return texts.map((text) => text.trim()).filter(Boolean);
    });

/** @param {Page} page @param {string} state */
async function hasNoEnglish(page, state) {
    const found = (await said(page)).filter((text) => ENGLISH.includes(text));
    assert.deepEqual(found, [], `${state}: English texts`);
}

/** At both widths: all is in its place, and a picture for people. @param {Page} page @param {string} state */
async function look(page, state) {
    await hasNoEnglish(page, state);
    for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        await fits(page, state);
        await page.screenshot({ path: join(SHOTS, `german-${state}-${width}.png`) });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
}

describe('the page in a German browser', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
    });
    after(() => site.stop());

    test('is German in each state, and fits the narrowest screen', async () => {
        assert.ok(ENGLISH.length > 150);
        const { page, close } = await site.open({ locale: 'de-DE' });
        await page
            .getByRole('heading', { name: 'Fehler in einem Ordner voller Fotos finden' })
            .waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        await page.getByText('nichts wird hochgeladen').first().waitFor();
        await look(page, 'start');

        const [defect] = (await samplePaths()).filter((/** @type {string} */ path) =>
            path.includes('dent'),
        );
        await choose(page, await goodFiles(12));
        await reach(page, 'reading');
        await page.getByRole('progressbar').waitFor();
        await hasNoEnglish(page, 'reading');
        await reach(page, 'result');
        await drop(page, [join(SAMPLES, defect)]);
        await page.getByRole('heading', { name: 'Wofür sind diese Fotos?' }).waitFor();
        await look(page, 'question');
        await page.getByRole('button', { name: 'Prüfen' }).click();
        await page.locator('.card .badge:visible', { hasText: 'Neu' }).waitFor();
        await reach(page, 'result');
        await page
            .locator('.card .verdict', { hasText: /^0,\d\d Fehler$/ })
            .first()
            .waitFor();
        await page.locator('.filter.look', { hasText: 'Ansehen' }).waitFor();
        await look(page, 'result');

        await page.getByRole('listbox', { name: 'Fotos' }).press('Enter');
        await page.getByRole('button', { name: 'Große Ansicht schließen' }).waitFor();
        await look(page, 'large');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Einstellungen' }).click();
        await page.getByText(/^Läuft als WebAssembly/).waitFor();
        await look(page, 'settings');
        await page.keyboard.press('Escape');

        await page.getByRole('button', { name: 'Auftrag schließen' }).click();
        await page.getByRole('heading', { name: 'Ihre Aufträge auf diesem Gerät' }).waitFor();
        await page.locator('.job-facts', { hasText: /^13 Fotos, \d Fehler · .* MB$/ }).waitFor();
        await look(page, 'jobs');
        await page.getByRole('button', { name: /^Löschen: / }).click();
        await page.getByText('Die Kopien von 13 Fotos').waitFor();
        await hasNoEnglish(page, 'deleting');
        await page.getByRole('button', { name: 'Löschen', exact: true }).last().click();
        await page.locator('.jobs').waitFor({ state: 'hidden' });
        await close();
    });

    test('is in the language that the settings say, after a reload too', async () => {
        const { page, close } = await site.open({ locale: 'de-DE' });
        const english = page.getByRole('button', { name: 'Choose a folder' });
        await page.getByRole('button', { name: 'Einstellungen' }).click();
        await page.getByLabel('Sprache').selectOption('English');
        await page.getByRole('button', { name: 'Übernehmen' }).click();
        await english.waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');
        await page.reload();
        await english.waitFor();

        /* with a job that is open nothing is lost: the language waits */
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByLabel('Language').selectOption('Deutsch');
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByText('The page is in Deutsch when it is loaded again.').waitFor();
        assert.equal(await page.evaluate(() => document.body.dataset.phase), 'result');
        await page.reload();
        await page.getByRole('button', { name: 'Ordner wählen' }).waitFor();
        await close();
    });

    test('is English in any other, and where the browser keeps nothing', async () => {
        const { page, close } = await site.open({ locale: 'fr-FR' });
        await page.getByRole('button', { name: 'Choose a folder' }).waitFor();
        await close();
        const poor = await site.open({
            locale: 'de-DE',
            before: () =>
                Object.defineProperty(globalThis, 'localStorage', {
                    get() {
                        throw new DOMException('', 'SecurityError');
                    },
                }),
        });
        await poor.page.getByRole('button', { name: 'Ordner wählen' }).waitFor();
        await poor.page.getByRole('button', { name: 'Einstellungen' }).click();
        await poor.page.getByLabel('Sprache').selectOption('English');
        await poor.page.getByRole('button', { name: 'Übernehmen' }).click();
        await poor.page.getByText(de.settings.languageNotKept).waitFor();
        await poor.close();
    });
});

/** Going through the photos: sorted, searched, one beside another, by keys, and taken along. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    choose,
    downloaded,
    becomes,
    exportedScores,
    fits,
    openKept,
    openSite,
    PATIENCE,
    reach,
    SAMPLES,
    samplePaths,
    settled,
    SHOTS,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @param {string} path */
const isDefect = (path) => path.startsWith('test/') && !path.startsWith('test/good/');

/** Names of the photos that are shown, in their order, as far as there are cards. @param {Page} page */
const shown = (page) =>
    page
        .locator('.card')
        .evaluateAll((cards) =>
            cards
                .sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
                .map((card) => card.querySelector('.name')?.getAttribute('title')),
        );

/** @param {Page} page @param {string|RegExp} text said of how many are shown */
const said = (page, text) => page.locator('.gallery-bar output', { hasText: text }).waitFor();

/** The chosen photo, and the one that is seen beside it. @param {Page} page */
const seen = (page) =>
    page
        .locator('.stages .viewer-sheet img')
        .evaluateAll((images) =>
            images
                .filter((image) => image.checkVisibility())
                .map((image) => /** @type {HTMLImageElement} */ (image).alt.split(', ')[0]),
        );

/** @param {Page} page @param {(names: string[]) => boolean} isMeant */
async function untilSeen(page, isMeant) {
    for (const end = Date.now() + PATIENCE; ; await page.waitForTimeout(100)) {
        const names = await seen(page);
        if (isMeant(names)) return names;
        assert.ok(Date.now() < end, `seen: ${names}`);
    }
}

describe('going through the photos', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof site.open>>} */
    let tab;
    /** @type {{file: string, score: number, verdict: string}[]} */
    let rows;

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        site = await openSite();
        tab = await site.open({ reducedMotion: 'no-preference' });
        const { page } = tab;
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'result');
        rows = await exportedScores(page);
    });
    after(() => site.stop());

    test('as one types those with the text in their path stay, their pictures as they are', async () => {
        const { page } = tab;
        const cards = page.locator('.card');
        const kept = rows.find(({ file }) => file.startsWith('test/scratch/'));
        const [, , name] = String(kept?.file).split('/');
        const picture = await page
            .locator('.card', { hasText: name })
            .locator('img')
            .elementHandle();
        const search = page.getByRole('searchbox', { name: 'Search names' });
        await search.pressSequentially('SCRATCH/');
        const expected = rows.filter(({ file }) => file.includes('scratch/'));
        await said(page, `${expected.length} of ${rows.length} photos`);
        assert.deepEqual(
            await shown(page),
            expected.map(({ file }) => file),
        );
        assert.equal(await cards.count(), expected.length);
        assert.ok(await picture?.evaluate((image) => image.isConnected), 'it is the same picture');
        const defects = page.locator('.filter.defect b');
        const all = rows.filter(({ verdict }) => verdict === 'defect').length;
        assert.equal(await defects.innerText(), `${expected.length} of ${all}`);
        assert.match(
            await page.locator('.summary h1').innerText(),
            new RegExp(`^${all} of ${rows.length} photos`),
            'the sentence is on the whole folder',
        );
        await page.locator('.filter.ok').click();
        await page.getByText('No photo has all that is asked for.').waitFor();
        await page.screenshot({ path: join(SHOTS, 'search.png') });
        await page.getByRole('button', { name: 'Show all' }).click();
        await page.waitForFunction(() => document.querySelectorAll('.card').length > 4);
        assert.equal(await search.inputValue(), '');
        assert.equal(await defects.innerText(), String(all));
        assert.ok(await search.evaluate((element) => element === document.activeElement));
        await page.evaluate(() => {
            const make = URL.createObjectURL.bind(URL);
            Object.assign(window, { made: 0 });
            URL.createObjectURL = (blob) => {
                /** @type {any} */ (window).made++;
                return make(blob);
            };
        });
        await search.fill('scratch/');
        await said(page, `${expected.length} of ${rows.length} photos`);
        await search.fill('');
        await page.waitForFunction(() => document.querySelectorAll('.card').length > 4);
        assert.equal(await page.evaluate('made'), 0, 'no picture was made anew');
    });

    test('by folder and in other orders, which the job keeps; what was searched it does not', async () => {
        const { page } = tab;
        const folder = page.getByRole('combobox', { name: 'Folder' });
        const sort = page.getByRole('combobox', { name: 'Order' });
        const folders = await folder.locator('option').allInnerTexts();
        assert.equal(folders[0], 'All folders');
        assert.ok(folders.includes('test') && folders.includes('test/good'), String(folders));
        await folder.selectOption('test');
        const inTest = rows.filter(({ file }) => file.startsWith('test/'));
        await said(page, `${inTest.length} of ${rows.length} photos`);
        await sort.selectOption('Lowest score first');
        await page.waitForFunction(
            (name) =>
                document.querySelector('.card[aria-posinset="1"] .name')?.getAttribute('title') ===
                name,
            inTest.at(-1)?.file,
        );
        await sort.selectOption('Name, A to Z');
        const byName = inTest.map(({ file }) => file).sort();
        await page.waitForFunction(
            (name) =>
                document.querySelector('.card[aria-posinset="1"] .name')?.getAttribute('title') ===
                name,
            byName[0],
        );
        assert.deepEqual(await shown(page), byName.slice(0, (await shown(page)).length));
        await page.locator('.filter.defect').click();
        const defects = byName.filter(isDefect);
        await said(page, `${defects.length} of ${rows.length} photos`);
        assert.deepEqual(await shown(page), defects);
        await page.getByRole('searchbox').fill('part_0');

        await page.getByRole('button', { name: 'Close this job' }).click();
        await page.locator('.job-open').waitFor(); /* all of it is kept */
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        await said(page, `${defects.length} of ${rows.length} photos`);
        assert.deepEqual(await shown(page), defects);
        assert.equal(await sort.inputValue(), 'name');
        assert.equal(await folder.inputValue(), 'test');
        assert.equal(await page.getByRole('searchbox').inputValue(), '');
        assert.deepEqual(await exportedScores(page), rows, 'the table is of all, by score');
        await page.getByRole('button', { name: 'Show all' }).click();
        await sort.selectOption('Highest score first');
    });

    test('photos fly to their new places, but not when the window is another', async () => {
        const { page } = tab;
        await page.evaluate(() => {
            document.addEventListener('transitionrun', ({ target }) => {
                const isCard = /** @type {Element} */ (target).matches('.card');
                if (isCard) /** @type {any} */ (window).hasFlown = true;
            });
        });
        const hasFlown = () => page.evaluate(() => /** @type {any} */ (window).hasFlown);
        const sort = page.getByRole('combobox', { name: 'Order' });
        await sort.selectOption('Name, A to Z');
        await becomes(hasFlown, true, 'in another order');
        await becomes(() => page.evaluate(() => document.getAnimations().length), 0, 'at rest');
        await page.evaluate(() => /** @type {any} */ (window.hasFlown = false));
        for (const width of [360, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            await fits(page, 'photos');
        }
        assert.equal(await hasFlown(), false, 'in another window');
        await sort.selectOption('Highest score first');
    });

    test('a second photo stands beside the first, with the same of it to be seen', async () => {
        const { page } = tab;
        const good = new Set(
            rows.filter(({ verdict }) => verdict !== 'defect').map(({ file }) => file),
        );
        const mostNormal = rows.at(-1)?.file;
        /** The photo of this name, and the good one beside it that is most like it; until it has come
         * the most normal one stands there. @param {string} file */
        const untilNear = async (file) => {
            await untilSeen(
                page,
                ([name, other]) => name === file && good.has(other) && other !== mostNormal,
            );
            return seen(page);
        };
        await page.getByRole('listbox').focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('c');
        await untilNear(rows[0].file);
        await page.keyboard.press('+');
        await page.keyboard.press('+');
        const zooms = () =>
            page.locator('.viewer-sheet').evaluateAll((sheets) =>
                sheets.map((sheet) => {
                    const { width, transform } = /** @type {HTMLElement} */ (sheet).style;
                    return `${width} ${transform}`;
                }),
            );
        const [first, second] = await zooms();
        assert.equal(first, second);
        const box = await page.locator('.stage').last().boundingBox();
        assert.ok(box);
        await page.mouse.move(box.x + 200, box.y + 200);
        await page.mouse.down();
        await page.mouse.move(box.x + 170, box.y + 180, { steps: 3 });
        await page.mouse.up();
        const [moved, with_] = await zooms();
        assert.notEqual(moved, first);
        assert.equal(moved, with_, 'the first goes where the second is dragged');
        await page.screenshot({ path: join(SHOTS, 'beside.png') });

        await page.keyboard.press('ArrowRight');
        const [, other] = await untilNear(rows[1].file);
        const before = rows[rows.findIndex(({ file }) => file === other) - 1].file;
        await page.keyboard.press('Shift+ArrowLeft');
        await untilSeen(page, ([, name]) => name === before);
        const name = page.getByRole('combobox', { name: 'Name of the second photo' });
        await name.fill(rows[5].file.split('/').slice(1).join('/').toUpperCase());
        await name.press('Enter');
        await untilSeen(page, ([, name]) => name === rows[5].file);
        assert.equal(await name.inputValue(), rows[5].file);
        await name.fill('there is none');
        await name.press('Enter');
        assert.equal(await name.inputValue(), rows[5].file, 'no other has that name');
        await page.getByRole('button', { name: 'Most similar good one' }).click();
        await untilSeen(page, ([, name]) => name === other);
        await page.getByRole('button', { name: 'Compare' }).click();
        await untilSeen(page, (names) => names.length === 1);
        await page.keyboard.press('Escape');
        await page.locator('.viewer:not(.large)').waitFor();
    });

    test('the two blink in turns, and by hand alone where motion is unwanted', async () => {
        const { page } = tab;
        const isAway = () =>
            page
                .locator('.stages > .stage-frame')
                .last()
                .evaluate((stage) => getComputedStyle(stage).opacity === '0');
        const turns = () =>
            page.evaluate(async () => {
                let count = 0;
                const observer = new MutationObserver(() => count++);
                const stage = /** @type {Element} */ (document.querySelector('.stages')?.lastChild);
                observer.observe(stage, { attributes: true, attributeFilter: ['class'] });
                await new Promise((next) => setTimeout(next, 2600));
                observer.disconnect();
                return count;
            });
        await page.getByRole('listbox').press('b');
        await page.locator('.stages[data-comparison="blink"]').waitFor();
        const blinked = await turns();
        assert.ok(blinked >= 2 && blinked <= 4, `${blinked} turns in 2.6 s`);
        await page.keyboard.press('x');
        assert.equal(await turns(), 0, 'from now on by hand');
        const away = await isAway();
        await page.keyboard.press('x');
        assert.equal(await isAway(), !away);
        await page.getByRole('button', { name: 'Alternate by hand' }).click();
        assert.equal(await isAway(), away);
        await page.keyboard.press('b');
        await page.locator('.stages[data-comparison="none"]').waitFor();

        await page.emulateMedia({ reducedMotion: 'reduce' });
        await page.keyboard.press('b');
        await page.locator('.stages[data-comparison="blink"]').waitFor();
        assert.equal(await turns(), 0);
        const still = await isAway();
        await page.keyboard.press('x');
        assert.equal(await isAway(), !still);
        for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 800 });
            for (const [key, way] of [
                ['c', 'beside'],
                ['b', 'blink'],
            ]) {
                await page.keyboard.press(key);
                await page.locator(`.stages[data-comparison="${way}"]`).waitFor();
                await fits(page, way);
                await page.screenshot({ path: join(SHOTS, `${way}-${width}.png`) });
            }
        }
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.emulateMedia({ reducedMotion: 'no-preference' });
        await page.keyboard.press('b');
        await page.keyboard.press('Escape');
        await page.locator('.viewer:not(.large)').waitFor();
    });

    test('keys go from defect to defect, to the search, and are listed', async () => {
        const { page } = tab;
        const name = page.locator('.viewer-name');
        const at = (/** @type {string} */ file) => name.filter({ hasText: file }).waitFor();
        await page.getByRole('combobox', { name: 'Order' }).selectOption('Name, A to Z');
        const byName = rows.map(({ file }) => file).sort();
        const defects = rows
            .filter(({ verdict }) => verdict === 'defect')
            .map(({ file }) => file)
            .sort();
        await page
            .locator('.card[aria-posinset="1"]', { hasText: byName[0].split('/').at(-1) })
            .waitFor(); /* they stand in the new order */
        await page.getByRole('listbox').focus();
        await page.keyboard.press('Home');
        await at(byName[0]);
        const rest = defects.filter((file) => file > byName[0]);
        for (const file of rest.slice(0, 3)) {
            await page.keyboard.press('n');
            await at(file);
        }
        await page.keyboard.press('Shift+N');
        await at(rest[1]);
        await page.keyboard.press('Enter');
        await page.locator('.viewer.large').waitFor();
        await page.getByRole('button', { name: 'Next photo with a defect' }).click();
        await at(rest[2]);
        await page.keyboard.press('?');
        const list = page.getByRole('dialog', { name: 'Keys' });
        await list.getByText('Next photo with a defect').waitFor();
        await page.keyboard.press('n');
        await page.keyboard.press('Escape');
        await list.waitFor({ state: 'hidden' });
        assert.ok(await page.locator('.viewer.large').isVisible(), 'Escape closes one at a time');
        await at(rest[2]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('/');
        const search = page.getByRole('searchbox');
        assert.ok(await search.evaluate((element) => element === document.activeElement));
        await page.keyboard.type('nc?');
        assert.equal(await search.inputValue(), 'nc?', 'letters are text there');
        assert.equal(await list.isVisible(), false);
        await page.getByRole('button', { name: 'Show all' }).click();
        await settled(page);
        const before = await name.innerText();
        await page.getByRole('button', { name: 'Save model' }).focus();
        await page.keyboard.press('n');
        await settled(page);
        assert.equal(await name.innerText(), before, 'letters do nothing elsewhere');
        await page.getByRole('combobox', { name: 'Order' }).selectOption('Highest score first');
    });

    test('those with a defect come as a ZIP, as they are, in their folders', async () => {
        const { page } = tab;
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Photos by verdict…' }).click();
        const dialog = page.getByRole('dialog', { name: 'Photos to take along' });
        const defects = rows.filter(({ verdict }) => verdict === 'defect');
        const box = dialog.getByRole('checkbox', { name: `Defect: ${defects.length} photos` });
        assert.ok(await box.isChecked());
        await box.uncheck();
        const button = dialog.getByRole('button', { name: 'Download a ZIP' });
        assert.ok(await button.isDisabled(), 'none is chosen');
        await box.check();
        const { name, bytes } = await downloaded(page, () => button.click());
        assert.equal(name, 'photos-defect.zip');
        for (const { file } of defects) {
            const at = bytes.indexOf(file) + file.length;
            const original = readFileSync(join(SAMPLES, file));
            assert.ok(bytes.subarray(at, at + original.length).equals(original), file);
        }
        assert.equal(bytes.readUInt16LE(bytes.length - 12), defects.length);
    });

    test('or are copied into a folder, where nothing is written over', async () => {
        const { page } = tab;
        /* the browser's own folders stand for the user's, whose choice no test can make */
        await page.evaluate(async () => {
            const root = await navigator.storage.getDirectory();
            const folder = await root.getDirectoryHandle('copies', { create: true });
            Object.assign(window, { showDirectoryPicker: async () => folder });
        });
        const copy = async (/** @type {string} */ button) => {
            await page.locator('.summary summary', { hasText: 'Export' }).click();
            await page.getByRole('button', { name: 'Photos by verdict…' }).click();
            await page.getByRole('dialog').getByRole('button', { name: button }).click();
        };
        const there = () =>
            page.evaluate(async () => {
                const files = /** @type {Record<string, number>} */ ({});
                const walk = async (/** @type {any} */ folder, /** @type {string} */ path) => {
                    for await (const [name, entry] of folder.entries())
                        if (entry.kind === 'directory') await walk(entry, `${path}${name}/`);
                        else files[path + name] = (await entry.getFile()).size;
                };
                const root = await navigator.storage.getDirectory();
                await walk(await root.getDirectoryHandle('copies'), '');
                return files;
            });
        const defects = rows.filter(({ verdict }) => verdict === 'defect');
        const expected = /** @type {Record<string, number>} */ ({});
        for (const { file } of defects) expected[file] = readFileSync(join(SAMPLES, file)).length;
        await copy('Copy into a folder…');
        const note = `${defects.length} of ${defects.length} photos copied into copies.`;
        await page.locator('.notice', { hasText: note }).waitFor();
        assert.deepEqual(await there(), expected);
        await page.getByRole('button', { name: 'Close this message' }).click();
        await copy('Copy into a folder…');
        await page.locator('.notice', { hasText: note }).waitFor();
        for (const [file, size] of Object.entries(expected))
            expected[file.replace('.jpg', '_2.jpg')] = size;
        assert.deepEqual(await there(), expected, 'beside those that are there');
        await page.getByRole('button', { name: 'Close this message' }).click();

        /* and ends where the folder takes no more, or the user wants no more */
        await page.evaluate(() => {
            FileSystemFileHandle.prototype.createWritable = async () => {
                throw new DOMException('The disk is full.', 'QuotaExceededError');
            };
        });
        await copy('Copy into a folder…');
        await page
            .locator('.notice.error', {
                hasText: 'Not all photos could be copied: The disk is full.',
            })
            .waitFor();
        await page
            .locator('.notice', { hasText: `0 of ${defects.length} photos copied into copies.` })
            .waitFor();
        assert.deepEqual(await there(), expected, 'no half of a file stays');
        const messages = page.getByRole('button', { name: 'Close this message' });
        for (let left = await messages.count(); left > 0; left--) {
            await messages.first().click();
            await messages.nth(left - 1).waitFor({ state: 'detached' });
        }
        await page.evaluate(() => {
            const write = () => new Promise((done) => setTimeout(done, 700));
            FileSystemFileHandle.prototype.createWritable = async () =>
                /** @type {any} */ (new WritableStream({ write }));
        });
        await copy('Copy into a folder…');
        await page.getByRole('button', { name: 'Cancel: Copying the photos' }).click();
        await page.locator('.notice', { hasText: `of ${defects.length} photos copied` }).waitFor();
        const [, count] = /^(\d+) of/.exec(await page.locator('.notice').first().innerText()) ?? [];
        assert.ok(Number(count) < defects.length, count);
        const more = Object.keys(await there()).length - Object.keys(expected).length;
        assert.equal(more, Number(count), 'those that are whole stay');
        await tab.close();
    });
});

test('by the time of their files, newest and oldest first', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        const paths = (await samplePaths()).slice(0, 5);
        /* the order of names is another than that of times */
        const times = [3, 1, 4, 5, 2];
        const files = paths.map((/** @type {string} */ path, /** @type {number} */ i) => ({
            name: `${i}.jpg`,
            content: readFileSync(join(SAMPLES, path)).toString('base64'),
            time: Date.UTC(2026, 0, times[i]),
        }));
        await page.evaluate((files) => {
            const transfer = new DataTransfer();
            for (const { name, content, time } of files) {
                const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { lastModified: time }));
            }
            const input = /** @type {HTMLInputElement} */ (
                document.querySelector('input[type="file"][accept^="image/png"]')
            );
            input.files = transfer.files;
            input.dispatchEvent(new Event('change'));
        }, files);
        await reach(page, 'result');
        const sort = page.getByRole('combobox', { name: 'Order' });
        assert.equal(await page.getByRole('combobox', { name: 'Folder' }).isVisible(), false);
        for (const again of [false, true]) {
            for (const [order, names] of Object.entries({
                'Newest first': ['3', '2', '0', '4', '1'],
                'Oldest first': ['1', '4', '0', '2', '3'],
            })) {
                await sort.selectOption(order);
                await becomes(
                    () => shown(page),
                    names.map((name) => `${name}.jpg`),
                    `${order}, ${again ? 'opened again' : 'at once'}`,
                );
            }
            if (again) break;
            await page.getByRole('button', { name: 'Close this job' }).click();
            await page.locator('.job-open').waitFor(); /* all of it is kept */
            await page.reload();
            await openKept(page);
            await reach(page, 'result');
            assert.equal(await sort.inputValue(), 'oldest');
        }
        await close();
    } finally {
        await site.stop();
    }
});

test('a photo whose file is gone is named, and the others are taken along', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        const paths = (await samplePaths()).filter((/** @type {string} */ path) => !isDefect(path));
        await choose(
            page,
            paths.slice(0, 6).map((/** @type {string} */ path, /** @type {number} */ i) => ({
                name: `${i}.jpg`,
                mimeType: 'image/jpeg',
                buffer: readFileSync(join(SAMPLES, path)),
            })),
        );
        await reach(page, 'result');
        await page.locator('.viewer-name', { hasText: '.jpg' }).waitFor();
        await page.waitForFunction(() => {
            const image = document.querySelector('.viewer-sheet img');
            return /** @type {HTMLImageElement} */ (image).naturalWidth === 336;
        }); /* its file was read */
        await page.evaluate(() => {
            const slice = Blob.prototype.slice;
            Blob.prototype.slice = function (...range) {
                if (/** @type {any} */ (this).name === '3.jpg')
                    throw new DOMException('It is gone.', 'NotFoundError');
                return slice.apply(this, range);
            };
        });
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name: 'Photos by verdict…' }).click();
        await page.getByRole('dialog', { name: 'Photos to take along' }).waitFor();
        for (const box of await page.getByRole('dialog').getByRole('checkbox').all())
            await box.check();
        const { bytes } = await downloaded(page, () =>
            page.getByRole('button', { name: 'Download a ZIP' }).click(),
        );
        await page
            .locator('.notice.error', { hasText: 'could not be read and are missing: 3.jpg.' })
            .waitFor();
        assert.equal(bytes.readUInt16LE(bytes.length - 12), 5);
        await close();
    } finally {
        await site.stop();
    }
});

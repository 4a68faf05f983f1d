/** What the page must do in every browser. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seal } from '../../scripts/seal.mjs';
import { drawFilm, numbersOf } from '../films.mjs';
import { dataOf } from '../cli/reports.mjs';
import {
    exportedScores,
    press,
    reach,
    ready,
    runsAs,
    samplePhotos,
    saved,
    SHOTS,
    until,
} from './site.mjs';

/** @typedef {import('./site.mjs').Tab} Tab */

const VISITS = 4;

/**
 * Visits again and again, also when the service worker is at work: none hangs.
 * @param {Tab} tab
 * @param {string} url
 */
export async function visits(tab, url) {
    for (let visit = 1; visit <= VISITS; visit++) {
        await tab.open(url);
        await ready(tab);
        /* it is registered when the detector's threads are there, asleep */
        await tab.evaluate(() => navigator.serviceWorker.ready.then(() => 1));
        await sleep(500);
    }
    assert.ok(await tab.evaluate(() => Boolean(navigator.serviceWorker.controller)));
    /* what the next visit cut short */
    const others = tab.errors.filter((error) => !/A ServiceWorker intercepted/.test(error));
    tab.errors.splice(0, Infinity, ...others);
}

/**
 * One visit, and there is no network any more: the sample job runs.
 * @param {Tab} tab
 * @param {string} downloads
 * @param {() => Promise<void>} down
 * @param {boolean} [threaded] false: where the browser does not start threads then
 */
export async function withoutNetwork(tab, downloads, down, threaded = true) {
    await ready(tab);
    await tab.evaluate(() => navigator.serviceWorker.ready.then(() => 1));
    await down();
    await tab.reload();
    await ready(tab);
    if (threaded) await usesThreads(tab, true);
    else assert.equal((await runsAs(tab)).variant, 'simd');
    await sampleJob(tab, downloads, 'offline');
}

/**
 * A newer version is offered when it is whole, waits, and takes over at a click, while threads of
 * the old one sleep.
 * @param {Tab} tab
 * @param {string} folder of the site, a copy
 */
export async function newVersion(tab, folder) {
    const isNew = () => document.documentElement?.dataset.version === '2';
    await ready(tab);
    await tab.evaluate(() => navigator.serviceWorker.ready.then(() => 1));
    await tab.reload();
    await ready(tab);
    await usesThreads(tab, true);
    const script = join(folder, 'main.js');
    await appendFile(script, ";document.documentElement.dataset.version='2'");
    await seal(folder);
    const whole = await readFile(script);
    await writeFile(script, whole.subarray(0, 9000));
    const update = async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update().catch(() => {});
        while (registration.installing) await new Promise((later) => setTimeout(later, 50));
        return Boolean(registration.waiting);
    };
    assert.equal(await tab.evaluate(update), false, 'half of a file is no version');
    await writeFile(script, whole);
    assert.equal(await tab.evaluate(update), true);
    await tab.reload();
    await until(tab, 'the offer', () =>
        Boolean(document.querySelector('.new-version:not([hidden])')),
    );
    assert.equal(await tab.evaluate(isNew), false);
    await press(tab, 'Use it now');
    await until(tab, 'the new version', isNew);
    await ready(tab);
    await usesThreads(tab, true);
}

/**
 * The sample job, from the click to the exported scores, which come in the right order.
 * @param {Tab} tab
 * @param {string} downloads
 * @param {string} shot a name for the screenshot
 */
export async function sampleJob(tab, downloads, shot) {
    await press(tab, 'Try the sample photos');
    await reach(tab, 'result');
    const rows = await exportedScores(tab, downloads);
    await mkdir(SHOTS, { recursive: true });
    await tab.screenshot(join(SHOTS, `${shot}.png`));
    assert.equal(rows.length, 60);
    const height = await tab.evaluate(
        () => document.querySelector('.panel')?.getBoundingClientRect().height,
    );
    assert.ok(height < 240, `the panel is ${height} pixels high`);
    rows.slice(1).forEach(({ score }, i) => assert.ok(rows[i].score >= score, 'highest first'));
    const defective = rows.map(({ file }) => /^test\/(?!good\/)/.test(file));
    assert.deepEqual(
        defective.flatMap((is, at) => (is ? [at] : [])),
        [0, 1, 2, 3, 4, 5],
        'the six defective photos come first',
    );
    return rows;
}

/**
 * Photos from an input.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function chosenPhotos(tab, downloads) {
    await tab.setFiles('input[accept^="image/png"]', await samplePhotos(6));
    await reach(tab, 'result');
    const rows = await exportedScores(tab, downloads);
    assert.equal(rows.length, 6);
    return rows;
}

/**
 * Such photos are there again after a reload.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function keptPhotos(tab, downloads) {
    const rows = await chosenPhotos(tab, downloads);
    await tab.reload();
    await until(tab, 'the job that is kept', () =>
        document.querySelector('.job-open')?.textContent?.includes(' 6 photos, '),
    );
    await tab.click('.job-open');
    await reach(tab, 'result');
    assert.deepEqual(await exportedScores(tab, downloads), rows);
}

/**
 * Photos that are dropped on the page that has judged six: one of these again, a new one, a text.
 * The browser gives no entries of what a script drops, as of what other programs drop.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function droppedPhotos(tab, downloads) {
    const drop = async (/** @type {string[]} */ names) => {
        const transfer = new DataTransfer();
        for (const name of names) {
            const blob = await (await fetch(`samples/${name}`)).blob();
            transfer.items.add(new File([blob], name.slice(name.lastIndexOf('/') + 1)));
        }
        transfer.items.add(new File(['words'], 'notes.txt'));
        transfer.items.add('a text', 'text/plain');
        const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
        return document.dispatchEvent(new DragEvent('drop', how));
    };
    const photos = (await samplePhotos(7))
        .slice(5)
        .map((path) => path.replace(/.*\/samples\//, ''));
    assert.equal(await tab.evaluate(drop, photos), false, 'the page takes the drop');
    await press(tab, 'Judge them');
    await until(
        tab,
        'seven photos',
        () => document.querySelector('.filter.all b')?.textContent === '7',
    );
    await reach(tab, 'result');
    assert.equal((await exportedScores(tab, downloads)).length, 7);
    const told = () => document.querySelector('.troubles')?.textContent;
    assert.match(
        await tab.evaluate(told),
        /^2 files left out.*1 text file: left out.*1 photo: here/,
    );
}

/**
 * The whole review: an area is drawn, marks change the order, a report is made, and all of it is
 * there after a reload.
 * @param {Awaited<ReturnType<typeof import('./firefox.mjs').openFirefox>>} tab
 * @param {string} downloads
 */
export async function reviewedPhotos(tab, downloads) {
    const photos = await samplePhotos(9, 3);
    await tab.setFiles('input[accept^="image/png"]', photos);
    await reach(tab, 'result');
    await press(tab, 'Area of interest…');
    await until(tab, 'the photo to draw on', () => {
        const image = /** @type {HTMLImageElement|null} */ (
            document.querySelector('.area-stage img')
        );
        return image?.complete && image.naturalWidth;
    });
    await tab.evaluate(() => /** @type {any} */ (document.querySelector('.area-stage')).focus());
    /* from the middle to a corner, around, and the last one closes it */
    await tab.key('ArrowLeft', 9);
    await tab.key('ArrowUp', 9);
    await tab.key('Enter');
    for (const side of /** @type {const} */ (['ArrowRight', 'ArrowDown', 'ArrowLeft'])) {
        await tab.key(side, 18);
        await tab.key('Enter');
    }
    await tab.key('Enter');
    await press(tab, 'Learn from it');
    const told = () =>
        /Only the area of interest counts, 8\d.* %/.exec(document.body.innerText)?.[0] ?? '';
    const area = await until(tab, 'the area', told);
    await reach(tab, 'result');
    const before = await exportedScores(tab, downloads);

    const marked = (/** @type {number} */ count) =>
        document.querySelector('.filter.marked b')?.textContent === String(count);
    for (let count = 1; count <= 5; count++) {
        await press(tab, 'Most useful next');
        await until(tab, 'a photo without a mark', () => {
            const marking = document.querySelector('.viewer.large .marking');
            return marking && !marking.querySelector('[aria-pressed="true"]');
        });
        await press(tab, count === 1 ? 'Defect' : 'Good');
        await until(tab, `mark ${count}`, marked, [count]);
    }
    await tab.key('Escape');
    const after = await exportedScores(tab, downloads);
    const order = (/** @type {{file: string}[]} */ rows) => rows.map(({ file }) => file);
    assert.notDeepEqual(order(after), order(before), 'photos follow the marks');
    await press(tab, 'Export');
    await press(tab, 'Report to print (HTML)');
    const report = dataOf((await saved(downloads, 'report.html')).toString());
    assert.equal(report.photos.length, photos.length);
    assert.ok(report.settings.area.share > 0.8);
    const groups = () =>
        [...document.querySelectorAll('.groups b')].map((size) => size.textContent).join();
    const shown = await until(tab, 'groups', groups);

    await tab.reload();
    await until(tab, 'the job', () => Boolean(document.querySelector('.job-open')));
    await tab.click('.job-open');
    await reach(tab, 'result');
    assert.deepEqual(await exportedScores(tab, downloads), after);
    assert.ok(await tab.evaluate(marked, 5));
    assert.equal(await until(tab, 'the area again', told), area);
    assert.equal(await until(tab, 'the groups again', groups), shown);
}

/**
 * What a camera sees is learnt from, and then judged as it comes.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function cameraPhotos(tab, downloads) {
    await press(tab, 'Use a camera');
    await until(tab, 'what the camera sees', () => document.querySelector('video')?.videoWidth);
    for (let count = 1; count <= 6; count++) {
        await press(tab, 'Take a photo');
        const taken = (/** @type {number} */ wanted) =>
            Number.parseInt(document.querySelector('.watch-counts')?.textContent ?? '', 10) ===
            wanted;
        await until(tab, `photo ${count}`, taken, [count]);
    }
    await press(tab, 'Done: learn from these');
    await reach(tab, 'result');
    for (const { file } of await exportedScores(tab, downloads))
        assert.match(file, /^camera \d{4}-\d\d-\d\d [\d.]+\.png$/);
    await press(tab, 'New');
    await press(tab, 'Use a camera…');
    const judged = () =>
        /pictures a second/.test(document.querySelector('.light')?.textContent ?? '');
    await until(tab, 'a picture that is judged', judged);
    await tab.screenshot(join(SHOTS, 'firefox-camera.png'));
    await press(tab, 'Stop watching');
}

/**
 * Every second picture of a film becomes a photo.
 * @param {Tab} tab
 * @param {string} downloads
 */
export async function videoPhotos(tab, downloads) {
    const film = join(downloads, 'film.webm');
    const drawn = await tab.evaluate(drawFilm, { pictures: 16 });
    await writeFile(film, Buffer.from(drawn, 'base64'));
    await tab.setFiles('input[accept^="image/png"]', [film]);
    await until(tab, 'the question', () =>
        Boolean(document.querySelector('dialog.video[open] input')),
    );
    await tab.evaluate(() => {
        const every = /** @type {HTMLInputElement} */ (document.querySelector('.video input'));
        every.value = '0.2';
        every.dispatchEvent(new Event('input'));
    });
    await press(tab, 'Take the photos');
    await reach(tab, 'result');
    const names = Array.from({ length: 8 }, (_, i) => `film.webm 00m0${(0.2 * i).toFixed(2)}s.png`);
    const rows = await exportedScores(tab, downloads);
    assert.deepEqual(rows.map(({ file }) => file).sort(), names);
    const numbers = await tab.evaluate(numbersOf);
    assert.deepEqual(
        names.map((name) => numbers[name]),
        [0, 2, 4, 6, 8, 10, 12, 14],
    );
}

/** @param {Tab} tab @param {boolean} isolated */
export async function usesThreads(tab, isolated) {
    assert.equal(await tab.evaluate(() => crossOriginIsolated), isolated);
    const { variant, workers, threads } = await runsAs(tab);
    /* WebKit counts 4 on a machine of 2 */
    const cores = await tab.evaluate(() => navigator.hardwareConcurrency);
    const said = await tab.evaluate(() => document.querySelector('.notice')?.textContent ?? '');
    const what = `${variant} with ${workers} workers; the page says: ${said}`;
    if (isolated) assert.deepEqual([variant, workers], ['threads', 1], what);
    else assert.deepEqual([variant, threads], ['simd', 1]);
    assert.equal(isolated ? threads : workers, Math.min(cores, isolated ? 16 : 8));
}

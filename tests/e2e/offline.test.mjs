/** The page on this device: whole after one visit, of one version, and newer when the user says so. */
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { seal } from '../../scripts/seal.mjs';
import { serve } from '../../scripts/serve.mjs';
import { startFront } from './front.mjs';
import {
    becomes,
    choose,
    exportedScores,
    goodFiles,
    openKept,
    openSite,
    reach,
    SITE,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const OFFER = 'A new version is there.';

/** The page is kept, whole. @param {Page} page */
const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));

/** @param {Page} page */
const start = (page) => page.getByRole('button', { name: 'Try the sample photos' }).waitFor();

/** What the page's caches hold, by their names. @param {Page} page */
const cached = (page) =>
    page.evaluate(async () => {
        const names = (await caches.keys()).filter((name) => name.startsWith('fleck-page'));
        const entries = names.map(async (name) => {
            const requests = await (await caches.open(name)).keys();
            return [name, requests.map(({ url }) => url)];
        });
        return Object.fromEntries(await Promise.all(entries));
    });

/** Which version the page and a file that it fetches are of. @param {Page} page */
const versions = (page) =>
    page.evaluate(async () => {
        const style = await (await fetch('style.css')).text();
        return [document.documentElement.dataset.version ?? '1', /second/.test(style) ? '2' : '1'];
    });

/** Looks for a newer version until it is there or has failed. @param {Page} page */
const update = (page) =>
    page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update().catch(() => {});
        while (registration.installing) await new Promise((later) => setTimeout(later, 50));
        return Boolean(registration.waiting);
    });

/** What hosts and networks do to a file. @type {Record<string, [string, import('./front.mjs').Change]>} */
const FAULTS = {
    'half of a file': ['/style.css', (answer) => (answer.body = answer.body.subarray(0, 9000))],
    'a file that is missing': ['/main.js', (answer) => (answer.status = 404)],
    'a page to log in': [
        '/fleck/fleck-simd.js',
        (answer) => {
            answer.headers['content-type'] = 'text/html';
            answer.body = Buffer.from('<!doctype html><title>Log in</title>');
        },
    ],
    'no page': ['/', (answer) => (answer.body = Buffer.from(''))],
    'the connection ends': ['/main.js', (answer) => (answer.cut = true)],
};

describe('the page', () => {
    /** @type {Awaited<ReturnType<typeof startFront>>} */
    let front;
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof serve>>} */
    let second;
    let first = '',
        folder = '';
    before(async () => {
        front = await startFront();
        site = await openSite({ front, isKept: true });
        first = front.site;
        folder = await mkdtemp(join(tmpdir(), 'fleck-site-'));
        await cp(SITE, folder, { recursive: true });
        await appendFile(join(folder, 'main.js'), ";document.documentElement.dataset.version='2'");
        await appendFile(join(folder, 'style.css'), '/* second */');
        await seal(folder);
        second = await serve(folder);
    });
    after(async () => {
        await site.stop();
        await second.close();
        await front.close();
        await rm(folder, { recursive: true });
    });
    beforeEach(() => {
        front.site = first;
        front.changes.clear();
    });

    test('works without a network after one visit: the sample job, with threads', async () => {
        const { page, close } = await site.open();
        /** @type {string[]} */
        const asked = [];
        page.context().on('request', (request) => asked.push(request.url()));
        await kept(page);
        front.changes.set('*', (answer) => (answer.cut = true));
        await page.reload();
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 60);
        assert.equal(await page.evaluate(() => crossOriginIsolated), true);
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByText(/^Runs as WebAssembly “threads”/).waitFor();
        await page
            .getByRole('radio', { name: /^DINOv2 ViT-S/ })
            .first()
            .waitFor();
        const elsewhere = asked.filter((url) => !/^blob:|^data:/.test(url));
        assert.ok(elsewhere.length > 60);
        assert.deepEqual(
            elsewhere.filter((url) => !url.startsWith(front.url)),
            [],
        );
        await close();
    });

    test('is there where the server never answers', async () => {
        const { page, close } = await site.open();
        await kept(page);
        front.site = '';
        await page.goto(`${front.url}index.html`);
        await start(page);
        await close();
    });

    test('keeps its files once, whatever is asked for, and leaves all else to the network', async () => {
        const { page, close } = await site.open();
        await page.evaluate(() =>
            caches.open('fleck-page').then((cache) => cache.put('old', new Response())),
        );
        await kept(page);
        const before = await cached(page);
        const [name] = Object.keys(before);
        assert.deepEqual(Object.keys(before), [name], 'that of earlier builds is gone');
        assert.ok(before[name].length > 80);
        await page.goto(`${front.url}?x=1`);
        await start(page);
        front.asked.length = 0;
        const answers = await page.evaluate(async () => {
            const status = async (/** @type {[string, RequestInit?]} */ ...asked) =>
                (await fetch(...asked)).status;
            return [
                await status('style.css?x=1'),
                await status('./?x=2'),
                await status('fleck/README.md?x=3'),
                await status('constructor'),
                await status('style.css?x=4', { headers: { Range: 'bytes=0-9' } }),
                await status('style.css?x=5', { method: 'POST' }),
            ];
        });
        assert.deepEqual(answers, [200, 200, 200, 404, 200, 405]);
        assert.deepEqual(
            front.asked.filter((path) => path !== '/offline.js'),
            ['/fleck/README.md?x=3', '/constructor', '/style.css?x=4', '/style.css?x=5'],
        );
        assert.deepEqual(await cached(page), before);
        await close(/404|405/);
    });

    for (const [what, [path, fault]] of Object.entries(FAULTS))
        test(`stays as it was where a new version comes broken: ${what}`, async () => {
            const { page, close } = await site.open();
            await kept(page);
            const before = await cached(page);
            front.site = second.url;
            front.changes.set(path, (answer) => {
                delete answer.headers['content-length'];
                fault(answer);
            });
            await page.reload();
            front.asked.length = 0;
            for (let tries = 0; !front.asked.includes(path); tries++) {
                assert.ok(tries < 5, `${path} is asked for`);
                assert.equal(await update(page), false);
            }
            /* another try may be under way, which leaves nothing behind either */
            await becomes(() => cached(page), before);
            front.changes.set('*', (answer) => (answer.cut = true));
            await page.reload();
            await start(page);
            assert.deepEqual(await versions(page), ['1', '1']);
            assert.equal(await page.getByText(OFFER).isVisible(), false);

            front.changes.clear();
            for (let tries = 0; !(await update(page)); tries++)
                assert.ok(tries < 5, 'when it is whole it comes');
            await close();
        });

    test('offers a new version and is of it when the user says so, with the job kept', async () => {
        const { page, close } = await site.open();
        await kept(page);
        await page.reload();
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        const [old] = Object.keys(await cached(page));

        front.site = second.url;
        front.asked.length = 0;
        assert.equal(await update(page), true);
        const loaded = front.asked.filter((path) => path !== '/offline.js');
        assert.ok(loaded.includes('/style.css') && loaded.includes('/main.js'));
        const same = loaded.filter((path) => !/(\/|\.js|\/style\.css)$/.test(path));
        assert.deepEqual(same, [], 'what is the same is not loaded again');

        await page.getByText(OFFER).waitFor();
        assert.deepEqual(await versions(page), ['1', '1'], 'nothing is forced');
        await page.reload();
        await page.getByText(OFFER).waitFor();
        assert.deepEqual(await versions(page), ['1', '1']);

        const other = await page.context().newPage();
        await other.goto(front.url);
        await other.getByText(OFFER).waitFor();
        await page.getByRole('button', { name: 'Use it now' }).click();
        await page.getByText('fleck is open in another tab: close it there first.').waitFor();
        assert.deepEqual(await versions(other), ['1', '1']);
        assert.deepEqual(await versions(page), ['1', '1']);
        await page.evaluate(() => (document.body.dataset.same = 'yes'));
        await appendFile(join(folder, 'style.css'), '/* third */');
        await seal(folder);
        assert.equal(await update(page), true);
        await page.waitForTimeout(500);
        const mark = await page.evaluate(() => document.body.dataset.same);
        assert.equal(mark, 'yes', 'what was refused does not come later');
        await other.close();

        await openKept(page, /6 photos/);
        await reach(page, 'result');
        await page.getByRole('button', { name: 'Use it now' }).click();
        await page.waitForFunction(() => document.documentElement?.dataset.version === '2');
        await start(page);
        assert.deepEqual(await versions(page), ['2', '2']);
        const names = Object.keys(await cached(page));
        assert.equal(names.length, 1);
        assert.notEqual(names[0], old);
        await openKept(page, /6 photos/);
        await reach(page, 'result');
        assert.equal(await page.getByText(OFFER).isVisible(), false);

        front.site = '';
        await page.reload();
        await start(page);
        assert.deepEqual(await versions(page), ['2', '2']);
        await close();
    });

    test('does not offer it while work is going on', async () => {
        const { page, close } = await site.open();
        await kept(page);
        await page.reload();
        front.site = second.url;
        assert.equal(await update(page), true);
        await page.getByText(OFFER).waitFor();
        await page.getByRole('button', { name: 'Try the sample photos' }).click();
        await reach(page, 'reading');
        assert.equal(await page.getByText(OFFER).isVisible(), false);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await reach(page, 'paused');
        await page.getByText(OFFER).waitFor();
        await page.getByRole('button', { name: 'Later' }).click();
        await page.getByText(OFFER).waitFor({ state: 'hidden' });
        await close();
    });
});

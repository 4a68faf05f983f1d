/** The choice of a backbone: downloads that break, files that are dropped, what is kept. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { seal } from '../../scripts/seal.mjs';
import { depthOf, parse, without } from '../js/safetensors.mjs';
import {
    choose,
    drop,
    exportedScores,
    goodFiles,
    openKept,
    openSite,
    reach,
    ROOT,
    SHOTS,
    SITE,
} from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** The built-in network without a word on input and blocks, as official files are. */
const TINY = without(readFileSync(join(SITE, 'models/fleck-tiny.safetensors')), [
    'input',
    'blocks',
]);
const DEPTH = depthOf(parse(TINY).tensors);
const SIZE = `${(TINY.length / 1e6).toFixed(1)} MB`;
/** The same network but for a bit of its last weight. @param {number} bit */
const variant = (bit) => {
    const file = Buffer.from(TINY);
    if (file.length) file[file.length - 2] ^= 1 << bit;
    return file;
};
const OWN = variant(0),
    OTHER = variant(1),
    AWAY = variant(2);

const KEPT = /^Kept on this device: /;

const sha256 = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/** A host of models, as a page of another origin meets it, whose faults are at the test's will. */
async function startHost() {
    const host = {
        origin: '',
        /** @type {string[]} what was asked for: path and range */
        asked: [],
        /** @type {number[]} after how many bytes of its answers the connection ends; below
         * zero: it stays open and silent */
        broken: [],
        down: false,
        file: TINY,
        close: async () => {},
    };
    const server = createServer(async (request, response) => {
        if (host.down) return request.socket.destroy();
        const range = request.headers.range ?? '';
        host.asked.push(`${request.method} ${request.url} ${range}`.trim());
        const from = Number(range.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
        const body = host.file.subarray(from);
        response.writeHead(from ? 206 : 200, {
            'Access-Control-Allow-Origin': '*',
            'Access-Control-Expose-Headers': 'ETag',
            ETag: '"1"',
            'Content-Length': body.length,
            ...(from && {
                'Content-Range': `bytes ${from}-${host.file.length - 1}/${host.file.length}`,
            }),
        });
        const end = host.broken.shift() ?? Infinity;
        const sent = Math.min(Math.abs(end), body.length);
        /* at a pace that leaves time to see the progress */
        for (let at = 0; at < sent; at += 1 << 18) {
            response.write(body.subarray(at, Math.min(at + (1 << 18), sent)));
            await new Promise((resume) => setTimeout(resume, 60));
        }
        if (sent === body.length) response.end();
        else if (end >= 0) response.destroy();
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(null)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    host.origin = `http://127.0.0.1:${port}`;
    host.close = async () => {
        server.close();
        server.closeAllConnections();
    };
    return host;
}

/** The site with another list of backbones. @param {string} origin of the host */
async function siteWith(origin) {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-site-'));
    const model = 'models/fleck-tiny.safetensors';
    for (const name of [...(await readdir(SITE)).filter((each) => each !== 'models'), model])
        await cp(join(SITE, name), join(folder, name), { recursive: true });
    const entry = (/** @type {string} */ name, /** @type {object} */ more) => ({
        name,
        title: `The ${name} one`,
        family: 'dino',
        dim: 192,
        depth: DEPTH,
        patch: 8,
        registers: 0,
        bytes: TINY.length,
        licence: 'Apache-2.0',
        address: `${origin}/${name}/${name}.safetensors`,
        browser: true,
        sha256: sha256(TINY),
        input: 112,
        blocks: [2, DEPTH],
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        source: `${origin}/${name}`,
        ...more,
    });
    const backbones = [
        entry('pinned', {}),
        entry('first', { sha256: null, bytes: undefined, about_bytes: 9e6 }),
        entry('wrong', { sha256: sha256(OTHER) }),
        entry('away', {
            browser: false,
            sha256: sha256(AWAY),
            address: 'https://away.invalid/away.pth',
        }),
    ];
    await writeFile(join(folder, 'models/backbones.json'), JSON.stringify({ backbones }));
    await seal(folder);
    return folder;
}

describe('the choice of a backbone', () => {
    /** @type {Awaited<ReturnType<typeof startHost>>} */
    let host;
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    let folder = '';

    before(async () => {
        mkdirSync(SHOTS, { recursive: true });
        host = await startHost();
        folder = await siteWith(host.origin);
        site = await openSite({ folder });
    });
    after(async () => {
        await site.stop();
        await host.close();
        await rm(folder, { recursive: true });
    });
    beforeEach(() => {
        Object.assign(host, { asked: [], broken: [], down: false, file: TINY });
    });

    test('nothing is asked of another host before the user does', async () => {
        const { page, close } = await site.open();
        /** @type {string[]} */
        const asked = [];
        page.context().on('request', (request) => asked.push(request.url()));
        await page.reload();
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).waitFor();
        await page
            .getByText(/about [\d.]+ s a photo/)
            .first()
            .waitFor();
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByText('The pinned one is not on this device yet').waitFor();
        await page.waitForTimeout(300);
        const elsewhere = asked.filter(
            (url) => !url.startsWith(site.url) && !url.startsWith('blob:'),
        );
        assert.deepEqual(elsewhere, []);
        assert.ok(asked.some((url) => url.endsWith('models/backbones.json')));
        assert.deepEqual(host.asked, []);
        assert.equal(await page.evaluate(blocked, 'https://example.invalid/'), 'connect-src');
        await page.getByRole('button', { name: 'Cancel' }).click();
        await close(/example\.invalid/);
    });

    test('is downloaded over a broken connection, used, kept, found offline, deleted', async () => {
        const { page, close } = await site.open();
        host.broken = [2e6];
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).click();
        await page.getByText(new RegExp(`^[1-5]\\.\\d of ${SIZE}`)).waitFor();
        await page.screenshot({ path: join(SHOTS, 'backbone-download.png') });
        await page.getByText(/kept on this device$/).waitFor();
        assert.equal(host.asked.length, 2);
        assert.match(host.asked[1], /^GET .* bytes=\d+-$/, 'no question beforehand, and a range');
        await page.getByText(`Kept on this device: 1 backbone, ${SIZE}`).waitFor();
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByRole('button', { name: 'Backbone: The pinned one' }).waitFor();

        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        const scores = await exportedScores(page);
        assert.equal(scores.length, 6);
        await openSettings(page);
        await page.getByText('112 × 112 pixels, 196 patches of 384 numbers').waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();

        /* the folder comes back with it, and the host is not needed */
        host.down = true;
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await page.getByRole('button', { name: 'Backbone: The pinned one' }).waitFor();
        assert.equal(host.asked.length, 2);

        await openSettings(page);
        await page.getByText(KEPT).click();
        await page.getByRole('button', { name: 'Delete The pinned one' }).click();
        await page.getByText(KEPT).waitFor({ state: 'hidden' });
        await page.getByRole('button', { name: 'Cancel' }).click();

        /* without it the folder stays where it is */
        await page.reload();
        await openKept(page);
        await page.getByText('The pinned one is not kept on this device').waitFor();
        await reach(page, 'start');
        await page.locator('.job-open', { hasText: '6 photos' }).waitFor();
        await close(BROKEN);
    });

    test('goes on after a reload with what was there, and can be cancelled', async () => {
        const { page, close } = await site.open();
        host.broken = [-3e6, -5e5]; /* nothing is over before the page does the next */
        await openSettings(page);
        await page.getByRole('radio', { name: /The first one/ }).check();
        await page.getByRole('button', { name: 'Download 9.0 MB' }).click();
        await page.getByText(new RegExp(`^[23]\\.\\d of ${SIZE}`)).waitFor();
        await page.reload();
        await openSettings(page);
        await page.getByText(/^The first one, [23]\.\d MB, a part$/).waitFor({ state: 'attached' });
        await page.getByRole('radio', { name: /The first one/ }).check();
        await page
            .getByRole('button', { name: new RegExp(`^Go on: [23]\\.\\d MB of ${SIZE} are here$`) })
            .click();
        await page.getByText(new RegExp(`^[23]\\.\\d of ${SIZE}`)).waitFor();
        await page.getByRole('button', { name: 'Cancel the download' }).focus();
        await page.keyboard.press('Enter');
        await page.locator('button:focus', { hasText: 'Go on' }).waitFor();
        await page.getByRole('button', { name: /^Go on: [23]\.\d MB/ }).click();
        await page.getByText(/kept on this device$/).waitFor();
        assert.equal(host.asked.length, 3);
        const [again, last] = host.asked
            .slice(1)
            .map((asked) => Number(asked.match(/bytes=(\d+)-$/)?.[1]));
        assert.ok(19e5 < again && again < last && last < TINY.length, `${again}, ${last}`);

        /* no hash in the list: that of the first time holds, also after a deletion */
        await page.getByText(KEPT).click();
        await page.getByRole('button', { name: 'Delete The first one' }).click();
        host.file = OWN;
        await page.getByRole('button', { name: 'Download 9.0 MB' }).click();
        const words = new RegExp(`should be ${sha256(TINY)} and is ${sha256(OWN)}\\.$`);
        await page.getByText(words).waitFor();
        await page.getByText(KEPT).waitFor({ state: 'hidden' });
        await close(BROKEN);
    });

    test('is not used with a wrong hash, from a host or from a file', async () => {
        const { page, close } = await site.open({ before: hashesLate });
        await openSettings(page);
        await page.getByRole('radio', { name: /The wrong one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).click();
        const words = (/** @type {Buffer} */ expected, /** @type {Buffer} */ found) =>
            page.getByText(new RegExp(`should be ${sha256(expected)} and is ${sha256(found)}\\.$`));
        await words(OTHER, TINY).waitFor();
        await page.screenshot({ path: join(SHOTS, 'backbone-wrong.png') });
        assert.equal(await page.getByText(KEPT).isVisible(), false);
        await page.getByRole('button', { name: `Download ${SIZE}` }).waitFor();

        await page.getByRole('radio', { name: /The away one/ }).check();
        await page.getByText('away.invalid lets no page load it').waitFor();
        assert.equal(await page.getByRole('button', { name: /^Download \d/ }).count(), 0);
        await chooseFile(page, 'away.pth', OWN);
        await words(AWAY, OWN).waitFor();
        await page.evaluate(() => Object.assign(window, { late: true }));
        await chooseFile(page, 'away.pth', AWAY);
        /* before it is read, which goes first */
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByRole('button', { name: 'Backbone: The away one' }).waitFor();
        assert.equal(await page.getByRole('dialog').isVisible(), false);
        await close();
    });

    test('that was damaged on this device is not used', async () => {
        const { page, close } = await site.open();
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).click();
        await page.getByText(/kept on this device$/).waitFor();
        await page.evaluate(async () => {
            const root = await navigator.storage.getDirectory();
            const file = await (await root.getDirectoryHandle('backbones')).getFileHandle('pinned');
            const writer = await file.createWritable({ keepExistingData: true });
            await writer.write({ type: 'write', position: 5e6, data: new Uint8Array([1, 2, 3]) });
            await writer.close();
        });
        await page.getByRole('button', { name: 'Apply' }).click();
        await page
            .getByText(/^The pinned one is not the file that it should be.* stay as they were/)
            .waitFor();
        await page.getByRole('button', { name: 'Backbone: built in' }).waitFor();
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).waitFor();
        await close();
    });

    test('of no use leaves the backbone and the folder; one of the own files is kept', async () => {
        const { page, close } = await site.open();
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        const scores = await exportedScores(page);
        const files = await mkdtemp(join(tmpdir(), 'fleck-files-'));
        await writeFile(join(files, 'garbage.pth'), Buffer.from('this is no backbone at all'));
        await writeFile(join(files, 'own.safetensors'), OWN.subarray(0, 3e6));
        await drop(page, [join(files, 'garbage.pth')]);
        for (const name of ['garbage.pth', 'own.safetensors']) {
            if (name !== 'garbage.pth') {
                await openSettings(page);
                await drop(page, [join(files, name)]);
            }
            await page.getByRole('radio', { name, checked: true }).waitFor();
            await page.getByRole('button', { name: 'Apply' }).click();
            const notice = page.locator('.notice.error', { hasText: name });
            await notice.waitFor();
            assert.match(await notice.innerText(), /^\S+: .+\. The settings stay as they were\.$/);
        }
        await page.screenshot({ path: join(SHOTS, 'backbone-garbage.png') });
        assert.equal(await page.evaluate(() => document.body.dataset.phase), 'result');
        assert.deepEqual(await exportedScores(page), scores);
        await page.getByRole('button', { name: 'Backbone: built in' }).waitFor();

        await writeFile(join(files, 'own.safetensors'), OWN);
        await openSettings(page);
        await drop(page, [join(files, 'own.safetensors')]);
        await page.getByRole('radio', { name: /own\.safetensors/, checked: true }).waitFor();
        await page.getByRole('button', { name: 'Apply' }).click();
        /* reading six small photos may be over before anybody looks */
        await page.getByRole('button', { name: 'Backbone: own.safetensors' }).waitFor();
        await reach(page, 'result');
        await rm(files, { recursive: true });
        const own = await exportedScores(page);
        await page.reload();
        await openKept(page);
        await reach(page, 'result');
        assert.deepEqual(await exportedScores(page), own);
        await page.getByRole('button', { name: 'Backbone: own.safetensors' }).waitFor();
        assert.deepEqual(host.asked, []);
        await close();
    });

    test('may be a checkpoint of PyTorch', async () => {
        const { page, close } = await site.open();
        await openSettings(page);
        const name = 'backbone_dino_training.pth';
        await chooseFile(page, name, readFileSync(join(ROOT, 'tests/golden', name)));
        await page.getByRole('radio', { name, checked: true }).waitFor();
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByRole('button', { name: `Backbone: ${name}` }).waitFor();
        await choose(page, await goodFiles(6));
        await reach(page, 'result');
        assert.equal((await exportedScores(page)).length, 6);
        await close();
    });

    test('is kept in the cache where there is no private file system', async () => {
        const { page, close } = await site.open({
            before: () => Object.assign(navigator.storage, { getDirectory: undefined }),
        });
        host.broken = [2e6];
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).click();
        await page.getByText(/kept on this device$/).waitFor();
        await page.reload();
        host.down = true;
        await openSettings(page);
        await page.getByText(`Kept on this device: 1 backbone, ${SIZE}`).click();
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: 'Apply' }).click();
        await page.getByRole('button', { name: 'Backbone: The pinned one' }).waitFor();
        assert.ok(
            await page.evaluate(async () => (await caches.keys()).includes('fleck-backbones')),
        );
        await openSettings(page);
        await page.getByRole('button', { name: 'Delete The pinned one' }).click();
        await page.getByText(KEPT).waitFor({ state: 'hidden' });
        await close(BROKEN);
    });

    test('works with no network at all, after one visit', async () => {
        const own = await openSite({ folder, isKept: true });
        try {
            const { page, close } = await own.open();
            await openSettings(page);
            await page.getByRole('radio', { name: /The pinned one/ }).check();
            await page.getByRole('button', { name: `Download ${SIZE}` }).click();
            await page.getByText(/kept on this device$/).waitFor();
            await page.evaluate(() => navigator.serviceWorker.ready);
            await own.down();
            host.down = true;
            await page.reload();
            await openSettings(page);
            await page.getByRole('radio', { name: /The pinned one/ }).check();
            await page.getByRole('button', { name: 'Apply' }).click();
            await page.getByRole('button', { name: 'Backbone: The pinned one' }).waitFor();
            await choose(page, await goodFiles(6));
            await reach(page, 'result');
            assert.equal(await page.evaluate(() => crossOriginIsolated), true);
            await close(BROKEN);
        } finally {
            await own.stop();
        }
    });

    test('says so when there is no room for it', async () => {
        const { page, close } = await site.open();
        const session = await page.context().newCDPSession(page);
        await session.send('Storage.overrideQuotaForOrigin', {
            origin: new URL(site.url).origin,
            quotaSize: 0.9 * TINY.length,
        });
        await openSettings(page);
        await page.getByRole('radio', { name: /The pinned one/ }).check();
        await page.getByRole('button', { name: `Download ${SIZE}` }).click();
        await page.getByText('This browser has no room left for it').waitFor();
        await close();
    });

    test('fits a narrow and dark screen, and a wide and light one', async () => {
        for (const [width, colorScheme] of /** @type {const} */ ([
            [360, 'dark'],
            [1280, 'light'],
        ])) {
            const { page, close } = await site.open({
                viewport: { width, height: 780 },
                colorScheme,
            });
            host.broken = [Infinity, -3e6];
            await openSettings(page);
            await page.getByRole('radio', { name: /The pinned one/ }).check();
            await page.getByRole('button', { name: `Download ${SIZE}` }).click();
            await page.getByText(/kept on this device$/).waitFor();
            await chooseFile(page, 'a-file-with-a-rather-long-name-of-its-own.safetensors', OWN);
            await page.getByRole('radio', { name: /a-file/, checked: true }).waitFor();
            await page.getByRole('radio', { name: /The first one/ }).check();
            await page.getByRole('button', { name: 'Download 9.0 MB' }).click();
            await page.getByText(new RegExp(`^[23]\\.\\d of ${SIZE}`)).waitFor();
            await page
                .getByText(/about [\d.]+ s a photo/)
                .first()
                .waitFor();
            await page.getByText(KEPT).click();
            await page.screenshot({ path: join(SHOTS, `backbones-${colorScheme}-${width}.png`) });
            const wider = await page
                .getByRole('dialog')
                .evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
            assert.ok(wider <= 0, `${width}: no sideways scrolling`);
            await close();
        }
    });
});

/** What the browser itself says of a connection that breaks. */
const BROKEN = /net::ERR_/;

/**
 * Chooses a backbone's file as the user does.
 * @param {Page} page
 * @param {string} name
 * @param {Buffer} buffer
 */
async function chooseFile(page, name, buffer) {
    await page
        .locator('input[accept^=".safetensors"]')
        .setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

/** Runs in the page: files that are hashed while `late` is set are begun with late. */
function hashesLate() {
    const { postMessage } = Worker.prototype;
    /** @param {any[]} args */
    Worker.prototype.postMessage = function (...args) {
        const send = () => /** @type {any} */ (postMessage).apply(this, args);
        if (/** @type {any} */ (window).late && args[0]?.method === 'hash') setTimeout(send, 700);
        else send();
    };
}

/** @param {Page} page */
async function openSettings(page) {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog').waitFor();
}

/** Runs in the page: which rule of its policy stops a request. @param {string} address */
function blocked(address) {
    return new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) =>
            resolve(event.effectiveDirective),
        );
        fetch(address).catch(() => {});
    });
}

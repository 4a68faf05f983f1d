/** The built page in a real browser, for the tests: every error on it counts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} BrowserContextOptions */
/** @typedef {Awaited<ReturnType<typeof import('./front.mjs').startFront>>} Front */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SITE = process.env.FLECK_SITE || join(ROOT, 'build/site');
export const SAMPLES = join(SITE, 'samples');
export const SHOTS = join(ROOT, 'build/screenshots');

/** Whether Chromium computes all products of 8 bits by relaxed SIMD: where the processor has an
 * instruction for them. */
export const HAS_PRODUCTS = /\bavx_vnni\b|\basimddp\b/.test(
    readFileSync('/proc/cpuinfo', 'latin1'),
);
/** Pages run so many times slower, as on a busy machine: what waits too little for them fails. */
const SLOWER = Number(process.env.FLECK_SLOWER ?? 1);
export const PATIENCE = 180_000; /* ms for whatever is waited for, on two slow and busy cores */

/**
 * A server and a browser, shared by the tests of a file.
 * @param {{isolation?: boolean, folder?: string, host?: string, front?: Front, flags?: string[],
 *     isKept?: boolean}} [options] host: a name that to the browser is not this machine's, and so
 *     is trusted over https alone; front: what the browser asks in place of the site's server;
 *     flags: of Chromium; isKept: the service worker keeps the page, as users' browsers have it,
 *     which costs a fifth of each page's time
 */
export async function openSite({
    isolation = true,
    folder = SITE,
    host,
    front,
    flags = [],
    isKept = false,
} = {}) {
    if (folder === SITE && !existsSync(join(SITE, 'fleck/index.js')))
        throw new Error(`${SITE} is not built: scripts/demo.sh builds it`);
    const server = await serve(folder, { isolation });
    const rule = host ? [`--host-resolver-rules=MAP ${host} 127.0.0.1`] : [];
    const browser = await launch([...rule, ...flags]);
    if (front) front.site = server.url;
    const url = front?.url ?? (host ? server.url.replace('127.0.0.1', host) : server.url);
    return {
        url,
        browser,
        /** The network is gone; the browser goes on. */
        down: () => server.close(),
        async stop() {
            await browser.close();
            await server.close();
        },
        /**
         * A page of its own, with nothing kept from others.
         * @param {BrowserContextOptions & {before?: string | (() => void), path?: string,
         *     prepare?: (page: Page) => Promise<void>}} [options] before runs in the page ahead of
         *     its own scripts; path: of a page other than the first; prepare sets up the page
         *     before it asks for anything
         */
        async open({ before, path = '', prepare, ...options } = {}) {
            const context = await browser.newContext({
                viewport: { width: 1280, height: 800 },
                serviceWorkers: isKept ? 'allow' : 'block',
                ...options,
            });
            context.setDefaultTimeout(PATIENCE);
            const page = await context.newPage();
            if (SLOWER > 1) {
                const session = await context.newCDPSession(page);
                await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
            }
            /** @type {string[]} */
            const errors = [];
            page.on('pageerror', (error) => errors.push(String(error)));
            page.on('console', (message) => {
                if (message.type() === 'error') errors.push(message.text());
            });
            if (before)
                await page.addInitScript(typeof before === 'string' ? { content: before } : before);
            await prepare?.(page);
            await page.goto(url + path);
            /* keys that come before the first frame are lost */
            await page.evaluate(twoFrames);
            return {
                page,
                /**
                 * Ends the page; any error it showed fails the test.
                 * @param {RegExp} [meant] but those that the test is about
                 */
                async close(meant) {
                    await context.close();
                    const others = errors.filter((error) => !meant?.test(error));
                    assert.deepEqual(others, [], 'the page reports no errors');
                },
            };
        },
    };
}

/** The sample photos, as paths inside SAMPLES. */
export async function samplePaths() {
    return JSON.parse(await readFile(join(SAMPLES, 'index.json'), 'utf8')).photos;
}

/** Sample photos as files for an input. @param {number} count how many of the good ones */
export async function goodFiles(count) {
    const good = (await samplePaths()).filter((/** @type {string} */ path) =>
        path.includes('/good/'),
    );
    return Promise.all(
        good.slice(0, count).map(async (/** @type {string} */ path) => ({
            name: path.replaceAll('/', '-'),
            mimeType: 'image/jpeg',
            buffer: await readFile(join(SAMPLES, path)),
        })),
    );
}

/**
 * The mask of a sample photo, as a path inside SAMPLES.
 * @param {string} photo test/<defect>/NNN.jpg
 */
export async function maskOf(photo) {
    const [, defect, file] = photo.split('/');
    const folder = join('ground_truth', defect);
    const stem = file.replace(/\.\w+$/, '');
    const name = (await readdir(join(SAMPLES, folder))).find((each) => each.startsWith(stem));
    assert.ok(name, `${photo} has a mask`);
    return `${folder}/${name}`;
}

/**
 * The page needs no sideways scrolling once its cards have come to rest.
 * @param {Page} page
 * @param {string} [state] said where it does not fit
 */
export async function fits(page, state = '') {
    const { width } = page.viewportSize() ?? { width: 0 };
    const fit = (/** @type {number} */ width) =>
        innerWidth === width &&
        Math.max(document.body.scrollWidth, document.documentElement.scrollWidth) <= width;
    for (const end = Date.now() + PATIENCE; !(await page.evaluate(fit, width));) {
        if (Date.now() >= end) {
            const wide = await page.evaluate(whatIsWide, width);
            assert.fail(`${state} is wider than ${width}: ${wide.join(', ')}`);
        }
        await page.evaluate(drawn);
    }
}

/** In the page: until a frame is drawn, or half a second where a busy machine draws none. */
function drawn() {
    return new Promise((done) => {
        requestAnimationFrame(done);
        setTimeout(done, 500);
    });
}

/**
 * In the page: its widths, and the innermost elements without which all fits; what reaches too far may
 * be a text or a pseudo-element of theirs.
 * @param {number} width
 */
function whatIsWide(width) {
    const widths = () => [
        innerWidth,
        document.body.scrollWidth,
        document.documentElement.scrollWidth,
    ];
    const isWide = () => Math.max(...widths()) > width;
    const told = widths().map(String);
    for (let at = /** @type {Element|undefined} */ (document.body); at;) {
        const { left, right } = at.getBoundingClientRect();
        told.push(`${at.localName}.${at.getAttribute('class') ?? ''} ${left} to ${right}`);
        at = [...at.children].find((each) => {
            const { style } = /** @type {HTMLElement} */ (each);
            const { display } = style;
            style.display = 'none';
            const isIt = !isWide();
            style.display = display;
            return isIt;
        });
    }
    return told;
}

/**
 * A button that stays pressed or does not: pressed twice before the page is drawn it is as it was.
 * @param {import('playwright-core').Locator} button
 */
export async function togglesTwice(button) {
    const before = await button.evaluate((/** @type {HTMLElement} */ each) => {
        const before = each.ariaPressed;
        each.click();
        each.click();
        return before;
    });
    await button.page().evaluate(twoFrames);
    assert.equal(await button.getAttribute('aria-pressed'), before, 'pressed twice');
}

/** In the page: until all that it knows by now is drawn. */
function twoFrames() {
    return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}

/**
 * Waits until something is as expected: what follows an action is shown at a later frame.
 * @param {() => Promise<unknown>} read
 * @param {unknown} expected
 * @param {string} [what] said where it does not become so
 */
export async function becomes(read, expected, what) {
    for (const end = Date.now() + PATIENCE; ;) {
        const found = await read();
        if (isDeepStrictEqual(found, expected)) return;
        if (Date.now() >= end) assert.deepEqual(found, expected, what);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/**
 * When the page shows what it knows by now: its timers come in their order, however slow it is.
 * @param {Page} page
 */
export async function settled(page) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    await page.evaluate(twoFrames);
}

/** @param {Page} page @param {string} phase */
export async function reach(page, phase, timeout = PATIENCE) {
    await page.locator(`body[data-phase="${phase}"]`).waitFor({ timeout });
}

/** Goes on with the kept job that was used last. @param {Page} page @param {RegExp} [facts] told of it */
export async function openKept(page, facts) {
    await page.locator('.job-open', { hasText: facts }).first().click();
}

/** Chooses photos as the user does. @param {Page} page @param {any} files */
export async function choose(page, files) {
    await page.locator('input[type="file"][accept^="image/png"]').setInputFiles(files);
}

/**
 * Drops a folder or files of this machine onto the page, as the system does.
 * @param {Page} page
 * @param {string[]} files
 */
export async function drop(page, files) {
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files, dragOperationsMask: 1 };
    await page.evaluate(() => {
        document.body.dataset.drop = 'awaited';
        addEventListener('drop', () => delete document.body.dataset.drop, {
            capture: true,
            once: true,
        });
    });
    /* one that comes before a busy page has answered what was over it is refused */
    for (let tries = 0, came = false; !came; tries++) {
        assert.ok(tries < 3, 'the page has the drop');
        for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop'])) {
            await session.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
            await settled(page);
        }
        came = await page
            .waitForFunction(() => !document.body.dataset.drop, null, { timeout: 60_000 })
            .then(
                () => true,
                () => false,
            );
    }
    await session.detach();
}

/** The file that a click hands to the user. @param {Page} page @param {() => Promise<void>} click */
export async function downloaded(page, click) {
    const event = page.waitForEvent('download');
    const [download] = await Promise.all([event, click()]);
    const path = await download.path();
    return { name: download.suggestedFilename(), bytes: await readFile(path) };
}

/** What the page exports. @param {Page} page @param {string} name in the menu */
export const exported = (page, name) =>
    downloaded(page, async () => {
        await page.locator('.summary summary', { hasText: 'Export' }).click();
        await page.getByRole('button', { name, exact: true }).click();
    });

/** The rows of the CSV that the page exports. @param {Page} page */
export async function exportedScores(page) {
    const { name, bytes } = await exported(page, 'Scores (CSV)');
    assert.equal(name, 'scores.csv');
    const [head, ...lines] = bytes.toString('utf8').trimEnd().split('\r\n');
    assert.match(head, /^file,score,verdict(,mark)?$/);
    return lines.map((line) => {
        const [file, score, verdict] = line.split(',');
        return { file, score: Number(score), verdict };
    });
}

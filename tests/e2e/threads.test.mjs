/** Threads that do not start, in ways that browsers have shown: the page does without and says so. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';
import { choose, exportedScores, goodFiles, PATIENCE, reach, SITE } from './site.mjs';

const NOTICE = /^Threads are unavailable because this browser did not start them: /;

/** How a thread's script, which is the module's as well, is answered: by the start of its URL. */
const ANSWERS = {
    '/never/': () => {},
    '/missing/': (/** @type {import('node:http').ServerResponse} */ response) =>
        response.writeHead(404).end(),
    /* comes and is ready, but runs nothing */
    '/deaf/': (/** @type {import('node:http').ServerResponse} */ response) =>
        response.end("onmessage = () => { onmessage = null; postMessage({ cmd: 'loaded' }); };"),
};

describe('where threads do not start the page', () => {
    /** @type {Awaited<ReturnType<typeof serve>>} */
    let site;
    /** @type {Awaited<ReturnType<typeof launch>>} */
    let browser;
    /** @type {import('node:http').Server} */
    let server;
    let asked = 0;
    before(async () => {
        site = await serve(SITE);
        browser = await launch();
        server = createServer(async (request, response) => {
            const [, way = '', path = ''] = /^(\/\w+\/)(.*)/.exec(request.url ?? '') ?? [];
            const { status, headers, body } = await fetch(site.url + path);
            for (const [name, value] of headers) response.setHeader(name, value);
            response.removeHeader('content-encoding'); /* fetch has undone it */
            response.removeHeader('content-length');
            // The first who asks is the worker, whose threads come after it.
            if (
                /-threads\.js$/.test(path) &&
                request.headers['sec-fetch-dest'] === 'worker' &&
                asked++
            ) {
                return ANSWERS[/** @type {keyof typeof ANSWERS} */ (way)](response);
            }
            response.writeHead(status);
            for await (const bytes of body ?? []) response.write(bytes);
            response.end();
        });
        await new Promise((done) => server.listen(0, '127.0.0.1', () => done(null)));
    });
    after(async () => {
        await browser.close();
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
        await site.close();
    });

    for (const way of Object.keys(ANSWERS))
        test(`does without and says so: ${way}`, async () => {
            asked = 0;
            const page = await (await browser.newContext()).newPage();
            const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
            await page.goto(`http://127.0.0.1:${port}${way}`);
            await page.locator('.notice', { hasText: NOTICE }).waitFor({ timeout: PATIENCE });
            assert.equal(await page.evaluate(() => crossOriginIsolated), true);
            assert.ok(asked > 1, 'a thread was asked for');
            const before = asked;

            /* neither the speed of backbones nor other settings have it wait again */
            await page.getByRole('button', { name: 'Settings' }).click();
            await page.getByText(/^Runs as WebAssembly “simd” with \d+ × 1 threads\./).waitFor();
            await page
                .getByText(/about [\d.]+ s a photo/)
                .first()
                .waitFor();
            await page.getByText('Whole frame').click();
            await page.getByRole('button', { name: 'Apply' }).click();
            await choose(page, await goodFiles(6));
            await reach(page, 'result');
            assert.equal((await exportedScores(page)).length, 6);
            assert.equal(await page.locator('.notice', { hasText: NOTICE }).count(), 1);
            assert.equal(asked, before);
            await page.context().close();
        });
});

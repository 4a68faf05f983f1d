/** Relaxed SIMD, which only a browser computes for certain: the same bits with and without. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';
import { goodFiles, HAS_PRODUCTS, ROOT, openSite } from './site.mjs';

const KERNELS = join(ROOT, 'build/wasm/tests/relaxed');

/** The C test of the products, in a page. */
test('kernels of relaxed SIMD', async (t) => {
    const server = await serve(KERNELS);
    const browser = await launch();
    try {
        const page = await browser.newPage();
        const path = `${server.url}test_kernels_int_relaxed.mjs`;
        await page.goto(path);
        const lines = await page.evaluate(runMain, path);
        assert.match(lines.at(-1) ?? '', /^[1-9]\d* checks, 0 failed$/, lines.join('\n'));
        const tested = /\bquads\b/.test(lines.join('\n'));
        assert.equal(tested, HAS_PRODUCTS);
        if (!tested) t.diagnostic('this processor has no such products, the kernel was skipped');
    } finally {
        await browser.close();
        await server.close();
    }
});

/** In the page: what the program of an Emscripten module prints. @param {string} path */
async function runMain(path) {
    const { default: create } = await import(path);
    /** @type {string[]} */
    const lines = [];
    const print = (/** @type {string} */ line) => lines.push(line);
    await new Promise((resolve) => create({ print, printErr: print, onExit: resolve }));
    return lines;
}

describe('precisions', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>[]} */
    let sites = [];
    before(async () => {
        sites = [await openSite(), await openSite({ isolation: false })];
    });
    after(async () => {
        for (const site of sites) await site.stop();
    });

    /**
     * A digest of some photos' features, and the module that made them.
     * @param {(typeof sites)[0]} site
     * @param {import('../../wasm/js/index.js').Options} options
     * @param {boolean} plain as if the browser had no relaxed SIMD
     */
    async function extracted(site, options, plain) {
        const page = await site.browser.newPage();
        if (plain) await page.addInitScript(refuseRelaxed);
        /** @type {string[]} */
        const modules = [];
        page.on('request', (request) => {
            const [, name] = request.url().match(/(fleck-[\w-]+)\.wasm$/) ?? [];
            if (name) modules.push(name);
        });
        const photos = (await goodFiles(3)).map(({ buffer }) => buffer.toString('base64'));
        await page.goto(`${site.url}fleck/index.js`); /* a page without a detector of its own */
        const made = await page.evaluate(digestFeatures, { options, photos });
        await page.close();
        return { ...made, modules: [...new Set(modules)] };
    }

    test('every module gives the same bits', async () => {
        const [isolated, single] = sites;
        const i8 = /** @type {const} */ ('i8');
        const runs = [
            await extracted(isolated, { precision: i8 }, false),
            await extracted(isolated, { precision: i8 }, true),
            await extracted(single, { precision: i8, workers: 2 }, false),
            await extracted(single, { precision: i8, workers: 2 }, true),
        ];
        const best = HAS_PRODUCTS ? 'fleck-relaxed' : 'fleck-simd';
        assert.deepEqual(
            runs.map((run) => run.modules),
            [[`${best}-threads`], ['fleck-simd-threads'], [best], ['fleck-simd']],
        );
        assert.deepEqual(
            runs.map((run) => run.relaxed),
            [HAS_PRODUCTS, false, HAS_PRODUCTS, false],
        );
        assert.equal(new Set(runs.map((run) => run.digest)).size, 1);
        const i16 = await extracted(isolated, { precision: 'i16' }, false);
        assert.notEqual(i16.digest, runs[0].digest);
        assert.equal(i16.digest, (await extracted(isolated, { precision: 'i16' }, true)).digest);
    });
});

/** Ahead of the page's scripts. */
function refuseRelaxed() {
    const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) =>
        !String(new Uint8Array(/** @type {ArrayBuffer} */ (bytes))).includes('253,147,2') &&
        validate(bytes);
}

/** In the page. @param {{options: object, photos: string[]}} task */
async function digestFeatures({ options, photos }) {
    const { Detector } = await import(location.href);
    const detector = await Detector.create({ input: 112, ...options });
    try {
        const backbone = await fetch('../models/fleck-tiny.safetensors');
        await detector.loadBackbone(await backbone.arrayBuffer());
        /** @type {Uint16Array[]} */
        const parts = [];
        const files = photos.map((text) => ({
            bytes: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
        }));
        await detector.add(files, {
            onPhoto: (/** @type {any} */ { features: { patch, cls } }) => parts.push(patch, cls),
        });
        const bits = await new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer();
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bits));
        return { relaxed: detector.info.relaxed, digest: String(hash) };
    } finally {
        detector.close();
    }
}

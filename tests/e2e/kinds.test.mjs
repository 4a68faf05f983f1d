/** Photos of kinds that the core does not read: the browser's decoder stands in, for whole ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSite } from './site.mjs';

test('what the core refuses by its kind the browser reads, what is damaged nobody', async () => {
    const site = await openSite();
    try {
        const page = await site.browser.newPage();
        await page.goto(`${site.url}fleck/index.js`);
        const { cosine, codes, messages } = await page.evaluate(extractKinds);
        /* WebP at its best quality differs a little from the pixels that went in */
        assert.ok(cosine > 0.98, `cosine ${cosine}`);
        assert.deepEqual(codes, ['format', 'kind', 'kind']);
        assert.match(messages[0], /^truncated PNG/);
        assert.match(messages[1], /BigTIFF/);
        assert.match(messages[2], /^not a PNG, JPEG, BMP or TIFF photo/);
    } finally {
        await site.stop();
    }
});

/** In the page. */
async function extractKinds() {
    const { Detector } = await import(location.href);
    const detector = await Detector.create({ input: 112, preset: 'fit', precision: 'f32' });
    try {
        const file = await fetch('../models/fleck-tiny.safetensors');
        await detector.loadBackbone(await file.arrayBuffer());
        const canvas = new OffscreenCanvas(112, 112);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        const light = context.createLinearGradient(0, 0, 112, 112);
        light.addColorStop(0, '#234');
        light.addColorStop(1, '#dcb');
        context.fillStyle = light;
        context.fillRect(0, 0, 112, 112);
        context.fillStyle = '#a33';
        context.fillRect(30, 40, 25, 35);
        const png = await canvas.convertToBlob({ type: 'image/png' });
        const webp = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
        if (webp.type !== 'image/webp') throw new Error('this browser writes no WebP');
        const a = floats(await detector.extract(png)),
            b = floats(await detector.extract(webp));
        const dot = (/** @type {number[]} */ x, /** @type {number[]} */ y) =>
            x.reduce((sum, value, i) => sum + value * y[i], 0);
        const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
        const failures = [];
        const tiff = new Blob([new Uint8Array([73, 73, 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0])]);
        for (const bad of [png.slice(0, png.size - 20), tiff, new Blob(['this is no photo'])])
            await detector.extract(bad).then(
                () => failures.push({ code: 'none', message: '' }),
                (/** @type {{code: string, message: string}} */ error) => failures.push(error),
            );
        return {
            cosine,
            codes: failures.map(({ code }) => code),
            messages: failures.map(({ message }) => message),
        };
    } finally {
        detector.close();
    }

    /** Half floats as numbers. @param {{patch: Uint16Array}} features */
    function floats({ patch }) {
        return Array.from(patch, (half) => {
            const exponent = (half >> 10) & 31,
                fraction = half & 1023;
            const size = exponent
                ? (1 + fraction / 1024) * 2 ** (exponent - 15)
                : fraction * 2 ** -24;
            return half >> 15 ? -size : size;
        });
    }
}

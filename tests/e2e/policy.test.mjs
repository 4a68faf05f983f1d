/** What the page may not do, though a script that got into it should try. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFront } from './front.mjs';
import { openSite } from './site.mjs';

test('on a host that sends no headers the page loads nothing from elsewhere, and makes no script of a string', async () => {
    const front = await startFront();
    const site = await openSite({ front, isKept: true });
    front.changes.set('*', ({ headers }) => {
        for (const name of Object.keys(headers)) if (/policy/.test(name)) delete headers[name];
    });
    try {
        const { page, close } = await site.open();
        await page.getByRole('button', { name: 'Try the sample photos' }).waitFor();
        assert.equal(await page.evaluate(() => crossOriginIsolated), false, 'no header is left');
        const refused = await page.evaluate(async () => {
            /** @type {string[]} */
            const directives = [];
            addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
                directives.push(effectiveDirective),
            );
            const address = 'https://elsewhere.invalid/';
            const tries = [
                () => fetch(address),
                () => new Worker(address),
                () => navigator.serviceWorker.register(address),
                () => (document.createElement('p').innerHTML = '<b>'),
                () => document.createElement('script').setAttribute('src', address),
            ];
            const names = [];
            for (const attempt of tries)
                try {
                    await attempt();
                    names.push('');
                } catch (error) {
                    names.push(/** @type {Error} */ (error).name);
                }
            await new Promise((told) => setTimeout(told, 100));
            return { names, directives };
        });
        assert.deepEqual(refused.names, Array(5).fill('TypeError'));
        assert.deepEqual(refused.directives, [
            'connect-src',
            ...Array(4).fill('require-trusted-types-for'),
        ]);
        await close(/Trusted|Content Security Policy/);
    } finally {
        await site.stop();
        await front.close();
    }
});

test('no other page shows it in a frame', async () => {
    const site = await openSite();
    try {
        const { page, close } = await site.open();
        await page.goto(`data:text/html,<iframe src="${site.url}"></iframe>`);
        assert.equal(page.frames()[1].url(), 'chrome-error://chromewebdata/');
        await close(/frame-ancestors/);
    } finally {
        await site.stop();
    }
});

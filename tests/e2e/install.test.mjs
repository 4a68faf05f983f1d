/** The page as an app: what a browser wants of it before it offers to install it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openSite } from './site.mjs';

describe('the page as an app', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite({ isKept: true });
    });
    after(() => site.stop());

    test('can be installed', async () => {
        const { page, close } = await site.open();
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
        const session = await page.context().newCDPSession(page);
        const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
        const errors = installabilityErrors.map(({ errorId }) => errorId);
        assert.deepEqual(errors, ['in-incognito'], 'the test itself is private, nothing else');
        const { errors: faults, data } = await session.send('Page.getAppManifest');
        assert.deepEqual(faults, []);
        assert.match(data ?? '', /"display": "standalone"/);
        await close();
    });

    test('has the icon that its tab has, to all edges', async () => {
        const { page, close } = await site.open();
        const differences = await page.evaluate(async () => {
            const { icons } = await (await fetch('manifest.webmanifest')).json();
            const pixels = async (/** @type {string} */ src, /** @type {number} */ side) => {
                const image = new Image(side, side);
                image.src = src;
                await image.decode();
                if (/png/.test(src) && image.naturalWidth !== side) throw new Error(src);
                const context = new OffscreenCanvas(side, side).getContext('2d');
                if (!context) throw new Error('no canvas');
                context.fillStyle = '#16324f'; /* below the round corners */
                context.fillRect(0, 0, side, side);
                context.drawImage(image, 0, 0, side, side);
                return context.getImageData(0, 0, side, side).data;
            };
            return Promise.all(
                icons.slice(1).map(async (/** @type {any} */ { src, sizes }) => {
                    const side = parseInt(sizes);
                    const [is, wanted] = [
                        await pixels(src, side),
                        await pixels('favicon.svg', side),
                    ];
                    let most = 0;
                    for (let i = 0; i < is.length; i++)
                        most = Math.max(most, Math.abs(is[i] - wanted[i]));
                    return most;
                }),
            );
        });
        assert.equal(differences.length, 2);
        /* of 227 between the colours: two ways to draw the edge of a circle */
        for (const most of differences) assert.ok(most < 80, `${most}`);
        await close();
    });

    for (const colorScheme of /** @type {const} */ (['light', 'dark']))
        test(`has the colour of its header above it, ${colorScheme}`, async () => {
            const { page, close } = await site.open({ colorScheme });
            const [told, seen] = await page.evaluate(() => {
                const metas = [...document.querySelectorAll('meta[name="theme-color"]')];
                const found = /** @type {HTMLMetaElement[]} */ (metas).find(
                    ({ media }) => matchMedia(media).matches,
                );
                const colour = (/** @type {Element} */ of) => getComputedStyle(of).backgroundColor;
                const patch = document.createElement('i');
                patch.style.backgroundColor = found?.content ?? '';
                document.body.append(patch);
                const bar = /** @type {Element} */ (document.querySelector('.bar'));
                return [colour(patch), colour(bar)];
            });
            assert.equal(told, seen);
            await close();
        });
});

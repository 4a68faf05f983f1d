/** What the settings tell while the detector gets ready. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openSite } from './site.mjs';

const BUILT_IN = '**/models/fleck-tiny.safetensors';

/** @param {import('playwright-core').Page} page */
const openSettings = (page) => page.getByRole('button', { name: 'Settings' }).click();

describe('the settings', () => {
    /** @type {Awaited<ReturnType<typeof openSite>>} */
    let site;
    before(async () => {
        site = await openSite();
    });
    after(() => site.stop());

    test('opened before the detector is ready, tell what runs once it is', async () => {
        const { page, close } = await site.open();
        /** @type {() => void} */
        let arrive = () => {};
        const arrival = new Promise((resolve) => (arrive = () => resolve(null)));
        await page.route(BUILT_IN, async (route) => {
            await arrival;
            await route.continue();
        });
        await page.reload();
        await openSettings(page);
        const about = page.locator('.settings .about');
        assert.equal(await about.innerText(), 'Getting ready…');
        arrive();
        await page.getByText(/^Runs as WebAssembly “threads” with 1 × \d+ threads\./).waitFor();
        await close();
    });

    test('fit the narrowest screen', async () => {
        const { page, close } = await site.open({ viewport: { width: 360, height: 800 } });
        await openSettings(page);
        const beyond = await page
            .locator('dialog.settings[open]')
            .evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
        assert.equal(beyond, 0);
        await close();
    });

    test('opened again and again, measure one detector beside the one in use', async () => {
        const { page, close } = await site.open({
            before: () => {
                const counted = Object.assign(globalThis, { started: 0 });
                const Browsers = Worker;
                globalThis.Worker = class extends Browsers {
                    constructor(/** @type {ConstructorParameters<typeof Worker>} */ ...given) {
                        super(...given);
                        if (/\/fleck\/fleck-[^/]+\.js$/.test(String(given[0]))) counted.started++;
                    }
                };
            },
        });
        for (let times = 0; times < 5; times++) {
            await openSettings(page);
            await page.getByRole('button', { name: 'Cancel' }).click();
        }
        await page
            .getByText(/about [\d.]+ s a photo/)
            .first()
            .waitFor({ state: 'attached' });
        assert.equal(await page.evaluate('started'), 2);
        await close();
    });

    test('tell why it is not, and what runs after another try', async () => {
        const { page, close } = await site.open();
        await page.route(BUILT_IN, (route) => route.fulfill({ status: 404 }));
        await page.reload();
        await page.getByText('fleck cannot run here').waitFor();
        await openSettings(page);
        assert.match(await page.locator('.settings .about').innerText(), /fleck-tiny\.safetensors/);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.unroute(BUILT_IN);
        await openSettings(page);
        await page.getByText(/^Runs as WebAssembly “threads”/).waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('Drop a folder of photos here').waitFor();
        assert.equal(await page.getByText('fleck cannot run here').isVisible(), false);
        await close(/404/);
    });
});

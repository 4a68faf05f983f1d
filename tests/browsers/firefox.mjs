/** Debian's Firefox, headless and with a fresh profile, over WebDriver BiDi. */
import { launch } from 'puppeteer-core';
import { PATIENCE } from './site.mjs';

const PROGRAM = process.env.FLECK_FIREFOX || '/usr/bin/firefox-esr';

/** @typedef {import('./site.mjs').Tab} Tab */

/**
 * @param {string} downloads the folder for what the page hands to the user
 * @returns {Promise<Tab & {key: (name: import('puppeteer-core').KeyInput, shifted?: number) =>
 *     Promise<void>}>} key: pressed where the focus is, or so many times with Shift held
 */
export async function openFirefox(downloads) {
    const browser = await launch({
        browser: 'firefox',
        executablePath: PROGRAM,
        headless: true,
        protocolTimeout: 300_000,
        extraPrefsFirefox: {
            'browser.download.folderList': 2 /* the folder below */,
            'browser.download.dir': downloads,
            'network.dns.localDomains': 'fleck.test' /* this machine, by another name */,
            'media.navigator.streams.fake': true /* a camera that the browser plays, */,
            'media.navigator.permission.disabled': true /* and gives without a question */,
        },
    });
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
    });
    const find = async (/** @type {string} */ css) => {
        const element = await page.$(css);
        if (!element) throw new Error(`the page has no ${css}`);
        return element;
    };
    return {
        errors,
        open: async (address) => void (await page.goto(address, { timeout: PATIENCE })),
        reload: async () => void (await page.reload({ timeout: PATIENCE })),
        evaluate: (run, ...args) => page.evaluate(run, ...args),
        click: async (css) => (await find(css)).click(),
        setFiles: async (css, paths) =>
            /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
                await find(css)
            ).uploadFile(...paths),
        key: async (name, shifted = 0) => {
            if (!shifted) return page.keyboard.press(name);
            await page.keyboard.down('Shift');
            for (let i = 0; i < shifted; i++) await page.keyboard.press(name);
            await page.keyboard.up('Shift');
        },
        screenshot: async (path) => void (await page.screenshot({ path })),
        close: () => browser.close(),
    };
}

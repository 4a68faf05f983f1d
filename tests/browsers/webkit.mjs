/**
 * WebKit, as Debian's WebKitGTK: its MiniBrowser on a screen of Xvfb's, over plain WebDriver
 * (https://www.w3.org/TR/webdriver2/). What it writes on the console cannot be read.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './site.mjs';

const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const MINIBROWSER =
    process.env.FLECK_MINIBROWSER || `/usr/lib/${TRIPLET}/webkit2gtk-4.1/MiniBrowser`;
const SCREEN = { x: 0, y: 0, width: 1280, height: 900 };

/** @typedef {import('./site.mjs').Tab} Tab */

/**
 * @param {string} downloads the folder for what the page hands to the user
 * @returns {Promise<Tab>}
 */
export async function openWebkit(downloads) {
    accessSync(MINIBROWSER);
    const home = join(downloads, 'home');
    await mkdir(home);
    await writeFile(join(home, 'user-dirs.dirs'), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
    const screen = spawn(
        'Xvfb',
        ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'],
        { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    const [display] = await once(
        /** @type {import('node:stream').Readable} */ (screen.stdio[3]),
        'data',
    );
    const port = await freePort();
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
        stdio: 'ignore',
        env: {
            ...process.env,
            HOME: home,
            XDG_CONFIG_HOME: home,
            XDG_DATA_HOME: home,
            XDG_CACHE_HOME: home,
            DISPLAY: `:${String(display).trim()}`,
            LIBGL_ALWAYS_SOFTWARE: '1',
            JSC_useSharedArrayBuffer: '1' /* as Safari has it on isolated pages */,
        },
    });

    /** @param {'GET'|'POST'|'DELETE'} method @param {string} path @param {object} [body] */
    async function ask(method, path, body) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, {
            method,
            headers: { 'Content-Type': 'application/json' } /* newer drivers take no other */,
            body: body && JSON.stringify(body),
        });
        const { value } = /** @type {any} */ (await response.json());
        if (!response.ok) throw new Error(`${path}: ${value.error} ${value.message}`);
        return value;
    }
    for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(50))
        if (await ask('GET', '/status').catch(() => null)) break;
    const options = { binary: MINIBROWSER, args: ['--automation'] };
    const { sessionId } = await ask('POST', '/session', {
        capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
    });
    const session = `/session/${sessionId}`;
    await ask('POST', `${session}/timeouts`, { script: 300_000, pageLoad: PATIENCE });
    await ask('POST', `${session}/window/rect`, SCREEN);

    /** @type {string[]} */
    const errors = [];
    /** @param {string} css */
    const find = async (css) =>
        Object.values(
            await ask('POST', `${session}/element`, { using: 'css selector', value: css }),
        )[0];
    /** @type {Tab['evaluate']} */
    const evaluate = async (run, ...args) => {
        const { result, failed, shown } = await ask('POST', `${session}/execute/async`, {
            args,
            script: `const given = [...arguments], tell = given.pop();
                const all = window.testErrors ??= (addEventListener('error', ({ error, message }) =>
                    error && testErrors.push(message)), addEventListener('unhandledrejection',
                    ({ reason }) => testErrors.push(String(reason))), []);
                Promise.resolve().then(() => (${run})(...given)).then(
                    result => tell({ result, shown: all.splice(0) }),
                    error => tell({ failed: String(error), shown: all.splice(0) }));`,
        });
        errors.push(...shown);
        if (failed) throw new Error(failed);
        return result;
    };
    const open = async (/** @type {string} */ address) => {
        await ask('POST', `${session}/url`, { url: address });
        await evaluate(() => {}); /* from now on errors are seen */
    };
    return {
        errors,
        open,
        reload: async () => {
            await ask('POST', `${session}/refresh`, {});
            await evaluate(() => {});
        },
        evaluate,
        click: async (css) => ask('POST', `${session}/element/${await find(css)}/click`, {}),
        setFiles: async (css, paths) =>
            ask('POST', `${session}/element/${await find(css)}/value`, { text: paths.join('\n') }),
        screenshot: async (path) =>
            writeFile(path, Buffer.from(await ask('GET', `${session}/screenshot`), 'base64')),
        close: async () => {
            await ask('DELETE', session).catch(() => {});
            const ends = [driver, screen].map((each) => once(each, 'exit'));
            driver.kill();
            screen.kill();
            await Promise.all(ends);
        },
    };
}

/** @returns {Promise<number>} */
async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await new Promise((done) => server.close(done));
    return port;
}

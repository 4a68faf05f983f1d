import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../scripts/serve.mjs';

const folder = fileURLToPath(new URL('../../web', import.meta.url));

/** Unlike fetch, leaves the path as it is. */
const get = (url, path) => new Promise((done, failed) => {
    request(new URL(url), { path }, (response) => {
        response.resume().on('end', () => done(response));
    }).on('error', failed).end();
});

test('pages are isolated and may run WebAssembly but nothing from elsewhere', async (t) => {
    const server = await serve(folder);
    t.after(() => server.close());
    const { statusCode, headers } = await get(server.url, '/');
    assert.equal(statusCode, 200);
    assert.match(headers['content-type'], /^text\/html/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.match(headers['content-security-policy'], /default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
});

test('pages may load backbones from the hosts of their list alone', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'fleck-'));
    t.after(() => rm(root, { recursive: true }));
    const policy = async () => {
        const server = await serve(root);
        const { headers } = await get(server.url, '/');
        await server.close();
        return headers['content-security-policy'].match(/connect-src ([^;]*)/)[1];
    };
    assert.equal(await policy(), "'self'");
    await mkdir(join(root, 'models'));
    await writeFile(join(root, 'models/backbones.json'), JSON.stringify({ backbones: [
        { browser: true, address: 'https://a.example/x/y.bin' },
        { browser: true, address: 'https://a.example/z.bin' },
        { browser: false, address: 'https://b.example/z.pth' },
        { browser: true, address: 'https://huggingface.co/c/d.bin' },
    ] }));
    assert.equal(await policy(), "'self' https://a.example https://huggingface.co "
        + 'https://*.huggingface.co https://*.hf.co');
});

test('isolation can be left out', async (t) => {
    const server = await serve(folder, { isolation: false });
    t.after(() => server.close());
    const { headers } = await get(server.url, '/index.html');
    assert.equal(headers['cross-origin-opener-policy'], undefined);
    assert.equal(headers['cross-origin-embedder-policy'], undefined);
});

test('nothing outside the folder is served', async (t) => {
    const server = await serve(folder);
    t.after(() => server.close());
    for (const path of ['/../LICENSE', '/..%2fLICENSE', '/%2e%2e/LICENSE', '/%zz', '/missing']) {
        assert.equal((await get(server.url, path)).statusCode, 404, path);
    }
});

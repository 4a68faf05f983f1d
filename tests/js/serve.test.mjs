import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serve } from '../../scripts/serve.mjs';

const folder = fileURLToPath(new URL('../../web', import.meta.url));

/** Unlike fetch, leaves the path as it is. */
const get = (url, path, method = 'GET') =>
    new Promise((done, failed) => {
        request(new URL(url), { path, method }, (response) => {
            let bytes = 0;
            response
                .on('data', (chunk) => {
                    bytes += chunk.length;
                })
                .on('error', failed)
                .on('end', () => done(Object.assign(response, { bytes })));
        })
            .on('error', failed)
            .end();
    });

/** A folder that is gone after the test. */
async function temporary(t) {
    const root = await mkdtemp(join(tmpdir(), 'fleck-'));
    t.after(() => rm(root, { recursive: true }));
    return root;
}

test('pages are isolated and may run WebAssembly but nothing from elsewhere', async (t) => {
    const server = await serve(folder);
    t.after(() => server.close());
    const { statusCode, headers } = await get(server.url, '/');
    assert.equal(statusCode, 200);
    assert.match(headers['content-type'], /^text\/html/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.match(
        headers['content-security-policy'],
        /default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/,
    );
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
    await writeFile(
        join(root, 'models/backbones.json'),
        JSON.stringify({
            backbones: [
                { browser: true, address: 'https://a.example/x/y.bin' },
                { browser: true, address: 'https://a.example/z.bin' },
                { browser: false, address: 'https://b.example/z.pth' },
                { browser: true, address: 'https://huggingface.co/c/d.bin' },
            ],
        }),
    );
    assert.equal(
        await policy(),
        "'self' https://a.example https://huggingface.co " +
            'https://*.huggingface.co https://*.hf.co',
    );
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
    for (const path of [
        '/../LICENSE',
        '/..%2fLICENSE',
        '/%2e%2e/LICENSE',
        '/%2e%2e%2fLICENSE',
        '/..%5cLICENSE',
        '/..\\LICENSE',
        '/%5c..%5c..%5cLICENSE',
        '/.%2e/LICENSE',
        '//../LICENSE',
        '/../web-other/x',
        '/main.js%00',
        '/%00',
        '/main.js%00.png',
        '/main.js/',
        '/main.js/x',
        '/%zz',
        '/%ff',
        '/missing',
    ]) {
        assert.equal((await get(server.url, path)).statusCode, 404, path);
    }
    assert.equal((await get(server.url, '/main.js')).statusCode, 200);
});

test('links are followed inside the folder alone', async (t) => {
    const root = await temporary(t);
    const outside = await temporary(t);
    await writeFile(join(outside, 'secret.txt'), 'secret');
    await writeFile(join(outside, 'index.html'), 'secret');
    await mkdir(join(root, 'inner'));
    await writeFile(join(root, 'inner/a.txt'), 'a');
    for (const [to, name] of [
        [join(outside, 'secret.txt'), 'file.txt'],
        [outside, 'folder'],
        ['inner/a.txt', 'b.txt'],
        ['inner', 'same'],
        ['loop', 'loop'],
        ['missing', 'broken'],
    ])
        await symlink(to, join(root, name));
    await mkdir(join(root, 'sly'));
    await symlink(join(outside, 'index.html'), join(root, 'sly/index.html'));
    const linked = join(outside, 'root');
    await symlink(root, linked);
    const server = await serve(linked); // that the folder itself is a link is the user's choice
    t.after(() => server.close());
    for (const path of [
        '/file.txt',
        '/folder/secret.txt',
        '/folder/',
        '/sly/',
        '/loop',
        '/broken',
    ]) {
        assert.equal((await get(server.url, path)).statusCode, 404, path);
    }
    for (const path of ['/b.txt', '/same/a.txt', '/inner/a.txt']) {
        const { statusCode, bytes, headers } = await get(server.url, path);
        assert.deepEqual([statusCode, bytes, headers['content-length']], [200, 1, '1'], path);
    }
});

test('HEAD tells of a file and sends none; an empty file and a pipe end at once', async (t) => {
    const root = await temporary(t);
    await writeFile(join(root, 'a.wasm'), Buffer.alloc(1000));
    await writeFile(join(root, 'empty.js'), '');
    if (process.platform === 'linux') execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = await serve(root);
    t.after(() => server.close());
    const { statusCode, bytes, headers } = await get(server.url, '/a.wasm', 'HEAD');
    assert.deepEqual([statusCode, bytes, headers['content-length']], [200, 0, '1000']);
    assert.equal(headers['content-type'], 'application/wasm');
    const empty = await get(server.url, '/empty.js');
    assert.deepEqual([empty.statusCode, empty.bytes], [200, 0]);
    assert.equal((await get(server.url, '/pipe')).statusCode, 404);
    assert.equal((await get(server.url, '/a.wasm', 'POST')).statusCode, 405);
    assert.equal((await get(server.url, '/missing', 'HEAD')).statusCode, 404);
});

test('a download that is broken off leaves no file open', async (t) => {
    const descriptors = '/proc/self/fd';
    const root = await temporary(t);
    await writeFile(join(root, 'large'), Buffer.alloc(16 << 20));
    const server = await serve(root);
    t.after(() => server.close());
    const before = readdirSync(descriptors).length;
    for (let i = 0; i < 20; i++) {
        await new Promise((done, failed) => {
            const asked = request(
                new URL('large', server.url),
                { method: i % 4 ? 'GET' : 'HEAD', agent: false },
                (response) =>
                    response
                        .once(i % 4 ? 'data' : 'end', () => {
                            asked.destroy();
                            done();
                        })
                        .resume(),
            );
            asked.on('error', failed).end();
        });
    }
    for (let tries = 0; readdirSync(descriptors).length > before + 2 && tries < 100; tries++)
        await sleep(50);
    const left = readdirSync(descriptors).length - before;
    assert.ok(left <= 2, `${left} files are still open`);
    assert.equal((await get(server.url, '/large')).bytes, 16 << 20);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { policyInPage } from '../../scripts/policy.mjs';
import { serve } from '../../scripts/serve.mjs';

const folder = fileURLToPath(new URL('../../web', import.meta.url));

/** Unlike fetch, leaves the path and the answer as they are. */
const get = (url, path, method = 'GET', headers = {}) =>
    new Promise((done, failed) => {
        request(new URL(url), { path, method, headers }, (response) => {
            const chunks = [];
            response
                .on('data', (chunk) => chunks.push(chunk))
                .on('error', failed)
                .on('end', () => {
                    const body = Buffer.concat(chunks);
                    done(Object.assign(response, { body, bytes: body.length }));
                });
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

test('no page takes the site into a frame, and what it does not use is denied', async (t) => {
    const server = await serve(folder);
    t.after(() => server.close());
    const { headers } = await get(server.url, '/');
    assert.match(headers['content-security-policy'], /; frame-ancestors 'none'$/);
    const allowed = headers['permissions-policy']
        .split(', ')
        .filter((each) => !/=\(\)$/.test(each));
    assert.deepEqual(allowed, ['camera=(self)']);
    assert.match(headers['permissions-policy'], /\bmicrophone=\(\)/);
});

test('what gzip makes smaller is sent so to who takes it, in whole files alone', async (t) => {
    const root = await temporary(t);
    const text = 'fleck '.repeat(10_000);
    for (const name of ['a.js', 'a.wasm', 'a.webmanifest', 'a.svg', 'a.jpg', 'a.safetensors'])
        await writeFile(join(root, name), text);
    await writeFile(join(root, 'empty.js'), '');
    const server = await serve(root);
    t.after(() => server.close());
    const ask = (path, headers, method) => get(server.url, path, method, headers);
    const taken = { 'Accept-Encoding': 'br;q=1, gzip;q=0.8' };
    for (const name of ['a.js', 'a.wasm', 'a.webmanifest', 'a.svg']) {
        const { headers, body } = await ask(`/${name}`, taken);
        assert.equal(headers['content-encoding'], 'gzip', name);
        assert.equal(headers['content-length'], undefined);
        assert.equal(headers.vary, 'Accept-Encoding');
        assert.ok(body.length < 1000);
        assert.equal(gunzipSync(body).toString(), text);
    }
    for (const headers of [
        {},
        { 'Accept-Encoding': 'br' },
        { 'Accept-Encoding': 'gzip;q=0' },
        { 'Accept-Encoding': 'gzip; q=0.00, br' },
        { ...taken, Range: 'bytes=0-9' },
    ]) {
        const { headers: told, body } = await ask('/a.js', headers);
        assert.equal(told['content-encoding'], undefined, JSON.stringify(headers));
        assert.equal(told['content-length'], `${text.length}`);
        assert.equal(told.vary, 'Accept-Encoding');
        assert.equal(body.toString(), text);
    }
    for (const name of ['a.jpg', 'a.safetensors']) {
        const { headers, bytes } = await ask(`/${name}`, taken);
        assert.deepEqual([headers['content-encoding'], headers.vary], [undefined, undefined]);
        assert.equal(bytes, text.length);
    }
    assert.equal(gunzipSync((await ask('/empty.js', taken)).body).length, 0);
    assert.equal((await ask('/a.js', taken, 'HEAD')).bytes, 0);
});

test('who has a file as it is gets it no second time', async (t) => {
    const root = await temporary(t);
    await writeFile(join(root, 'a.js'), 'old');
    const server = await serve(root);
    t.after(() => server.close());
    const { etag } = (await get(server.url, '/a.js')).headers;
    const again = () => get(server.url, '/a.js', 'GET', { 'If-None-Match': etag });
    const { statusCode, bytes, headers } = await again();
    assert.deepEqual([statusCode, bytes, headers.etag], [304, 0, etag]);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    await writeFile(join(root, 'a.js'), 'new');
    await utimes(join(root, 'a.js'), 1, 1);
    const fresh = await again();
    assert.deepEqual([fresh.statusCode, fresh.body.toString()], [200, 'new']);
});

test('pages may load backbones from the hosts of their list alone', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'fleck-'));
    t.after(() => rm(root, { recursive: true }));
    const policy = async () => {
        const server = await serve(root);
        const { headers } = await get(server.url, '/');
        await server.close();
        const hosts = headers['content-security-policy'].match(/connect-src ([^;]*)/)[1];
        assert.equal((await policyInPage(root)).match(/connect-src ([^;]*)/)[1], hosts);
        return hosts;
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

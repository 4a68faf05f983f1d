/** The list of files by which a browser keeps the page. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { seal } from '../../scripts/seal.mjs';

const FILES = {
    'index.html': '<meta http-equiv="Content-Security-Policy" content="">',
    'offline.js': 'work();\n',
    'main.js': 'main',
    'fleck/fleck-simd.js': 'worker',
    'samples/train/a.jpg': 'photo',
    'models/backbones.json': '{"backbones": []}',
};
/* what the page never asks for */
const APART = {
    'fleck/index.d.ts': 'types',
    'fleck/LICENSE': 'licence',
    'fleck/package.json': '{}',
    'samples/README.md': 'words',
    'samples/ground_truth/a.png': 'mask',
};

/** A site of such files, sealed, gone after the test. */
async function sealed(t, files) {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
    t.after(() => rm(folder, { recursive: true }));
    const write = async (path, text) => {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
    };
    for (const [path, text] of Object.entries(files)) await write(path, text);
    await seal(folder);
    const read = (path) => readFile(join(folder, path), 'utf8');
    return { folder, write, read };
}

/** What the service worker of a site is told. */
const versionOf = async ({ read }) => {
    const [, version] = /^self\.version=(.*);$/m.exec(await read('offline.js'));
    return JSON.parse(version);
};

test('a version lists each file of the page with its hash', async (t) => {
    const site = await sealed(t, { ...FILES, ...APART });
    const { files } = await versionOf(site);
    const expected = Object.keys(FILES).filter((path) => path !== 'offline.js');
    assert.deepEqual(Object.keys(files), expected.sort());
    for (const path of expected) {
        const hash = createHash('sha256').update(await site.read(path));
        assert.equal(files[path], hash.digest('base64'), path);
    }
    assert.match(await site.read('offline.js'), /^work\(\);$/m, 'the code stays');
});

test('a version has a name of its own, as long as its files are the same', async (t) => {
    const site = await sealed(t, { ...FILES, ...APART });
    const { name } = await versionOf(site);
    const before = [await site.read('offline.js'), await site.read('index.html')];
    await seal(site.folder);
    assert.deepEqual([await site.read('offline.js'), await site.read('index.html')], before);
    await site.write('samples/README.md', 'other words');
    await seal(site.folder);
    assert.equal((await versionOf(site)).name, name);
    await site.write('main.js', 'Main');
    await seal(site.folder);
    const second = (await versionOf(site)).name;
    assert.notEqual(second, name);

    /* other hosts in the list are another policy in the page */
    const address = 'https://models.example/a.bin';
    const backbones = [{ browser: true, address }];
    await site.write('models/backbones.json', JSON.stringify({ backbones }));
    await seal(site.folder);
    assert.match(await site.read('index.html'), /connect-src 'self' https:\/\/models\.example[;"]/);
    assert.notEqual((await versionOf(site)).name, second);
});

test('a page without a place for its policy is not sealed', async (t) => {
    await assert.rejects(sealed(t, { ...FILES, 'index.html': '<p>' }), /index\.html has no place/);
});

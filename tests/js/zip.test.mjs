/** The ZIPs that the page writes: Python's own module reads them, and finds no fault. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from '../../web/files/bytes.js';
import { Zip } from '../../web/files/zip.js';
import { readDirectory } from '../../web/files/zip_directory.js';

const folder = mkdtempSync(join(tmpdir(), 'fleck-zip-'));
after(() => rmSync(folder, { recursive: true }));

const READ = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps([[i.filename, i.file_size, i.extract_version] for i in z.infolist()]))
`;

/** Names, sizes and versions of what is in it. @param {Zip} zip */
async function read(zip) {
    const file = join(folder, 'a.zip');
    writeFileSync(file, Buffer.from(await zip.blob().arrayBuffer()));
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', READ, file], {
        maxBuffer: 1e8,
    });
    assert.equal(status, 0, String(stderr));
    return JSON.parse(String(stdout));
}

test('checksums go on where the last piece ended', () => {
    const bytes = new TextEncoder().encode('123456789');
    assert.equal(crc32(bytes), 0xcbf43926);
    assert.equal(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4))), 0xcbf43926);
});

test('files are read back, whatever their size, and no two have the same name', async () => {
    const zip = new Zip();
    const names = ['d/a.png', 'd/A.png', 'd/a.png', 'd.x/b', 'd.x/b', 'd.x/b_2', 'größe.png'];
    for (const [i, name] of names.entries()) await zip.add(name, new Blob([new Uint8Array(i)]));
    await zip.add('large', new Blob([new Uint8Array(2_500_000).fill(7)]));
    assert.deepEqual(await read(zip), [
        ['d/a.png', 0, 20],
        ['d/A_2.png', 1, 20],
        ['d/a_3.png', 2, 20],
        ['d.x/b', 3, 20],
        ['d.x/b_2', 4, 20],
        ['d.x/b_2_2', 5, 20],
        ['größe.png', 6, 20],
        ['large', 2_500_000, 20],
    ]);
});

test('files have their times, and are read back with them', async () => {
    const zip = new Zip();
    const times = [
        new Date(2026, 10, 29, 22, 30, 8).getTime(),
        new Date(1979, 11, 31).getTime(),
        new Date(2108, 0, 1).getTime(),
        null,
        new Date(2107, 11, 31, 23, 59, 58).getTime(),
    ];
    for (const [i, time] of times.entries())
        await zip.add(`${i}`, new Blob(['a']), undefined, time);
    assert.deepEqual(
        (await readDirectory(zip.blob())).map(({ time }) => time),
        [times[0], null, null, null, times[4]],
    );
    assert.equal((await read(zip)).length, 5);
});

test('an empty one is one', async () => {
    assert.deepEqual(await read(new Zip()), []);
});

test('what is too large for the old fields goes into those of ZIP64', async () => {
    const zip = new Zip(200);
    for (const [name, size] of Object.entries({ small: 10, large: 300, far: 20, both: 400 }))
        await zip.add(name, new Blob([new Uint8Array(size).fill(size)]));
    assert.deepEqual(await read(zip), [
        ['small', 10, 20],
        ['large', 300, 45],
        ['far', 20, 45],
        ['both', 400, 45],
    ]);
});

test('more files than the old fields count', async () => {
    const zip = new Zip();
    const nothing = new Blob([]);
    for (let i = 0; i < 65_537; i++) await zip.add(`${i}`, nothing);
    const entries = await read(zip);
    assert.equal(entries.length, 65_537);
    assert.equal(entries[65_536][0], '65536');
});

test('one name, given 20,000 times, becomes as many', async () => {
    const zip = new Zip();
    const nothing = new Blob([]);
    for (let i = 0; i < 20_000; i++) await zip.add('a.png', nothing);
    const entries = await read(zip);
    assert.equal(new Set(entries.map(([name]) => name)).size, 20_000);
});

test('writing ends when it is cancelled', async () => {
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(new Zip().add('a', new Blob(['a']), abort.signal), { name: 'AbortError' });
});

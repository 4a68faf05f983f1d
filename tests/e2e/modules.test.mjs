/** The page's modules that need no browser, and the headless runner. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { toCsv } from '../../web/files/csv.js';
import { fleck, missing } from '../cli/cli.mjs';
import { dataOf } from '../cli/reports.mjs';
import { goodFiles, ROOT, SITE } from './site.mjs';

const run = promisify(execFile);

test('CSV quotes what RFC 4180 says must be quoted', () => {
    const rows = [
        { file: 'a "b", c.png', score: 0.5, verdict: 'defect' },
        { file: 'line\nbreak.png', score: 1 / 3, verdict: 'look' },
        { file: 'plain.png', score: 0, verdict: 'ok' },
    ];
    assert.equal(
        toCsv(rows),
        'file,score,verdict\r\n"a ""b"", c.png",0.500000,defect\r\n' +
            '"line\nbreak.png",0.333333,look\r\nplain.png,0.000000,ok\r\n',
    );
});

test('the headless runner writes scores, heatmaps and a report', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
    try {
        for (const { name, buffer } of await goodFiles(6))
            await writeFile(join(folder, name), buffer);
        await writeFile(
            join(folder, 'cut.png'),
            Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
        );
        const out = join(folder, 'out');
        const { stdout } = await run(process.execPath, [
            join(ROOT, 'scripts/headless/headless.mjs'),
            '--site',
            SITE,
            '--folder',
            folder,
            '--out',
            out,
            '--learn-most',
            '5',
        ]);
        assert.match(stdout, /cut\.png: .+, skipped/);
        assert.match(stdout, /Learnt from 5 of 7 photos; all are judged\./);
        const [head, ...rows] = (await readFile(join(out, 'scores.csv'), 'utf8'))
            .trimEnd()
            .split('\r\n');
        assert.equal(head, 'file,score,verdict');
        assert.equal(rows.length, 6);
        const pictures = await readdir(join(out, 'heatmaps'));
        assert.equal(pictures.length, 6);
        for (const picture of pictures)
            assert.equal(
                (await readFile(join(out, 'heatmaps', picture))).readUInt32BE(0),
                0x89504e47,
            );
        const report = join(out, 'report.html');
        const { skipped, run: by } = dataOf(await readFile(report, 'utf8'));
        assert.equal(skipped[0].file, 'cut.png');
        const roles = by.photos.map((/** @type {any} */ { role }) => role).sort();
        assert.deepEqual(roles, [...Array(5).fill('learnt'), 'left']);
        if (missing) return t.diagnostic(`the report is not verified: ${missing}`);
        const verified = fleck('verify', report, folder);
        assert.equal(verified.status, 0, verified.stdout + verified.stderr);
    } finally {
        await rm(folder, { recursive: true });
    }
});

test('the headless runner names what is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-'));
    try {
        await assert.rejects(
            run(process.execPath, [
                join(ROOT, 'scripts/headless/headless.mjs'),
                '--site',
                SITE,
                '--folder',
                folder,
                '--out',
                join(folder, 'out'),
            ]),
            (error) => {
                const { code, stderr } = /** @type {any} */ (error);
                return code === 1 && /0 photos .* at least 5 are needed/.test(stderr);
            },
        );
    } finally {
        await rm(folder, { recursive: true });
    }
});

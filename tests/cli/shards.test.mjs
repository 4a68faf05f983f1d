// Features of photos in several files, learnt from as if from one folder: the same bits.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, missing, photo, png, put, quick } from './cli.mjs';

const eyes = quick.slice(0, 2);
const fast = [...quick, '--method', 'knn'];
const seen = [...eyes, '--method', 'knn'];
const COUNT = 40;
const PARTS = 4;

describe('shards', { skip: missing }, () => {
    let dir = '';
    const files = Array.from({ length: PARTS }, (_, k) => `${k}.features`);
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-shards-'));
        for (let i = 0; i < COUNT; i++) {
            const name = `photos/${i % PARTS}/${i}.png`;
            put(at(name), photo(i, i === 5));
        }
        for (const [k, file] of files.entries())
            done(['extract', '-', '-o', file, ...quick], list(k));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const at = (/** @type {string} */ name) => path.join(dir, name);
    const bytes = (/** @type {string} */ name) => fs.readFileSync(at(name));
    /** The names of a part's photos, one a line. @param {number} part */
    const list = (part) =>
        fs
            .readdirSync(at(`photos/${part}`))
            .map((name) => `photos/${part}/${name}`)
            .join('\n');
    /** @param {string[]} args @param {string} [input] */
    function run(args, input = '') {
        const { status, stdout, stderr } = spawnSync(cli, args, {
            cwd: dir,
            encoding: 'utf8',
            input,
            timeout: 60000,
        });
        return { status, stdout, stderr };
    }
    /** @param {string[]} args @param {string} [input] */
    function done(args, input) {
        const ran = run(args, input);
        assert.equal(ran.status, 0, `${args.join(' ')}\n${ran.stderr}`);
        return ran;
    }
    /** @param {string[]} args @param {RegExp} sentence @param {number} [status] */
    function refused(args, sentence, status = 1) {
        const ran = run(args);
        assert.match(ran.stderr, sentence);
        assert.equal(ran.status, status, ran.stderr);
    }

    for (const method of ['irmb', 'knn'])
        test(`teach what one folder teaches, bit for bit: ${method}`, () => {
            const how = ['--method', method];
            done(['train', 'photos', '--save', 'whole.fleck', ...quick, ...how]);
            const [a, b, c, d] = files;
            done(['train', '--features', c, a, d, b, '--save', 'parts.fleck', ...eyes, ...how]);
            assert.deepEqual(bytes('parts.fleck'), bytes('whole.fleck'));
        });

    test('are inspected as one folder is', () => {
        const told = ['--masks', '--json'];
        done(
            ['inspect', '-', '-o', 'one', '--no-heatmaps', ...told, 'one.json', ...fast],
            'photos',
        );
        const ran = done([
            'inspect',
            '--features',
            ...files,
            '-o',
            'four',
            ...told,
            'four.json',
            ...seen,
        ]);
        assert.match(ran.stderr, /^fleck: no heatmaps: files of features hold no photos/m);
        assert.deepEqual(bytes('four/scores.csv'), bytes('one/scores.csv'));
        assert.deepEqual(bytes('four.json'), bytes('one.json'));
        assert.deepEqual(
            fs.readdirSync(at('four/masks')).sort(),
            fs.readdirSync(at('one/masks')).sort(),
        );
    });

    test('are learnt from in part where there are too many', () => {
        const most = ['--learn-most', '20'];
        done(['train', 'photos', '--save', 'whole.fleck', ...fast, ...most]);
        done(['train', '--features', ...files, '--save', 'parts.fleck', ...seen, ...most]);
        assert.deepEqual(bytes('parts.fleck'), bytes('whole.fleck'));
    });

    test('are scored part by part, and the parts follow each other', () => {
        done(['train', 'photos', '--save', 'whole.fleck', ...fast]);
        const whole = done(['score', 'whole.fleck', '--features', ...files, ...eyes]).stdout;
        const parts = files.map((file, k) => {
            const more = k ? ['--no-header'] : [];
            return done(['score', 'whole.fleck', '--features', file, ...more, ...eyes]).stdout;
        });
        const lines = (/** @type {string} */ text) => text.trimEnd().split('\n').sort();
        assert.deepEqual(lines(parts.join('')), lines(whole));
        assert.deepEqual(
            lines(done(['score', 'whole.fleck', '-', ...eyes], 'photos').stdout),
            lines(whole),
        );
    });

    test('hold a photo that is in two of them once', () => {
        done(['extract', 'photos/0/0.png', 'photos/1', '-o', 'more', ...quick]);
        const ran = done([
            'train',
            '--features',
            ...files,
            'more',
            '--save',
            'more.fleck',
            ...seen,
        ]);
        assert.match(
            ran.stderr,
            /^fleck: 11 photos are in several of the files: each counts once$/m,
        );
        done(['train', 'photos', '--save', 'whole.fleck', ...fast]);
        assert.deepEqual(bytes('more.fleck'), bytes('whole.fleck'));
    });

    test('of other settings are refused by name and reason', () => {
        const wider = ['--input', '80', '--preset', 'fit'];
        done(['extract', 'photos/0', '-o', 'wide', ...eyes, ...wider]);
        done(['extract', 'photos/0', '-o', 'tiled', ...quick, '--tiles', '2x1']);
        done(['extract', 'photos/0', '-o', 'i16', ...quick, '--precision', 'i16']);
        done(['train', 'photos', '--save', 'whole.fleck', ...fast]);
        const train = ['train', '--save', 'm', ...eyes, '--features', files[0]];
        refused(
            [...train, 'wide'],
            /^fleck: wide: was made with another input size than 0\.features$/m,
        );
        refused([...train, 'tiled'], /^fleck: tiled: was made with other tiles than 0\.features$/m);
        refused(
            [...train, 'i16'],
            /^fleck: i16: was made with another precision than 0\.features$/m,
        );
        const score = ['score', 'whole.fleck', ...eyes, '--features'];
        refused([...score, 'i16'], /whole\.fleck: the model was made with another precision/);
        refused([...score, 'tiled'], /tiled: photos were seen as 2 x 1 tiles, .* --tiles 1x1/);
        const half = path.join(dir, 'half.safetensors');
        assert.equal(run(['convert', eyes[1], half]).status, 0);
        refused(
            ['train', '--save', 'm', '--backbone', half, '--features', files[0]],
            /0\.features: was made with another backbone/,
        );
        refused(
            [...train, '--input', '64'],
            /--input was decided when the features were extracted/,
            2,
        );
    });

    test('agree about photos of 16 bits', () => {
        const deep = (/** @type {number} */ seed, /** @type {number} */ most) =>
            png(64, 64, (x, y) => [100 + ((x * 7 + y * 13 + seed * 31) % (most - 100))], {
                kind: 'grey',
                depth: 16,
            });
        for (let i = 0; i < 6; i++) {
            put(at(`deep/a/${i}.png`), deep(i, 1000));
            put(at(`deep/b/${i}.png`), deep(i + 6, 4000));
        }
        done(['extract', 'deep/a', '-o', 'a', ...quick]);
        done(['extract', 'deep/b', '-o', 'b', ...quick]);
        refused(
            ['train', '--features', 'a', 'b', '--save', 'm', ...eyes],
            /b: photos of 16 bits were read as 12 bits, those before as 10: extract all with --sample-bits 12/,
        );
        done(['extract', 'deep/a', '-o', 'a', ...quick, '--sample-bits', '12']);
        done(['train', '--features', 'a', 'b', '--save', 'parts.fleck', ...seen]);
        done(['train', 'deep', '--save', 'whole.fleck', ...fast]);
        assert.deepEqual(bytes('parts.fleck'), bytes('whole.fleck'));
    });

    test('that are cut, damaged or no such files are named', () => {
        const train = ['train', '--save', 'm', ...eyes, '--features'];
        const whole = bytes(files[0]);
        put(at('cut'), whole.subarray(0, whole.length - 20));
        refused([...train, 'cut'], /^fleck: cut: the file is cut short: /m);
        const table = Buffer.from(whole);
        table[table.length - 40] ^= 1;
        put(at('table'), table);
        refused([...train, 'table'], /^fleck: table: the file of features is damaged: its seal$/m);
        const values = Buffer.from(whole);
        values[5000] ^= 1;
        put(at('values'), values);
        const ran = run([...train, 'values']);
        assert.equal(ran.status, 3, ran.stderr);
        assert.match(
            ran.stderr,
            /skipped photos\/0\/\d+\.png: its features are damaged: extract them again/,
        );
        refused([...train, 'photos/0/0.png'], /0\.png: is a PNG photo, no file of features/);
        refused([...train, 'gone'], /gone: No such file/);
        refused(
            ['train', files[0], '--save', 'm'],
            /0\.features: is a file of features of fleck's, not a folder/,
        );
        refused(
            [...train, files[0], '--save', files[0]].filter((word, i) => !(i === 1 || i === 2)),
            /0\.features: has features that are read/,
        );
    });

    test('that are killed half way leave nothing', async () => {
        const child = spawn(
            cli,
            ['extract', 'photos', '-o', 'killed', ...eyes, '--input', '448', '--progress', 'json'],
            { cwd: dir },
        );
        await new Promise((resolve) => child.stderr.once('data', resolve));
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('close', resolve));
        assert.equal(fs.existsSync(at('killed')), false);
        done(['extract', '-', '-o', 'killed', ...quick], list(2));
        assert.deepEqual(bytes('killed'), bytes(files[2]));
        assert.deepEqual(
            fs.readdirSync(dir).filter((name) => name.endsWith('.part')),
            [],
        );
    });

    test('are safetensors, which say what they are', () => {
        const whole = bytes(files[0]);
        const header = JSON.parse(
            whole.subarray(8, 8 + Number(whole.readBigUInt64LE())).toString(),
        );
        assert.equal(header.__metadata__.format, 'fleck-features');
        assert.equal(header.features.shape[0], 10);
    });
});

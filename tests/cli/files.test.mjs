// What the command line tool reads and writes: its own files among the photos, files that are
// no photos, names, interruptions, and never an input written over.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { marked } from '../../web/files/kinds.js';
import { backbone, cli, parseCsv, photo, png, put, quick, SIDE } from './cli.mjs';

const fast = [...quick, '--method', 'knn'];
const eyes = ['--backbone', backbone];

describe('files', () => {
    let root = '',
        dir = '',
        model = '',
        count = 0;
    before(() => {
        root = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-files-'));
        const photos = path.join(root, 'photos');
        for (let i = 0; i < 8; i++) put(path.join(photos, `${i}.png`), photo(i, i === 5));
        model = path.join(root, 'kept.fleck');
        assert.equal(fleck('train', photos, '--save', model, ...fast).status, 0);
    });
    after(() => fs.rmSync(root, { recursive: true, force: true }));

    /** @param {string[]} args */
    function fleck(...args) {
        const { status, signal, stdout, stderr } = spawnSync(cli, args, {
            encoding: 'utf8',
            cwd: dir || root,
            timeout: 120000,
        });
        assert.equal(signal, null, `${args.join(' ')}: ended by ${signal}\n${stderr}`);
        return { status, stdout, stderr };
    }
    /** A new folder with eight photos, the folder of all that follows. @param {number} [photos] */
    function fresh(photos = 8) {
        dir = path.join(root, String(count++));
        fs.mkdirSync(dir);
        for (let i = 0; i < photos; i++) put(path.join(dir, `${i}.png`), photo(i, i === 5));
        return dir;
    }
    const at = (/** @type {string} */ name) => path.join(dir, name);
    const rows = (/** @type {string} */ file) =>
        parseCsv(fs.readFileSync(at(file), 'utf8'))
            .slice(1)
            .map((row) => row[0])
            .sort();
    const all = (/** @type {string} */ from = dir) =>
        fs
            .readdirSync(from, { recursive: true })
            .map((name) => String(name))
            .sort();
    const parts = () => all().filter((name) => /\.part(\/|$)/.test(name));
    const bytesOf = (/** @type {string[]} */ ...names) =>
        names.map((name) => fs.readFileSync(at(name)));

    describe('that fleck wrote', () => {
        test('are no photos, whatever their folder is called', () => {
            fresh();
            assert.equal(fleck('inspect', '.', ...fast).status, 0);
            assert.equal(fleck('inspect', '.', '-o', 'sub/monday', ...fast).status, 0);
            fs.renameSync(at('out/heatmaps'), at('pictures'));
            fs.copyFileSync(at('pictures/3.png.png'), at('copy.png'));
            for (const args of [
                ['inspect', '.'],
                ['inspect', '.', '--no-heatmaps', '-o', 'new'],
                ['train', '.', '--save', 'm.fleck'],
                ['score', model, '.'],
            ]) {
                const run = fleck(...args, ...(args[0] === 'score' ? eyes : fast));
                assert.equal(run.status, 0, run.stderr);
                assert.match(run.stderr, /^(learnt from )?8 photos/m);
                assert.match(
                    run.stderr,
                    /^fleck: left out, as no photos: (17|25) heatmaps of fleck/m,
                );
            }
            const named = fleck('inspect', 'pictures', ...fast);
            assert.equal(named.status, 1);
            assert.match(named.stderr, /pictures: no photo to learn from/);
            assert.match(named.stderr, /8 heatmaps of fleck/);
            fs.mkdirSync(at('below'));
            dir = at('below');
            assert.equal(fleck('score', model, '../0.png', '-o', 'seen', ...eyes).status, 0);
            assert.deepEqual(
                fs.readdirSync(at('seen/heatmaps')),
                ['%2E.__0.png.png'],
                'not hidden',
            );
            dir = path.dirname(dir);
            const single = fleck('score', model, 'copy.png', '0.png', ...eyes);
            assert.equal(single.status, 3);
            assert.match(single.stderr, /skipped copy\.png: .*heatmap that fleck drew/);
        });

        test('are left out of data sets, too', () => {
            fresh(0);
            for (let i = 0; i < 8; i++) {
                put(at(`train/good/${i}.png`), photo(i));
                put(at(`test/${i < 4 ? 'good' : 'red'}/${i}.png`), photo(20 + i, i > 3));
            }
            assert.equal(fleck('inspect', 'test', '-o', 'test/red/out', ...fast).status, 0);
            const run = fleck('eval', '.', '--json', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.equal(JSON.parse(run.stdout).images.test, 8);
            assert.match(run.stderr, /8 heatmaps of fleck/);
            const measured = fleck(
                'convert',
                backbone,
                'half.safetensors',
                '--photos',
                'test/red',
                '--input',
                '64',
            );
            assert.equal(measured.status, 0, measured.stderr);
            assert.match(measured.stdout, /^4 photos, /m);
        });

        test('are known that the page drew, wherever its ZIP was unpacked', async () => {
            fresh();
            const drawn = marked(new Blob([photo(50)]));
            put(at('unpacked/50.png'), Buffer.from(await drawn.arrayBuffer()));
            const run = fleck('inspect', '.', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.match(run.stderr, /no photos: 1 heatmap of fleck$/m);
            assert.equal(rows('out/scores.csv').length, 8);
        });

        test('are known of older runs, which did not mark them', () => {
            fresh();
            put(at('old/scores.csv'), Buffer.from('file,score,verdict\n0.png,0.1,ok\n'));
            put(at('old/heatmaps/0.png.png'), photo(40));
            put(at('page/scores.csv'), Buffer.from('file,score,verdict\r\n0.png,0.1,ok\r\n'));
            put(at('page/heatmaps/0.png'), photo(41));
            put(at('mine/scores.csv'), Buffer.from('name,points\n0.png,7\n'));
            put(at('mine/heatmaps/photo.png'), photo(42));
            const run = fleck('inspect', '.', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.match(run.stderr, /2 heatmaps of fleck, 2 other files of fleck/);
            assert.deepEqual(
                rows('out/scores.csv'),
                [...'01234567']
                    .map((n) => `${n}.png`)
                    .concat('mine/heatmaps/photo.png')
                    .sort(),
            );
            const named = fleck('inspect', 'old/heatmaps', ...fast);
            assert.match(named.stderr, /1 heatmap of fleck/);
        });

        test('give way to those of the next run, and nothing else does', () => {
            fresh();
            assert.equal(fleck('inspect', '.', '-o', 'out', ...fast).status, 0);
            put(at('out/heatmaps/mine.png'), photo(60));
            put(at('out/heatmaps/notes.txt'), Buffer.from('keep'));
            const kept = bytesOf('out/heatmaps/mine.png', 'out/heatmaps/notes.txt');
            fs.rmSync(at('0.png'));
            fs.rmSync(at('1.png'));
            const again = fleck('inspect', '.', '-o', 'out', ...fast);
            assert.deepEqual(
                fs.readdirSync(at('out/heatmaps')).sort(),
                [
                    '2.png.png',
                    '3.png.png',
                    '4.png.png',
                    '5.png.png',
                    '6.png.png',
                    '7.png.png',
                    'mine.png',
                    'notes.txt',
                    'out__heatmaps__mine.png.png',
                ],
                again.stderr,
            );
            fleck('inspect', '.', '-o', 'out', '--no-heatmaps', ...fast);
            assert.deepEqual(fs.readdirSync(at('out/heatmaps')).sort(), ['mine.png', 'notes.txt']);
            assert.deepEqual(bytesOf('out/heatmaps/mine.png', 'out/heatmaps/notes.txt'), kept);
            fs.rmSync(at('out/heatmaps'), { recursive: true });
            fleck('inspect', '.', '-o', 'out', ...fast);
            fleck('inspect', '.', '-o', 'out', '--no-heatmaps', ...fast);
            assert.deepEqual(fs.readdirSync(at('out')), ['scores.csv']);
        });

        test('of an older fleck give way as well, photos beside them do not', () => {
            fresh();
            // As stb_image_write begins: no chunk before the pixels, zlib's 78 5E.
            const drawn = png(SIDE, SIDE, () => [1, 2, 3]);
            drawn[42] = 0x5e;
            put(at('out/scores.csv'), Buffer.from('file,score,verdict\n0.png,0.1,ok\n'));
            put(at('out/heatmaps/gone.png.png'), drawn);
            put(at('out/heatmaps/stays.png.png'), photo(61));
            put(at('out/heatmaps/stays.png'), drawn);
            assert.equal(fleck('inspect', '.', '-o', 'out', ...fast).status, 0);
            const names = fs.readdirSync(at('out/heatmaps'));
            assert.ok(!names.includes('gone.png.png'));
            assert.ok(names.includes('stays.png.png') && names.includes('stays.png'));
        });
    });

    describe('that are read', () => {
        test('photos in a folder called heatmaps are photos', () => {
            fresh(4);
            for (let i = 4; i < 8; i++) put(at(`heatmaps/${i}.png`), photo(i));
            put(at('heatmaps/0.png.png'), photo(70)); // where the heatmap of 0.png would go
            const names = ['0.png', 'heatmaps/4.png', 'heatmaps/0.png.png'],
                before = bytesOf(...names);
            for (let i = 0; i < 2; i++) {
                const run = fleck('inspect', '.', '-o', '.', ...fast);
                assert.equal(run.status, 0, run.stderr);
                assert.deepEqual(
                    rows('scores.csv'),
                    ['0.png', '1.png', '2.png', '3.png', 'heatmaps/0.png.png', ...'4567'].map(
                        (n) => (n.length > 1 ? n : `heatmaps/${n}.png`),
                    ),
                );
                assert.match(
                    run.stderr,
                    /heatmaps\/0\.png\.png is a file of yours and stays: the heatmap is 0\.png-/,
                );
                assert.deepEqual(bytesOf(...names), before);
                assert.equal(fs.readdirSync(at('heatmaps')).length, 5 + 9);
            }
        });

        test('are never written over, by whatever name', () => {
            fresh();
            put(at('notes.txt'), Buffer.from('labels'));
            put(at('scan.tif'), Buffer.from('II*\0 a scan'));
            put(at('../elsewhere.png'), photo(80));
            put(at('cut.jpg'), Buffer.from('no photo'));
            fs.symlinkSync('1.png', at('link'));
            fs.linkSync(at('2.png'), at('hard.fleck'));
            fs.mkdirSync(at('other'));
            fs.linkSync(at('3.png'), at('other/scores.csv'));
            fs.copyFileSync(backbone, at('eyes.safetensors'));
            const files = fs.readdirSync(dir).filter((name) => fs.statSync(at(name)).isFile());
            const before = bytesOf(...files);
            const targets = [
                '0.png',
                './0.png',
                '../' + path.basename(dir) + '/0.png',
                at('0.png'),
                'link',
                'hard.fleck',
                'notes.txt',
                'scan.tif',
                'cut.jpg',
                '../elsewhere.png',
                'eyes.safetensors',
            ];
            const own = ['--backbone', 'eyes.safetensors', '--input', '64', '--method', 'knn'];
            for (const target of targets) {
                for (const args of [
                    ['train', '.', '--save', target],
                    ['inspect', '.', '--save', target],
                ]) {
                    const run = fleck(...args, ...own);
                    assert.equal(run.status, 1, `${args.join(' ')}\n${run.stderr}`);
                    assert.match(run.stderr, /: name another file to write$/m);
                    assert.doesNotMatch(run.stderr, /looking/, 'before the work');
                }
                const convert = fleck('convert', 'eyes.safetensors', target, '--photos', '.');
                assert.equal(convert.status, 1, `${target}\n${convert.stderr}`);
            }
            for (const out of ['other', at('other'), 'other/.'])
                assert.equal(fleck('inspect', '.', '-o', out, ...own).status, 1, out);
            assert.equal(fleck('score', model, '.', '-o', 'other', ...eyes).status, 1);
            fs.renameSync(at('other/scores.csv'), at('other/scores.partial.csv'));
            assert.equal(fleck('inspect', '.', '-o', 'other', ...own).status, 1);
            fs.rmSync(at('other/scores.partial.csv'));
            fs.copyFileSync(model, at('m.fleck'));
            fs.linkSync(at('m.fleck'), at('other/scores.csv'));
            const scored = fleck('score', 'm.fleck', '.', '-o', 'other', ...eyes);
            assert.equal(scored.status, 1);
            assert.match(scored.stderr, /other\/scores\.csv: is the model to score with/);
            const twice = fleck('inspect', '.', '-o', 'new', '--save', 'new/scores.csv', ...own);
            assert.equal(twice.status, 1);
            assert.deepEqual(bytesOf(...files), before);
            assert.deepEqual(parts(), []);
        });

        test('are not written over by --scores, masks included', () => {
            fresh(0);
            for (let i = 0; i < 8; i++) put(at(`train/good/${i}.png`), photo(i));
            for (let i = 0; i < 4; i++)
                put(at(`test/${i < 2 ? 'good' : 'red'}/${i}.png`), photo(20 + i, i > 1));
            put(
                at('ground_truth/red/2.png'),
                png(SIDE, SIDE, (x, y) => (x + y > 90 ? [255, 255, 255] : [0, 0, 0])),
            );
            const names = ['train/good/0.png', 'ground_truth/red/2.png'],
                before = bytesOf(...names);
            for (const target of names) {
                const run = fleck('eval', '.', '--scores', target, ...fast);
                assert.equal(run.status, 1);
                assert.match(run.stderr, /: name another file to write$/m);
            }
            assert.deepEqual(bytesOf(...names), before);
        });
    });

    describe('that are written', () => {
        /** Runs fleck and sends a signal with the first line that matches. */
        function stopped(
            /** @type {string[]} */ args,
            /** @type {NodeJS.Signals} */ signal,
            /** @type {RegExp} */ when,
            /** @type {object} */ env = {},
        ) {
            return new Promise((resolve) => {
                const child = spawn(cli, args, { cwd: dir, env: { ...process.env, ...env } });
                let stderr = '',
                    sent = 0;
                child.stderr.on('data', (text) => {
                    stderr += text;
                    if (sent || !when.test(stderr)) return;
                    sent = Date.now();
                    child.kill(signal);
                });
                child.on('close', (status, by) =>
                    resolve({ status, by, stderr, ms: Date.now() - sent }),
                );
            });
        }

        test('a run that is ended leaves whole tables and heatmaps alone', async () => {
            fresh(8);
            assert.equal(fleck('inspect', '.', '-o', 'out', ...fast).status, 0);
            for (let i = 8; i < 40; i++) put(at(`more/${i}.png`), photo(i));
            const before = bytesOf('out/scores.csv', 'out/heatmaps/0.png.png');
            for (const signal of /** @type {NodeJS.Signals[]} */ ([
                'SIGINT',
                'SIGTERM',
                'SIGHUP',
            ])) {
                const run = await stopped(
                    ['score', model, '.', '-o', 'out', ...eyes],
                    signal,
                    /scoring: \d/,
                );
                assert.equal(run.status, 130, run.stderr);
                assert.match(
                    run.stderr,
                    /interrupted: the \d+ photos scored until then are in out\/scores\.partial\.csv/,
                );
                const partial = rows('out/scores.partial.csv').length;
                assert.ok(partial > 0 && partial < 40, String(partial));
                assert.deepEqual(bytesOf('out/scores.csv', 'out/heatmaps/0.png.png'), before);
                assert.equal(fs.readdirSync(at('out/heatmaps')).length, 8);
                assert.deepEqual(parts(), []);
            }
            const learning = await stopped(
                ['train', '.', '--save', 'm', ...fast],
                'SIGTERM',
                /looking/,
            );
            assert.equal(learning.status, 130);
            assert.ok(!fs.existsSync(at('m')));
            assert.equal(fleck('score', model, '.', '-o', 'out', ...eyes).status, 0);
            assert.ok(
                !fs.existsSync(at('out/scores.partial.csv')),
                'a whole run needs no partial one',
            );
        });

        test('a measurement that is ended leaves whole tables alone', async () => {
            fresh(0);
            for (let i = 0; i < 8; i++) put(at(`train/good/${i}.png`), photo(i));
            for (let i = 0; i < 40; i++)
                put(at(`test/${i < 20 ? 'good' : 'red'}/${i}.png`), photo(20 + i, i > 19));
            put(at('s.csv'), Buffer.from('set,file,score,verdict,defective\n'));
            const before = bytesOf('s.csv');
            const run = await stopped(
                ['eval', '.', '--scores', 's.csv', ...fast],
                'SIGTERM',
                /scoring: \d/,
            );
            assert.equal(run.status, 130, run.stderr);
            assert.deepEqual(bytesOf('s.csv'), before);
            assert.deepEqual(parts(), []);
            fs.symlinkSync('/dev/full', at('full'));
            const full = fleck('eval', '.', '--scores', 'full', '--json', ...fast);
            assert.equal(full.status, 1);
            assert.match(full.stderr, /^fleck: full: No space left on device$/m);
        });

        test('features are kept in files of their own, not in what links lead to', () => {
            fresh(0);
            for (let i = 0; i < 8; i++) {
                put(at(`set/train/good/${i}.png`), photo(i));
                put(at(`set/test/${i < 4 ? 'good' : 'red'}/${i}.png`), photo(20 + i, i > 3));
            }
            const run = () => fleck('eval', 'set', '--cache', 'kept', ...fast).status;
            assert.equal(run(), 0);
            const [name] = fs.readdirSync(at('kept'));
            fs.rmSync(at(`kept/${name}`));
            fs.symlinkSync('../set/train/good/0.png', at(`kept/${name}`));
            const before = bytesOf('set/train/good/0.png');
            assert.equal(run(), 0);
            assert.deepEqual(bytesOf('set/train/good/0.png'), before);
            assert.ok(fs.lstatSync(at(`kept/${name}`)).isFile());
        });

        test('a kill leaves whole tables alone, and the next run tidies up', async () => {
            fresh(8);
            assert.equal(fleck('inspect', '.', '-o', 'out', ...fast).status, 0);
            const before = bytesOf('out/scores.csv');
            for (let i = 8; i < 40; i++) put(at(`more/${i}.png`), photo(i));
            const run = await stopped(
                ['score', model, '.', '-o', 'out', ...eyes],
                'SIGKILL',
                /scoring: \d/,
            );
            assert.equal(run.by, 'SIGKILL');
            assert.deepEqual(bytesOf('out/scores.csv'), before);
            assert.ok(parts().length);
            assert.equal(fleck('score', model, '.', '-o', 'out', ...eyes).status, 0);
            assert.deepEqual(parts(), []);
            assert.equal(fs.readdirSync(at('out/heatmaps')).length, 40);
        });

        test('nohup is heeded', async () => {
            fresh(8);
            const run = spawnSync(
                'bash',
                [
                    '-c',
                    `trap '' HUP; "$0" "$@" 2> >(head -1 >/dev/null; ` +
                        `kill -HUP $$; cat >/dev/null)`,
                    cli,
                    'inspect',
                    '.',
                    ...fast,
                ],
                { cwd: dir, encoding: 'utf8' },
            );
            assert.equal(run.status, 0);
            assert.equal(rows('out/scores.csv').length, 8);
        });

        test('what cannot be written is told before the work', () => {
            fresh(8);
            fs.mkdirSync(at('out/scores.csv'), { recursive: true });
            put(at('fixed/scores.csv'), Buffer.from('file,score,verdict\n'));
            fs.chmodSync(at('fixed/scores.csv'), 0o444);
            put(at('file'), Buffer.from('x'));
            put(at('taken/heatmaps'), Buffer.from('x'));
            const wrong = [
                [['-o', 'out'], /out\/scores\.csv: is a folder/],
                [['-o', 'fixed'], /fixed\/scores\.csv: is read-only/],
                [['-o', 'file'], /file: exists and is not a folder/],
                [['-o', 'taken'], /taken\/heatmaps: exists and is not a folder/],
                [['-o', 'new', '--save', 'nowhere/m'], /nowhere\/m: No such file or directory/],
                [['-o', 'new', '--save', 'out'], /out: is a folder/],
            ];
            for (const [args, words] of wrong) {
                const run = fleck('inspect', '.', .../** @type {string[]} */ (args), ...fast);
                assert.equal(run.status, 1);
                assert.match(run.stderr, /** @type {RegExp} */ (words));
                assert.doesNotMatch(run.stderr, /looking/);
            }
            assert.equal(fs.readFileSync(at('fixed/scores.csv'), 'utf8'), 'file,score,verdict\n');
            // A disk that takes no more: files of half a kilobyte at most.
            for (let i = 0; i < 8; i++) put(at(`a folder with a longer name/${i}.png`), photo(i));
            const full = spawnSync(
                'bash',
                ['-c', 'ulimit -f 1; exec "$0" "$@"', cli, 'inspect', '.', '-o', 'full', ...fast],
                { cwd: dir, encoding: 'utf8' },
            );
            assert.equal(full.status, 1, full.stderr);
            assert.match(full.stderr, /full\/scores\.csv: File too large/);
            assert.doesNotMatch(full.stderr, /looking/);
            assert.deepEqual(parts(), []);
        });

        test('a file may lie in a folder that the same run makes', () => {
            fresh(8);
            for (const target of ['new/m.fleck', 'newer/a/m.fleck', 'new/heatmaps/m.fleck']) {
                const out = target.startsWith('newer') ? 'newer/a' : 'new';
                const run = fleck('inspect', '.', '-o', out, '--save', target, ...fast);
                assert.equal(run.status, 0, run.stderr);
                assert.equal(rows(`${out}/scores.csv`).length, 8);
                assert.ok(fs.statSync(at(target)).size);
                fs.rmSync(at(out), { recursive: true });
            }
            const run = fleck('inspect', '.', '--save', 'out/m.fleck', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.ok(fs.statSync(at('out/m.fleck')).size);
            fs.rmSync(at('out'), { recursive: true });

            const apart = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-apart-'));
            for (let i = 0; i < 8; i++) put(`${apart}/set/train/good/${i}.png`, photo(i));
            for (let i = 0; i < 4; i++)
                put(`${apart}/set/test/${i < 2 ? 'good' : 'red'}/${i}.png`, photo(20 + i, i > 1));
            const kept = fleck(
                'eval',
                `${apart}/set`,
                '--cache',
                `${apart}/new/kept`,
                '--scores',
                `${apart}/new/kept/s.csv`,
                ...fast,
            );
            assert.equal(kept.status, 0, kept.stderr);
            assert.ok(fs.statSync(`${apart}/new/kept/s.csv`).size);
            fs.rmSync(apart, { recursive: true });
            assert.deepEqual(parts(), []);
        });

        test('a model that cannot be kept loses no scores', () => {
            fresh(8);
            fs.symlinkSync('/dev/full', at('full')); // a link, lest a mistake replace the device
            const run = fleck('inspect', '.', '-o', 'out', '--save', 'full', ...fast);
            assert.equal(run.status, 1);
            assert.match(run.stderr, /^fleck: full: No space left on device$/m);
            assert.equal(rows('out/scores.csv').length, 8);
            assert.equal(fs.readdirSync(at('out/heatmaps')).length, 8);
            assert.ok(fs.lstatSync(at('full')).isSymbolicLink());
        });

        test('links are followed, rights are kept', () => {
            fresh(8);
            fs.mkdirSync(at('real'));
            put(at('real/table'), Buffer.from('file,score,verdict\n'));
            fs.chmodSync(at('real/table'), 0o640);
            fs.mkdirSync(at('out'));
            fs.symlinkSync('../real/table', at('out/scores.csv'));
            const run = fleck('inspect', '.', '-o', 'out', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.ok(fs.lstatSync(at('out/scores.csv')).isSymbolicLink());
            assert.equal(rows('real/table').length, 8);
            assert.equal(fs.statSync(at('real/table')).mode & 0o777, 0o640);
        });

        test('names that are too long are shortened, and one heatmap more or less ends nothing', () => {
            fresh(8);
            const deep = ['a'.repeat(200), 'b'.repeat(200)].join('/'),
                euros = '€'.repeat(83);
            put(at(`${deep}/one.png`), photo(30));
            put(at(`${deep}/two.png`), photo(31));
            put(at(`${euros}.png`), photo(32));
            const run = fleck('inspect', '.', '-o', 'out', ...fast);
            assert.equal(run.status, 0, run.stderr);
            const names = fs.readdirSync(at('out/heatmaps'));
            assert.equal(names.length, 11, run.stderr);
            for (const name of names)
                assert.ok(Buffer.byteLength(name) <= 255 && name.endsWith('.png'));
            assert.equal(names.filter((name) => name.startsWith('aaaa')).length, 2);
            assert.equal(names.filter((name) => /^€+-[0-9a-f]{16}\.png$/.test(name)).length, 1);
            const again = fleck('inspect', '.', '-o', 'again', ...fast);
            assert.deepEqual(fs.readdirSync(at('again/heatmaps')), names, again.stderr);
            // Some heatmaps are too large for this disk, the table is not.
            fs.rmSync(at('a'.repeat(200)), { recursive: true });
            put(
                at('large.png'),
                png(300, 300, (x, y) => [(x * y) % 251, (x * x) % 241, (y * 7) % 239]),
            );
            const some = spawnSync(
                'bash',
                ['-c', 'ulimit -f 40; exec "$0" "$@"', cli, 'inspect', '.', '-o', 'some', ...fast],
                { cwd: dir, encoding: 'utf8' },
            );
            assert.equal(some.status, 1, some.stderr);
            assert.match(some.stderr, /no heatmap of large\.png: File too large/);
            assert.match(some.stderr, /^fleck: 1 heatmap could not be written$/m);
            assert.equal(rows('some/scores.csv').length, 10);
            assert.equal(fs.readdirSync(at('some/heatmaps')).length, 9);
        });

        test('a long path leaves room for the reason', () => {
            fresh(0);
            const deep = Array.from({ length: 12 }, () => 'x'.repeat(240)).join('/');
            const run = fleck('inspect', deep, ...fast);
            assert.match(run.stderr, /^fleck: x+\.\.\.x+: there is no such folder\n$/);
            const save = fleck('train', path.dirname(model), '--save', `${deep}/m.fleck`, ...fast);
            assert.match(save.stderr, /x\/m\.fleck: No such file or directory$/m);
        });
    });

    describe('that are no photos', () => {
        test('are counted by kind, and the exit status tells', () => {
            fresh(8);
            for (let i = 0; i < 14; i++) put(at(`t${i}.tif`), Buffer.from('II+\0\x08\0\0\0'));
            put(at('w.jpg'), Buffer.from('GIF89a'));
            put(at('labels.csv'), Buffer.from('name,label\n'));
            put(at('page.pdf'), Buffer.from('%PDF-1.7\n'));
            for (const name of [
                '.hidden.png',
                '__MACOSX/0.png',
                'Thumbs.db',
                '.DS_Store',
                '@eaDir/0.jpg',
            ])
                put(at(name), photo(1));
            const run = fleck('inspect', '.', '-q', ...fast);
            assert.equal(run.status, 3);
            assert.match(
                run.stderr,
                /^fleck: 14 BigTIFF files, 1 GIF file were left out: PNG, JPEG, BMP,? .* can be read$/m,
            );
            assert.equal(rows('out/scores.csv').length, 8);
            const loud = fleck('score', model, '.', ...eyes);
            assert.equal(loud.status, 3);
            assert.match(
                loud.stderr,
                /as no photos: 8 heatmaps of fleck, 1 PDF file, .*1 text file$/m,
            );
            assert.match(loud.stderr, /^8 photos, .*15 files left out$/m);
            for (let i = 0; i < 14; i++) fs.rmSync(at(`t${i}.tif`));
            fs.rmSync(at('w.jpg'));
            const fine = fleck('inspect', '.', ...fast);
            assert.equal(fine.status, 0, 'texts are no photos that were lost');
        });

        test('rare kinds have names, too', () => {
            fresh(8);
            const beginnings = {
                DICOM: '\0'.repeat(128) + 'DICM',
                QOI: 'qoif',
                OpenEXR: '\x76\x2f\x31\x01',
                'camera raw': 'FUJIFILMCCD-RAW',
                PGM: 'P5\n3 2\n255\n',
                SVG: '<?xml version="1.0"?>\n<svg>',
            };
            for (const [kind, bytes] of Object.entries(beginnings))
                put(at(`${kind}.bin`), Buffer.from(bytes, 'latin1'));
            put(at('photo.tga'), Buffer.from([0, 0, 2, 0, 0, 0]));
            const run = fleck('score', model, '.', '-q', ...eyes);
            assert.equal(run.status, 3);
            for (const kind of Object.keys(beginnings))
                assert.match(run.stderr, new RegExp(`1 ${kind} file`));
            assert.match(
                run.stderr,
                /^fleck: .*1 picture of an unknown kind.* were left out: PNG, /m,
            );
        });

        test('photos are known whatever they are called', () => {
            fresh(4);
            const names = ['a.jfif', 'b.jpe', 'c.dib', 'd', 'e.PNG', 'f.txt', 'g.tif', 'h.b/i'];
            names.forEach((name, i) => put(at(name), photo(10 + i)));
            const run = fleck('inspect', '.', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.equal(rows('out/scores.csv').length, 12);
        });

        test('what cannot be read is named', () => {
            fresh(8);
            put(at('text.jpg'), Buffer.from('no photo'));
            put(at('empty.dib'), Buffer.alloc(0));
            fs.symlinkSync('nowhere', at('gone.png'));
            fs.symlinkSync('self', at('self'));
            fs.mkdirSync(at('sub'));
            fs.symlinkSync('..', at('sub/loop'));
            const run = fleck('inspect', '.', ...fast);
            assert.equal(run.status, 3);
            assert.match(run.stderr, /skipped text\.jpg: not a PNG, JPEG, BMP or TIFF photo/);
            assert.match(run.stderr, /skipped empty\.dib: empty file/);
            assert.match(run.stderr, /skipped gone\.png: No such file or directory/);
            assert.match(run.stderr, /skipped self: Too many levels of symbolic links/);
            assert.match(run.stderr, /1 link to a folder was not followed/);
            assert.match(run.stderr, /^8 photos, .*4 skipped: .*; 1 file left out$/m);
            for (const name of ['text.jpg', 'empty.dib', 'gone.png', 'self']) fs.rmSync(at(name));
            assert.equal(fleck('inspect', '.', ...fast).status, 3, 'the link may lead to photos');
        });

        test('folders and files that may not be read are named, too', () => {
            fresh(8);
            put(at('locked/9.png'), photo(9));
            put(at('secret.png'), photo(10));
            put(at('secret'), photo(11));
            for (const name of ['secret', 'secret.png', 'locked']) fs.chmodSync(at(name), 0);
            fs.mkdirSync(at('ours'));
            put(at('theirs/scores.csv'), Buffer.from('file,score,verdict\n'));
            // Nothing is forbidden to root: then somebody else runs a copy.
            const somebody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
            const program = at('ours/fleck'),
                weights = at('ours/eyes');
            fs.copyFileSync(cli, program);
            fs.copyFileSync(backbone, weights);
            fs.chmodSync(program, 0o755);
            fs.chmodSync(weights, 0o644);
            for (const name of ['', 'ours', '..']) fs.chmodSync(at(name), 0o755);
            fs.chmodSync(at('theirs'), 0o555);
            const run = (/** @type {string} */ out) =>
                spawnSync(
                    program,
                    [
                        'inspect',
                        '.',
                        '-o',
                        out,
                        '--backbone',
                        weights,
                        '--input',
                        '64',
                        '--preset',
                        'fit',
                        '--method',
                        'knn',
                    ],
                    { cwd: dir, encoding: 'utf8', ...somebody },
                );
            fs.mkdirSync(at('ours/out'));
            fs.chmodSync(at('ours/out'), 0o777);
            const read = run('ours/out');
            assert.equal(read.status, 3, read.stderr);
            for (const name of ['locked', 'secret', 'secret.png'])
                assert.match(
                    read.stderr,
                    new RegExp(`^fleck: skipped ${name}: Permission denied$`, 'm'),
                );
            assert.equal(rows('ours/out/scores.csv').length, 8);
            const refused = run('theirs');
            assert.equal(refused.status, 1);
            assert.match(refused.stderr, /theirs\/scores\.csv: Permission denied/);
            assert.doesNotMatch(refused.stderr, /looking/);
            fs.chmodSync(at('locked'), 0o755);
            fs.chmodSync(at('theirs'), 0o755);
        });

        test('pipes, sockets and devices are not opened', async () => {
            fresh(8);
            const pipe = at('pipe.png'),
                socket = at('socket.png');
            execFileSync('mkfifo', [pipe, at('plain')]);
            const server = net.createServer().listen(socket);
            await new Promise((resolve) => server.once('listening', resolve));
            const listed = fleck('inspect', '.', ...fast);
            assert.equal(listed.status, 3);
            assert.match(listed.stderr, /skipped pipe\.png: is a pipe, not a file/);
            assert.match(listed.stderr, /skipped socket\.png: is a socket, not a file/);
            assert.match(listed.stderr, /1 pipe or device/);
            const named = fleck('score', model, pipe, '/dev/zero', at('0.png'), ...eyes);
            assert.equal(named.status, 3);
            assert.match(named.stderr, /\/dev\/zero: is a device, not a file/);
            assert.equal(fleck('score', pipe, '.', ...eyes).status, 1);
            assert.equal(fleck('inspect', '.', '--backbone', pipe).status, 1);
            assert.equal(fleck('convert', pipe, 'new').status, 1);
            assert.equal(
                fleck('inspect', '.', '--save', pipe, ...fast).status,
                1,
                'nobody reads it',
            );
            const listing = spawnSync(cli, ['backbones'], {
                cwd: dir,
                encoding: 'utf8',
                timeout: 20000,
                env: { ...process.env, FLECK_REGISTRY: pipe },
            });
            assert.equal(listing.status, 1);
            assert.match(listing.stderr, /is a pipe, not a file/);
            server.close();
        });

        test('the first Ctrl-C ends a read that does not', async () => {
            fresh(8);
            // A disk that never answers: no signal reaches a thread that reads from it.
            put(
                at('never.c'),
                Buffer.from(`#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
ssize_t read(int fd, void *out, size_t size) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (strstr(path, "never-answers") && (size > 8192 || strstr(path, "at-all"))) {
        fprintf(stderr, "reading\\n");
        for (;;) pause();
    }
    ssize_t (*real)(int, void *, size_t) = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    return real(fd, out, size);
}
`),
            );
            execFileSync('cc', ['-shared', '-fPIC', '-o', at('never.so'), at('never.c'), '-ldl']);
            put(at('never-answers.png'), photo(1));
            put(at('sub/never-answers-at-all.png'), photo(1));
            fs.copyFileSync(model, at('never-answers.fleck'));
            fs.copyFileSync(backbone, at('never-answers.safetensors'));
            for (const args of [
                ['inspect', '.', ...fast],
                ['inspect', 'sub', ...fast],
                ['score', model, '0.png', 'never-answers.png', '-o', 'out', ...eyes],
                ['score', 'never-answers.fleck', '0.png', ...eyes],
                ['inspect', '.', '--backbone', 'never-answers.safetensors'],
            ])
                for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM'])) {
                    const run = await new Promise((resolve) => {
                        const child = spawn(cli, args, {
                            cwd: dir,
                            env: {
                                ...process.env,
                                LD_PRELOAD: at('never.so'),
                                ASAN_OPTIONS: 'verify_asan_link_order=0',
                            },
                        });
                        let stderr = '',
                            sent = 0;
                        child.stderr.on('data', (text) => {
                            stderr += text;
                            if (sent || !stderr.includes('reading\n')) return;
                            sent = Date.now();
                            child.kill(signal);
                        });
                        child.on('close', (status, by) =>
                            resolve({ status, by, stderr, ms: Date.now() - sent }),
                        );
                    });
                    assert.equal(run.status, 130, `${args.join(' ')}: ${run.by} ${run.stderr}`);
                    assert.ok(run.ms < 5000, `${run.ms} ms`);
                    assert.match(run.stderr, /interrupted/);
                }
            assert.deepEqual(rows('out/scores.partial.csv'), ['0.png'], 'what was scored is kept');
            assert.deepEqual(parts(), []);
        });
    });

    describe('names', () => {
        test('are no formulas, and come back as they are', () => {
            fresh(4);
            const odd = [
                '=cmd()',
                '+1',
                '-1',
                '@a',
                '\ttab',
                '\rreturn',
                '=a,"b"',
                "'plain",
                'a=b',
            ];
            for (const [i, name] of odd.entries()) put(at(`p/${name}`), photo(10 + i));
            dir = at('p');
            assert.equal(fleck('inspect', '.', '-o', '../o', ...fast).status, 0);
            const marked = odd.map((name) => ('=+-@\t\r'.includes(name[0]) ? `'${name}` : name));
            assert.deepEqual(rows('../o/scores.csv'), marked.sort());
            assert.match(fs.readFileSync(at('../o/scores.csv'), 'utf8'), /^"'=a,""b""",/m);
            dir = path.dirname(dir);
            for (let i = 0; i < 8; i++) put(at(`set/train/good/=${i}.png`), photo(i));
            for (let i = 0; i < 8; i++)
                put(
                    at(`set/test/${i < 4 ? 'good' : '=bad "\n\u001b'}/${i}.png`),
                    photo(20 + i, i > 3),
                );
            const run = fleck('eval', 'set', '--json', '--scores', 's.csv', ...fast);
            assert.equal(run.status, 0, run.stderr);
            assert.equal(JSON.parse(run.stdout).images.test, 8);
            const cells = parseCsv(fs.readFileSync(at('s.csv'), 'utf8')).map((row) => row[1]);
            assert.ok(cells.includes('\'=bad "\n\u001b/4.png'));
        });

        test('are JSON, whatever they are', () => {
            fresh(0);
            for (let i = 0; i < 8; i++) put(at(`train/good/${i}.png`), photo(i));
            for (let i = 0; i < 4; i++) put(at(`test/good/${i}.png`), photo(20 + i));
            const odd = ['"quoted\\"', 'new\nline', '\u001b[31m', 'turn\u202eback', 'ä€😀'];
            odd.forEach((name, i) => put(at(`test/scratch/${name}.png`), photo(30 + i, true)));
            const raw = Buffer.concat([
                Buffer.from(at('test/scratch/raw')),
                Buffer.from([0xff, 0xed, 0xa0, 0x80]),
                Buffer.from('.png'),
            ]);
            fs.writeFileSync(raw, photo(50, true));
            const run = spawnSync(cli, ['eval', '.', '--check', '--json'], { cwd: dir });
            assert.equal(run.status, 0, String(run.stderr));
            // Of bytes that are no UTF-8 a strict decoder would throw.
            const text = new TextDecoder('utf-8', { fatal: true }).decode(run.stdout);

            assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
            const files = JSON.parse(text).read.photos.map(
                (/** @type {{file: string}} */ p) => p.file,
            );
            for (const name of odd) assert.ok(files.includes(`scratch/${name}.png`), name);
            assert.ok(files.includes('scratch/raw\ufffd\ufffd\ufffd\ufffd.png'));
        });

        test('command no terminal', () => {
            fresh(8);
            const evil = [
                '\u001b]0;owned\u0007.png',
                'red\u001b[31m.png',
                'turn\u202egnp.png',
                'c1\u009b31m.png',
                'line\nfleck: all is well.png',
                'del\u007f.png',
            ];
            for (const name of evil) put(at(name), Buffer.from('no photo'));
            const raw = Buffer.concat([
                Buffer.from(at('raw')),
                Buffer.from([0xff, 0xc0, 0xaf]),
                Buffer.from('ä.png'),
            ]);
            fs.writeFileSync(raw, 'no photo');
            const run = fleck('inspect', '.', ...fast);
            assert.equal(run.status, 3);

            assert.doesNotMatch(run.stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffd]/);
            assert.match(run.stderr, /skipped \\x1b\]0;owned\\x07\.png: /);
            assert.match(run.stderr, /skipped turn\\u202egnp\.png: /);
            assert.match(run.stderr, /skipped raw\\xff\\xc0\\xafä\.png: /);
            assert.match(run.stderr, /skipped line\\nfleck: all is well\.png: /);
            for (const args of [
                ['inspect', '\u001b[2J'],
                ['\u001b[2J'],
                ['inspect', '--\u001b[2J', 'x'],
                ['score', '\u001b[2J', 'x'],
                ['inspect', '.', '--seed', '\u001b[2J'],
                ['inspect', '.', '--backbone', '\u001b[2J'],
                ['backbones', '--delete', '\u001b[2J'],
            ]) {
                const wrong = fleck(...args);
                assert.notEqual(wrong.status, 0);
                assert.ok(wrong.stderr.includes('\\x1b[2J'), wrong.stderr);
                assert.ok(!wrong.stderr.includes('\u001b'));
            }
            // On a terminal, tables are for the eyes; elsewhere they are for programs.
            const file = 'red\u001b[31m.png';
            fs.writeFileSync(at(file), photo(9));
            const table = ['score', model, file, '-q', ...eyes];
            assert.ok(fleck(...table).stdout.includes(file));
            const shown = spawnSync(
                'script',
                ['-qec', [cli, ...table].map((a) => `'${a}'`).join(' '), '/dev/null'],
                { cwd: dir, encoding: 'utf8' },
            );
            assert.match(shown.stdout, /red\\x1b\[31m\.png,/);
        });
    });

    describe('standard output', () => {
        const shell = (/** @type {string} */ line, /** @type {string[]} */ ...args) =>
            spawnSync('bash', ['-c', line, cli, ...args], {
                cwd: dir,
                encoding: 'utf8',
                timeout: 60000,
            });

        test('that takes nothing is an error', () => {
            fresh(8);
            for (const args of [
                ['--help'],
                ['--version'],
                ['inspect', '--help'],
                ['backbones'],
                ['score', model, '.', ...eyes],
                ['convert', backbone, 'new'],
            ]) {
                const full = shell('"$0" "$@" >/dev/full', ...args);
                assert.equal(full.status, 1, args.join(' '));
                assert.match(full.stderr, /^fleck: standard output: No space left on device$/m);
                const closed = shell('"$0" "$@" >&-', ...args);
                assert.equal(closed.status, 1, args.join(' '));
                assert.match(closed.stderr, /^fleck: standard output: Bad file descriptor$/m);
            }
        });

        test('that is read no longer is an error without a word', () => {
            fresh(8);
            const gone = 'set -o pipefail; "$0" "$@" | true; exit ${PIPESTATUS[0]}';
            for (const args of [['--help'], ['score', model, '.', '-q', ...eyes]]) {
                // Until the reader is gone for sure.
                const run = shell(
                    '{ sleep .3; "$0" "$@"; } | true; exit ${PIPESTATUS[0]}',
                    ...args,
                );
                assert.equal(run.status, 1, gone);
                assert.equal(run.stderr, '');
            }
        });

        test('messages reach no file that is written', () => {
            fresh(8);
            const run = shell('"$0" "$@" >&- 2>&- <&-', 'train', '.', '--save', 'm.fleck', ...fast);
            assert.equal(run.status, 0);
            assert.deepEqual(bytesOf('m.fleck'), [fs.readFileSync(model)]);
            const quiet = shell(
                '"$0" "$@" 2>&1 | head -1 >/dev/null; exit ${PIPESTATUS[0]}',
                'inspect',
                '.',
                ...fast,
            );
            assert.equal(quiet.status, 0, 'nobody listens, and the work is done');
            assert.equal(rows('out/scores.csv').length, 8);
        });
    });
});

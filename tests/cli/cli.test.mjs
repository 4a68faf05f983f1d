// The command line tool, run as its users run it, on photos made here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
    backbone,
    cli,
    fleck,
    inDefect,
    parseCsv,
    photo,
    png,
    put,
    quick,
    root,
    SIDE,
} from './cli.mjs';
import { learnsFrom, photoKey } from '../../build/package/node.js';
import { overflowing } from '../js/overflow.mjs';

describe('fleck', () => {
    let dir = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-cli-'));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    test('help explains every command and goes to standard output', () => {
        const { status, stdout, stderr } = fleck('--help');
        assert.equal(status, 0);
        assert.equal(stderr, '');
        for (const command of ['inspect', 'train', 'score', 'eval', 'backbones', 'convert']) {
            assert.match(stdout, new RegExp(`fleck ${command} `));
            const own = fleck(command, '--help');
            assert.equal(own.status, 0);
            assert.match(own.stdout, new RegExp(`^Usage: fleck ${command} `));
            if (!['backbones', 'convert'].includes(command))
                assert.match(own.stdout, /--backbone NAME\|FILE /);
            assert.match(own.stdout, /Examples\n {2}fleck /);
            assert.match(own.stdout, /Exit status/);
        }
        const { version } = JSON.parse(
            fs.readFileSync(path.join(root, 'wasm/package.json'), 'utf8'),
        );
        assert.equal(fleck('--version').stdout, `fleck ${version}\n`);
    });

    describe('on a folder', () => {
        const odd = ['a, "b".png', 'line\nbreak.png', 'sub/_c.png', 'sub__/c.png', 'UP.PNG'];
        let folder = '',
            out = '',
            model = '';
        /** @type {ReturnType<typeof fleck>} */
        let run;
        before(() => {
            folder = path.join(dir, 'photos');
            out = path.join(dir, 'new', 'out');
            model = path.join(dir, 'photos.fleck');
            for (let i = 0; i < 8; i++) put(path.join(folder, `good${i}.png`), photo(i));
            odd.forEach((name, i) => put(path.join(folder, name), photo(100 + i)));
            put(path.join(folder, 'red.png'), photo(50, true));
            put(path.join(folder, 'cut.png'), photo(1).subarray(0, 200));
            put(path.join(folder, 'empty.jpg'), Buffer.alloc(0));
            put(path.join(folder, 'notes.txt'), Buffer.from('no photo'));
            put(path.join(folder, '.hidden.png'), photo(1));
            put(path.join(folder, 'ground_truth/mask.png'), photo(1));
            put(path.join(folder, '.thumbs/t.png'), photo(1));
            fs.symlinkSync('..', path.join(folder, 'sub', 'loop'));
            run = fleck('inspect', folder, '-o', out, '--save', model, ...quick);
        });

        test('skipped photos are named with a reason and counted', () => {
            assert.equal(run.status, 3, run.stderr);
            assert.equal(run.stdout, '');
            assert.match(run.stderr, /^fleck: skipped cut\.png: \S.+$/m);
            assert.match(run.stderr, /^fleck: skipped empty\.jpg: \S.+$/m);
            assert.match(run.stderr, /^14 photos, .*2 skipped: cut\.png: .*; empty\.jpg: /m);
        });

        test('the CSV is well formed and sorted', () => {
            const csv = fs.readFileSync(path.join(out, 'scores.csv'), 'utf8');
            const [header, ...rows] = parseCsv(csv);
            assert.deepEqual(header, ['file', 'score', 'verdict']);
            const good = Array.from({ length: 8 }, (_, i) => `good${i}.png`);
            assert.deepEqual(rows.map((row) => row[0]).sort(), [...good, ...odd, 'red.png'].sort());
            rows.forEach(([, score, verdict], i) => {
                assert.match(score, /^[01]\.\d{6}$/);
                assert.ok(i === 0 || Number(score) <= Number(rows[i - 1][1]), 'sorted by score');
                // The printed score is rounded: one that shows the threshold may be on either side.
                const at = Number(score);
                if (at !== 0.5 && at !== 0.3)
                    assert.equal(verdict, at > 0.5 ? 'defect' : at > 0.3 ? 'look' : 'ok');
            });
            assert.equal(rows[0][0], 'red.png', 'the only photo with a red square comes first');
        });

        test('every photo has a heatmap of its own', () => {
            const names = fs.readdirSync(path.join(out, 'heatmaps'));
            assert.equal(names.length, 14);
            assert.ok(names.includes('good0.png.png') && names.includes('red.png.png'));
            for (const name of names) {
                const bytes = fs.readFileSync(path.join(out, 'heatmaps', name));
                assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
                assert.equal(bytes.readUInt32BE(16), SIDE); // fit: the whole frame, never enlarged
                assert.equal(bytes.readUInt32BE(20), SIDE);
            }
        });

        test('heatmaps from an earlier run are no photos', () => {
            const again = fleck('inspect', folder, '-o', folder, '--method', 'knn', ...quick);
            assert.equal(again.status, 3, again.stderr);
            const second = fleck('inspect', folder, '-o', folder, '--method', 'knn', ...quick);
            assert.match(second.stderr, /^14 photos, /m);
            fs.rmSync(path.join(folder, 'heatmaps'), { recursive: true });
        });

        test('score uses the kept model and prints the CSV', () => {
            const use = ['--backbone', backbone];
            const red = path.join(folder, 'red.png'),
                good = path.join(folder, 'good0.png');
            const scored = fleck('score', model, good, red, ...use);
            assert.equal(scored.status, 0, scored.stderr);
            const [header, ...rows] = parseCsv(scored.stdout);
            assert.deepEqual(header, ['file', 'score', 'verdict']);
            assert.deepEqual(
                rows.map((row) => row[0]),
                [red, good],
            );
            const quiet = fleck('score', model, folder, '-q', ...use);
            assert.equal(quiet.status, 3);
            assert.equal(parseCsv(quiet.stdout).length, 15);
            assert.doesNotMatch(quiet.stderr, /scoring|14 photos/);
            assert.match(quiet.stderr, /skipped cut\.png/);
            const broken = fleck('score', red, good, ...use);
            assert.equal(broken.status, 1);
            assert.match(broken.stderr, /red\.png: /);
        });

        test('verdicts follow the threshold, which a model keeps', () => {
            const kept = path.join(dir, 'strict.fleck');
            const usual = parseCsv(fs.readFileSync(path.join(out, 'scores.csv'), 'utf8'));
            assert.deepEqual(usual[1].slice(0, 1).concat(usual[1][2]), ['red.png', 'defect']);
            const verdicts = (/** @type {string[]} */ ...args) => {
                const scored = fleck('score', ...args, folder, '--backbone', backbone);
                assert.equal(scored.status, 3, scored.stderr);
                const rows = parseCsv(scored.stdout);
                assert.deepEqual(
                    rows.map((row) => row.slice(0, 2)),
                    usual.map((row) => row.slice(0, 2)),
                    'no score changes',
                );
                return rows.slice(1).map(([, score, verdict]) => ({ score, verdict }));
            };
            const strict = fleck(
                ...['inspect', folder, '-o', path.join(dir, 'strict'), '--no-heatmaps'],
                ...['--save', kept, '--threshold', '1', ...quick],
            );
            assert.equal(strict.status, 3, strict.stderr);
            assert.match(strict.stderr, /14 photos, 0 look like defects/);
            assert.match(strict.stderr, /the folder looks clean/);
            const scores = verdicts(kept);
            assert.ok(scores.every(({ score, verdict }) => (verdict === 'look') === score >= 0.6));
            assert.ok(scores.some(({ verdict }) => verdict === 'look'));
            assert.deepEqual(
                verdicts(kept, '--threshold', '0.5').map(({ verdict }) => verdict),
                usual.slice(1).map(([, , verdict]) => verdict),
            );
            assert.ok(
                verdicts(model, '--threshold', '1e-9').every(
                    ({ score, verdict }) => verdict === 'defect' || Number(score) < 1e-6,
                ),
            );
        });

        test('a model keeps its precision, which changes scores but not their order', () => {
            const scores = ['i16', 'f32', 'i8'].map((precision) => {
                const kept = path.join(dir, `${precision}.fleck`);
                const trained = fleck(
                    'train',
                    folder,
                    '--save',
                    kept,
                    ...quick,
                    '--method',
                    'knn',
                    '--precision',
                    precision,
                );
                assert.equal(trained.status, 3, trained.stderr);
                const scored = fleck('score', kept, folder, '-q', '--backbone', backbone);
                const [, first, second] = parseCsv(scored.stdout);
                assert.equal(first[0], 'red.png', precision);
                assert.equal(first[2], 'defect', precision);
                assert.notEqual(second[2], 'defect', precision);
                return scored.stdout;
            });
            assert.equal(new Set(scores).size, 3);
        });

        test('a large folder is learnt from in part, and all of it is scored', () => {
            const large = path.join(dir, 'large'),
                some = path.join(dir, 'some');
            const files = [...Array(14).keys()].map((i) => photo(i, i === 4));
            /* none of the photos that are learnt from */
            for (let n = 0; !n || learnsFrom(files.map(photoKey), 5)[9]; n++)
                files[9] = Buffer.from(`no photo ${n}`);
            const learns = learnsFrom(files.map(photoKey), 5);
            for (const [i, bytes] of files.entries()) {
                const name = `${String(i).padStart(2, '0')}.png`;
                put(path.join(large, name), bytes);
                if (learns[i]) put(path.join(some, name), bytes);
            }
            const scores = (/** @type {string} */ from, /** @type {string[]} */ ...args) => {
                const to = path.join(dir, 'scores');
                const run = fleck('inspect', from, '-o', to, ...args, '--method', 'knn', ...quick);
                const rows = parseCsv(fs.readFileSync(path.join(to, 'scores.csv'), 'utf8'));
                const drawn = fs.readdirSync(path.join(to, 'heatmaps')).length;
                return {
                    ...run,
                    drawn,
                    of: Object.fromEntries(rows.slice(1).map((row) => [row[0], row[1]])),
                };
            };
            const all = scores(large, '--learn-most', '5'),
                alone = scores(some);
            assert.equal(all.status, 3, all.stderr);
            assert.match(all.stderr, /^fleck: 14 photos: learns from 5 of them and judges all$/m);
            assert.match(all.stderr, /^13 photos, .*1 skipped: 09\.png: /m);
            assert.match(all.stderr, /looks clean|of the learnt 5 photos/);
            assert.equal(Object.keys(all.of).length, 13);
            assert.equal(all.drawn, 13);
            assert.equal(Object.keys(alone.of).length, 5);
            assert.equal(alone.drawn, 5, 'none of the earlier run');
            for (const [name, score] of Object.entries(alone.of)) assert.equal(all.of[name], score);
            const rank = Object.keys(all.of).sort((a, b) => Number(all.of[b]) - Number(all.of[a]));
            assert.equal(rank[0], '04.png', 'defective');
            /* other names, another order */
            const renamed = path.join(dir, 'renamed');
            for (const [i, bytes] of files.entries())
                put(path.join(renamed, `${String(99 - i)}.png`), bytes);
            const { of } = scores(renamed, '--learn-most', '5');
            for (const [name, score] of Object.entries(all.of))
                assert.equal(of[`${99 - parseInt(name)}.png`], score);
            assert.doesNotMatch(alone.stderr, /learns from/);
            assert.doesNotMatch(scores(large, '-q', '--learn-most', '5').stderr, /learns from/);
        });

        test('a table of the centre says so, and is known as a table', () => {
            const here = path.join(dir, 'centre'),
                out = path.join(here, 'out');
            for (let i = 0; i < 6; i++) put(path.join(here, `${i}.png`), photo(i, i === 4));
            const header = (/** @type {string[]} */ options) => {
                const run = fleck('inspect', here, '-o', out, '--method', 'knn', ...options);
                assert.equal(run.status, 0, run.stderr);
                assert.match(run.stderr, /^6 photos/m);
                return parseCsv(fs.readFileSync(path.join(out, 'scores.csv'), 'utf8'));
            };
            const [names, ...rows] = header(quick.map((word) => (word === 'fit' ? 'funad' : word)));
            assert.deepEqual(names, ['file', 'score', 'verdict', 'frame']);
            for (const row of rows) assert.match(row[3], /^0\.8[78]\d$/);
            assert.deepEqual(header(quick)[0], ['file', 'score', 'verdict']);
        });

        test('the number of threads changes no score', () => {
            const csv = (/** @type {string} */ threads) =>
                fleck('score', model, folder, '-q', '--threads', threads, '--backbone', backbone)
                    .stdout;
            assert.equal(csv('1'), csv('2'));
        });

        test('photos whose features overflow are skipped by name', () => {
            // The channel stays below 1.1 on grey noise and is at 3.3 in the red square.
            const weights = path.join(dir, 'overflowing.safetensors');
            put(weights, overflowing(fs.readFileSync(backbone), 27, 2));
            const { status, stderr } = fleck(
                'train',
                folder,
                '--save',
                path.join(dir, 'rest.fleck'),
                ...quick.slice(2),
                '--backbone',
                weights,
            );
            assert.equal(status, 3, stderr);
            assert.match(
                stderr,
                /^fleck: skipped red\.png: the features of this photo hold a value that is not finite$/m,
            );
            assert.match(stderr, /^learnt from 13 photos, 3 skipped: /m);
        });

        test("the paper's recipes tell their time and report the folder's photos alone", () => {
            const brief = ['--iterations', '3', '--no-heatmaps', ...quick];
            const scores = ['paper', 'paper-synthetic'].map((recipe) => {
                const to = path.join(dir, recipe),
                    kept = path.join(to, 'model.fleck');
                fs.mkdirSync(to);
                const { status, stderr } = fleck(
                    'inspect',
                    folder,
                    '-o',
                    to,
                    '--save',
                    kept,
                    '--recipe',
                    recipe,
                    ...brief,
                );
                assert.equal(status, 3, stderr);
                assert.match(
                    stderr,
                    /^fleck: this recipe takes about \d+ s on this computer \(3 iterations\)$/m,
                );
                assert.match(stderr, /^14 photos, /m);
                const csv = fs.readFileSync(path.join(to, 'scores.csv'), 'utf8');
                assert.equal(parseCsv(csv).length, 15);
                assert.equal(
                    fleck('score', kept, folder, '-q', '--backbone', backbone).stdout,
                    csv,
                );
                return csv;
            });
            assert.notEqual(scores[0], scores[1]);
            const same = fleck(
                'inspect',
                folder,
                '-o',
                path.join(dir, 'same'),
                '-q',
                '--method',
                'paper',
                ...brief,
            );
            assert.equal(same.status, 3, same.stderr);
            assert.doesNotMatch(same.stderr, /takes about/);
            assert.equal(fs.readFileSync(path.join(dir, 'same', 'scores.csv'), 'utf8'), scores[0]);
        });

        test('Ctrl-C ends with 130 and writes no model', async () => {
            const kept = path.join(dir, 'interrupted.fleck');
            const child = spawn(cli, ['train', folder, '--save', kept, ...quick]);
            child.stderr.once('data', () => child.kill('SIGINT')); // the first progress line
            const status = await new Promise((resolve) => child.on('close', resolve));
            assert.equal(status, 130);
            assert.ok(!fs.existsSync(kept));
        });

        test('no photo at all, or too few, ends with 1', () => {
            const few = path.join(dir, 'few');
            fs.mkdirSync(few);
            const none = fleck('inspect', few, '-o', path.join(dir, 'none'), ...quick);
            assert.equal(none.status, 1);
            assert.match(none.stderr, /few: no photo to learn from/);
            put(path.join(few, 'one.png'), photo(1));
            const one = fleck('inspect', few, '-o', path.join(dir, 'none'), ...quick);
            assert.equal(one.status, 1);
            assert.match(one.stderr, /^fleck: .*5/m);
        });
    });

    describe('eval', () => {
        let set = '';
        before(() => {
            set = path.join(dir, 'set');
            for (let i = 0; i < 8; i++) put(path.join(set, `train/good/${i}.png`), photo(i));
            for (let i = 0; i < 4; i++) put(path.join(set, `test/good/${i}.png`), photo(20 + i));
            for (let i = 0; i < 3; i++)
                put(path.join(set, `test/red/${i}.png`), photo(40 + i, true));
            put(path.join(set, 'test/good/cut.png'), photo(1).subarray(0, 200));
        });

        const shape = {
            image: ['auroc', 'ap', 'f1max'],
            pixel: ['auroc', 'ap', 'aupro'],
            seconds: ['load', 'features', 'training', 'scoring'],
            folder: [
                'verdict',
                'estimated_defective',
                'estimated_least',
                'estimated_most',
                'second_product',
            ],
            images: ['train', 'not_learnt', 'test', 'skipped'],
        };

        test('--json prints one object, pixel metrics null without masks', () => {
            const { status, stdout, stderr } = fleck('eval', set, '--json', ...quick);
            assert.equal(status, 3, stderr);
            const result = JSON.parse(stdout);
            assert.deepEqual(Object.keys(result), [
                'read',
                'image',
                'pixel',
                'seconds',
                'folder',
                'peak_bytes',
                'images',
            ]);
            const { words, ...counts } = result.read;
            assert.equal(
                words,
                '8 photos in train to learn from; in test 5 good (good 5), ' +
                    '3 defective (red 3); no masks',
            );
            assert.deepEqual(counts, {
                same: false,
                learnt: 8,
                good: 5,
                defective: 3,
                masks: 0,
                without_mask: 0,
                left_out: 0,
            });
            for (const [key, keys] of Object.entries(shape))
                assert.deepEqual(Object.keys(result[key]), keys);
            assert.deepEqual(result.pixel, { auroc: null, ap: null, aupro: null });
            assert.deepEqual(result.images, { train: 8, not_learnt: 0, test: 7, skipped: 1 });
            for (const value of Object.values(result.image)) assert.ok(value >= 0 && value <= 1);
            for (const value of Object.values(result.seconds)) assert.ok(value >= 0);
            const { verdict, second_product: second } = result.folder;
            assert.ok((second ? ['two products'] : ['clean', 'defects']).includes(verdict));
            assert.ok(result.peak_bytes > 1e6, 'more than the program itself');
        });

        const fast = [...quick, '--method', 'knn'];
        /** What a run prints but for its costs, byte for byte. @param {string} json */
        const metrics = (json) => json.slice(0, json.indexOf('"seconds"'));

        test('--learn-most is told, and the others of train are scored all the same', () => {
            const file = path.join(dir, 'most.csv');
            const { status, stdout, stderr } = fleck(
                'eval',
                set,
                '--json',
                '--scores',
                file,
                '--learn-most',
                '5',
                ...fast,
            );
            assert.equal(status, 3, stderr);
            assert.match(stderr, /^fleck: 8 photos: learns from 5 of them$/m);
            assert.deepEqual(JSON.parse(stdout).images, {
                train: 5,
                not_learnt: 3,
                test: 7,
                skipped: 1,
            });
            const rows = parseCsv(fs.readFileSync(file, 'utf8')).filter(
                (row) => row[0] === 'train',
            );
            const learns = learnsFrom(
                [...Array(8).keys()].map((i) =>
                    photoKey(fs.readFileSync(path.join(set, 'train', 'good', `${i}.png`))),
                ),
                5,
            );
            const all = [...learns.keys()];
            assert.deepEqual(
                rows.map((row) => row[1]),
                [...all.filter((i) => learns[i]), ...all.filter((i) => !learns[i])].map(
                    (i) => `good/${i}.png`,
                ),
            );
            assert.equal(fleck('eval', set, '--learn-most', '4', ...fast).status, 2);
        });

        test('--scores lists what was learnt from and what was tested', () => {
            const file = path.join(dir, 'eval.csv');
            const { status, stdout, stderr } = fleck(
                'eval',
                set,
                '--json',
                '-q',
                '--scores',
                file,
                ...quick,
            );
            assert.equal(status, 3, stderr);
            const [header, ...rows] = parseCsv(fs.readFileSync(file, 'utf8'));
            assert.deepEqual(header, ['set', 'file', 'score', 'verdict', 'defective']);
            const names = (/** @type {string} */ of) =>
                rows.filter((row) => row[0] === of).map((row) => row[1]);
            assert.deepEqual(
                names('train'),
                Array.from({ length: 8 }, (_, i) => `good/${i}.png`),
            );
            assert.deepEqual(names('test'), [
                'good/0.png',
                'good/1.png',
                'good/2.png',
                'good/3.png',
                'red/0.png',
                'red/1.png',
                'red/2.png',
            ]);
            for (const [of, name, score, verdict, defective] of rows) {
                assert.equal(defective, of === 'train' ? '' : name.startsWith('red/') ? '1' : '0');
                assert.ok(Number(score) >= 0 && Number(score) <= 1, score);
                assert.match(verdict, /^(ok|look|defect)$/);
            }
            // The scores are those that were measured.
            const score = (/** @type {string} */ wanted) =>
                rows.filter((row) => row[4] === wanted).map((row) => Number(row[2]));
            let above = 0;
            for (const bad of score('1'))
                for (const good of score('0')) above += bad > good ? 1 : bad === good ? 0.5 : 0;
            assert.ok(Math.abs(JSON.parse(stdout).image.auroc - above / 12) < 1e-9);
            const nowhere = path.join(dir, 'nowhere', 'eval.csv');
            const refused = fleck('eval', set, '--scores', nowhere, ...quick);
            assert.equal(refused.status, 1);
            assert.ok(refused.stderr.includes(nowhere), refused.stderr);
        });

        test('--cache keeps features, heals damaged files and never trusts others', () => {
            const cache = path.join(dir, 'kept', 'features');
            const run = (/** @type {string[]} */ ...more) => {
                const options = more.length ? more : ['--method', 'knn'];
                const { status, stdout, stderr } = fleck(
                    'eval',
                    set,
                    '--json',
                    '-q',
                    '--cache',
                    cache,
                    ...quick,
                    ...options,
                );
                assert.equal(status, 3, stderr);
                return metrics(stdout);
            };
            const files = () => fs.readdirSync(cache).map((name) => path.join(cache, name));
            // A file is replaced by a new one whenever its features were computed.
            const inode = (/** @type {string} */ file) => fs.statSync(file).ino;

            const plain = fleck('eval', set, '--json', '-q', ...fast).stdout;
            const first = run();
            assert.equal(first, metrics(plain));
            const kept = files(),
                bytes = kept.map((file) => fs.readFileSync(file));
            assert.equal(kept.length, 15); // every photo but the cut one
            const inodes = kept.map(inode);
            assert.equal(run(), first);
            assert.deepEqual(kept.map(inode), inodes);

            fs.truncateSync(kept[0], 1000);
            fs.truncateSync(kept[1], 0);
            fs.appendFileSync(kept[2], 'x');
            fs.copyFileSync(kept[4], kept[3]); // of another photo
            const flipped = Buffer.from(bytes[5]);
            flipped[flipped.length - 7] ^= 1;
            fs.writeFileSync(kept[5], flipped);
            assert.equal(run(), first);
            kept.forEach((file, i) => assert.deepEqual(fs.readFileSync(file), bytes[i]));
            assert.deepEqual(kept.slice(6).map(inode), inodes.slice(6));

            run('--method', 'ensemble', '--seed', '1');
            assert.equal(files().length, 15);
            run('--method', 'knn', '--precision', 'f32');
            assert.equal(files().length, 30);
            const funad = quick.map((word) => (word === 'fit' ? 'funad' : word));
            const other = fleck('eval', set, '-q', '--cache', cache, ...funad, '--method', 'knn');
            assert.equal(other.status, 3, other.stderr);
            assert.equal(files().length, 45);
        });

        test('a cache that cannot be written ends with 1 and its name', () => {
            const file = path.join(dir, 'no-folder');
            put(file, Buffer.from('a file'));
            const refused = fleck('eval', set, '--cache', file, ...quick);
            assert.equal(refused.status, 1);
            assert.match(refused.stderr, /no-folder: exists and is not a folder/);
            // One of the files is in the way: the measurement is not lost, but it is told.
            const cache = path.join(dir, 'blocked');
            fleck('eval', set, '-q', '--cache', cache, ...fast);
            const [first] = fs.readdirSync(cache);
            fs.rmSync(path.join(cache, first));
            fs.mkdirSync(path.join(cache, first, 'inside'), { recursive: true });
            const blocked = fleck('eval', set, '--json', '-q', '--cache', cache, ...fast);
            assert.equal(blocked.status, 1);
            assert.ok(
                blocked.stderr.includes(`no more features are kept: ${cache}/${first}`),
                blocked.stderr,
            );
            assert.equal(JSON.parse(blocked.stdout).images.train, 8);
            assert.deepEqual(
                fs.readdirSync(cache).filter((name) => name.endsWith('.part')),
                [],
            );
        });

        test('masks are paired by name, either way', () => {
            const mask = png(SIDE, SIDE, (x, y) => (inDefect(x, y) ? [255, 255, 255] : [0, 0, 0]));
            put(path.join(set, 'ground_truth/red/0_mask.png'), mask);
            put(path.join(set, 'ground_truth/red/1.png'), mask);
            const { status, stdout } = fleck('eval', set, '--json', '-q', ...quick);
            assert.equal(status, 3);
            const { pixel } = JSON.parse(stdout);
            // A red square on grey noise: chance is 0.5, and a mask read askew is not far from it.
            assert.ok(pixel.auroc > 0.8, `pixel AUROC ${pixel.auroc}`);
            for (const key of shape.pixel) assert.ok(pixel[key] > 0 && pixel[key] <= 1);
            const text = fleck('eval', set, ...quick).stdout;
            assert.match(
                text,
                /^read as: 8 photos in train to learn from; in test 5 good \(good 5\), /,
            );
            assert.match(text, /6 heatmaps/); // 4 good ones and 2 with masks
            assert.match(text, /training +\d+\.\d\d +\d+\.\d MB/);
        });

        test('without a split, all photos are learnt from and measured', () => {
            const file = path.join(dir, 'same.csv');
            const run = fleck(
                'eval',
                path.join(set, 'test'),
                '--json',
                '-q',
                '--learn-most',
                '6',
                '--scores',
                file,
                ...fast,
            );
            assert.equal(run.status, 3, run.stderr);
            const { read, image, images } = JSON.parse(run.stdout);
            assert.equal(read.same, true);
            assert.ok(image.auroc >= 0 && image.auroc <= 1);
            assert.equal(images.test, 7);
            assert.equal(images.not_learnt, 2, 'learnt from six, of which one may be the cut one');
            const rows = parseCsv(fs.readFileSync(file, 'utf8')).slice(1);
            assert.deepEqual(
                rows.map((row) => row.slice(0, 2).join()),
                [
                    'good/0.png',
                    'good/1.png',
                    'good/2.png',
                    'good/3.png',
                    'red/0.png',
                    'red/1.png',
                    'red/2.png',
                ].map((name) => `test,${name}`),
            );
            for (const [, name, score, , defective] of rows) {
                assert.equal(defective, name.startsWith('red/') ? '1' : '0');
                assert.ok(Number(score) >= 0 && Number(score) <= 1);
            }
        });

        test('with good photos alone nothing is measured', () => {
            const good = path.join(dir, 'good-only');
            for (let i = 0; i < 6; i++) put(path.join(good, `train/good/${i}.png`), photo(i));
            for (let i = 0; i < 3; i++) put(path.join(good, `test/good/${i}.png`), photo(20 + i));
            put(path.join(good, 'test/red/cut.png'), photo(40, true).subarray(0, 200));
            const { status, stdout, stderr } = fleck('eval', good, '--json', '-q', ...fast);
            assert.equal(status, 1, stdout);
            assert.equal(stdout, '');
            assert.match(stderr, /skipped red\/cut\.png: /);
            assert.match(
                stderr,
                /nothing to measure: of the photos that could be read 3 are good and 0 defective/,
            );
        });

        test('a mask of another size is refused with both names', () => {
            put(
                path.join(set, 'ground_truth/red/2_mask.png'),
                png(8, 9, () => [0, 0, 0]),
            );
            const { status, stdout, stderr } = fleck('eval', set, '--json', ...quick);
            assert.equal(status, 1);
            assert.equal(stdout, '');
            assert.match(stderr, /red\/2_mask\.png has 8x9 .*test\/red\/2\.png has 64x64/);
        });
    });
});

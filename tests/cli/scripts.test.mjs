// What the command line does for scripts: progress that programs read, lists of photos and models
// through pipes, what was learnt as JSON, what a model file holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, missing, photo, put, quick } from './cli.mjs';
import { isLine, isResults } from './schemas.mjs';

const fast = [...quick, '--method', 'knn'];

describe('for scripts', { skip: missing }, () => {
    let dir = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-scripts-'));
        for (let i = 0; i < 8; i++) put(path.join(dir, 'photos', `${i}.png`), photo(i, i === 5));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const at = (/** @type {string} */ name) => path.join(dir, name);
    /** @param {string[]} args @param {string | Buffer} [input] */
    function run(args, input = '') {
        const { status, stdout, stderr } = spawnSync(cli, args, {
            cwd: dir,
            input,
            timeout: 60000,
        });
        return { status, stdout, stderr: stderr.toString() };
    }

    describe('--progress json', () => {
        test('makes every line on standard error an object', () => {
            put(at('odd/"quoted" \\ name.png'), Buffer.from('no photo'));
            for (let i = 0; i < 8; i++) put(at(`odd/${i}.png`), photo(i));
            const { status, stderr } = run([
                'train',
                'odd',
                '--save',
                'odd.fleck',
                ...fast,
                '--progress',
                'json',
            ]);
            assert.equal(status, 3, stderr);
            const lines = stderr
                .trimEnd()
                .split('\n')
                .map((line) => JSON.parse(line));
            const last = lines.filter(({ stage }) => stage === 'looking').at(-1);
            assert.equal(last.done, last.total);
            assert.ok(last.seconds >= 0);
            const messages = lines.flatMap(({ message }) => message ?? []);
            assert.match(messages.join('\n'), /^skipped "quoted" \\ name\.png: /m);
            assert.equal(lines.length, messages.length + lines.filter(({ stage }) => stage).length);
            const wrong = run(['train', 'odd', '--save', 'm', '--progress', 'xml']);
            assert.match(wrong.stderr, /--progress wants text or json, not 'xml'/);
            assert.equal(wrong.status, 2);
        });
    });

    describe('what was learnt', () => {
        test('is told as JSON and as JSON Lines', () => {
            put(at('mixed/scan.jp2'), Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'));
            put(at('mixed/damaged.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
            for (let i = 0; i < 8; i++) put(at(`mixed/${i}.png`), photo(i, i === 5));
            for (const file of ['learnt.json', 'learnt.jsonl']) {
                const args = ['train', 'mixed', '--save', 'mixed.fleck', '--json', file, ...fast];
                const { status, stderr } = run(args);
                assert.equal(status, 3, stderr);
            }
            const told = JSON.parse(fs.readFileSync(at('learnt.json'), 'utf8'));
            assert.ok(isResults(told), JSON.stringify(isResults.errors));
            assert.equal(told.command, 'train');
            assert.deepEqual(told.photos, []);
            assert.equal(told.skipped[0].file, 'damaged.png');
            const model = fs.readFileSync(at('mixed.fleck'));
            assert.deepEqual(told.learnt, {
                photos: 8,
                left: 0,
                left_out: 1,
                sample_bits: 0,
                model_bytes: model.length,
                model_sha256: createHash('sha256').update(model).digest('hex'),
            });
            const text = fs.readFileSync(at('learnt.jsonl'), 'utf8');
            const lines = text
                .trimEnd()
                .split('\n')
                .map((each) => JSON.parse(each));
            for (const each of lines) assert.ok(isLine(each), JSON.stringify(isLine.errors));
            assert.deepEqual(lines.at(-1).learnt, told.learnt);
            assert.deepEqual(lines.at(-2).folder, told.folder);
        });

        test('goes to standard output alone with --save -', () => {
            assert.equal(run(['train', 'photos', '--save', 'kept.fleck', ...fast]).status, 0);
            const { status, stdout, stderr } = run(['train', 'photos', '--save', '-', ...fast]);
            assert.equal(status, 0, stderr);
            assert.match(stderr, /^model on standard output$/m);
            assert.deepEqual(stdout, fs.readFileSync(at('kept.fleck')));
            const inspected = run(['inspect', 'photos', '--save', '-', ...fast]);
            assert.deepEqual(inspected.stdout, stdout);
            const full = spawnSync(
                'sh',
                ['-c', '"$0" "$@" > /dev/full', cli, 'train', 'photos', '--save', '-', ...fast],
                { cwd: dir },
            );
            assert.match(String(full.stderr), /standard output: No space left/);
            assert.equal(full.status, 1);
        });
    });

    describe('info', () => {
        test('tells what a model holds, in words and as JSON', () => {
            const polygon = {
                include: [
                    [
                        [0, 0],
                        [0.5, 0],
                        [0.5, 1],
                        [0, 1],
                    ],
                ],
                exclude: [],
            };
            put(at('left.json'), Buffer.from(JSON.stringify(polygon)));
            put(at('marks.csv'), Buffer.from('file,mark\n0.png,good\n5.png,defect\n'));
            const rules = ['--threshold', '0.6', '--smallest-area', '0.5', '--seed', '7'];
            const more = ['--area', 'left.json', '--marks', 'marks.csv', ...rules];
            const made = run(['train', 'photos', '--save', 'known.fleck', ...fast, ...more]);
            assert.equal(made.status, 0, made.stderr);
            const { status, stdout, stderr } = run(['info', 'known.fleck', '--json']);
            assert.equal(status, 0, stderr);
            const { backbone, sha256, bytes, area, blocks, ...rest } = JSON.parse(String(stdout));
            assert.match(backbone, /^[0-9a-f]{16}$/);
            const model = fs.readFileSync(at('known.fleck'));
            assert.equal(sha256, createHash('sha256').update(model).digest('hex'));
            assert.equal(bytes, model.length);
            assert.ok(Math.abs(area - 0.5) < 0.01);
            assert.ok(blocks.length);
            assert.deepEqual(rest, {
                file: 'known.fleck',
                format: 'fleck-model',
                version: 14,
                method: 'knn',
                preset: 'fit',
                precision: 'i8',
                input: 64,
                tiles: { columns: 1, rows: 1 },
                seed: 7,
                sample_bits: 0,
                threshold: 0.6,
                smallest_area: 0.005,
                area_follows: false,
                marks: 2,
                photos: 8,
            });
            const words = String(run(['info', 'known.fleck']).stdout);
            assert.match(words, /^known\.fleck: a model of file version 14, \d+ bytes$/m);
            assert.match(words, /^ {2}area of interest {4}50 % of what is looked at$/m);
            assert.match(words, /^ {2}photos learnt from {2}8$/m);
        });

        test('refuses other files by what they are', () => {
            const says = (/** @type {string} */ name, /** @type {RegExp} */ sentence) => {
                const { status, stdout, stderr } = run(['info', name]);
                assert.match(stderr, sentence);
                assert.equal(status, 1);
                assert.equal(String(stdout), '');
            };
            says('photos/0.png', /photos\/0\.png: is a PNG photo, no model/);
            says('photos', /photos: is a folder, no model/);
            says('gone.fleck', /gone\.fleck: there is no such model/);
            const cut = fs.readFileSync(at('known.fleck'));
            put(at('cut.fleck'), cut.subarray(0, cut.length - 5));
            says('cut.fleck', /cut\.fleck: the file is cut short/);
            cut[cut.length / 2] ^= 1;
            put(at('damaged.fleck'), cut);
            says('damaged.fleck', /damaged\.fleck: the model file is damaged/);
        });
    });

    describe('names through standard input', () => {
        const model = ['--save', 'listed.fleck'];
        const photos = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `photos/${i}.png`);
        const bytes = (/** @type {string} */ name) => fs.readFileSync(at(name));

        test('give the model of their folder, by lines and by NUL bytes', () => {
            assert.equal(run(['train', 'photos', '--save', 'whole.fleck', ...fast]).status, 0);
            const lines = run(['train', '-', ...model, ...fast], [...photos].reverse().join('\n'));
            assert.equal(lines.status, 0, lines.stderr);
            assert.deepEqual(bytes('listed.fleck'), bytes('whole.fleck'));
            put(at('two\nlines.png'), photo(7));
            const names = [...photos.slice(0, 7), 'two\nlines.png', photos[2], ''].join('\0');
            const nulls = run(['train', '-', '-0', ...model, ...fast], names);
            assert.equal(nulls.status, 0, nulls.stderr);
            assert.match(nulls.stderr, /1 of the names came more than once, and count once/);
            assert.deepEqual(bytes('listed.fleck'), bytes('whole.fleck'));
        });

        test('may be folders, and of photos that are not there', () => {
            const args = ['score', 'whole.fleck', '-', ...quick.slice(0, 2)];
            const { status, stdout, stderr } = run(args, 'photos\nmissing.png\n');
            assert.equal(status, 3);
            assert.match(stderr, /skipped missing\.png: No such file/);
            assert.deepEqual(
                stdout
                    .toString()
                    .match(/^photos\/\d\.png/gm)
                    ?.sort(),
                photos,
            );
        });

        test('are refused in words where there are none, or other ones', () => {
            const says = (
                /** @type {string[]} */ args,
                /** @type {string} */ input,
                /** @type {RegExp} */ sentence,
            ) => {
                const { status, stderr } = run(args, input);
                assert.match(stderr, sentence);
                assert.ok(status === 1 || status === 2);
            };
            says(['train', '-', ...model], '\n\n', /standard input: no photo is named/);
            says(['train', '-', ...model], 'a.png\0b.png\0', /end with NUL bytes: say --null/);
            says(['train', 'photos', '-0', ...model], '', /--null is of names in standard input/);
            says(['eval', '-'], '', /labels follow from folders: name one, no list/);
        });
    });
});

// What the command line does for scripts: progress that programs read, lists of photos and models
// through pipes, what was learnt as JSON, what a model file holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, missing, photo, put, quick } from './cli.mjs';

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

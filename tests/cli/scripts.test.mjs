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
});

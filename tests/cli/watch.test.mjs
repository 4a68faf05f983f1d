// Photos that come into a folder are scored as they come.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { backbone, cli, missing, photo, put, quick } from './cli.mjs';

const eyes = ['--backbone', backbone];

describe('watch', { skip: missing }, () => {
    let dir = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-watch-'));
        for (let i = 0; i < 8; i++) put(at(`photos/${i}.png`), photo(i, i === 5));
        put(at('camera/old.png'), photo(30));
        assert.equal(run('train', 'photos', '--save', 'm', ...quick, '--method', 'knn').status, 0);
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const at = (/** @type {string} */ name) => path.join(dir, name);
    const run = (/** @type {string[]} */ ...args) =>
        spawnSync(cli, args, { cwd: dir, encoding: 'utf8', timeout: 60000 });

    /** A watch whose lines are waited for. @param {string[]} args */
    function watch(...args) {
        const child = spawn(cli, ['watch', 'm', 'camera', ...eyes, ...args], { cwd: dir });
        let out = '',
            said = '';
        /** @type {(() => void)[]} */
        const waiting = [];
        const wake = () => waiting.splice(0).forEach((each) => each());
        child.stdout.on('data', (text) => ((out += text), wake()));
        child.stderr.on('data', (text) => ((said += text), wake()));
        /** @param {RegExp} wanted @param {() => string} where */
        async function until(wanted, where) {
            while (!wanted.test(where())) {
                const come = new Promise((resolve) => waiting.push(() => resolve(null)));
                await Promise.race([
                    come,
                    new Promise((_, no) =>
                        setTimeout(no, 20000, new Error(`${wanted}: ${out}${said}`)).unref(),
                    ),
                ]);
            }
        }
        return {
            child,
            out: () => out,
            said: () => said,
            printed: (/** @type {RegExp} */ wanted) => until(wanted, () => out),
            told: (/** @type {RegExp} */ wanted) => until(wanted, () => said),
            /** @returns {Promise<number | null>} */
            end: () =>
                new Promise((resolve) => {
                    child.once('close', resolve);
                    child.kill('SIGINT');
                }),
        };
    }

    test('a line each for photos that come, as score writes it, until Ctrl-C', async () => {
        const watched = watch();
        await watched.told(/watching camera, where 1 photo is already; Ctrl-C ends it/);
        put(at('camera/sub/new.png'), photo(31, true));
        await watched.printed(/^sub\/new\.png,.*\n/m);
        put(at('camera/notes.txt'), Buffer.from('no photo'));
        put(at('camera/bad.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
        await watched.told(/skipped bad\.png: /);
        put(at('camera/old.png'), photo(32, true));
        await watched.printed(/^old\.png,.*\n/m);
        assert.equal(await watched.end(), 0);
        const rows = (/** @type {string} */ text) => text.trimEnd().split('\n').sort();
        const scored = run('score', 'm', 'camera', ...eyes);
        assert.deepEqual(rows(watched.out()), rows(scored.stdout));
        assert.match(watched.out(), /^file,score,verdict\n/);
    });

    test('a file is taken when it rests', async () => {
        const watched = watch('--no-header');
        await watched.told(/watching camera/);
        const whole = photo(33);
        const file = fs.openSync(at('camera/slow.png'), 'w');
        for (let i = 0; i < 5; i++) {
            const part = Math.ceil(whole.length / 5);
            fs.writeSync(file, whole.subarray(i * part, (i + 1) * part));
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
        fs.closeSync(file);
        await watched.printed(/^slow\.png,/);
        assert.equal(await watched.end(), 0);
        assert.doesNotMatch(watched.said(), /skipped/);
        assert.equal(watched.out().split('\n').length, 2);
    });

    test('a folder that is away for a while is told once', async () => {
        const watched = watch('--no-header');
        await watched.told(/watching camera/);
        fs.renameSync(at('camera'), at('away'));
        await watched.told(/camera: No such file or directory: waits for it to come back/);
        fs.renameSync(at('away'), at('camera'));
        put(at('camera/later.png'), photo(34));
        await watched.printed(/^later\.png,/);
        assert.equal(await watched.end(), 0);
        assert.equal(watched.said().match(/waits for it/g)?.length, 1);
        const list = run('watch', 'm', '-', ...eyes);
        assert.match(list.stderr, /photos come into a folder: name one, no list/);
        assert.equal(list.status, 2);
    });
});

// The recipes of examples/scale: parts of a folder, looked at one by one, give the model of the
// folder; a part that is killed is looked at again alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { trial } from '../speed/shards.mjs';
import { backbone, cli, missing, photo, put, quick, root } from './cli.mjs';

const scripts = path.join(root, 'examples/scale');
const hasParallel = spawnSync('parallel', ['--version']).status === 0;
const skip = missing || (hasParallel ? false : 'skipped: GNU parallel is not installed');

const hasDask = spawnSync('/usr/bin/python3', ['-c', 'import distributed']).status === 0;
const noDask = hasDask ? false : 'skipped: python3-distributed is not installed';

describe('recipes for many photos', { skip }, () => {
    let dir = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-scale-'));
        for (let i = 0; i < 39; i++)
            put(path.join(dir, `many photos/${i % 3}/${i}.png`), photo(i, i === 5));
        put(path.join(dir, 'many photos/line\nbreak.PNG'), photo(39));
        put(path.join(dir, 'many photos/notes.txt'), Buffer.from('no photo'));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const at = (/** @type {string} */ name) => path.join(dir, name);
    const env = { ...process.env, FLECK: cli };
    /** @param {string} script @param {string[]} args */
    function run(script, ...args) {
        const options = { cwd: dir, encoding: /** @type {const} */ ('utf8'), env, timeout: 100000 };
        const { status, stderr } = spawnSync(path.join(scripts, script), args, options);
        return { status, stderr };
    }
    const parts = () => fs.readdirSync(at('parts')).sort();
    const how = ['--backbone', backbone, '--method', 'knn'];
    const all = [1, 2, 3, 4].map((k) => `${k}-of-4.features`);

    test('40 photos in 8 parts, of which one is killed, give the bits of one process', async () => {
        const plan = { photos: 40, parts: 8, atOnce: 2, input: 64 };
        const { learnt } = await trial(at('trial'), plan);
        assert.equal(learnt, 'learnt from 40 photos');
    });

    test('parts of a folder with folders in it teach what the folder does', () => {
        const ran = run('parallel.sh', 'many photos', 'parts', '4', ...quick);
        assert.equal(ran.status, 0, ran.stderr);
        assert.deepEqual(parts(), all);
        const learnt = run('learn.sh', 'parts', '4', 'parts.fleck', ...how);
        assert.match(learnt.stderr, /^learnt from 40 photos$/m);
        const whole = [
            'train',
            'many photos',
            '--save',
            'whole.fleck',
            ...quick,
            '--method',
            'knn',
        ];
        assert.equal(spawnSync(cli, whole, { cwd: dir }).status, 0);
        assert.deepEqual(fs.readFileSync(at('parts.fleck')), fs.readFileSync(at('whole.fleck')));
    });

    test('a part that is missing is named, and looked at again alone', () => {
        const times = () => all.map((name) => fs.statSync(at(`parts/${name}`)).mtimeMs);
        const before = times();
        fs.rmSync(at(`parts/${all[2]}`));
        const refused = run('learn.sh', 'parts', '4', 'parts.fleck', ...how);
        assert.match(refused.stderr, /parts\/3-of-4\.features is missing: extract that part again/);
        assert.equal(refused.status, 1);
        assert.equal(run('parallel.sh', 'many photos', 'parts', '4', ...quick).status, 0);
        const again = times().map((time, k) => time !== before[k]);
        assert.deepEqual(again, [false, false, true, false]);
        assert.equal(run('learn.sh', 'parts', '4', 'parts.fleck', ...how).status, 0);
        assert.deepEqual(fs.readFileSync(at('parts.fleck')), fs.readFileSync(at('whole.fleck')));
    });

    test('by Dask, a part that is killed is looked at again', { skip: noDask }, () => {
        const wrapper = `#!/bin/sh
            case "$*" in *2-of-4*) mkdir once 2> /dev/null && kill -9 $$ ;; esac
            exec '${cli}' "$@"`;
        fs.writeFileSync(at('wrapper'), wrapper, { mode: 0o755 });
        const ran = spawnSync(
            '/usr/bin/python3',
            [path.join(scripts, 'dask_parts.py'), 'many photos', 'dask', '4', ...quick],
            { cwd: dir, encoding: 'utf8', env: { ...env, FLECK: at('wrapper') }, timeout: 100000 },
        );
        assert.equal(ran.status, 0, ran.stderr);
        assert.ok(fs.existsSync(at('once')), 'a part was killed');
        for (const name of all)
            assert.deepEqual(
                fs.readFileSync(at(`dask/${name}`)),
                fs.readFileSync(at(`parts/${name}`)),
            );
    });
});

/**
 * Many photos in parts beside the same photos in one process, by the recipes of examples/scale: one
 * part is killed half way and looked at again alone; then features, model and scores are compared,
 * bit for bit, and the times told:
 *
 *     node tests/speed/shards.mjs [--photos 10000] [--parts 8] [--at-once 2] [--input 112] [--dir DIR]
 *
 * Parts run --at-once at a time with one thread each, the one process with as many threads. Beside
 * the clock's seconds stand those of CPU, which a busy machine stretches less. The photos are drawn,
 * always the same. DIR, which must be new, is kept; without it nothing is. Needs build/native/fleck
 * and GNU parallel. 10,000 photos take up 1.6 GB twice at an input of 112.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backbone, cli, movingPart, put, root } from '../cli/cli.mjs';

const SCRIPTS = path.join(root, 'examples/scale');
const SIDE = 64; /* of a photo */
const DEFECTIVE = 25; /* one of so many photos is */

/**
 * Passes on to fleck; the part VICTIM, the first time, with a limit of HALF KB to what it writes, at
 * which the kernel kills it, just as a scheduler would.
 */
const WRAPPER = `#!/bin/bash
case "$*" in *"/$VICTIM.features"*)
    [ -e "$KILLED" ] || { touch "$KILLED"; ulimit -c 0; ulimit -f "$HALF"; } ;;
esac
exec "$PROGRAM" "$@"
`;

/** Bash counts the seconds, of CPU those of all that it waited for. */
const TIMED = `TIMEFORMAT='timed %R %U %S'; time "$@"`;

/**
 * @typedef {{photos: number, parts: number, atOnce: number, input: number}} Plan
 * @typedef {{clock: number, cpu: number}} Seconds
 * @typedef {{one: Seconds, parts: Seconds}} Both one process and the parts
 * @typedef {{looking: Both, again: Seconds, learning: Both, scoring: Both, learnt: string}} Trial
 *     again: of the part that was killed; learnt: the sentence about what was learnt from
 */

/** @param {string} dir new @param {Plan} plan @returns {Promise<Trial>} */
export async function trial(dir, { photos, parts, atOnce, input }) {
    const at = (/** @type {string} */ name) => path.join(dir, name);
    for (let i = 0; i < photos; i++)
        put(at(`photos/${i}.png`), movingPart(SIDE, i, [0, 0], i % DEFECTIVE === 1));
    put(at('wrapper'), Buffer.from(WRAPPER));
    fs.chmodSync(at('wrapper'), 0o755);
    const victim = `${Math.ceil(parts / 2)}-of-${parts}`;
    /** @type {NodeJS.ProcessEnv} */
    const env = {
        ...process.env,
        ...{ FLECK: at('wrapper'), PROGRAM: cli, VICTIM: victim, KILLED: at('killed') },
        JOBS: String(atOnce),
    };

    /** @param {string} program @param {string[]} args */
    async function run(program, ...args) {
        const child = spawn('bash', ['-c', TIMED, '-', program, ...args], {
            cwd: dir,
            env,
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [out, err] = ['', ''];
        child.stdout.on('data', (data) => (out += data));
        child.stderr.on('data', (data) => (err += data));
        const status = await new Promise((resolve, reject) => {
            child.on('error', reject);
            child.on('close', resolve);
        });
        const [clock, user, system] =
            err
                .match(/^timed (.*)\n$/m)?.[1]
                .split(' ')
                .map(Number) ?? [];
        return { status, out, err, seconds: { clock, cpu: user + system } };
    }
    /** @param {string} program @param {string[]} args */
    async function done(program, ...args) {
        const ran = await run(program, ...args);
        assert.equal(ran.status, 0, `${[program, ...args].join(' ')}\n${ran.err}`);
        return ran;
    }
    const script = (/** @type {string} */ name) => path.join(SCRIPTS, name);
    const look = ['--backbone', backbone, '--input', String(input)];
    const learn = ['--backbone', backbone, '--threads', String(atOnce)];
    const files = Array.from({ length: parts }, (_, k) => `parts/${k + 1}-of-${parts}.features`);

    const threads = ['--threads', String(atOnce)];
    const whole = await done(
        script('extract-part.sh'),
        ...[at('photos'), 'one', '1', '1', ...look, ...threads],
    );
    const share = () => run(script('parallel.sh'), at('photos'), 'parts', String(parts), ...look);
    const half = fs.statSync(at('one/1-of-1.features')).size / parts / 2;
    env.HALF = String(Math.floor(half / 1024));
    const most = await share();
    assert.equal(most.status, 1, `one part fails: ${most.err}`);
    const refused = await run(script('learn.sh'), 'parts', String(parts), 'parts.fleck', ...learn);
    assert.match(refused.err, new RegExp(`${victim}\\.features is missing`));
    const times = () => files.map((file) => fs.statSync(at(file)).mtimeMs);
    const others = files.filter((file) => !file.includes(victim));
    assert.deepEqual(
        fs.readdirSync(at('parts')).filter((name) => name.endsWith('.features')),
        others.map((file) => path.basename(file)).sort(),
    );
    const again = await share();
    assert.equal(again.status, 0, again.err);
    const newest = Math.max(...times());
    assert.ok(times().every((time, k) => time < newest || files[k].includes(victim)));
    sameFeatures(at('one/1-of-1.features'), files.map(at));

    const learnWhole = await done(script('learn.sh'), 'one', '1', 'one.fleck', ...learn);
    const learnParts = await done(
        script('learn.sh'),
        ...['parts', String(parts), 'parts.fleck', ...learn],
    );
    const same = fs.readFileSync(at('one.fleck')).equals(fs.readFileSync(at('parts.fleck')));
    assert.ok(same, 'the models differ');

    const score = ['score', 'parts.fleck', '--backbone', backbone, '--features'];
    const scoreWhole = await done(cli, ...score, 'one/1-of-1.features', ...threads);
    const scoreParts = await done(
        'parallel',
        ...['--jobs', String(atOnce), '--keep-order'],
        ...[cli, ...score, '{}', '--threads', '1', '--no-header', ':::', ...files],
    );
    const rows = (/** @type {string} */ text) => text.trimEnd().split('\n');
    const [, ...expected] = rows(scoreWhole.out);
    assert.equal(expected.length, photos);
    assert.deepEqual(rows(scoreParts.out).sort(), expected.sort());

    return {
        looking: { one: whole.seconds, parts: most.seconds },
        again: again.seconds,
        learning: { one: learnWhole.seconds, parts: learnParts.seconds },
        learnt: /^learnt from .*$/m.exec(learnParts.err)?.[0] ?? '',
        scoring: { one: scoreWhole.seconds, parts: scoreParts.seconds },
    };
}

/** A file of features, which may be larger than memory. @param {string} file */
function openFeatures(file) {
    const fd = fs.openSync(file, 'r');
    const read = (/** @type {number} */ from, /** @type {number} */ to) => {
        const bytes = Buffer.alloc(to - from);
        assert.equal(fs.readSync(fd, bytes, 0, bytes.length, from), bytes.length);
        return bytes;
    };
    const start = 8 + Number(read(0, 8).readBigUInt64LE());
    const header = JSON.parse(read(8, start).toString());
    const span = (/** @type {string} */ tensor) =>
        header[tensor].data_offsets.map((/** @type {number} */ offset) => start + offset);
    const [from, to] = span('features');
    const [nameFrom, nameTo] = span('photos.name');
    const names = read(nameFrom, nameTo).toString().split('\0').filter(Boolean);
    const size = (to - from) / names.length;
    const row = (/** @type {number} */ i) => read(from + i * size, from + (i + 1) * size);
    return { names, row, close: () => fs.closeSync(fd) };
}

/** @param {string} whole @param {string[]} files of its parts */
function sameFeatures(whole, files) {
    const all = openFeatures(whole);
    const places = new Map(all.names.map((name, i) => [name, i]));
    for (const file of files) {
        const part = openFeatures(file);
        for (const [i, name] of part.names.entries()) {
            const place = places.get(name);
            assert.ok(place !== undefined, `${file}: ${name} is not in ${whole}, or twice`);
            assert.ok(part.row(i).equals(all.row(place)), `${file}: features of ${name} differ`);
            places.delete(name);
        }
        part.close();
    }
    all.close();
    assert.equal(places.size, 0, 'photos are in no part');
}

async function main() {
    const { values } = parseArgs({
        options: {
            photos: { type: 'string', default: '10000' },
            parts: { type: 'string', default: '8' },
            'at-once': { type: 'string', default: '2' },
            input: { type: 'string', default: '112' },
            dir: { type: 'string' },
        },
    });
    const plan = {
        photos: Number(values.photos),
        parts: Number(values.parts),
        atOnce: Number(values['at-once']),
        input: Number(values.input),
    };
    const dir = path.resolve(values.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-shards-')));
    assert.ok(!values.dir || !fs.existsSync(dir), `${dir} is there`);
    try {
        const { looking, again, learning, learnt, scoring } = await trial(dir, plan);
        console.log(
            `${plan.photos} photos, input ${plan.input}, ${plan.parts} parts, ${plan.atOnce} at once; ` +
                `${os.cpus()[0].model}, load ${os.loadavg()[2].toFixed(0)}`,
        );
        const told = (/** @type {Seconds} */ { clock, cpu }) =>
            `${clock.toFixed(0)} s (CPU ${cpu.toFixed(0)})`;
        const tell = (/** @type {string} */ what, /** @type {Both} */ { one, parts }) =>
            console.log(`${what}: one process ${told(one)}, parts ${told(parts)}`);
        tell('looking', looking);
        console.log(`  of which one was killed half way; again alone ${told(again)}`);
        tell('learning', learning);
        console.log(`  ${learnt}`);
        tell('scoring', scoring);
        console.log('features, model and scores: the same bits');
    } finally {
        if (!values.dir) fs.rmSync(dir, { recursive: true, force: true });
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

// The list of backbones that can be downloaded: what the page and the command
// line tool rely on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { backbone as tiny, cli, root } from '../cli/cli.mjs';
import { depthOf, parse, without } from './safetensors.mjs';

const { backbones } = JSON.parse(fs.readFileSync(path.join(root, 'models/backbones.json'), 'utf8'));

const required = [
    'name',
    'title',
    'family',
    'dim',
    'depth',
    'patch',
    'registers',
    'licence',
    'address',
    'browser',
    'sha256',
    'input',
    'blocks',
    'source',
];
const exact = new Set([...required, 'bytes']),
    about = new Set([...required, 'about_bytes']);

describe('models/backbones.json', () => {
    test('names are unique, and can be file names', () => {
        const names = backbones.map((/** @type {{name: string}} */ b) => b.name);
        assert.equal(new Set(names).size, names.length);
        for (const name of names) assert.match(name, /^[a-z0-9][a-z0-9-]{0,30}$/);
    });

    for (const b of backbones) {
        test(b.name, () => {
            // Either the size of the file or, where no source gives it, about that size.
            assert.deepEqual(new Set(Object.keys(b)), 'bytes' in b ? exact : about);
            for (const key of ['title', 'licence']) assert.ok(b[key].length > 2, key);
            assert.ok(['dino', 'dinov2'].includes(b.family), b.family);
            assert.equal(typeof b.browser, 'boolean');
            for (const key of ['address', 'source'])
                assert.equal(new URL(b[key]).protocol, 'https:', key);
            assert.ok(b.sha256 === null || /^[0-9a-f]{64}$/.test(b.sha256), 'sha256');

            assert.equal(b.dim % 64, 0, 'heads are 64 wide');
            assert.ok(Number.isInteger(b.depth) && b.depth > 0);
            assert.ok([8, 14, 16].includes(b.patch));
            assert.ok([0, 4].includes(b.registers));
            assert.equal(b.input % b.patch, 0, 'input is whole patches');
            const side = b.input / b.patch;
            assert.ok(side >= 28 && side <= 37, `${side} patches a side`);
            assert.ok(b.blocks.length >= 1 && b.blocks.length <= 4);
            b.blocks.forEach((/** @type {number} */ block, /** @type {number} */ i) =>
                assert.ok(
                    Number.isInteger(block) &&
                        block > (i ? b.blocks[i - 1] : 0) &&
                        block <= b.depth,
                ),
            );
            // Float32 weights of the blocks alone are most of the file.
            const weights = 4 * 12 * b.depth * b.dim ** 2;
            const size = b.bytes ?? b.about_bytes;
            assert.ok(size > weights && size < 2 * weights + 20e6, `${size} bytes`);
        });
    }
});

// The command line tool with a list of its own and a server on this machine.

const sha256 = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/** Grey noise of 32 x 32 pixels as a BMP. @param {number} seed */
function photo(seed) {
    const bytes = Buffer.alloc(54 + 32 * 32 * 3);
    bytes.write('BM');
    [
        [2, bytes.length],
        [10, 54],
        [14, 40],
        [18, 32],
        [22, 32],
    ].forEach(([at, value]) => bytes.writeUInt32LE(value, at));
    bytes.writeUInt16LE(1, 26);
    bytes.writeUInt16LE(24, 28);
    let state = (seed * 2654435761) >>> 0;
    for (let at = 54; at < bytes.length; at++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[at] = 120 + (state >>> 27);
    }
    return bytes;
}

describe('backbones by name', () => {
    let dir = '',
        kept = '',
        photos = '',
        address = '';
    const whole = fs.readFileSync(tiny),
        bare = without(whole, ['input', 'blocks']);
    const { metadata: own, tensors } = parse(whole),
        depth = depthOf(tensors);
    /** What the server has, and how often it breaks off half way. */
    const served = { bytes: bare, breaks: 0, ranges: true, missing: false };
    /** @type {(string | undefined)[]} the ranges that were asked for */
    let asked = [];

    const server = http.createServer((request, response) => {
        asked.push(request.headers.range);
        if (served.missing) {
            response.writeHead(404).end();
            return;
        }
        const from = Number(served.ranges && request.headers.range?.match(/^bytes=(\d+)-/)?.[1]);
        const body = served.bytes.subarray(from || 0);
        response.writeHead(from ? 206 : 200, {
            'Content-Length': body.length,
            ...(from
                ? {
                      'Content-Range': `bytes ${from}-${served.bytes.length - 1}/${served.bytes.length}`,
                  }
                : {}),
        });
        if (served.breaks-- <= 0) response.end(body);
        else response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    });

    /** @param {Record<string, unknown>} changes */
    function list(changes = {}) {
        const entry = {
            ...backbones[0],
            name: 'made-up',
            address,
            sha256: sha256(bare),
            about_bytes: bare.length,
            dim: 192,
            depth,
            patch: 8,
            input: 64,
            blocks: [3],
            ...changes,
        };
        fs.writeFileSync(path.join(dir, 'list.json'), JSON.stringify({ backbones: [entry] }));
    }

    /** @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
    async function fleck(args, env) {
        const child = spawn(cli, args, {
            env: {
                ...process.env,
                XDG_CACHE_HOME: path.join(dir, 'cache'),
                FLECK_REGISTRY: path.join(dir, 'list.json'),
                no_proxy: '127.0.0.1',
                ...env,
            },
        });
        let stdout = '',
            stderr = '';
        child.stdout.on('data', (text) => {
            stdout += text;
        });
        child.stderr.on('data', (text) => {
            stderr += text;
        });
        const status = await new Promise((resolve) => child.on('close', resolve));
        return { status, stdout, stderr };
    }

    /** @param {string} backbone @param {string[]} more */
    async function train(backbone, ...more) {
        const model = path.join(dir, 'model');
        fs.rmSync(model, { force: true });
        const run = await fleck([
            'train',
            photos,
            '--save',
            model,
            '--method',
            'knn',
            '--preset',
            'fit',
            '--backbone',
            backbone,
            ...more,
        ]);
        return { ...run, model: fs.existsSync(model) ? fs.readFileSync(model) : null };
    }

    before(async () => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-backbones-'));
        kept = path.join(dir, 'cache/fleck/backbones');
        photos = path.join(dir, 'photos');
        fs.mkdirSync(photos);
        for (let i = 0; i < 6; i++) fs.writeFileSync(path.join(photos, `${i}.bmp`), photo(i));
        fs.writeFileSync(path.join(dir, 'bare'), bare);
        await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
        const at = server.address();
        assert.ok(at && typeof at === 'object');
        address = `http://127.0.0.1:${at.port}/weights`;
    });
    after(() => {
        server.close();
        fs.rmSync(dir, { recursive: true, force: true });
    });
    beforeEach(() => {
        fs.rmSync(kept, { recursive: true, force: true });
        Object.assign(served, { bytes: bare, breaks: 0, ranges: true, missing: false });
        asked = [];
        list();
    });

    test('the built-in list is models/backbones.json', async () => {
        const { status, stdout } = await fleck(['backbones'], { FLECK_REGISTRY: '' });
        assert.equal(status, 0);
        for (const b of backbones) {
            const line = stdout.split('\n').find((text) => text.startsWith(`${b.name} `)) ?? '';
            for (const text of [b.title, b.dim, b.patch, b.input, b.licence, 'no'])
                assert.match(
                    line,
                    new RegExp(` ${String(text).replace(/[()]/g, '\\$&')}( |$)`),
                    b.name,
                );
        }
        assert.ok(stdout.includes(`Kept in ${kept}: 0.0 MB`), stdout);
        assert.equal(asked.length, 0);
    });

    test('a name is downloaded once, kept, and used with its input and blocks', async () => {
        const named = await train('made-up');
        assert.equal(named.status, 0, named.stderr);
        const size = Math.round(bare.length * 1e-6);
        assert.match(
            named.stderr,
            new RegExp(
                `^fleck: downloading DINO ViT-S/16, about ${size} MB, Apache-2\\.0, from http:`,
                'm',
            ),
        );
        assert.match(named.stderr, new RegExp(`^downloading MB: ${size} of ${size}$`, 'm'));
        assert.deepEqual(asked, [undefined]);
        assert.deepEqual(fs.readdirSync(kept), ['made-up.weights']);
        assert.ok(fs.readFileSync(path.join(kept, 'made-up.weights')).equals(bare));
        const file = await train(path.join(dir, 'bare'), '--input', '64', '--blocks', '3');
        assert.ok(file.model?.equals(named.model ?? bare), 'as with a file and these options');

        const again = await train('made-up');
        assert.ok(again.model?.equals(file.model ?? bare));
        assert.doesNotMatch(again.stderr, /downloading/);
        const scored = await fleck([
            'score',
            path.join(dir, 'model'),
            photos,
            '--backbone',
            'made-up',
            '-q',
        ]);
        assert.equal(scored.status, 0, scored.stderr);
        const chosen = await train('made-up', '--input', '96', '--blocks', '2,3');
        const same = await train(path.join(dir, 'bare'), '--input', '96', '--blocks', '2,3');
        assert.ok(chosen.model?.equals(same.model ?? bare), "the user's options win");
        assert.equal(asked.length, 1);
        const { stdout } = await fleck(['backbones']);
        assert.match(stdout, new RegExp(`^made-up .* ${(bare.length * 1e-6).toFixed(1)} MB$`, 'm'));
    });

    test("the file's own choice wins over the list's", async () => {
        list({ sha256: sha256(whole) });
        served.bytes = whole;
        const named = await train('made-up'),
            file = await train(tiny);
        assert.equal(named.status, 0, named.stderr);
        assert.ok(named.model?.equals(file.model ?? bare));
    });

    test('a broken connection is continued, again and again', async () => {
        served.breaks = 3;
        const { status, stderr } = await train('made-up', '-q');
        assert.equal(status, 0, stderr);
        assert.equal(stderr, '');
        assert.deepEqual(
            asked.map((range) => range && Number(range.match(/\d+/)?.[0]) > 0),
            [undefined, true, true, true],
        );
        assert.ok(fs.readFileSync(path.join(kept, 'made-up.weights')).equals(bare));
    });

    test('a server that cannot continue sends all of it again', async () => {
        served.breaks = 1;
        served.ranges = false;
        const { status, stderr } = await train('made-up');
        assert.equal(status, 0, stderr);
        assert.ok(fs.readFileSync(path.join(kept, 'made-up.weights')).equals(bare));
    });

    test('an unfinished download is continued by the next run where the hash is known', async () => {
        fs.mkdirSync(kept, { recursive: true });
        const part = path.join(kept, 'made-up.part');
        fs.writeFileSync(part, bare.subarray(0, 1000000));
        assert.match((await fleck(['backbones'])).stdout, /^made-up .* unfinished, 1\.0 MB$/m);
        assert.equal((await train('made-up')).status, 0);
        assert.deepEqual(asked, ['bytes=1000000-']);

        list({ sha256: null });
        fs.rmSync(kept, { recursive: true });
        fs.mkdirSync(kept);
        fs.writeFileSync(part, Buffer.alloc(1000000));
        assert.equal((await train('made-up')).status, 0);
        assert.equal(asked[1], undefined);
    });

    test('a wrong hash: nothing is used or kept', async () => {
        served.bytes = Buffer.from(bare);
        served.bytes[bare.length - 1] ^= 1;
        const { status, stderr, model } = await train('made-up');
        assert.equal(status, 1);
        assert.equal(model, null);
        const sentence = stderr.split('\n').find((line) => line.includes('SHA-256')) ?? '';
        for (const text of ['made-up.part', sha256(bare), sha256(served.bytes), 'not used'])
            assert.ok(sentence.includes(text), stderr);
        assert.deepEqual(fs.readdirSync(kept), []);
    });

    test('without a known hash the first one is remembered', async () => {
        list({ sha256: null });
        const weights = path.join(kept, 'made-up.weights');
        assert.equal((await train('made-up')).status, 0);
        assert.equal(
            fs.readFileSync(path.join(kept, 'made-up.sha256'), 'utf8'),
            `${sha256(bare)}  made-up.weights\n`,
        );
        assert.equal((await train('made-up')).status, 0);

        fs.appendFileSync(weights, 'x');
        const changed = await train('made-up');
        assert.equal(changed.status, 1);
        assert.ok(
            changed.stderr.includes(sha256(bare)) && changed.stderr.includes('made-up.weights'),
        );
        assert.ok(!fs.existsSync(weights));

        served.bytes = whole;
        const other = await train('made-up');
        assert.equal(other.status, 1);
        assert.ok(other.stderr.includes(sha256(whole)), other.stderr);
        assert.match(other.stderr, /fleck backbones --delete made-up/);

        assert.equal((await fleck(['backbones', '--delete', 'made-up'])).status, 0);
        assert.deepEqual(fs.readdirSync(kept), []);
        assert.equal((await train('made-up')).status, 0);
        assert.ok(fs.readFileSync(weights).equals(whole));

        fs.writeFileSync(path.join(kept, 'made-up.sha256'), 'nonsense');
        const doubtful = await train('made-up');
        assert.equal(doubtful.status, 1);
        assert.match(doubtful.stderr, /made-up\.sha256: does not begin with a SHA-256/);
    });

    test('a kept file that has changed is deleted', async () => {
        fs.mkdirSync(kept, { recursive: true });
        fs.writeFileSync(path.join(kept, 'made-up.weights'), 'something else');
        const { status, stderr } = await train('made-up');
        assert.equal(status, 1);
        assert.match(stderr, /made-up\.weights: SHA-256 [0-9a-f]{64} expected, found [0-9a-f]{64}/);
        assert.deepEqual(fs.readdirSync(kept), []);
        assert.equal(asked.length, 0);
    });

    test('what cannot be had is named', async () => {
        served.missing = true;
        const gone = await train('made-up');
        assert.equal(gone.status, 1);
        assert.match(gone.stderr, /^fleck: http:.*\/weights: .*404/m);
        served.missing = false;
        list({ about_bytes: Math.floor(bare.length / 3) }); // more than twice as much comes
        const large = await train('made-up');
        assert.equal(large.status, 1);
        assert.match(large.stderr, /larger than the list of backbones says/);
        assert.deepEqual(fs.readdirSync(kept), []);
        const typo = await train('made-out');
        assert.equal(typo.status, 1);
        assert.match(typo.stderr, /made-out: neither a file nor a backbone/);
        const curl = await fleck(
            ['train', photos, '--save', path.join(dir, 'model'), '--backbone', 'made-up'],
            { PATH: dir },
        );
        assert.equal(curl.status, 1);
        assert.match(curl.stderr, /the program curl cannot be run: No such file/);
    });

    test('two runs download once', async () => {
        const runs = await Promise.all([train('made-up'), train('made-up')]);
        for (const { status, stderr } of runs) assert.equal(status, 0, stderr);
        assert.equal(asked.length, 1);
    });

    test('Ctrl-C while downloading ends with 130 and keeps what came', async () => {
        served.breaks = 0;
        const slow = http.createServer((_, response) => {
            response.writeHead(200, { 'Content-Length': bare.length });
            response.write(bare.subarray(0, 100000));
        });
        await new Promise((resolve) => slow.listen(0, '127.0.0.1', () => resolve(null)));
        const at = slow.address();
        assert.ok(at && typeof at === 'object');
        list({ address: `http://127.0.0.1:${at.port}/` });
        const child = spawn(
            cli,
            ['train', photos, '--save', path.join(dir, 'model'), '--backbone', 'made-up'],
            {
                env: {
                    ...process.env,
                    XDG_CACHE_HOME: path.join(dir, 'cache'),
                    FLECK_REGISTRY: path.join(dir, 'list.json'),
                    no_proxy: '127.0.0.1',
                },
            },
        );
        const part = path.join(kept, 'made-up.part');
        while (!fs.existsSync(part) || fs.statSync(part).size < 50000)
            await new Promise((resolve) => setTimeout(resolve, 20));
        child.kill('SIGINT');
        assert.equal(await new Promise((resolve) => child.on('close', resolve)), 130);
        assert.ok(fs.statSync(part).size >= 50000);
        slow.closeAllConnections();
        slow.close();
    });

    test('a download goes through no link', async () => {
        fs.mkdirSync(kept, { recursive: true });
        const mine = path.join(dir, 'mine'),
            part = path.join(kept, 'made-up.part');
        for (const link of [fs.symlinkSync, fs.linkSync]) {
            fs.writeFileSync(mine, bare.subarray(0, 1000));
            fs.rmSync(path.join(kept, 'made-up.weights'), { force: true });
            link(mine, part);
            const run = await train('made-up');
            assert.equal(run.status, 0, run.stderr);
            assert.equal(fs.readFileSync(mine).length, 1000);
        }
        assert.deepEqual(asked, [undefined, undefined], 'from the beginning');
        list({ sha256: null });
        fs.rmSync(path.join(kept, 'made-up.weights'));
        fs.symlinkSync(mine, path.join(kept, 'made-up.sha256'));
        fs.writeFileSync(mine, '');
        await train('made-up');
        assert.equal(fs.readFileSync(mine).length, 0);
    });

    test('--delete wants a name of the list', async () => {
        const unknown = await fleck(['backbones', '--delete', '../../list']);
        assert.equal(unknown.status, 2);
        assert.match(unknown.stderr, /no backbone is called \.\.\/\.\.\/list/);
        const none = await fleck(['backbones', '--delete', 'made-up']);
        assert.equal(none.status, 1);
        assert.match(none.stderr, /made-up is not kept in /);
        assert.equal((await fleck(['backbones', 'made-up'])).status, 2);
    });

    test('a list that is not one is refused by what is wrong with it', async () => {
        const wrong = {
            name: '../x',
            address: 'ftp://x/y',
            sha256: 'ABC',
            input: 65,
            blocks: [3, 3],
            about_bytes: -1,
            licence: 3,
        };
        for (const [key, value] of Object.entries(wrong)) {
            list({ [key]: value });
            const { status, stderr } = await fleck(['backbones']);
            assert.equal(status, 1, key);
            assert.match(stderr, new RegExp(`list\\.json: backbone 1.*${key}\\n$`));
        }
        for (const text of [
            '',
            '[]',
            '{"backbones": 3}',
            '{"backbones": [',
            '{"backbones": [3]}',
            '{"backbones": [3:4:5]}',
            '{"backbones"::[]',
            '{"backbones": [{"name": "a":"b":}]}',
        ]) {
            fs.writeFileSync(path.join(dir, 'list.json'), text);
            assert.equal((await fleck(['backbones'])).status, 1, text);
        }
        const nowhere = await fleck(['backbones'], { FLECK_REGISTRY: path.join(dir, 'nowhere') });
        assert.equal(nowhere.status, 1);
        assert.match(nowhere.stderr, /nowhere: No such file/);
    });

    describe('fleck convert', () => {
        let out = '';
        /** @param {string} file */
        const metadata = (file) => parse(fs.readFileSync(file)).metadata;
        const megabytes = (/** @type {number} */ bytes) => `${(bytes * 1e-6).toFixed(2)} MB`;
        before(() => {
            out = path.join(dir, 'out.safetensors');
        });
        beforeEach(() => fs.rmSync(out, { force: true }));

        test('the report tells the sizes and what the tokens lose', async () => {
            // fleck-tiny is F16 already: nothing is lost by f16. The integers lose up to half of
            // 1/127 of the largest weight of a row, which a few blocks do not make much of.
            const most = { f32: 0, f16: 0, i8: 0.03 };
            const sizes = [];
            for (const [dtype, limit] of Object.entries(most)) {
                const { status, stdout, stderr } = await fleck([
                    'convert',
                    tiny,
                    out,
                    '--dtype',
                    dtype,
                    '--input',
                    '64',
                    '--photos',
                    photos,
                ]);
                assert.equal(status, 0, stderr);
                const [sizeLine, shape, tokens] = stdout.split('\n');
                const size = fs.statSync(out).size;
                sizes.push(size);
                assert.ok(
                    sizeLine.includes(
                        `${megabytes(whole.length)}, ${out}: ${megabytes(size)}, ` +
                            `${Math.round((100 * size) / whole.length)} % of it`,
                    ),
                    sizeLine,
                );
                assert.equal(
                    shape,
                    `${depth} blocks of 192, patch 8; input 64, ` + `blocks ${own.blocks}`,
                );
                const [, error, cosine, worst] =
                    tokens.match(
                        /^6 photos, 384 tokens: relative error (\S+), cosine (\S+), of the worst (\S+)$/,
                    ) ?? [];
                assert.ok(Number(error) <= limit, tokens);
                assert.ok(limit === 0 || Number(error) > 1e-4, tokens);
                assert.ok(Number(worst) <= Number(cosine), tokens);
                assert.ok(Number(worst) >= 1 - limit ** 2, tokens);
                const { heads, patch, input, blocks, mean, model, source } = metadata(out);
                assert.deepEqual(
                    { heads, patch, input, blocks, mean, model, source },
                    {
                        heads: '3',
                        patch: '8',
                        input: '64',
                        blocks: own.blocks,
                        mean: '0.5,0.5,0.5',
                        model: own.model,
                        source: 'fleck-tiny.safetensors',
                    },
                );
            }
            assert.ok(
                sizes[0] > 1.9 * whole.length && sizes[2] < 0.6 * whole.length,
                String(sizes),
            );
        });

        test('every layout that is read keeps its tokens', async () => {
            // Of at most two blocks with random weights: f16 costs 4e-4, i8 5e-3 at most.
            const most = { f32: 0, f16: 1e-3, i8: 1e-2 };
            const golden = path.join(root, 'tests/golden');
            const files = fs
                .readdirSync(golden)
                .filter((name) => name.startsWith('backbone_') && !/tokens|legacy/.test(name));
            assert.ok(files.length >= 10, String(files));
            for (const name of files)
                for (const [dtype, limit] of Object.entries(most)) {
                    const { status, stdout, stderr } = await fleck([
                        'convert',
                        path.join(golden, name),
                        out,
                        '--dtype',
                        dtype,
                        '--photos',
                        photos,
                    ]);
                    assert.equal(status, 0, stderr);
                    const error = stdout.match(/relative error (\S+),/)?.[1];
                    assert.ok(Number(error) <= limit, `${name} ${dtype}: ${error}`);
                    assert.equal(metadata(out).source, name);
                }
        });

        test('a name carries what the list says into the file', async () => {
            served.bytes = without(whole, ['input', 'blocks']);
            fs.writeFileSync(path.join(dir, 'mute'), served.bytes);
            list({ sha256: sha256(served.bytes) });
            const { status, stderr } = await fleck(['convert', 'made-up', out, '--dtype', 'f32']);
            assert.equal(status, 0, stderr);
            const { input, blocks, licence, source } = metadata(out);
            assert.deepEqual(
                { input, blocks, licence, source },
                { input: '64', blocks: '3', licence: 'Apache-2.0', source: backbones[0].source },
            );

            // By name, as the written file says, and as the user may say.
            const scores = [];
            for (const options of [
                ['made-up'],
                [out],
                [path.join(dir, 'mute'), '--input', '64', '--blocks', '3'],
            ]) {
                const to = path.join(dir, 'scores');
                const run = await fleck([
                    'inspect',
                    photos,
                    '-o',
                    to,
                    '--no-heatmaps',
                    '--method',
                    'knn',
                    '--backbone',
                    ...options,
                ]);
                assert.equal(run.status, 0, run.stderr);
                scores.push(fs.readFileSync(path.join(to, 'scores.csv'), 'utf8'));
            }
            assert.equal(scores[0], scores[1]);
            assert.equal(scores[0], scores[2]);
        });

        test('the file to convert is never written over, nor anything half', async () => {
            const link = path.join(dir, 'link');
            fs.symlinkSync(path.join(dir, 'bare'), link);
            for (const to of [path.join(dir, 'bare'), link]) {
                const { status, stderr } = await fleck(['convert', path.join(dir, 'bare'), to]);
                assert.equal(status, 1);
                assert.match(stderr, /is the file to convert/);
            }
            assert.ok(fs.readFileSync(path.join(dir, 'bare')).equals(bare));

            fs.writeFileSync(out, 'older');
            const cut = path.join(dir, 'cut');
            fs.writeFileSync(cut, bare.subarray(0, 1000000));
            const broken = await fleck(['convert', cut, out]);
            assert.equal(broken.status, 1);
            assert.match(broken.stderr, /^fleck: \S*cut: \S/);
            const odd = await fleck(['convert', tiny, out, '--input', '63']);
            assert.equal(odd.status, 2, odd.stderr);
            assert.equal(fs.readFileSync(out, 'utf8'), 'older');
            assert.equal((await fleck(['convert', tiny, out, '-q'])).status, 0);
            assert.notEqual(fs.readFileSync(out, 'latin1').slice(0, 5), 'older');
            assert.deepEqual(
                fs.readdirSync(dir).filter((name) => name.endsWith('.part')),
                [],
            );
        });

        test('wrong usage ends with 2, missing files with 1', async () => {
            for (const args of [[], [tiny], [tiny, out, 'more'], [tiny, out, '--dtype', 'f8']]) {
                const { status, stderr } = await fleck(['convert', ...args]);
                assert.equal(status, 2, stderr);
            }
            const nowhere = path.join(dir, 'nowhere');
            for (const args of [
                [nowhere, out],
                [tiny, path.join(nowhere, 'out')],
                [tiny, out, '--photos', nowhere],
            ]) {
                const { status, stderr } = await fleck(['convert', ...args]);
                assert.equal(status, 1);
                assert.match(stderr, /nowhere/);
                assert.ok(!fs.existsSync(out));
            }
        });
    });
});

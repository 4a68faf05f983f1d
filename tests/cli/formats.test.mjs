// WebP, HEIC and AVIF photos: the same as other photos where fleck was built with their decoders, and otherwise named
// with what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, fleck, missing, parseCsv, png, put, quick } from './cli.mjs';

const help = missing ? '' : fleck('inspect', '--help').stdout;
const bare = path.join(path.dirname(cli), 'tests/fleck_bare');
const unable =
    missing ||
    (fs.existsSync(bare) ? false : `skipped: ${bare} is not built`) ||
    (/TIFF, WebP, HEIC and AVIF$/m.test(help)
        ? false
        : 'skipped: fleck was built without libwebp or libheif') ||
    (spawnSync('heif-enc', ['--help']).error ? 'skipped: heif-enc is not installed' : false);

const KINDS = ['webp', 'heic', 'avif'];
const COUNT = 8;
const OPTIONS = [...quick, '--method', 'ensemble', '--threads', '2'];

/** Grey, which the encoders keep as it is. @param {number} seed @param {number} [width] @param {number} [height] */
function grey(seed, width = 96, height = 72) {
    let state = (seed * 2654435761) >>> 0;
    return png(width, height, (x, y) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const value =
            seed === 3 && x > 30 && x < 55 && y > 20 && y < 40 ? 240 : 100 + (state >>> 27);
        return [value, value, value];
    });
}

/** Encodes a PNG beside itself, without loss. @param {string} file @param {string} kind @param {string[]} options */
function encode(file, kind, ...options) {
    const to = file.replace(/png$/, kind);
    const script =
        "import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2], 'WEBP', lossless=True)";
    const made =
        kind === 'webp'
            ? spawnSync('/usr/bin/python3', ['-c', script, file, to])
            : spawnSync('heif-enc', ['-L', '-p', 'chroma=444', ...options, file, '-o', to]);
    assert.equal(made.status, 0, String(made.stderr));
    return to;
}

describe('WebP, HEIC and AVIF photos', { skip: unable }, () => {
    let dir = '';
    /** @param {string[]} names */
    const at = (...names) => path.join(dir, ...names);
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-formats-'));
        for (let i = 0; i < COUNT; i++) {
            put(at('png', `p${i}.png`), grey(i));
            for (const kind of KINDS) {
                put(at(kind, `p${i}.png`), grey(i));
                encode(at(kind, `p${i}.png`), kind);
                fs.rmSync(at(kind, `p${i}.png`));
            }
        }
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /** @param {string} out */
    const scores = (out) =>
        parseCsv(fs.readFileSync(at(out, 'scores.csv'), 'utf8'))
            .slice(1)
            .map(([file, score]) => [file.replace(/\.\w+$/, ''), score]);

    test('give the scores and heatmaps of the PNGs that they were made of', () => {
        const args = ['--save', at('m.fleck'), ...OPTIONS];
        assert.equal(fleck('inspect', at('png'), '-o', at('out.png'), ...args).status, 0);
        const want = scores('out.png');
        assert.equal(want[0][0], 'p3');
        for (const kind of KINDS) {
            const out = `out.${kind}`;
            const run = fleck('inspect', at(kind), '-o', at(out), ...OPTIONS);
            assert.equal(run.status, 0, run.stderr);
            assert.deepEqual(scores(out), want);
            for (let i = 0; i < COUNT; i++)
                assert.deepEqual(
                    fs.readFileSync(at(out, 'heatmaps', `p${i}.${kind}.png`)),
                    fs.readFileSync(at('out.png/heatmaps', `p${i}.png.png`)),
                );
        }
        const some = KINDS.map((kind) => at(kind, `p3.${kind}`));
        const run = fleck(
            'score',
            at('m.fleck'),
            at('png/p3.png'),
            ...some,
            '--backbone',
            quick[1],
        );
        assert.equal(run.status, 0, run.stderr);
        const rows = parseCsv(run.stdout).slice(1);
        assert.equal(rows.length, 4);
        assert.equal(new Set(rows.map(([, score]) => score)).size, 1);
    });

    test('are learnt from, evaluated and measured by', () => {
        assert.equal(fleck('train', at('heic'), '--save', at('h.fleck'), ...OPTIONS).status, 0);
        for (let i = 0; i < COUNT; i++) {
            const to = i === 3 ? 'test/bad' : i < 6 ? 'train/good' : 'test/good';
            put(at('set', to, `p${i}.webp`), fs.readFileSync(at('webp', `p${i}.webp`)));
        }
        put(
            at('mask.png'),
            png(96, 72, (x, y) =>
                x > 30 && x < 55 && y > 20 && y < 40 ? [255, 255, 255] : [0, 0, 0],
            ),
        );
        fs.mkdirSync(at('set/ground_truth/bad'), { recursive: true });
        fs.renameSync(encode(at('mask.png'), 'webp'), at('set/ground_truth/bad/p3_mask.webp'));
        const run = fleck('eval', at('set'), '--json', ...OPTIONS);
        assert.equal(run.status, 0, run.stderr);
        const measured = JSON.parse(run.stdout);
        assert.equal(measured.image.auroc, 1);
        assert.ok(measured.pixel.auroc > 0.9, run.stdout);
        const weights = at('small.safetensors');
        const small = ['--input', '64', '--photos', at('avif')];
        const converted = fleck('convert', quick[1], weights, ...small);
        assert.equal(converted.status, 0, converted.stderr);
        assert.match(converted.stdout, /^8 photos, /m);
    });

    test('become tiles by their size, which EXIF turns once', () => {
        const turn =
            "import sys; from PIL import Image; i = Image.open(sys.argv[1]); e = i.getexif(); e[0x112] = 6; i.save(sys.argv[2], 'WEBP', lossless=True, exif=e)";
        for (let i = 0; i < 5; i++) {
            put(at('long/a.png'), grey(i, 200, 600));
            fs.mkdirSync(at('tall'), { recursive: true });
            spawnSync('/usr/bin/python3', ['-c', turn, at('long/a.png'), at(`tall/${i}.webp`)]);
            fs.rmSync(at('long/a.png'));
        }
        const run = fleck('inspect', at('tall'), '-o', at('tall.out'), ...OPTIONS);
        assert.equal(run.status, 0, run.stderr);
        assert.match(run.stderr, /looked at as [2-9] x 1 tiles/);
        const picture = fs.readFileSync(at('tall.out/heatmaps/0.webp.png'));
        assert.ok(picture.readUInt32BE(16) > picture.readUInt32BE(20), 'it lies');
    });

    test('of more than 8 bits are read as 16', () => {
        for (let i = 0; i < 5; i++) {
            const file = at('deep', `${i}.png`);
            put(
                file,
                png(96, 72, (x, y) => [(x * 600 + y * 50 + i) & 65535], {
                    kind: 'grey',
                    depth: 16,
                }),
            );
            encode(file, 'heic', '-b', '10');
            fs.rmSync(file);
        }
        const run = fleck('inspect', at('deep'), '-o', at('deep.out'), ...OPTIONS);
        assert.equal(run.status, 0, run.stderr);
        assert.match(
            run.stderr,
            /^fleck: 16-bit photos: values up to 65,535 are read as 16 bits$/m,
        );
    });

    test('of several pictures give one, which is told, and damaged ones are named', () => {
        const script =
            "import sys; from PIL import Image; i = Image.open(sys.argv[1]); i.save(sys.argv[2], 'WEBP', lossless=True, save_all=True, append_images=[i.rotate(90)])";
        put(at('odd/still.png'), grey(1));
        spawnSync('/usr/bin/python3', ['-c', script, at('odd/still.png'), at('odd/animated.webp')]);
        for (const kind of KINDS) {
            const whole = fs.readFileSync(at(kind, `p1.${kind}`));
            put(at('odd', `cut.${kind}`), whole.subarray(0, whole.length - 20));
        }
        put(at('odd/text.webp'), Buffer.from('no photo'));
        const run = fleck('score', at('m.fleck'), at('odd'), '--backbone', quick[1]);
        assert.equal(run.status, 3, run.stderr);
        const rows = parseCsv(run.stdout).slice(1);
        assert.deepEqual(rows.map(([file]) => file).sort(), ['animated.webp', 'still.png']);
        assert.equal(rows[0][1], rows[1][1]);
        assert.match(
            run.stderr,
            /^fleck: animated\.webp: several pages or pictures, of which the first or main one is read$/m,
        );
        assert.match(run.stderr, /^fleck: skipped cut\.webp: truncated WebP$/m);
        assert.match(run.stderr, /^fleck: skipped cut\.heic: damaged or truncated HEIC: ./m);
        assert.match(run.stderr, /^fleck: skipped cut\.avif: damaged or truncated AVIF: ./m);
        assert.match(run.stderr, /^fleck: skipped text\.webp: not a PNG, /m);
    });

    test('are named by a build without their decoders, with what to do', () => {
        for (const kind of KINDS)
            put(at('mixed', `p1.${kind}`), fs.readFileSync(at(kind, `p1.${kind}`)));
        for (let i = 0; i < 5; i++) put(at('mixed', `p${i}.png`), grey(i));
        put(at('mixed/p2.heic'), fs.readFileSync(at('heic/p2.heic')));
        const run = spawnSync(bare, ['inspect', at('mixed'), '-o', at('bare.out'), ...OPTIONS], {
            encoding: 'utf8',
        });
        assert.equal(run.status, 3, run.stderr);
        assert.match(
            run.stderr,
            /^fleck: 2 HEIC files, 1 AVIF file, 1 WebP file were left out: PNG, JPEG, BMP and TIFF can be read$/m,
        );
        const heif = String.raw`this fleck was built without libheif \(Debian: libheif-dev\): build it with that, or convert to JPEG first \(heif-convert NAME NAME\.jpg\)`;
        assert.match(
            run.stderr,
            new RegExp(`^fleck: p[12]\\.heic and 1 other \\(HEIC\\): ${heif}$`, 'm'),
        );
        assert.match(run.stderr, new RegExp(`^fleck: p1\\.avif \\(AVIF\\): ${heif}$`, 'm'));
        assert.match(
            run.stderr,
            /^fleck: p1\.webp \(WebP\): this fleck was built without libwebp /m,
        );
        const args = ['score', at('m.fleck'), at('heic/p1.heic'), '--backbone', quick[1]];
        const named = spawnSync(bare, args, { encoding: 'utf8' });
        assert.equal(named.status, 1);
        assert.match(
            named.stderr,
            new RegExp(`skipped .*p1\\.heic: this is a HEIC photo, and ${heif}$`, 'm'),
        );
    });
});

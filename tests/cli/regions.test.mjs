// Regions as the command line tells them: masks, JSON, COCO, CSV, verdicts and exit statuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chunk } from '../js/pictures.mjs';
import {
    backbone,
    fleck,
    inDefect,
    missing,
    parseCsv,
    photo,
    png,
    put,
    quick,
    root,
    SIDE,
} from './cli.mjs';
import { isLine, isResults } from './schemas.mjs';

/** @param {import('ajv').ValidateFunction | undefined} is @param {unknown} value */
function conforms(is, value) {
    assert.ok(is);
    assert.ok(is(value), JSON.stringify(is.errors));
}

/** @param {string} file */
const readText = (file) => fs.readFileSync(file, 'utf8');

/** What differs between a file in COCO's form and masks. @param {string} file @param {string} masks */
function coco(file, masks) {
    const script = path.join(root, 'tests/cli/coco.py');
    const run = spawnSync('/usr/bin/python3', [script, file, masks], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const found = JSON.parse(run.stdout);
    for (const [name, { differ }] of Object.entries(found.images))
        assert.ok(differ <= 5, `${name}: ${differ} pixels differ`); // coordinates are rounded
    assert.ok(found.areas < 0.5, 'areas are those of the masks, within their edges');
    return found;
}

/** The orientation as cameras write it: turned by a quarter to the right to be seen. */
function turned(bytes) {
    const exif = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex');
    return Buffer.concat([bytes.subarray(0, 33), chunk('eXIf', exif), bytes.subarray(33)]);
}

/** Grey noise in which a part is red: 48 x 64 as it is seen, the part right of the middle. */
function upright(x, y) {
    const grey = 120 + ((x * 7919 + y * 104729 + ((x * y) % 13) * 31) % 16);
    return x >= 30 && x < 42 && y >= 8 && y < 20 ? [230, 20, 20] : [grey, grey, grey];
}

describe('regions', { skip: missing }, () => {
    let dir = '',
        folder = '',
        out = '',
        model = '';
    /** @type {any} */
    let results, run;
    const use = ['--backbone', backbone];
    const odd = 'a, "b"\n=.png';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-regions-'));
        folder = path.join(dir, 'photos');
        out = path.join(folder, 'out'); // within the photos: nothing in it is one
        model = path.join(dir, 'model.fleck');
        for (let i = 0; i < 11; i++) put(path.join(folder, `good${i}.png`), photo(i));
        put(path.join(folder, odd), photo(20));
        put(path.join(folder, 'sub', 'red.png'), photo(50, true));
        put(path.join(folder, 'cut.png'), photo(1).subarray(0, 200));
        fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/b\xff`, 'latin1')]), photo(30));
        const files = ['--json', 'r.json', '--coco', 'c.json', '--regions', 'r.csv'].map((word) =>
            word.startsWith('--') ? word : path.join(out, word),
        );
        run = () =>
            fleck(
                'inspect',
                folder,
                '-o',
                out,
                ...quick,
                '--masks',
                ...files,
                '--save',
                model,
                '--mm-per-pixel',
                '0.5',
                '--fail-on',
                'defect',
            );
        assert.equal(run().status, 4);
        results = JSON.parse(readText(path.join(out, 'r.json')));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const of = (/** @type {string} */ file) =>
        results.photos.find((/** @type {any} */ p) => p.file === file);

    test('JSON has settings, photos, those skipped and the folder', () => {
        conforms(isResults, results);
        assert.equal(results.model, model);
        assert.deepEqual(results.settings.input, SIDE);
        assert.equal(results.mm_per_pixel, 0.5);
        assert.equal(results.photos.length, 14);
        assert.equal(results.folder.photos, 14);
        assert.ok(of(odd) && of('b\ufffd'));
        assert.equal(results.skipped.length, 1);
        assert.equal(results.skipped[0].file, 'cut.png');
        const scores = new Map(
            parseCsv(readText(path.join(out, 'scores.csv'))).map((row) => [row[0], row.slice(1)]),
        );
        for (const { file, score, verdict, regions, width, height } of results.photos) {
            if (!file.includes('\ufffd'))
                assert.deepEqual(scores.get(file), [score.toFixed(6), verdict], file);
            assert.deepEqual([width, height], [SIDE, SIDE]);
            // shown to have a defect, if and only if there is a region
            assert.equal(verdict === 'defect', regions.length > 0, file);
            assert.equal(score >= 0.5, regions.length > 0, file);
        }
    });

    test('a region is where the defect is', () => {
        const [region] = of('sub/red.png').regions;
        assert.equal(region.peak, of('sub/red.png').score);
        assert.ok(inDefect(Math.round(region.peak_at[0]), Math.round(region.peak_at[1])));
        const [left, top, width, height] = region.box;
        for (const [x, y] of region.contours.flat()) {
            assert.ok(x >= left - 0.01 && x <= left + width + 0.01);
            assert.ok(y >= top - 0.01 && y <= top + height + 0.01);
        }
        assert.ok(Math.abs(region.area_mm2 - region.area / 4) < 1e-4 * region.area);
        assert.ok(Math.abs(region.share - region.area / SIDE ** 2) < 1e-4);
    });

    test('evidence shows places of other photos beside every region', () => {
        assert.ok(results.photos.every((p) => p.regions.every((r) => !('evidence' in r))));
        const file = path.join(dir, 'evidence.json');
        const words = ['inspect', folder, '-o', path.join(dir, 'e'), ...quick, '--no-heatmaps'];
        for (const some of [[], ['--learn-most', '10']]) {
            const ran = fleck(...words, ...some, '-q', '--json', file, '--evidence');
            assert.equal(ran.status, 3, ran.stderr);
            const told = JSON.parse(readText(file));
            conforms(isResults, told);
            let seen = 0;
            for (const { file: name, regions } of told.photos)
                for (const {
                    evidence,
                    peak_at: [x, y],
                } of regions) {
                    const [left, top, width, height] = evidence.box;
                    assert.ok(x >= left && x <= left + width && y >= top && y <= top + height);
                    const files = evidence.similar.map((s) => s.file);
                    assert.equal(new Set([name, ...files]).size, 4, 'three others');
                    for (const { box, distance } of evidence.similar) {
                        assert.ok(distance > 0 && box[2] > 0 && box[0] + box[2] <= SIDE);
                        seen++;
                    }
                }
            assert.ok(seen);
            const red = told.photos.find((p) => p.file === 'sub/red.png');
            if (!some.length) assert.ok(red.regions[0].evidence.nearer > 0.9);
            const { usual, distance, similar } = red.regions[0].evidence;
            if (!some.length) assert.ok(distance >= similar[0].distance && distance > 1.5 * usual);
        }
        for (const [wrong, why] of [
            [['--evidence'], /--evidence wants --json/],
            [
                ['--evidence', '--json', file, '--recipe', 'paper-synthetic'],
                /--evidence shows photos/,
            ],
        ]) {
            const refused = fleck(...words, ...wrong);
            assert.equal(refused.status, 2);
            assert.match(refused.stderr, why);
        }
    });

    test('the CSV has a line a region', () => {
        const [header, ...rows] = parseCsv(readText(path.join(out, 'r.csv')));
        assert.deepEqual(header.slice(0, 3), ['file', 'region', 'left']);
        assert.equal(header.at(-1), 'area_mm2');
        const regions = results.photos.flatMap((/** @type {any} */ p) =>
            p.regions.map((/** @type {any} */ r) => [p.file, r]),
        );
        assert.equal(rows.length, regions.length);
        rows.forEach((row, i) => {
            const cells = Object.fromEntries(header.map((name, k) => [name, row[k]]));
            const [file, region] = regions[i];
            assert.equal(cells.file, file);
            assert.deepEqual(
                [cells.left, cells.top, cells.width, cells.height].map(Number),
                region.box,
            );
            assert.equal(Number(cells.peak), region.peak);
            assert.equal(Number(cells.area_mm2), region.area_mm2);
        });
    });

    test('regions are in groups, the same in every file; a photo that is scored has none', () => {
        const to = path.join(dir, 'groups');
        const names = ['r.json', 'c.json', 'r.csv'].map((name) => path.join(to, name));
        const files = ['--json', '--coco', '--regions'].flatMap((option, i) => [option, names[i]]);
        const low = ['--threshold', '0.1'];
        const { stderr } = fleck('inspect', folder, '-o', to, ...quick, ...low, ...files);
        const [json, asCoco, table] = names.map(readText);
        const found = JSON.parse(json);
        conforms(isResults, found);
        const { groups } = found.folder;
        const own = found.photos.flatMap((/** @type {any} */ p) =>
            p.regions.map((/** @type {any} */ r) => r.group),
        );
        assert.ok(groups.length > 1 && own.length > groups.length, `${groups}`);
        groups.forEach((/** @type {number} */ size, /** @type {number} */ i) => {
            assert.equal(own.filter((/** @type {number} */ group) => group === i + 1).length, size);
            assert.ok(i === 0 || size <= groups[i - 1]);
        });
        const told =
            groups.length > 8 ? `${groups.slice(0, 8).join(', ')}, ...` : groups.join(', ');
        assert.ok(stderr.includes(`\n${groups.length} groups: ${told} regions\n`), stderr);
        const [header, ...rows] = parseCsv(table);
        assert.equal(header.at(-1), 'group');
        assert.deepEqual(
            rows.map((row) => Number(row.at(-1))),
            own,
        );
        const data = JSON.parse(asCoco);
        assert.deepEqual(
            data.annotations.map((/** @type {any} */ a) => a.category_id),
            own,
        );
        assert.deepEqual(
            data.categories.map((/** @type {any} */ c) => [c.id, c.name]),
            groups.map((/** @type {number} */ _, /** @type {number} */ i) => [
                i + 1,
                `group ${i + 1}`,
            ]),
        );

        const scored = path.join(dir, 'scored.json');
        const red = path.join(folder, 'sub', 'red.png');
        assert.equal(fleck('score', model, red, '--json', scored, ...use).status, 0);
        const [{ regions: alone }] = JSON.parse(readText(scored)).photos;
        assert.ok(alone.length && !('group' in alone[0]));
    });

    test('masks are of the photo’s size, and what COCO says gives them back', () => {
        const names = fs.readdirSync(path.join(out, 'masks'));
        assert.deepEqual(names.sort(), fs.readdirSync(path.join(out, 'heatmaps')).sort());
        assert.equal(names.length, 14);
        // COCO's names are texts: that photo has bytes that are none
        const file = path.join(dir, 'texts.json');
        const data = JSON.parse(readText(path.join(out, 'c.json')));
        assert.equal(data.images.length, 14);
        const unnamed = data.images.find((/** @type {any} */ i) => i.file_name === 'b\ufffd');
        data.images = data.images.filter((/** @type {any} */ i) => i !== unnamed);
        data.annotations = data.annotations.filter(
            (/** @type {any} */ a) => a.image_id !== unnamed.id,
        );
        put(file, Buffer.from(JSON.stringify(data)));
        const found = coco(file, path.join(out, 'masks'));
        assert.ok(found.images['sub/red.png'].marked > 16);
        assert.ok(found.polygons > 0);
    });

    test('files of an earlier run are no photos and are replaced; old masks go', () => {
        const again = run();
        assert.equal(again.status, 4, again.stderr);
        assert.match(again.stderr, /^14 photos, /m);
        assert.match(again.stderr, /masks in .*masks$/m);
        assert.deepEqual(JSON.parse(readText(path.join(out, 'r.json'))), results);
        const less = fleck('inspect', folder, '-o', out, ...quick, '-q');
        assert.equal(less.status, 3);
        assert.ok(!fs.existsSync(path.join(out, 'masks')));
    });

    test('holes and single points are run lengths', () => {
        const ring = path.join(dir, 'ring', 'ring.png');
        put(
            ring,
            png(SIDE, SIDE, (x, y) => {
                const far = Math.max(Math.abs(x - 31.5), Math.abs(y - 31.5));
                return far > 20 && far < 30 ? [230, 20, 20] : upright(x % 30, y);
            }),
        );
        /** Annotations that are run lengths. @param {string} file @param {string} threshold */
        const runs = (file, threshold) => {
            const to = path.join(dir, `at${threshold}`),
                data = path.join(to, 'c.json');
            const scored = fleck(
                'score',
                model,
                path.dirname(file),
                '-o',
                to,
                '--masks',
                '--threshold',
                threshold,
                '--coco',
                data,
                ...use,
            );
            assert.equal(scored.status, 0, scored.stderr);
            return coco(data, path.join(to, 'masks')).runs;
        };
        // the hottest spot alone, which is a point of the map or some that are as hot
        const points = [51, 52, 53].map((seed) => {
            const red = path.join(dir, `red${seed}`, 'red.png'),
                data = path.join(dir, `red${seed}.json`);
            put(red, photo(seed, true));
            const to = ['-o', path.join(dir, 'scored'), '--json', data];
            const scored = fleck('score', model, path.dirname(red), ...to, ...use);
            assert.equal(scored.status, 0, scored.stderr);
            const [{ score }] = JSON.parse(readText(data)).photos;
            return runs(red, String(Math.floor(score * 1e6) / 1e6));
        });
        assert.ok(points.includes(1), `${points}`);
        const holes = ['0.995', '0.998', '0.999'].map((threshold) => runs(ring, threshold));
        assert.ok(holes.includes(1), `${holes}`);
    });

    test('a photo is seen upright', () => {
        const seen = path.join(dir, 'seen');
        put(path.join(seen, 'a.png'), png(48, 64, upright));
        // lying: what is right of the middle at the top is then at the left, at the top
        put(path.join(seen, 'b.png'), turned(png(64, 48, (x, y) => upright(47 - y, x))));
        const file = path.join(dir, 'seen.jsonl');
        const scored = fleck('score', model, seen, '--json', file, '--threshold', '0.05', ...use);
        assert.equal(scored.status, 0, scored.stderr);
        const [header, a, b, ...rest] = readText(file)
            .trim()
            .split('\n')
            .map((l) => JSON.parse(l));
        for (const line of [header, a, b]) conforms(isLine, line);
        assert.equal(rest.length, 0);
        assert.equal(header.command, 'score');
        assert.deepEqual([b.width, b.height], [48, 64]);
        assert.ok(a.regions.length > 0 && a.regions[0].peak_at[0] > 24);
        assert.deepEqual(b, { ...a, file: 'b.png' });
    });

    test('JSON Lines have the folder and those skipped, too', () => {
        const file = path.join(dir, 'lines.jsonl');
        const learnt = fleck(
            'inspect',
            folder,
            '-o',
            path.join(dir, 'o'),
            ...quick,
            '--json',
            file,
        );
        assert.equal(learnt.status, 3);
        const lines = readText(file)
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
        for (const line of lines) conforms(isLine, line);
        assert.equal(lines.length, 1 + 14 + 1 + 1);
        assert.ok(lines.at(-1).folder && lines.at(-2).skipped);
    });

    test('regions below the smallest area do not count; a model keeps it', () => {
        const kept = path.join(dir, 'large.fleck'),
            file = path.join(dir, 'large.json');
        const learnt = fleck(
            'inspect',
            folder,
            '-o',
            path.join(dir, 'large'),
            ...quick,
            '--smallest-area',
            '99.5',
            '--save',
            kept,
            '--json',
            file,
            '--fail-on',
            'defect',
        );
        assert.equal(learnt.status, 3, learnt.stderr);
        assert.match(learnt.stderr, /0 look like defects, [1-9]\d* deserves? a look/);
        const large = JSON.parse(readText(file));
        conforms(isResults, large);
        assert.equal(large.smallest_area, 0.995);
        assert.ok(large.folder.clean && !large.folder.defects);
        large.photos.forEach((/** @type {any} */ p, /** @type {number} */ i) => {
            const before = results.photos[i];
            assert.equal(p.score, before.score);
            assert.equal(p.verdict, before.verdict === 'defect' ? 'look' : before.verdict);
            assert.deepEqual(p.regions, []);
        });
        const red = path.join(folder, 'sub/red.png');
        assert.match(fleck('score', kept, red, ...use).stdout, /,look$/m);
        assert.match(fleck('score', kept, red, '--smallest-area', '0', ...use).stdout, /,defect$/m);
    });

    test('--fail-on decides the exit status', () => {
        const red = path.join(folder, 'sub/red.png'),
            cut = path.join(folder, 'cut.png');
        const status = (/** @type {string[]} */ ...args) =>
            fleck('score', model, ...args, ...use).status;
        assert.equal(status(red), 0);
        assert.equal(status(red, '--fail-on', 'defect'), 4);
        assert.equal(status(red, '--fail-on', 'look'), 4);
        assert.equal(status(red, cut, '--fail-on', 'defect'), 4);
        assert.equal(status(red, cut, '--fail-on', 'defect', '--threshold', '1'), 3);
        const at = of('sub/red.png').score / 0.8;
        const looks = ['--threshold', String(Math.min(at, 1))]; // that of a photo to look at
        assert.equal(status(red, '--fail-on', 'defect', ...looks), 0);
        assert.equal(status(red, '--fail-on', 'look', ...looks), 4);
    });

    test('what makes no sense is refused before any work', () => {
        const red = path.join(folder, 'sub/red.png');
        for (const [args, why] of /** @type {[string[], RegExp][]} */ ([
            [['--masks'], /--masks wants -o OUT/],
            [['--fail-on', 'ok'], /--fail-on wants defect or look, not 'ok'/],
            [['--smallest-area', '101'], /--smallest-area wants a number of percent/],
            [['--smallest-area', '-1'], /--smallest-area wants a number of percent/],
            [['--mm-per-pixel', '0'], /--mm-per-pixel wants a number of millimetres/],
            [['--mm-per-pixel', 'nan'], /--mm-per-pixel wants a number of millimetres/],
        ])) {
            const refused = fleck('score', model, red, ...args, ...use);
            assert.equal(refused.status, 2, args.join(' '));
            assert.match(refused.stderr, why);
        }
        const same = path.join(dir, 'same');
        const twice = fleck('score', model, red, '--json', same, '--coco', same, ...use);
        assert.equal(twice.status, 1);
        assert.match(twice.stderr, /is to receive two things/);
        assert.ok(!fs.existsSync(same));
        const over = fleck('score', model, red, '--regions', red, ...use);
        assert.equal(over.status, 1);
        assert.match(over.stderr, /name another file to write/);
        const nowhere = fleck('score', model, red, '--json', path.join(dir, 'no/where'), ...use);
        assert.equal(nowhere.status, 1);
        assert.match(nowhere.stderr, /no\/where: No such file or directory/);
    });
});

// The area of interest at the command line: polygons and masks, what reports tell, what is refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import {
    SIDE,
    backbone,
    fleck,
    missing,
    movingPart,
    parseCsv,
    photo,
    png,
    put,
    quick,
    root,
} from './cli.mjs';
import { isResults } from './schemas.mjs';

const read = (/** @type {string} */ file) => fs.readFileSync(file, 'utf8');
const isArea = new Ajv({ allowUnionTypes: true, strict: false }).compile(
    JSON.parse(read(path.join(root, 'tests/cli/area.schema.json'))),
);

describe('area', { skip: missing }, () => {
    let dir = '',
        folder = '';
    const at = (/** @type {string} */ name) => path.join(dir, name);
    const inspect = (/** @type {string} */ out, /** @type {string[]} */ ...more) =>
        fleck('inspect', folder, '-o', at(out), ...quick, '--seed', '3', ...more);
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-area-'));
        folder = at('photos');
        for (let i = 0; i < 11; i++) put(path.join(folder, `good${i}.png`), photo(i));
        put(path.join(folder, 'odd.png'), photo(20, true));
        put(
            at('right.png'),
            png(96, 96, (x) => (x >= 48 ? [255, 255, 255] : [0, 0, 0])),
        );
        put(
            at('wide.png'),
            png(96, 48, (x) => (x >= 48 ? [255, 255, 255] : [0, 0, 0])),
        );
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const right = { include: [[[0.5, 0], [1, 0], [1, 1], [0.5, 1]]] }; // prettier-ignore
    const refused = (/** @type {string} */ text, /** @type {RegExp} */ why, fits = false) => {
        fs.writeFileSync(at('bad.json'), text);
        const run = inspect('refused', '--area', at('bad.json'));
        assert.equal(run.status, 1);
        assert.match(run.stderr, why);
        assert.ok(!fs.existsSync(at('refused/scores.csv')));
        let value;
        try {
            value = JSON.parse(text);
        } catch {
            return;
        }
        assert.equal(isArea(value), fits);
    };

    test('polygons and a mask of the same place are the same, and all reports state it', () => {
        assert.ok(isArea(right));
        fs.writeFileSync(at('right.json'), `\n ${JSON.stringify(right)}`);
        const options = ['--save', at('m.fleck'), '--json', at('r.json')];
        const run = inspect('polygons', '--area', at('right.json'), ...options);
        assert.equal(run.status, 0, run.stderr);
        assert.match(run.stderr, /an area of interest: 32 of a photo's 64 patches count/);
        assert.equal(inspect('mask', '--area', at('right.png')).status, 0);
        const scores = read(at('polygons/scores.csv'));
        assert.equal(read(at('mask/scores.csv')), scores);
        const [header, ...lines] = parseCsv(scores);
        assert.deepEqual(header, ['file', 'score', 'verdict', 'area']);
        assert.ok(lines.length === 12 && lines.every((line) => line[3] === '0.500'));
        const results = JSON.parse(read(at('r.json')));
        assert.ok(isResults(results), JSON.stringify(isResults.errors));
        assert.deepEqual(results.settings.area, { patches: 32, of: 64, share: 0.5 });
        for (const { regions } of results.photos)
            for (const { box } of regions) assert.ok(box[0] >= 31.5, `a region from ${box[0]} on`);
    });

    test('a model keeps it, and a table with it is known as one of fleck', () => {
        const scored = fleck('score', at('m.fleck'), folder, '--backbone', backbone, '--json', at('s.json')); // prettier-ignore
        assert.equal(scored.status, 0, scored.stderr);
        assert.equal(scored.stdout, read(at('polygons/scores.csv')));
        assert.deepEqual(JSON.parse(read(at('s.json'))).settings.area, {
            patches: 32,
            of: 64,
            share: 0.5,
        });
        fs.copyFileSync(at('polygons/scores.csv'), path.join(folder, 'scores.csv'));
        const again = inspect('polygons', '--area', at('right.json'), '--json', at('r.json'));
        fs.rmSync(path.join(folder, 'scores.csv'));
        assert.match(again.stderr, /1 other file of fleck/);
    });

    test('without one all counts, and reports say that', () => {
        assert.equal(inspect('whole', '--json', at('w.json')).status, 0);
        assert.equal(JSON.parse(read(at('w.json'))).settings.area, null);
        assert.match(read(at('whole/scores.csv')), /^file,score,verdict\n/);
        const all = { exclude: [[[0, 0], [0.001, 0], [0, 0.001]]] }; // prettier-ignore
        fs.writeFileSync(at('all.json'), JSON.stringify(all));
        assert.equal(inspect('all', '--area', at('all.json')).status, 0);
        const scores = (/** @type {string} */ out) =>
            parseCsv(read(at(`${out}/scores.csv`))).map((line) => line.slice(0, 3));
        assert.deepEqual(scores('all'), scores('whole'));
    });

    test('what is no area is refused by a sentence, and nothing is written', () => {
        const line = (/** @type {number[][]} */ ...points) => JSON.stringify({ include: [points] });
        refused(line([0, 0], [1, 1], [1, 0], [0, 1]), /bad.json: polygon 1 to include crosses itself/, true); // prettier-ignore
        refused(line([0, 0], [1, 0], [0.5, 1.2]), /point 3 lies outside of the photo/);
        refused(line([0, 0], [1, 0]), /has 2 points: 3 are the least/);
        refused(line([0, 0], [0.2, 0], [0, 0.2]), /1 of 64 patches lie in the area: 16/, true);
        refused('{"include": [[[0, 0], [1, 0], "a"]]}', /polygon 1 to include has a point that/);
        refused('{"include": [[0, 1]]}', /polygon 1 to include has a point that is not \[x, y\]/);
        refused('{"exclude": {}}', /"exclude" is no list of polygons/);
        refused('{"exclude": [7]}', /polygon 1 to exclude is no list of points/);
        refused('{"includes": []}', /"includes" should not be there/);
        refused('{}', /no polygons/);
        refused('[]', /no polygons/);
        refused('{"include": [[[0, 0]', /bad.json: the area .* at byte/);
        for (const [file, why] of [
            [at('wide.png'), /wide.png: the mask is 96 x 48, and of another shape than 12 of/],
            [path.join(folder, 'odd.png'), /odd.png: /],
            [at('absent'), /absent: No such file/],
            [folder, /is a folder, not a file/],
        ]) {
            const run = inspect('refused', '--area', String(file));
            assert.equal(run.status, 1);
            assert.match(run.stderr, /** @type {RegExp} */ (why));
        }
        const own = inspect('refused', '--area', at('right.json'), '--json', at('right.json'));
        assert.equal(own.status, 1);
        assert.match(own.stderr, /right.json: is the area of interest/);
        assert.deepEqual(JSON.parse(read(at('right.json'))), right);
        const score = fleck('score', at('m.fleck'), folder, '--area', at('right.json'));
        assert.equal(score.status, 2);
    });
});

describe('an area that follows the part', { skip: missing }, () => {
    let dir = '',
        folder = '';
    const at = (/** @type {string} */ name) => path.join(dir, name);
    /** @type {Record<string, number[]>} */
    const shifts = { 'drawn.png': [0, 0], 'sub/odd.png': [-2, 1] };
    for (let i = 0; i < 14; i++) shifts[`p${i}.png`] = [(i % 5) - 2, ((3 * i) % 5) - 2];
    const polygon = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]; // prettier-ignore
    const area = { include: [polygon], follow: 'drawn.png' };
    const inspect = (/** @type {string} */ out, /** @type {string[]} */ ...more) =>
        fleck('inspect', folder, '-o', at(out), ...quick, '--method', 'knn', ...more);
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-follow-'));
        folder = at('photos');
        for (const [seed, [name, shift]] of Object.entries(shifts).entries())
            put(path.join(folder, name), movingPart(SIDE, seed, shift, name === 'sub/odd.png'));
        fs.writeFileSync(at('area.json'), JSON.stringify(area));
        put(
            at('mask.png'),
            png(64, 64, (x, y) => {
                const inside = x >= 16 && x < 48 && y >= 16 && y < 48;
                return inside ? [255, 255, 255] : [0, 0, 0];
            }),
        );
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    const shiftsOf = (/** @type {string} */ file) => {
        const results = JSON.parse(read(at(file)));
        assert.ok(isResults(results), JSON.stringify(isResults.errors));
        assert.equal(results.settings.area.follows, true);
        for (const { file: name, shift } of results.photos)
            assert.deepEqual(shift, shifts[name].map((n) => 8 * n), name); // prettier-ignore
        return results;
    };

    test('it lies where the part does, and all reports state it', () => {
        assert.ok(isArea(area));
        const run = inspect('polygons', '--area', at('area.json'), '--json', at('r.json'),
            '--save', at('m.fleck'), '--report', at('r.html')); // prettier-ignore
        assert.equal(run.status, 0, run.stderr);
        assert.match(run.stderr, /an area of interest that follows the part: 16 of a photo's 64 p/);
        const { photos } = shiftsOf('r.json');
        for (const { file, verdict, regions } of photos) {
            assert.equal(verdict === 'defect', file === 'sub/odd.png', file);
            for (const { box } of regions) {
                const [x, y] = [box[0] + box[2] / 2, box[1] + box[3] / 2];
                assert.ok(x > 12 && x < 30 && y > 24 && y < 44, `the defect at ${x}, ${y}`);
            }
        }
        const report = fleck('verify', at('r.html'), folder, '--backbone', backbone);
        assert.equal(report.status, 0, report.stdout + report.stderr);
        const info = fleck('info', at('m.fleck'), '--json');
        assert.equal(JSON.parse(info.stdout).area_follows, true);
        assert.equal(JSON.parse(info.stdout).version, 14);
        assert.match(fleck('info', at('m.fleck')).stdout, /25 % of what is looked at, follows the/);
    });

    test('a mask follows as well, whatever the threads, and a model keeps the part', () => {
        const mask = ['--area', at('mask.png'), '--area-follows', 'drawn.png'];
        const run = inspect('mask', ...mask, '--threads', '1', '--json', at('mask.json'));
        assert.equal(run.status, 0, run.stderr);
        shiftsOf('mask.json');
        assert.equal(read(at('mask/scores.csv')), read(at('polygons/scores.csv')));
        const scored = fleck('score', at('m.fleck'), folder, '--backbone', backbone,
            '--json', at('s.json'), '--report', at('s.html')); // prettier-ignore
        assert.equal(scored.status, 0, scored.stderr);
        assert.match(scored.stderr, /that follows the part/);
        assert.equal(scored.stdout, read(at('polygons/scores.csv')));
        shiftsOf('s.json');
        const again = fleck('verify', at('s.html'), folder, '--model', at('m.fleck'), '--backbone', backbone); // prettier-ignore
        assert.equal(again.status, 0, again.stdout + again.stderr);
    });

    test('where it stays, parts that moved are judged by what is around them', () => {
        fs.writeFileSync(at('fixed.json'), JSON.stringify({ include: [polygon] }));
        assert.equal(inspect('fixed', '--area', at('fixed.json'), '--json', at('f.json')).status, 0); // prettier-ignore
        const results = JSON.parse(read(at('f.json')));
        assert.equal(results.settings.area.follows, undefined);
        assert.ok(results.photos.every((/** @type {any} */ photo) => photo.shift === undefined));
        assert.notEqual(read(at('fixed/scores.csv')), read(at('polygons/scores.csv')));
    });

    test('a proposal holds the part, and is an area', () => {
        const fine = ['--backbone', backbone, '--input', '128']; // 16 x 16 patches
        const run = fleck('propose-area', path.join(folder, 'p1.png'), ...fine);
        assert.equal(run.status, 0, run.stderr);
        const proposed = JSON.parse(run.stdout);
        assert.ok(isArea(proposed) && proposed.include.length === 1);
        // the part is half of each side, and may be off by a patch each way
        const [dx, dy] = shifts['p1.png'];
        for (const axis of [0, 1]) {
            const along = proposed.include[0].map((/** @type {number[]} */ at) => at[axis]);
            const from = 0.25 + (axis ? dy : dx) / 8;
            assert.ok(Math.abs(Math.min(...along) - from) < 0.08, `from ${along}`);
            assert.ok(Math.abs(Math.max(...along) - from - 0.5) < 0.08, `to ${along}`);
        }
        fs.writeFileSync(at('proposed.json'), run.stdout);
        const used = inspect('proposed', '--area', at('proposed.json'), '--area-follows', 'p1.png');
        assert.equal(used.status, 0, used.stderr);
        put(at('plain.png'), png(SIDE, SIDE, () => [9, 90, 200])); // prettier-ignore
        const none = fleck('propose-area', at('plain.png'), ...quick);
        assert.equal(none.status, 1);
        assert.match(none.stderr, /plain.png: nothing on the photo stands out from what it sh/);
        assert.match(fleck('propose-area', at('area.json'), ...quick).stderr, /area.json/);
        assert.equal(fleck('propose-area', folder, 'b.png').status, 2);
    });

    test('what cannot be followed is told', () => {
        const says = (/** @type {object} */ value, /** @type {RegExp} */ why, status = 1) => {
            fs.writeFileSync(at('bad.json'), JSON.stringify(value));
            const run = inspect('refused', '--area', at('bad.json'));
            assert.equal(run.status, status, run.stderr);
            assert.match(run.stderr, why);
            assert.ok(!fs.existsSync(at('refused/scores.csv')));
        };
        says({ ...area, follow: 'p99.png' }, /follows the part on p99.png, which is none of the p/);
        says({ ...area, follow: 7 }, /bad.json: "follow" is no name of a photo/);
        const all = [[0, 0], [1, 0], [1, 1], [0, 1]]; // prettier-ignore
        says({ ...area, include: [all] }, /bad.json: the area reaches from edge to edge of what/);
        fs.writeFileSync(path.join(folder, 'broken.png'), 'no photo');
        says({ ...area, follow: 'broken.png' }, /follows the part on broken.png, which /);
        fs.rmSync(path.join(folder, 'broken.png'));
        assert.equal(inspect('refused', '--area-follows', 'drawn.png').status, 2);
    });
});

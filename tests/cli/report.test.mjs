// The report: what it holds, and what `fleck verify` says of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { backbone, fleck, missing, photo, put, quick, root } from './cli.mjs';
import { dataOf, withData } from './reports.mjs';
import { isReport } from './schemas.mjs';

const sha256 = (/** @type {string} */ file) =>
    createHash('sha256').update(fs.readFileSync(file)).digest('hex');

describe('report', { skip: missing }, () => {
    const hostile = '<\u2044script><script>alert(1)<!--';
    let dir = '',
        folder = '',
        report = '',
        html = '';
    /** @type {any} */
    let data;
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-report-'));
        folder = path.join(dir, 'tiles');
        report = path.join(dir, 'r.html');
        for (let i = 0; i < 11; i++) put(path.join(folder, `good${i}.png`), photo(i));
        put(path.join(folder, `${hostile}.png`), photo(51, true));
        put(path.join(folder, 'sub', 'a\n"red".png'), photo(50, true));
        put(path.join(folder, 'cut.png'), photo(1).subarray(0, 200));
        fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/b\xff`, 'latin1')]), photo(30));
        const out = ['-o', path.join(dir, 'out'), '--report', report, '--no-heatmaps'];
        const said = ['--by', '<b>Ada</b>', '--mm-per-pixel', '0.5', '--evidence'];
        const rules = ['--seed', '18446744073709551615', '--threshold', '0.123456789'];
        const kept = ['--save', path.join(dir, 'm.fleck'), '--json', path.join(dir, 'r.json')];
        const run = fleck('inspect', folder, ...out, ...quick, ...said, ...rules, ...kept);
        assert.equal(run.status, 3, run.stderr); // one is damaged
        html = fs.readFileSync(report, 'utf8');
        data = dataOf(html);
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /** What verify says of a report with other data. @param {(data: any) => void} [change] */
    const verify = (change = () => {}, place = folder) => {
        const file = path.join(dir, 'other.html');
        const other = structuredClone(data);
        change(other);
        /* JSON.parse has rounded it */
        const seed = '"seed":18446744073709551615';
        fs.writeFileSync(file, withData(html, other).replace(/"seed":18446744073709552000/, seed));
        return fleck('verify', file, place, '-q');
    };

    test('it holds the results, what identifies the run, and pictures', () => {
        assert.ok(isReport(data), JSON.stringify(isReport.errors));
        const { run, pictures, ...results } = data;
        assert.deepEqual(results, JSON.parse(fs.readFileSync(path.join(dir, 'r.json'), 'utf8')));
        assert.equal(run.title, 'tiles');
        assert.equal(run.by, '<b>Ada</b>');
        assert.equal(run.model_sha256, sha256(path.join(dir, 'm.fleck')));
        assert.equal(run.backbone_sha256, sha256(backbone));
        assert.equal(run.photos.length, data.photos.length);
        for (const [i, { file }] of data.photos.entries())
            if (!file.includes('\ufffd'))
                assert.equal(run.photos[i].sha256, sha256(path.join(folder, file)), file);
        assert.ok(run.photos.every((/** @type {any} */ { role }) => role === 'learnt'));
        const pictured = new Set(pictures.map((/** @type {any} */ { photo: at }) => at));
        for (const [i, { verdict }] of data.photos.entries())
            assert.equal(pictured.has(i), verdict !== 'ok');
        const scores = pictures.map((/** @type {any} */ { photo: at }) => data.photos[at].score);
        assert.deepEqual(
            scores,
            scores.toSorted((/** @type {number} */ a, /** @type {number} */ b) => b - a),
        );
    });

    test('no name ends its script', () => {
        assert.ok(data.photos.some((/** @type {any} */ { file }) => file.startsWith(hostile)));
        assert.equal(html.match(/<script/g)?.length, 2);
        assert.ok(!html.includes('<b>'));
    });

    test('a report is no photo, and is written over', () => {
        const inside = path.join(folder, 'r.html');
        const args = ['-o', path.join(dir, 'out'), '--report', inside, '--no-heatmaps', ...quick];
        for (let i = 0; i < 2; i++) {
            const run = fleck('inspect', folder, ...args, '-q');
            assert.equal(run.status, 3, run.stderr);
        }
        fs.rmSync(inside);
    });

    test('the same photos give the same, whatever they are called', () => {
        const run = fleck('verify', report, folder);
        assert.equal(run.status, 0, run.stdout + run.stderr);
        assert.match(run.stderr, /\n14 photos are there, and model, scores and verdicts are the/);
        const moved = path.join(dir, 'moved');
        spawnSync('cp', ['-r', folder, moved]);
        fs.renameSync(path.join(moved, 'good3.png'), path.join(moved, 'z.png'));
        fs.copyFileSync(path.join(dir, 'tiles/good0.png'), path.join(moved, 'copy.png'));
        const again = fleck('verify', report, moved);
        assert.equal(again.status, 0, again.stdout + again.stderr);
        assert.match(again.stderr, /1 photo of .*moved is not in the report: left out/);
    });

    test('a photo that is missing or another is named', () => {
        const other = path.join(dir, 'changed');
        spawnSync('cp', ['-r', folder, other]);
        put(path.join(other, 'good4.png'), photo(99));
        fs.rmSync(path.join(other, 'good7.png'));
        fs.rmSync(path.join(other, 'sub'), { recursive: true });
        const run = fleck('verify', report, other);
        assert.equal(run.status, 4, run.stderr);
        assert.deepEqual(run.stdout.trim().split('\n').sort(), [
            'good4.png: is another file',
            'good7.png: is missing',
            'sub/a?"red".png: is missing',
        ]);
        assert.match(run.stderr, /3 of 14 photos are not as in the report: no score was computed/);
    });

    test('scores, verdicts, hashes and rules that were changed are named', () => {
        const { stdout, status } = verify((other) => {
            other.photos[0].score += 0.000001;
            other.photos[1].verdict = other.photos[1].verdict === 'ok' ? 'look' : 'ok';
            other.run.model_sha256 = '0'.repeat(64);
        });
        assert.equal(status, 4);
        assert.match(stdout, /: has the score 0\.\d{6}, and the report says 0\.\d{6}\n/);
        assert.match(stdout, /: has the verdict \w+, and the report says \w+\n/);
        assert.match(
            stdout,
            /^the model: has the SHA-256 [0-9a-f]{64}, and the report says 0{64}\n/,
        );
        assert.equal(stdout.trim().split('\n').length, 3);

        const threshold = verify((other) => (other.threshold = 0.9));
        assert.equal(threshold.status, 4);
        assert.match(threshold.stdout, /^the model: .*\n.*: has the verdict /);
        const smallest = verify((other) => (other.smallest_area = 1));
        assert.equal(smallest.status, 4);
        assert.match(smallest.stdout, /has the verdict look, and the report says defect/);
        const eyes = verify((other) => (other.run.backbone_sha256 = 'a'.repeat(64)));
        assert.equal(eyes.status, 4);
        assert.match(eyes.stdout, /^the backbone: has the SHA-256 \w+, and the report says a+\n$/);
        const version = verify((other) => (other.fleck = '9.9'));
        assert.equal(version.status, 0);
        assert.match(version.stderr, /is of fleck 9\.9, and this is/);
    });

    test('of many differences the first 20 are named', () => {
        const { stdout, status } = verify((other) => {
            const gone = { ...other.photos[0], file: 'gone' };
            for (let i = 0; i < 30; i++) {
                other.photos.push(gone);
                other.run.photos.push({ sha256: 'b'.repeat(64), role: 'learnt' });
            }
        });
        assert.equal(status, 4);
        assert.equal(stdout, 'gone: is missing\n'.repeat(20) + 'and 10 more\n');
    });

    test('what is no report, or a hostile one, is refused with a sentence', () => {
        /** @param {{status: number|null, stdout: string, stderr: string}} run @param {RegExp} why */
        const refuses = (run, why) => {
            assert.equal(run.status, 1, run.stderr);
            assert.equal(run.stdout, '');
            assert.match(run.stderr, why);
        };
        const file = path.join(dir, 'none.html');
        const verified = (/** @type {string} */ text) => {
            fs.writeFileSync(file, text);
            return fleck('verify', file, folder);
        };
        refuses(verified(''), /none\.html: is no report of fleck's\n$/);
        refuses(verified(html.slice(0, html.indexOf('"run"'))), /is no report of fleck's\n$/);
        refuses(verified(html.replace('"photos":[', '"photos":[,')), /its data is not JSON, at by/);
        refuses(fleck('verify', path.join(dir, 'gone.html'), folder), /gone\.html: No such file/);
        refuses(verified(withData(html, [])), /is no report of fleck's/);
        const wrong = / is no report that can be checked: its "(\w+)" is /;
        /** @type {[string, (other: any) => void][]} */
        const cases = [
            ['run', (other) => delete other.run],
            ['settings', (other) => (other.settings = [])],
            ['input', (other) => (other.settings.input = 1e9)],
            ['columns', (other) => (other.settings.tiles.columns = 17)],
            ['method', (other) => (other.settings.method = 'magic')],
            ['threshold', (other) => (other.threshold = 0)],
            ['smallest_area', (other) => (other.smallest_area = '1')],
            ['blocks', (other) => (other.run.blocks = [1, 2, 3, 4, 5])],
            ['blocks', (other) => (other.run.blocks = [[]])],
            ['area', (other) => (other.run.area = [1, 2])],
            ['area', (other) => (other.run.area = [50177])],
            ['area', (other) => (other.run.area = ['1'])],
            ['sha256', (other) => (other.run.photos[0].sha256 = 'x')],
            ['role', (other) => (other.run.photos[0].role = 'king')],
            ['score', (other) => (other.photos[3].score = null)],
            ['verdict', (other) => (other.photos[3].verdict = {})],
            ['verdict', (other) => (other.photos[3].verdict = 'fine')],
            ['command', (other) => (other.command = 'train')],
            ['file', (other) => (other.photos[3] = 7)],
        ];
        for (const [key, change] of cases) {
            const run = verify(change);
            refuses(run, wrong);
            assert.equal(run.stderr.match(wrong)?.[1], key);
        }
        const many = (/** @type {any} */ other) => other.run.photos.pop();
        refuses(verify(many), /it has 14 photos and 13 hashes/);
        const format = (/** @type {any} */ other) => (other.format_version = 2);
        refuses(verify(format), /is of format 2, and this fleck, .*, knows format 1/);
        const scored = (/** @type {any} */ other) => (other.command = 'score');
        refuses(verify(scored), /judged by a model that is not in it: name its file with --model/);
        const plain = (/** @type {any} */ other) => (other.run.photos[0].sha256 = null);
        refuses(verify(plain), /does not state the SHA-256 of its photos/);
        const eyes = (/** @type {any} */ other) => (other.backbone = 'own-0123456789abcdef');
        refuses(verify(eyes), /own-0123456789abcdef: neither a file nor a backbone/);
    });

    test('of more than 200 photos that are called those with the highest scores have pictures', () => {
        const many = path.join(dir, 'many');
        for (let i = 0; i < 203; i++) put(path.join(many, `${i}.png`), photo(i));
        const file = path.join(dir, 'many.html');
        const out = ['-o', path.join(dir, 'out'), '--report', file, '--no-heatmaps', '-q'];
        const all = [...quick, '--method', 'knn', '--threshold', '0.000001'];
        const run = fleck('inspect', many, ...out, ...all);
        assert.equal(run.status, 0, run.stderr);
        const { photos, pictures } = dataOf(fs.readFileSync(file, 'utf8'));
        const called = photos.filter((/** @type {any} */ { verdict }) => verdict !== 'ok');
        assert.ok(called.length > 200, `${called.length}`);
        assert.equal(pictures.length, 200);
        const lowest = photos[pictures.at(-1).photo].score;
        const higher = called.filter((/** @type {any} */ { score }) => score > lowest);
        assert.ok(higher.length < 200);
    });

    test('an area of interest, the middle of the frame, and photos left out are done again', () => {
        const area = path.join(dir, 'area.json');
        const corners = '[[[0.11, 0.12], [0.93, 0.14], [0.87, 0.91], [0.1, 0.9]]]';
        fs.writeFileSync(area, `{"include": ${corners}, "exclude": []}`);
        const out = ['-o', path.join(dir, 'out'), '--report', report, '--no-heatmaps', '-q'];
        const middle = ['--backbone', backbone, '--input', '64', '--preset', 'funad'];
        const rules = ['--area', area, '--learn-most', '9', '--smallest-area', '0.1'];
        const run = fleck('inspect', folder, ...out, ...middle, ...rules, '--blocks', '2,4');
        assert.equal(run.status, 3, run.stderr);
        const roles = dataOf(fs.readFileSync(report, 'utf8')).run.photos;
        const learnt = roles.filter((/** @type {any} */ { role }) => role === 'learnt').length;
        assert.ok(learnt > 4 && learnt < roles.length, `${learnt}`);
        const again = fleck('verify', report, folder);
        assert.equal(again.status, 0, again.stdout + again.stderr);
    });
});

describe('a report of photos that are marked', { skip: missing }, () => {
    let dir = '',
        folder = '',
        report = '',
        html = '';
    /** @type {any} */
    let data;
    const at = (/** @type {string} */ name) => path.join(dir, name);
    const eyes = ['--backbone', backbone];
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-marked-'));
        folder = at('tiles');
        report = at('r.html');
        for (let i = 0; i < 11; i++) put(path.join(folder, `good${i}.png`), photo(i));
        put(path.join(folder, 'odd.png'), photo(51, true));
        fs.copyFileSync(path.join(folder, 'good4.png'), path.join(folder, 'twin.png'));
        fs.writeFileSync(
            at('marks.csv'),
            'file,mark,x,y\nodd.png,good,,\ngood3.png,defect,63.5,0\ngood4.png,defect,,\n' +
                'good4.png,good,20,20\ngood9.png,good,,\n',
        );
        const marked = ['--marks', at('marks.csv'), '--by', 'Ada', '--save', at('m.fleck')];
        /* some are not learnt from */
        const run = fleck(
            ...['inspect', folder, '-o', at('out'), '--report', report, '--no-heatmaps'],
            ...[...quick, ...marked, '--learn-most', '11'],
        );
        assert.equal(run.status, 0, run.stderr);
        html = fs.readFileSync(report, 'utf8');
        data = dataOf(html);
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /** What verify says of a report with other data. @param {string} page @param {(data: any) => void} change @param {string[]} args */
    const verify = (page, change, ...args) => {
        const other = dataOf(page);
        change(other);
        fs.writeFileSync(at('other.html'), withData(page, other));
        return fleck('verify', at('other.html'), folder, '-q', ...args);
    };
    /** @param {any} photos @param {string} name */
    const of = (photos, name) => photos.find((/** @type {any} */ { file }) => file === name);

    test('states them and what they come to, and is done again to the bit', () => {
        assert.ok(isReport(data), JSON.stringify(isReport.errors));
        const { marks, model_sha256: model } = data.run;
        assert.equal(model, sha256(at('m.fleck')));
        assert.deepEqual([marks.good, marks.defects, marks.elsewhere, marks.by], [3, 2, 0, 'Ada']);
        assert.equal(of(data.photos, 'odd.png').verdict, 'ok');
        assert.deepEqual(of(data.photos, 'good3.png').marks, [{ mark: 'defect', at: [60, 4] }]);
        assert.deepEqual(of(data.photos, 'twin.png').marks, of(data.photos, 'good4.png').marks);
        const run = fleck('verify', report, folder);
        assert.equal(run.status, 0, run.stdout + run.stderr);
        assert.match(
            run.stderr,
            /13 photos are there, and model, scores and verdicts are the same/,
        );
    });

    test('their order does not matter, and one more, less or other does', () => {
        const turned = verify(html, ({ photos }) => of(photos, 'good3.png').marks.reverse());
        assert.equal(turned.status, 0, turned.stdout + turned.stderr);
        /** @type {((photos: any) => void)[]} */
        const changes = [
            (photos) => delete of(photos, 'odd.png').marks,
            (photos) => (of(photos, 'good3.png').marks[0].mark = 'good'),
            (photos) => (of(photos, 'good3.png').marks[0].at = [4, 4]),
            (photos) => (of(photos, 'good1.png').marks = [{ mark: 'defect', at: null }]),
        ];
        for (const change of changes) {
            const { status, stdout } = verify(html, ({ photos }) => change(photos));
            assert.equal(status, 4);
            assert.match(stdout, /^the model: has the SHA-256 /);
            assert.match(stdout, / has the (score|verdict) /);
        }
        const counted = verify(html, ({ run }) => run.marks.defects_called++);
        assert.equal(counted.status, 4);
        assert.match(counted.stdout, /^the marks: .* the report says otherwise\n$/);
    });

    test('one that was edited is refused with a sentence, or its photo named', () => {
        /** @type {[(other: any) => void, RegExp][]} */
        const cases = [
            [(at) => (at.marks[0].mark = 'none'), /its "mark" is out of range/],
            [(at) => (at.marks[0].mark = 7), /its "mark" is missing or of a wrong kind/],
            [(at) => (at.marks = {}), /its "marks" is missing or of a wrong kind/],
            [(at) => (at.marks = [5]), /its "at" is out of range|its "mark" is missing/],
            [(at) => (at.marks[0].at = [1]), /its "at" is out of range/],
            [(at) => (at.marks[0].at = [1, 2, 3]), /its "at" is out of range/],
            [(at) => (at.marks[0].at = ['1', 2]), /its "at" is out of range/],
            [(at) => delete at.marks[0].at, /its "at" is out of range/],
            [(at) => (at.marks[0].at = [64.01, 2]), /good3\.png: a spot that is marked lies outs/],
            [(at) => (at.marks[0].at = [1, -2]), /(its "at" is out of range|lies outside)/],
            [(at) => (at.width = 0), /its "width" is out of range/],
        ];
        for (const [change, why] of cases) {
            const run = verify(html, ({ photos }) => change(of(photos, 'good3.png')));
            assert.equal(run.status, 1, run.stderr);
            assert.equal(run.stdout, '');
            assert.match(run.stderr, why);
            assert.equal(run.stderr.trim().split('\n').length, 1, run.stderr);
        }
        const elsewhere = verify(html, ({ run }) => (run.marks.elsewhere = 2));
        assert.equal(elsewhere.status, 1);
        assert.match(elsewhere.stderr, /2 of its marks are on photos that are not in it/);
        /* a photo that is gone, with its marks: the others are compared with the folder */
        const gone = verify(html, ({ photos, run }) => {
            photos.push({ ...of(photos, 'good3.png'), file: 'gone.png' });
            run.photos.push({ sha256: 'c'.repeat(64), role: 'learnt' });
        });
        assert.equal(gone.status, 4);
        assert.equal(gone.stdout, 'gone.png: is missing\n');
        const version = verify(html, (other) => {
            other.fleck = '9.9';
            other.format_version = 2;
        });
        assert.equal(version.status, 1);
        assert.match(version.stderr, /is of format 2, and this fleck, .*, knows format 1/);
    });

    test('of photos that a model judged: only by that model, and with its marks', () => {
        const scored = at('s.html');
        const rules = ['--smallest-area', '0.2', '--threshold', '0.45'];
        const run = fleck(
            ...['score', at('m.fleck'), folder, '--report', scored, '--title', 'Tuesday', '-q'],
            ...[...eyes, ...rules],
        );
        assert.equal(run.status, 0, run.stderr);
        const page = fs.readFileSync(scored, 'utf8');
        const said = dataOf(page);
        assert.ok(isReport(said), JSON.stringify(isReport.errors));
        assert.equal(said.run.title, 'Tuesday');
        assert.equal(said.run.model_sha256, sha256(at('m.fleck')));
        assert.deepEqual(said.run.marks, { ...said.run.marks, good: 3, elsewhere: 0, by: null });
        assert.deepEqual(of(said.photos, 'odd.png').marks, [{ mark: 'good', at: null }]);
        assert.ok(said.run.photos.every((/** @type {any} */ { role }) => role === 'fresh'));
        const model = ['--model', at('m.fleck')];
        const again = fleck('verify', scored, folder, ...model);
        assert.equal(again.status, 0, again.stdout + again.stderr);

        const unnamed = fleck('verify', scored, folder);
        assert.equal(unnamed.status, 1);
        assert.match(
            unnamed.stderr,
            /a model that is not in it: name its file with --model FILE\n$/,
        );
        const needless = fleck('verify', report, folder, ...model);
        assert.equal(needless.status, 1);
        assert.match(needless.stderr, /was learnt from its photos, not judged by a model/);
        const trained = fleck('train', folder, '--save', at('other.fleck'), ...quick, '-q');
        assert.equal(trained.status, 0, trained.stderr);
        const other = fleck('verify', scored, folder, '--model', at('other.fleck'), '-q');
        assert.equal(other.status, 1);
        assert.equal(other.stdout, '');
        assert.match(
            other.stderr,
            /judged by another model than .*other\.fleck: by one with the SHA/,
        );
        const none = fleck('verify', scored, folder, '--model', at('none.fleck'), '-q');
        assert.equal(none.status, 1);
        assert.match(none.stderr, /none\.fleck: there is no such model/);
        const unsaid = verify(page, (one) => (one.run.model_sha256 = null), ...model);
        assert.equal(unsaid.status, 1);
        assert.match(unsaid.stderr, /does not state the SHA-256 of its model/);

        const moved = verify(page, (one) => (one.settings.seed = 5), ...model);
        assert.equal(moved.status, 4);
        assert.equal(moved.stdout, 'the settings: are not those of the model\n');
        /* a mark taken back, and one made, since the model was kept */
        const marks = verify(
            page,
            ({ photos }) => {
                delete of(photos, 'odd.png').marks;
                of(photos, 'good1.png').marks = [{ mark: 'defect', at: null }];
            },
            ...model,
        );
        assert.equal(marks.status, 4);
        assert.match(marks.stdout, /odd\.png: has the score /);
        assert.match(marks.stdout, /good1\.png: has the score /);
    });

    test("another folder's marks are counted, and cannot be made again", () => {
        const next = at('next');
        for (let i = 30; i < 41; i++) put(path.join(next, `good${i}.png`), photo(i));
        put(path.join(next, 'good3.png'), photo(3));
        const taught = ['--marks', at('m.fleck'), '--by', 'Ada', '--report', at('n.html')];
        const run = fleck(
            'inspect',
            next,
            '-o',
            at('out'),
            ...quick,
            ...taught,
            '--no-heatmaps',
            '-q',
        );
        assert.equal(run.status, 0, run.stderr);
        const { marks } = dataOf(fs.readFileSync(at('n.html'), 'utf8')).run;
        assert.deepEqual([marks.elsewhere, marks.by], [4, null]);
        const refused = fleck('verify', at('n.html'), next);
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /4 of its marks are on photos that are not in it/);
    });
});

describe('the words of --report and verify', { skip: missing }, () => {
    test('what belongs together', () => {
        const wants = (/** @type {string[]} */ args, /** @type {RegExp} */ why) => {
            const run = fleck(...args);
            assert.equal(run.status, 2);
            assert.match(run.stderr, why);
        };
        wants(['inspect', root, '--by', 'Ada'], /--by wants --report FILE/);
        wants(['inspect', root, '--title', 'a'], /--title wants --report FILE/);
        wants(['verify', 'r.html'], /name the report, and the folder with its photos/);
        wants(
            ['verify', 'r.html', root, '--seed', '1'],
            /'--seed' is an option of 'fleck inspect'/,
        );
    });
});

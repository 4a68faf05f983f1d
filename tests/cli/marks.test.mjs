// Marks at the command line: a table of them, the model of another folder, what is told, what is not used.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { backbone, fleck, missing, parseCsv, photo, put, quick } from './cli.mjs';
import { isResults } from './schemas.mjs';

describe('marks', { skip: missing }, () => {
    let dir = '';
    let folder = '';
    const at = (/** @type {string} */ name) => path.join(dir, name);
    const inspect = (/** @type {string} */ photos, /** @type {string[]} */ ...more) =>
        fleck('inspect', photos, '-o', at('out'), ...quick, '--no-heatmaps', ...more);
    /** Score and verdict by file, of the last run. */
    const found = () => {
        const [, ...rows] = parseCsv(fs.readFileSync(at('out/scores.csv'), 'utf8'));
        return new Map(rows.map(([file, score, verdict]) => [file, { score, verdict }]));
    };
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-marks-'));
        folder = at('photos');
        for (let i = 0; i < 11; i++) put(path.join(folder, `good${i}.png`), photo(i));
        put(path.join(folder, 'odd.png'), photo(20, true));
        for (let i = 30; i < 41; i++) put(path.join(at('next'), `good${i}.png`), photo(i));
        put(path.join(at('next'), 'odd.png'), photo(50, true));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    test('a table of them changes verdicts, and a model keeps them', () => {
        assert.equal(inspect(folder).status, 0);
        const before = found();
        assert.equal(before.get('odd.png')?.verdict, 'defect');
        assert.equal(before.get('good3.png')?.verdict, 'ok');
        fs.writeFileSync(
            at('marks.csv'),
            'file,mark,x,y\nodd.png,good,,\ngood3.png,defect,20,30\ngone.png,good,,\n' +
                'good4.png,fine,,\ngood5.png,good,here,3\ngood6.png,good,1000,3\n',
        );
        const ran = inspect(folder, '--marks', at('marks.csv'), '--save', at('marked.fleck'));
        assert.equal(ran.status, 0, ran.stderr);
        const after = found();
        assert.equal(after.get('odd.png')?.verdict, 'ok');
        assert.equal(after.get('good3.png')?.verdict, 'defect');
        const [head, ...rows] = parseCsv(fs.readFileSync(at('out/scores.csv'), 'utf8'));
        assert.deepEqual(head, ['file', 'score', 'verdict', 'mark']);
        const words = rows.filter((row) => row[3]).map(([file, , , word]) => [file, word]);
        assert.deepEqual(words.sort(), [
            ['good3.png', 'spots'],
            ['odd.png', 'good'],
        ]);
        for (const told of [
            /marks\.csv, row 4: gone\.png: no such photo is in the folder: this mark does not/,
            /row 5: good4\.png: its mark is neither good nor defect/,
            /row 6: good5\.png: x and y of its spot are not two numbers/,
            /marks\.csv: 1 marks more do not count/,
            /2 marks: by the others alone \d of 1 defects would be called, and 1 of 1 good ones/,
            /precision 0\.\d\d .* they propose a threshold of 0\.\d\d/,
            /worth a mark next: good/,
        ])
            assert.match(ran.stderr, told);
        /* those of photos that were not learnt from, too */
        assert.equal(inspect(folder, '--learn-most', '10', '--marks', at('marks.csv')).status, 0);
        assert.equal(found().get('odd.png')?.verdict, 'ok');

        const scored = fleck(
            'score',
            at('marked.fleck'),
            path.join(folder, 'odd.png'),
            '--backbone',
            backbone,
        );
        assert.equal(scored.status, 0, scored.stderr);
        assert.match(scored.stdout, /odd\.png.*,ok,good$/m);
    });

    test('are told of each photo, and made again by what is told', () => {
        fs.writeFileSync(
            at('spots.csv'),
            'file,mark,x,y\ngood3.png,defect,20,30\ngood4.png,good,,\ngood4.png,defect,63.9,0\n' +
                'good5.png,defect,,\ngood5.png,good,1,2\n',
        );
        const json = ['--json', at('r.json')];
        const run = inspect(folder, '--marks', at('spots.csv'), '--save', at('a.fleck'), ...json);
        assert.equal(run.status, 0, run.stderr);
        const said = JSON.parse(fs.readFileSync(at('r.json'), 'utf8'));
        assert.ok(isResults(said), JSON.stringify(isResults.errors));
        const marksOf = (/** @type {any} */ { photos }) =>
            photos.flatMap((/** @type {any} */ { file, marks }) => (marks ? [[file, marks]] : []));
        assert.deepEqual(marksOf(said), [
            ['good3.png', [{ mark: 'defect', at: [20, 28] }]], // patches are 8 wide and high
            ['good4.png', [{ mark: 'defect', at: [60, 4] }]],
            [
                'good5.png',
                [
                    { mark: 'defect', at: null },
                    { mark: 'good', at: [4, 4] },
                ],
            ],
        ]);

        const lines = marksOf(said).flatMap((/** @type {any} */ [file, marks]) =>
            marks.map((/** @type {any} */ { mark, at: spot }) => [
                file,
                mark,
                ...(spot ?? ['', '']),
            ]),
        );
        fs.writeFileSync(at('told.csv'), ['file,mark,x,y', ...lines].join('\n'));
        const again = inspect(folder, '--marks', at('told.csv'), '--save', at('b.fleck'), ...json);
        assert.equal(again.status, 0, again.stderr);
        assert.deepEqual(JSON.parse(fs.readFileSync(at('r.json'), 'utf8')), {
            ...said,
            model: at('b.fleck'),
        });
        assert.ok(fs.readFileSync(at('a.fleck')).equals(fs.readFileSync(at('b.fleck'))));

        /* a model knows its photos again, and only these */
        put(path.join(at('some'), 'renamed.png'), photo(5));
        put(path.join(at('some'), 'other.png'), photo(77));
        const lined = ['--backbone', backbone, '--json', at('r.jsonl')];
        const scored = fleck('score', at('a.fleck'), at('some'), ...lined, '-q');
        assert.equal(scored.status, 0, scored.stderr);
        const photos = fs.readFileSync(at('r.jsonl'), 'utf8').trim().split('\n').slice(1);
        const [other, renamed] = photos.map((line) => JSON.parse(line));
        assert.equal(other.marks, undefined);
        assert.deepEqual(renamed.marks, marksOf(said)[2][1]);

        /* a table of scores with marks is known as one */
        fs.copyFileSync(at('out/scores.csv'), path.join(at('some'), 'scores.csv'));
        const beside = fleck('score', at('a.fleck'), at('some'), '--backbone', backbone);
        assert.equal(beside.status, 0, beside.stderr);
    });

    test("another folder's marks teach this one", () => {
        assert.equal(inspect(at('next')).status, 0);
        const before = Number(found().get('odd.png')?.score);
        fs.writeFileSync(at('good.csv'), 'file;mark\nodd.png;good\n');
        const saved = inspect(folder, '--marks', at('good.csv'), '--save', at('good.fleck'), '-q');
        assert.equal(saved.status, 0, saved.stderr);
        const ran = inspect(at('next'), '--marks', at('good.fleck'));
        assert.equal(ran.status, 0, ran.stderr);
        assert.ok(Number(found().get('odd.png')?.score) < before, 'it looks like what was good');
    });

    test('what is no file of marks is refused', () => {
        for (const [text, why] of [
            ['name,mark\nodd.png,good\n', /a table with the columns file and mark/],
            ['', /marks are the model of another folder, or a table/],
        ]) {
            fs.writeFileSync(at('bad.csv'), text);
            const refused = inspect(folder, '--marks', at('bad.csv'));
            assert.equal(refused.status, 1);
            assert.match(refused.stderr, /** @type {RegExp} */ (why));
        }
        assert.equal(inspect(folder, '--marks', at('none.csv')).status, 1);
        const other = inspect(folder, '--marks', at('good.fleck'), '--precision', 'f32');
        assert.equal(other.status, 1);
        assert.match(other.stderr, /another precision/);
    });
});

// What the command line tool says to somebody who got it wrong: which word, and what instead.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, missing, root } from './cli.mjs';

describe('what fleck says', { skip: missing }, () => {
    let dir = '';
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-words-'));
        fs.mkdirSync(path.join(dir, 'photos'));
        const text = '{"__metadata__":{"format":"fleck-model","version":"7"}}';
        const size = Buffer.alloc(8);
        size.writeUInt32LE(text.length);
        const files = {
            'model.fleck': Buffer.concat([size, Buffer.from(text)]),
            'eyes.safetensors': Buffer.concat([
                size,
                Buffer.from(text.replace('fleck-model', 'pt')),
            ]),
            'legacy.pth': Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF', 'latin1'),
            'photo.png': Buffer.from('\x89PNG\r\n\x1a\n rest', 'latin1'),
            'photos/a.tif': Buffer.from('II*\0 rest', 'latin1'),
            'notes.txt': Buffer.from('model.fleck\n'),
            'drawing.md': Buffer.from('How to draw an <svg>.\n'),
            empty: Buffer.alloc(0),
            'cut.fleck': size.subarray(0, 5),
        };
        for (const [name, bytes] of Object.entries(files))
            fs.writeFileSync(path.join(dir, name), bytes);
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /** @param {string[]} args */
    const fleck = (...args) => spawnSync(cli, args, { encoding: 'utf8', cwd: dir, timeout: 20000 });
    /** @param {string} line @param {number} status @param {RegExp} sentence */
    const says = (line, status, sentence) => {
        const words = line.match(/\S+/g) ?? [];
        const run = fleck(...words.map((word) => (word === "''" ? '' : word)));
        assert.match(run.stderr, sentence, line);
        assert.equal(run.status, status, line);
        assert.equal(run.stdout, '', line);
        assert.match(run.stderr, /^fleck.*\n$/, 'one line');
    };

    test('a command line without an end', () => {
        says(
            '',
            2,
            /say what to do; there are inspect, train, score, eval, verify, backbones, convert/,
        );
        says('inspect', 2, /name the folder with the photos; usage: fleck inspect DIR/);
        says('train photos', 2, /say with --save MODEL where the result goes/);
        says('score model.fleck', 2, /name the photos or folders to score after the model file/);
    });

    test('tiles that are none', () => {
        const wanted =
            /--tiles wants auto, or columns and rows of tiles from 1 to 16, as in 3x1, not /;
        for (const tiles of [
            '3',
            '0x1',
            '1x0',
            '17x1',
            '1x17',
            '3x',
            'x3',
            '3x1x1',
            '3 x1',
            'many',
        ])
            says(`inspect photos --tiles ${tiles.replace(' ', '_')}`, 2, wanted);
        says(
            'score model.fleck photos --tiles 1x1',
            2,
            /'--tiles' is an option of 'fleck inspect'/,
        );
    });

    test('the nearest command, option and backbone', () => {
        says('polish', 2, /no such command: 'polish'; there are inspect, /);
        says('inspect --polish photos', 2, /no such option: '--polish'; 'fleck inspect --help'/);
        says('inspct photos', 2, /'inspct' \(did you mean inspect\?\)/);
        says('sroce model.fleck photos', 2, /did you mean score/);
        says('photos', 2, /as in 'fleck inspect photos'/);
        says('--quiet inspect photos', 2, /the command comes first/);
        says('inspect photos --sead 3', 2, /'--sead' \(did you mean --seed\?\)/);
        says('inspect photos --thraeds=2', 2, /'--thraeds=2' \(did you mean --threads\?\)/);
        says('inspect photos --no-heatmap-files', 2, /no such option: '--no-heatmap-files'/);
        says('inspect photos -z', 2, /no such option: '-z'/);
        says('inspect photos --check', 2, /'--check' is an option of 'fleck eval'/);
        says('inspect photos --json', 2, /a value is missing after '--json'/);
        for (const option of ['--preset fit', '--precision f32'])
            says(`score model.fleck photos ${option}`, 2, /' is an option of 'fleck inspect'/);
        says('eval photos --json=yes', 2, /--json takes no value/);
        says('inspect photos --backbone dinov2-vit14', 1, /did you mean dinov2-vit[sb]14\?/);
        says('backbones --delete dinov2-vits41', 2, /did you mean dinov2-vits14\?/);
    });

    test('help of a command, in either order', () => {
        for (const command of ['inspect', 'eval']) {
            const help = fleck('help', command);
            assert.equal(help.status, 0);
            assert.equal(help.stdout, fleck(command, '--help').stdout);
        }
        says('inspect a.jpg b.jpg', 2, /name one folder only, the one with all photos in it/);
    });

    test('values that are missing, empty, repeated or out of range', () => {
        says('inspect photos -o', 2, /a value is missing after '-o'/);
        says('inspect photos --seed', 2, /a value is missing after '--seed'/);
        says('inspect photos -o --save m.fleck', 2, /a value is missing between --out and --save/);
        says('inspect photos -o -q', 2, /a value is missing between --out and -q/);
        says("inspect photos -o ''", 2, /--out wants OUT, not nothing/);
        says("inspect photos --seed ''", 2, /--seed wants N, not nothing/);
        says("inspect ''", 2, /one of the names is empty/);
        says("score model.fleck photos ''", 2, /one of the names is empty/);
        says('inspect photos --seed 1 --seed 2', 2, /--seed is given twice/);
        says('inspect photos -o a --out b', 2, /--out is given twice/);
        says('inspect photos --method knn --recipe paper', 2, /--method and --recipe exclude/);
        says('inspect photos --input 9000', 2, /from 1 to 8192.*not '9000'/);
        says('inspect photos --input 12x', 2, /from 1 to 8192.*not '12x'/);
        says('inspect photos --preset square', 2, /wants fit or funad, not 'square'/);
        says('inspect photos --precision int8', 2, /wants i8, f32 or i16, not 'int8'/);
        says('inspect photos --recipe cake', 2, /fleck, paper or paper-synthetic, not 'cake'/);
        says('inspect photos --threads 0', 2, /from 1 to 1024, not '0'/);
        for (const wrong of ['0', '1.1', '0.5x', 'nan', '-1'])
            says(`inspect photos --threshold ${wrong}`, 2, /a number above 0, and 1 at most/);
        says('inspect photos --seed -1', 2, /from 0 to 18446744073709551615, not '-1'/);
        says('inspect photos --seed 18446744073709551616', 2, /from 0 to 18446744073709551615/);
        says('inspect photos --iterations 1000000001', 2, /from 1 to 1000000000/);
        says('inspect photos --iterations 0', 2, /from 1 to 1000000000, not '0'/);
        says('inspect photos --learn-most 4', 2, /from 5 to 4294967295/);
        says('inspect photos --method magic', 2, /irmb, ensemble, knn, musc, .*not 'magic'/);
        says('inspect photos --blocks 0', 2, /ascending numbers from 1/);
        says('inspect photos --blocks 7,4', 2, /ascending numbers from 1.*not '7,4'/);
    });

    test('what stands where a folder should', () => {
        fs.rmSync(path.join(dir, 'out'), { recursive: true, force: true });
        for (const command of ['inspect', 'eval', 'train --save new.fleck']) {
            says(`${command} nowhere`, 1, /^fleck: nowhere: there is no such folder$/m);
            says(`${command} photo.png`, 1, /photo\.png: is a PNG photo; name the folder that it/);
            says(
                `${command} model.fleck`,
                1,
                /is a model, not a folder; 'fleck score model\.fleck/,
            );
            says(`${command} eyes.safetensors`, 1, /is a backbone \(safetensors\), not a folder/);
            says(`${command} notes.txt`, 1, /notes\.txt: is a text file, not a folder/);
            says(`${command} empty`, 1, /empty: is an empty file, not a folder/);
        }
        assert.equal(fs.existsSync(path.join(dir, 'out')), false, 'nothing is made before');
        says('train photos --save nowhere/model', 1, /^fleck: nowhere\/model: No such file/);
        says(
            'convert eyes.safetensors new.safetensors --photos notes.txt',
            1,
            /notes\.txt: is a text file, not a folder/,
        );
    });

    test('what stands where a model should', () => {
        says('score nowhere photos', 1, /^fleck: nowhere: there is no such model$/m);
        says(
            'score photos model.fleck',
            1,
            /photos: is a folder; the model comes first, as in 'fleck score model\.fleck photos'/,
        );
        says('score photo.png model.fleck', 1, /is a PNG photo; the model comes first/);
        says('score photos photos', 1, /photos: is a folder, no model; 'fleck train DIR --save/);
        says('score photo.png photos', 1, /is a PNG photo, no model; 'fleck train/);
        says('score photos/a.tif photos', 1, /is a TIFF photo, no model/);
        says(
            'score eyes.safetensors photos',
            1,
            /is a backbone \(safetensors\), no model; .* --backbone eyes\.safetensors'/,
        );
        says('score legacy.pth photos', 1, /is a PyTorch checkpoint, no model/);
        says('score notes.txt photos', 1, /is a text file, no model/);
        says('score drawing.md photos', 1, /is a text file, no model/);
        says('score empty photos', 1, /is an empty file, no model/);
        says('score cut.fleck photos', 1, /cut\.fleck: is no file of a kind that fleck knows/);
        says('score /dev/null photos', 1, /is no regular file, no model/);
    });

    test('what stands where a backbone should', () => {
        says('inspect photos --backbone nowhere', 1, /^fleck: nowhere: neither a file nor a /);
        says('inspect photos --backbone model.fleck', 1, /is a model, which holds no backbone/);
        says('inspect photos --backbone photo.png', 1, /photo\.png: is a PNG photo, no backbone/);
        says('convert notes.txt new.safetensors', 1, /notes\.txt: is a text file, no backbone/);
    });

    test('a weight file or model that was cut short', () => {
        const whole = fs.readFileSync(path.join(root, 'models/fleck-tiny.safetensors'));
        const model = fs.readFileSync(path.join(dir, 'model.fleck'));
        fs.writeFileSync(path.join(dir, 'half.safetensors'), whole.subarray(0, whole.length >> 1));
        fs.writeFileSync(path.join(dir, 'head.safetensors'), whole.subarray(0, 1000));
        fs.writeFileSync(path.join(dir, 'half.pth'), 'PK\x03\x04 archive/data.pkl and no more');
        fs.writeFileSync(path.join(dir, 'head.fleck'), model.subarray(0, -1));
        fs.writeFileSync(path.join(dir, 'photos/a.png'), '');
        const half = new RegExp(
            `half\\.safetensors: the file is cut short: ${whole.length >> 1} ` +
                `of ${whole.length} bytes$`,
            'm',
        );
        says('convert half.safetensors new.safetensors', 1, half);
        says('train photos --save new.fleck -q --backbone half.safetensors', 1, half);
        says(
            'convert head.safetensors new.safetensors',
            1,
            /head\.safetensors: the file is cut short: 1000 of at least \d{4,} bytes$/m,
        );
        says(
            'convert half.pth new.safetensors',
            1,
            /half\.pth: the file is cut short: after \d+ bytes the directory/,
        );
        says(
            'score head.fleck photos',
            1,
            new RegExp(
                'head\\.fleck: the file is cut short: ' +
                    `${model.length - 1} of at least ${model.length} bytes$`,
                'm',
            ),
        );
        fs.unlinkSync(path.join(dir, 'photos/a.png'));
    });
});

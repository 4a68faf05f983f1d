// How 'fleck eval' reads labelled data sets: which photos are learnt from, which are good, and
// whose each mask is. The layouts are those of public data sets, with tiny pictures.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bmp, jpeg, png } from '../js/pictures.mjs';
import { cli, missing, put, root } from './cli.mjs';

const cases = path.join(root, '../shared/cases/folders');

const SIDE = 32;
/** @param {number} x @param {number} y */
const isBad = (x, y) => x >= 8 && x < 24 && y >= 8 && y < 16;
/** @param {number} set @param {number} [rest] */
const grey = (set, rest = 0) =>
    png(SIDE, SIDE, (x, y) => (isBad(x, y) ? set : rest), { kind: 'grey' });
const photo = png(SIDE, SIDE, (x, y) => [100 + x, 100 + y, 90 + ((x * 7 + y * 5) % 40)]);
const mask = grey(255),
    black = grey(0);

describe('fleck eval reads', { skip: missing }, () => {
    let dir = '',
        number = 0;
    before(() => {
        dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleck-labelled-'));
    });
    after(() => fs.rmSync(dir, { recursive: true, force: true }));

    /**
     * Makes a set: names with ranges, "good/{0-3}.png", and what each file holds.
     * @param {Record<string, Buffer>} files
     */
    function make(files) {
        const set = path.join(dir, `set${number++}`);
        for (const [pattern, bytes] of Object.entries(files)) {
            const [, first, last] = /\{(\d+)-(\d+)\}/.exec(pattern) ?? [];
            for (let i = Number(first ?? 0); i <= Number(last ?? 0); i++) {
                const digits = first?.length ?? 0;
                const file = path.join(
                    set,
                    pattern.replace(/\{\d+-\d+\}/g, String(i).padStart(digits, '0')),
                );
                put(file, bytes);
            }
        }
        return set;
    }

    /** @param {string} set @param {string[]} more */
    const check = (set, ...more) =>
        spawnSync(cli, ['eval', set, '--check', ...more], { encoding: 'utf8', timeout: 60000 });

    /**
     * @param {Record<string, Buffer> | string} files
     * @param {number} status
     * @returns {{learnt: number, good: number, defective: number, masks: number, same: boolean,
     *     words: string, without_mask: number, left_out: number, stderr: string,
     *     photos: {file: string, defective: boolean, class: string, masks: string[], marked: number}[]}}
     */
    function reads(files, status = 0) {
        const run = check(typeof files === 'string' ? files : make(files), '--json');
        assert.equal(run.status, status, run.stderr);
        return { ...JSON.parse(run.stdout).read, stderr: run.stderr };
    }

    /** @param {Record<string, Buffer> | string} files @param {RegExp[]} words */
    function refuses(files, ...words) {
        const run = check(typeof files === 'string' ? files : make(files));
        assert.equal(run.status, 1, run.stdout + run.stderr);
        assert.equal(run.stdout, '');
        for (const word of words) assert.match(run.stderr, word);
    }

    /** @param {ReturnType<typeof reads>} read @param {number[]} numbers */
    function counts(read, ...numbers) {
        const { learnt, good, defective, masks } = read;
        assert.deepEqual([learnt, good, defective, masks], numbers, read.words);
        for (const { defective: bad, marked, file } of read.photos) {
            // 8/32 x 16/32 of the frame, a little more of its central 7/8
            if (bad && masks) assert.ok(marked > 0.12 && marked < 0.18, `${file}: ${marked}`);
            else assert.equal(marked, 0, file);
        }
    }

    const mvtec = {
        'train/good/{000-008}.png': photo,
        'test/good/{000-005}.png': photo,
        'test/crack/{000-004}.png': photo,
        'test/scratch/{000-001}.png': photo,
        'ground_truth/crack/{000-004}_mask.png': mask,
        'ground_truth/scratch/{000-001}_mask.png': mask,
    };

    test('MVTec AD, and says how', () => {
        const read = reads(mvtec);
        counts(read, 9, 6, 7, 7);
        assert.equal(
            read.words,
            '9 photos in train to learn from; in test 6 good (good 6), ' +
                '7 defective (crack 5, scratch 2); masks of 7, from ground_truth',
        );
        const cracked = read.photos.find((p) => p.file === 'crack/003.png');
        assert.deepEqual(cracked?.masks, ['ground_truth/crack/003_mask.png']);
        assert.equal(cracked?.class, 'crack');
        const text = check(make(mvtec));
        assert.equal(text.stdout, `read as: ${read.words}\n`);
    });

    test('folders called ok, normal, pass, capitals, suffixes and compounds', () => {
        for (const [good, bad] of [
            ['ok', 'ko'],
            ['OK', 'NG'],
            ['Good', 'Bad'],
            ['normal', 'abnormal'],
            ['Normal', 'Anomaly'],
            ['good', 'defect'],
            ['pass', 'fail'],
            ['GOOD', 'Scratch'],
            ['defect_free', 'stain'],
            ['non defective', 'folding marks'],
            ['good', 'not_good'],
            ['no_defect', 'defect'],
            ['ok_front', 'def_front'],
            ['MT_Free', 'MT_Crack'],
            ['cracked_no', 'x'],
            ['non_cracked', 'cracked'],
            ['Uncracked', 'Cracked'],
            ['crack_free', 'crack'],
            ['gut', 'schlecht'],
            ['iO', 'niO'],
            ['良品', '不良品'],
        ]) {
            if (good === 'cracked_no') continue;
            const files = {
                [`train/${good}/{0-8}.png`]: photo,
                [`test/${good}/{0-5}.png`]: photo,
                [`test/${bad}/{0-4}.png`]: photo,
                [`ground_truth/${bad}/{0-4}_mask.png`]: mask,
            };
            const read = reads(files);
            counts(read, 9, 6, 5, 5);
            assert.ok(
                read.photos.every((p) => p.defective === p.file.startsWith(`${bad}/`)),
                good,
            );
        }
        counts(
            reads({
                'train_good/{0-8}.png': photo,
                'test_good/{0-5}.png': photo,
                'test_crack/{0-4}.png': photo,
                'test_crack_mask/{0-4}.png': mask,
            }),
            9,
            6,
            5,
            5,
        );
        counts(
            reads({
                'good/train/{0-8}.png': photo,
                'good/test/{0-5}.png': photo,
                'bad/test/{0-4}.png': photo,
                'masks/bad/test/{0-4}.png': mask,
            }),
            9,
            6,
            5,
            5,
        );
        counts(
            reads({
                'Training Set/OK images/{0-8}.png': photo,
                'Test Set/OK images/{0-5}.png': photo,
                'Test Set/NG images/{0-4}.png': photo,
                'Test Set/NG masks/{0-4}.png': mask,
            }),
            9,
            6,
            5,
            5,
        );
    });

    test("MVTec LOCO: several masks in a folder of the photo's name", () => {
        const left = png(SIDE, SIDE, (x, y) => (isBad(x, y) && x < 16 ? 254 : 0), { kind: 'grey' });
        const right = png(SIDE, SIDE, (x, y) => (isBad(x, y) && x >= 16 ? 255 : 0), {
            kind: 'grey',
        });
        const read = reads({
            'train/good/{000-008}.png': photo,
            'validation/good/{000-002}.png': photo,
            'test/good/{000-005}.png': photo,
            'test/logical_anomalies/{000-004}.png': photo,
            'test/structural_anomalies/{000-001}.png': photo,
            'ground_truth/logical_anomalies/{000-004}/000.png': left,
            'ground_truth/logical_anomalies/{000-004}/001.png': right,
            'ground_truth/structural_anomalies/{000-001}/000.png': mask,
        });
        counts(read, 9, 6, 7, 7);
        assert.match(read.words, /left out 3 for validation/);
        assert.deepEqual(read.photos.find((p) => p.file === 'logical_anomalies/002.png')?.masks, [
            'ground_truth/logical_anomalies/002/000.png',
            'ground_truth/logical_anomalies/002/001.png',
        ]);
    });

    test('MVTec AD 2: public and private tests', () => {
        const read = reads({
            'train/good/{000-008}_regular.png': photo,
            'validation/good/{000-001}_regular.png': photo,
            'test_public/good/{000-005}_regular.png': photo,
            'test_public/bad/{000-004}_regular.png': photo,
            'test_public/ground_truth/bad/{000-004}_regular_mask.png': mask,
            'test_private/{000-003}_regular.png': photo,
            'test_private_mixed/{000-003}_mixed.png': photo,
        });
        counts(read, 9, 6, 5, 5);
        assert.match(
            read.words,
            /left out 2 for validation; left out 8 whose truth is not published/,
        );
    });

    test('VisA: no split, masks of values 1 to n', () => {
        const files = {
            'Data/Images/Normal/{0000-0005}.JPG': photo,
            'Data/Images/Anomaly/{000-004}.JPG': photo,
            'Data/Masks/Anomaly/{000-002}.png': grey(1),
            'Data/Masks/Anomaly/{003-004}.png': grey(3),
            'image_anno.csv': Buffer.from('image,label,mask\n'),
        };
        const read = reads(files);
        counts(read, 11, 6, 5, 5);
        assert.equal(read.same, true);
        assert.match(read.words, /^11 photos, learnt from without their labels and tested: 6 good/);
        counts(
            reads(Object.fromEntries(Object.entries(files).map(([k, v]) => [`candle/${k}`, v]))),
            11,
            6,
            5,
            5,
        );
    });

    test('BTAD: ok and ko, masks as BMP or PNG', () => {
        for (const ending of ['bmp', 'png'])
            counts(
                reads({
                    'train/ok/{000-008}.bmp': photo,
                    'test/ok/{000-005}.bmp': photo,
                    'test/ko/{000-004}.bmp': photo,
                    [`ground_truth/ko/{000-004}.${ending}`]:
                        ending === 'bmp'
                            ? bmp(SIDE, SIDE, (x, y) => (isBad(x, y) ? 255 : 0))
                            : mask,
                }),
                9,
                6,
                5,
                5,
            );
    });

    test('DAGM: masks in Label say which are defective', () => {
        const read = reads({
            'Train/{0576-0584}.PNG': photo,
            'Train/Label/0577_label.PNG': mask,
            'Train/Label/Labels.txt': Buffer.from('1\n'),
            'Test/{0001-0008}.PNG': photo,
            'Test/Label/{0002-0004}_label.PNG': mask,
            'Test/Label/Labels.txt': Buffer.from('1\n'),
        });
        counts(read, 9, 5, 3, 3);
        assert.deepEqual(
            read.photos.filter((p) => p.defective).map((p) => p.file),
            ['0002.PNG', '0003.PNG', '0004.PNG'],
        );
        assert.match(read.words, /by their masks/);
    });

    test('KolektorSDD and KolektorSDD2: black masks for the good ones', () => {
        counts(
            reads({
                'kos01/Part{0-5}.jpg': photo,
                'kos01/Part{0-4}_label.bmp': black,
                'kos01/Part5_label.bmp': mask,
                'kos02/Part{0-5}.jpg': photo,
                'kos02/Part{0-4}_label.bmp': black,
                'kos02/Part5_label.bmp': mask,
            }),
            12,
            10,
            2,
            2,
        );
        counts(
            reads({
                'train/{10000-10008}.png': photo,
                'train/{10000-10008}_GT.png': black,
                'test/{20000-20007}.png': photo,
                'test/{20000-20004}_GT.png': black,
                'test/{20005-20007}_GT.png': mask,
            }),
            9,
            5,
            3,
            3,
        );
    });

    test("magnetic tiles: a PNG of the JPEG's name is its mask", () => {
        const read = reads({
            'MT_Free/Imgs/exp1_num_{10-15}.jpg': photo,
            'MT_Free/Imgs/exp1_num_{10-15}.png': black,
            'MT_Crack/Imgs/exp1_num_{20-22}.jpg': photo,
            'MT_Crack/Imgs/exp1_num_{20-22}.png': mask,
            'MT_Fray/Imgs/exp1_num_{30-31}.jpg': photo,
            'MT_Fray/Imgs/exp1_num_{30-31}.png': mask,
        });
        counts(read, 11, 6, 5, 5);
        assert.match(
            read.words,
            /defective \(MT_Crack 3, MT_Fray 2\); masks of 5, beside the photos/,
        );
    });

    test('AITEX, BMAD, and folders and masks with numbers', () => {
        counts(
            reads({
                'NODefect_images/2306881-210020u/{0001-0006}_000_05.png': photo,
                'Defect_images/{0001-0005}_002_00.png': photo,
                'Mask_images/{0001-0004}_002_00_mask.png': mask,
                'Mask_images/0005_002_00_mask1.png': mask,
                'Mask_images/0005_002_00_mask2.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(
            reads({
                'train/good/{0-8}.png': photo,
                'valid/good/img/{0-1}.png': photo,
                'valid/Ungood/img/{0-1}.png': photo,
                'valid/Ungood/anomaly_mask/{0-1}.png': mask,
                'test/good/img/{0-5}.png': photo,
                'test/good/label/{0-5}.png': black,
                'test/Ungood/img/{0-4}.png': photo,
                'test/Ungood/label/{0-4}.png': mask,
            }),
            9,
            6,
            5,
            5,
        );
        counts(
            reads({
                'good/{0-5}.jpg': photo,
                'oil/{0-4}.jpg': photo,
                'ground_truth_1/{0-4}.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(
            reads({
                'Normal_Insulators/{0-5}.jpg': photo,
                'Defective_Insulators/images/{0-4}.jpg': photo,
                'Defective_Insulators/masks/{0-4}.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(reads({ 'Not Damaged/{0-5}.jpg': photo, 'Damaged/{0-4}.jpg': photo }), 11, 6, 5, 0);
    });

    test('Real-IAD: OK and NG, kinds and samples', () => {
        const read = reads({
            'OK/S0001/a_0001_OK_C{1-5}.jpg': photo,
            'NG/AK/S0025/a_0025_NG_AK_C{1-3}.jpg': photo,
            'NG/AK/S0025/a_0025_NG_AK_C{1-3}.png': mask,
            'NG/BX/S0031/a_0031_NG_BX_C{1-2}.jpg': photo,
            'NG/BX/S0031/a_0031_NG_BX_C{1-2}.png': mask,
        });
        counts(read, 10, 5, 5, 5);
        assert.match(read.words, /\(AK 3, BX 2\)/);
    });

    test('AeBAD, MVTec 3D-AD, MPDD and masks in one flat folder', () => {
        counts(
            reads({
                'train/good/background/{0-4}.png': photo,
                'train/good/view/{0-4}.png': photo,
                'test/good/background/{0-2}.png': photo,
                'test/good/view/{0-2}.png': photo,
                'test/ablation/background/{0-2}.png': photo,
                'test/ablation/view/{0-2}.png': photo,
                'ground_truth/ablation/background/{0-2}.png': mask,
                'ground_truth/ablation/view/{0-2}.png': mask,
            }),
            10,
            6,
            6,
            6,
        );
        const read = reads({
            'train/good/rgb/{000-008}.png': photo,
            'train/good/xyz/{000-008}.tiff': Buffer.from('II*\0rest'),
            'test/good/rgb/{000-005}.png': photo,
            'test/good/gt/{000-005}.png': black,
            'test/bent/rgb/{000-004}.png': photo,
            'test/bent/gt/{000-004}.png': mask,
            'test/bent/xyz/{000-004}.tiff': Buffer.from('II*\0rest'),
        });
        counts(read, 9, 6, 5, 5);
        assert.match(read.words, /left out 14 pictures of depth or points/);
        counts(
            reads({
                'train/good/{000-008}.png': photo,
                'test/good/{000-005}.png': photo,
                'test/defective painting/{000-002}.png': photo,
                'test/parts_mismatch/{000-001}.png': photo,
                'ground_truth/defective painting/{000-002}_mask.png': mask,
                'ground_truth/parts_mismatch/{000-001}_mask.png': mask,
            }),
            9,
            6,
            5,
            5,
        );
        counts(
            reads({
                'normal/{000-005}.jpg': photo,
                'abnormal/{000-004}.jpg': photo,
                'mask/{000-004}.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(
            reads({
                'normal/{000-005}.jpg': photo,
                'crack/{000-004}.jpg': photo,
                'masks/{000-004}.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(
            reads({
                'images/good/{0-5}.png': photo,
                'images/broken/{0-4}.png': photo,
                'annotations/defect/{0-4}_segmentation.png': mask,
            }),
            11,
            6,
            5,
            5,
        );
        counts(
            reads({
                'train/{0-8}.png': photo,
                'test/{00-09}.png': photo,
                'ground_truth/{03-05}_seg.png': mask,
            }),
            9,
            7,
            3,
            3,
        );
    });

    test('days and lots between, where the label is above or below', () => {
        counts(
            reads({
                'train/2024-05-{01-02}/a.png': photo,
                'train/2024-05-{01-07}/b.png': photo,
                'test/2024-05-10/OK/{0-2}.png': photo,
                'test/2024-05-11/OK/{0-2}.png': photo,
                'test/2024-05-10/NG/{0-1}.png': photo,
                'test/2024-05-11/NG/{0-2}.png': photo,
            }),
            9,
            6,
            5,
            0,
        );
        counts(
            reads({
                'good/lot1/{0-2}.png': photo,
                'good/lot2/{0-2}.png': photo,
                'bad/lot1/{0-2}.png': photo,
                'bad/lot2/{0-1}.png': photo,
            }),
            11,
            6,
            5,
            0,
        );
    });

    test('names that say nothing are named, and nothing is measured', () => {
        const good = { 'train/good/{0-8}.png': photo, 'test/good/{0-5}.png': photo };
        refuses(
            {
                'train/{0-8}.png': photo,
                'test/positive/{0-5}.png': photo,
                'test/negative/{0-4}.png': photo,
            },
            /test\/negative, test\/positive: good or defective\? The name can mean either/,
            /nothing is measured on a set that is not understood/,
        );
        refuses(
            {
                'train/{0-8}.png': photo,
                'test/2024-05-01/{0-5}.png': photo,
                'test/2024-05-02/{0-4}.png': photo,
            },
            /test\/2024-05-01, test\/2024-05-02: neither good nor defective/,
        );
        refuses(
            { ...good, 'test/2024-05-01/{0-4}.png': photo },
            /test\/2024-05-01: neither good nor defective/,
        );
        for (const other of ['unsure', 'results', 'May 2024', '1mar24', 'march'])
            refuses(
                { ...good, 'test/bad/{0-4}.png': photo, [`test/${other}/{0-1}.png`]: photo },
                new RegExp(`test/${other}: neither`),
            );
        // A mar is a defect.
        counts(reads({ ...good, 'test/mar/{0-4}.png': photo }), 9, 6, 5, 0);
        refuses(
            { ...good, 'test/1/{0-4}.png': photo, 'test/2/{0-4}.png': photo },
            /test\/1, test\/2: neither/,
        );
        refuses({ 'yes/{0-4}.png': photo, 'no/{0-4}.png': photo }, /no, yes: good or defective\?/);
        refuses({ 'a/{0-4}.png': photo, 'b/{0-4}.png': photo }, /a, b: neither good nor defective/);
        refuses({ '{0-9}.png': photo }, /\.: neither good nor defective/);
        refuses(
            { ...good, 'test/bad/good/{0-4}.png': photo },
            /test\/bad\/good: good or defective\?/,
        );
        refuses(
            {
                'bottle/train/good/{0-4}.png': photo,
                'bottle/test/good/{0-2}.png': photo,
                'cable/train/good/{0-4}.png': photo,
                'cable/test/good/{0-2}.png': photo,
            },
            /holds 2 data sets: bottle, cable; name one of them, as in 'fleck eval .*\/bottle'/,
        );
        refuses(
            {
                'candle/Data/Images/Normal/{0-4}.JPG': photo,
                'candle/Data/Images/Anomaly/{0-4}.JPG': photo,
                'pcb1/Data/Images/Normal/{0-4}.JPG': photo,
                'pcb1/Data/Images/Anomaly/{0-4}.JPG': photo,
            },
            /holds 2 data sets: candle, pcb1/,
        );
        // A number is a kind of defect where masks say so.
        const read = reads({
            ...good,
            'test/1/{0-4}.png': photo,
            'ground_truth/1/{0-4}.png': mask,
        });
        counts(read, 9, 6, 5, 5);
    });

    test('one kind only is nothing to measure', () => {
        refuses(
            { 'train/good/{0-8}.png': photo, 'test/good/{0-5}.png': photo },
            /read as: 9 photos in train/,
            /nothing to measure: all 6 photos to test are good/,
        );
        refuses({ 'ng/{0-5}.png': photo }, /all 6 photos to test are defective/);
        refuses({ 'notes.txt': Buffer.from('none') }, /no photo to test/);
    });

    test('masks in every way of drawing', () => {
        const set =
            (/** @type {number | number[]} */ on, /** @type {number | number[]} */ off) =>
            (/** @type {number} */ x, /** @type {number} */ y) => (isBad(x, y) ? on : off);
        const palette = [
            [0, 0, 0],
            [128, 0, 0],
            [0, 128, 0],
        ];
        /** @type {Record<string, Buffer>} */
        const kinds = {
            one: grey(1),
            seven: grey(7),
            white: mask,
            half: grey(128),
            bits: png(SIDE, SIDE, set(1, 0), { kind: 'grey', depth: 1 }),
            wide: png(SIDE, SIDE, set(1, 0), { kind: 'grey', depth: 16 }),
            wider: png(SIDE, SIDE, set(65535, 0), { kind: 'grey', depth: 16 }),
            green: png(SIDE, SIDE, set([0, 255, 0], [0, 0, 0])),
            red: png(SIDE, SIDE, set([200, 0, 0], [0, 0, 0])),
            blue: png(SIDE, SIDE, set([0, 0, 90], [0, 0, 0])),
            palette: png(SIDE, SIDE, set(2, 0), { kind: 'palette', palette }),
            palette1: png(SIDE, SIDE, set(1, 0), {
                kind: 'palette',
                depth: 1,
                palette: palette.slice(0, 2),
            }),
            clear: png(SIDE, SIDE, set(1, 0), {
                kind: 'palette',
                palette: [
                    [0, 0, 0],
                    [0, 0, 0],
                ],
                alphas: [0, 255],
            }),
            alphaBlack: png(SIDE, SIDE, set([0, 0, 0, 255], [0, 0, 0, 0]), { kind: 'rgba' }),
            alphaWhite: png(SIDE, SIDE, set([255, 255, 255, 255], [255, 255, 255, 0]), {
                kind: 'rgba',
            }),
            alphaRed: png(SIDE, SIDE, set([255, 0, 0, 255], [255, 255, 255, 0]), { kind: 'rgba' }),
            alphaHidden: png(SIDE, SIDE, set([0, 0, 0, 255], [255, 255, 255, 0]), { kind: 'rgba' }),
            opaque: png(SIDE, SIDE, set([255, 255, 255, 255], [0, 0, 0, 255]), { kind: 'rgba' }),
            greyAlpha: png(SIDE, SIDE, set([255, 255], [255, 0]), { kind: 'greyAlpha' }),
            bmp: bmp(SIDE, SIDE, (x, y) => (isBad(x, y) ? 1 : 0)),
            jpeg: jpeg(SIDE, SIDE, (x, y) => (isBad(x, y) ? 250 : 4)),
            larger: png(2 * SIDE, 2 * SIDE, (x, y) => (isBad(x >> 1, y >> 1) ? 255 : 0), {
                kind: 'grey',
            }),
            smaller: png(SIDE / 4, SIDE / 4, (x, y) => (isBad(4 * x, 4 * y) ? 255 : 0), {
                kind: 'grey',
            }),
            smooth: png(
                4 * SIDE,
                4 * SIDE,
                (x, y) => {
                    const d = Math.min(x - 32, 95 - x, y - 32, 63 - y);
                    return Math.max(0, Math.min(255, 128 + 30 * d));
                },
                { kind: 'grey' },
            ),
        };
        for (const [name, bytes] of Object.entries(kinds)) {
            const read = reads({
                'good/{0-3}.png': photo,
                'bad/{0-1}.png': photo,
                'ground_truth/bad/{0-1}.png': bytes,
            });
            try {
                counts(read, 6, 4, 2, 2);
            } catch (error) {
                throw new Error(name, { cause: error });
            }
        }
    });

    test('masks that contradict are named, and nothing is measured', () => {
        const set = { 'good/{0-3}.png': photo, 'bad/{0-2}.png': photo };
        refuses(
            { ...set, 'masks/bad/{0-2}.png': mask, 'masks/good/2.png': mask },
            /1 photo in folders for good ones has a mask that marks something: good\/2\.png/,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': photo },
            /mask .*masks\/bad\/0\.png: looks like a photo, not like a mask/,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': png(SIDE, SIDE / 2, () => 255, { kind: 'grey' }) },
            /masks\/bad\/0\.png has 32x16 pixels, but its photo .*bad\/0\.png has 32x32/,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': grey(0, 255) },
            /are good and defective places swapped\?/,
        );
        refuses(
            { ...set, 'masks/bad/{0-3}.png': mask },
            /1 mask is of no photo: masks\/bad\/3\.png/,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': mask, 'masks/bad/1_mask.png': mask },
            /which of them is the mask of bad\/1\.png/,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': Buffer.from('II*\0 a TIFF') },
            /mask .*masks\/bad\/0\.png: /,
        );
        refuses(
            { ...set, 'masks/bad/{0-2}.png': mask.subarray(0, 60) },
            /mask .*masks\/bad\/0\.png: /,
        );
        refuses({ ...set, 'masks/bad/{0-2}.png': black }, /not one of the masks marks anything/);
        refuses(
            {
                'good/{0-3}.png': photo,
                'a/bad/{0-2}.png': photo,
                'b/bad/{0-2}.png': photo,
                'masks/{0-2}.png': mask,
            },
            /masks\/0\.png: is it the mask of .*, or of another photo of that name\?/,
        );
        refuses(
            { 'test/{0-5}.png': photo, 'test/{0-1}_GT.png': mask, 'test/{2-4}_GT.png': black },
            /3 have an empty mask \(test\/2\.png, .*\) and 1 no mask \(test\/5\.png\): are these good\?/,
        );
    });

    test("tables: ELPV's labels.csv, VisA's split, words and numbers", () => {
        const table = (/** @type {string[]} */ lines) => Buffer.from(lines.join('\n') + '\n');
        const cells = Array.from({ length: 12 }, (_, i) => `images/cell00${String(i + 10)}.png`);
        const value = (/** @type {number} */ i) =>
            i < 6 ? '0.0' : i < 10 ? '1.0' : '0.3333333333333333';
        const elpv = reads(
            {
                'images/cell00{10-21}.png': photo,
                'labels.csv': table(
                    cells.map((file, i) => `${file}  ${value(i)}  ${i % 2 ? 'mono' : 'poly'}`),
                ),
            },
            3,
        );
        counts(elpv, 10, 6, 4, 0);
        assert.match(elpv.words, /, by labels\.csv; no masks/);
        assert.match(
            elpv.stderr,
            /left out 2 photos that labels\.csv calls neither good nor defective: images\/cell0020/,
        );

        const rows = ['object,split,label,image,mask'];
        for (const object of ['candle', 'pcb1']) {
            for (let i = 0; i < 6; i++)
                rows.push(
                    `${object},${i < 4 ? 'train' : 'test'},normal,${object}/Data/Images/Normal/${i}.JPG,`,
                );
            for (let i = 0; i < 3; i++)
                rows.push(
                    `${object},test,anomaly,${object}/Data/Images/Anomaly/${i}.JPG,${object}/Data/Masks/Anomaly/${i}.png`,
                );
        }
        const visa = make({
            'candle/Data/Images/Normal/{0-5}.JPG': photo,
            'candle/Data/Images/Anomaly/{0-2}.JPG': photo,
            'candle/Data/Masks/Anomaly/{0-2}.png': grey(2),
            'split_csv/1cls.csv': table(rows),
        });
        for (const dir of [visa, path.join(visa, 'candle')]) {
            const read = reads(dir);
            counts(read, 4, 2, 3, 3);
            assert.equal(read.same, false);
            assert.match(
                read.words,
                /^4 photos to learn from; to test 2 good \(Normal 2\), 3 .*; split by .*1cls\.csv/,
            );
        }
        counts(
            reads({
                '{0-9}.png': photo,
                'truth.csv': table([
                    'file;label',
                    ...Array.from(
                        { length: 10 },
                        (_, i) => `"${i}.png";${i < 6 ? 'good' : i < 8 ? 'crack' : 'dent'}`,
                    ),
                ]),
            }),
            10,
            6,
            4,
            0,
        );
        counts(
            reads({
                '{0-9}.png': photo,
                'truth.csv': table([
                    'path,is_defective',
                    ...Array.from({ length: 10 }, (_, i) => `./${i}.png,${i < 6 ? 0 : 1}`),
                ]),
            }),
            10,
            6,
            4,
            0,
        );
        refuses(
            {
                '{0-9}.png': photo,
                'truth.csv': table([
                    'path,label',
                    ...Array.from({ length: 10 }, (_, i) => `${i}.png,${i < 6 ? 0 : 1}`),
                ]),
            },
            /truth\.csv: numbers under "label": which are defective\?/,
        );
        refuses(
            { '{0-9}.png': photo, 'truth.csv': table(['path,label', '0.png,good', '0.png,crack']) },
            /truth\.csv: two labels for 0\.png/,
        );
        refuses(
            { '{0-9}.png': photo, 'truth.csv': table(['path,label', '0.png,good', '1.png,crack']) },
            /truth\.csv does not say whether 8 photos are good or defective: 2\.png, 3\.png/,
        );
    });

    test('a validation folder is the test where there is no other', () => {
        const read = reads({
            'train/good/{0-8}.png': photo,
            'val/good/{0-5}.png': photo,
            'val/bad/{0-4}.png': photo,
            'ground_truth/bad/{0-4}.png': mask,
        });
        counts(read, 9, 6, 5, 5);
        assert.match(read.words, /; in val 6 good/);
    });

    test('masks under a name that says nothing are no photos', () => {
        const set = { 'good/{0-5}.png': photo, 'bad/{0-4}.png': photo };
        for (const other of [
            { 'marks/{0-4}.png': mask },
            { 'bad/{0-4}_1.png': grey(1) },
            {
                'bad_drawn/{0-4}.png': png(SIDE, SIDE, (x, y) =>
                    isBad(x, y) ? [0, 255, 0] : [0, 0, 0],
                ),
            },
            {
                'train/good/{0-4}.png': photo,
                'test/good/{0-4}.png': photo,
                'test/bad/{0-4}.png': photo,
                'train/drawn/{0-4}.png': mask,
            },
            { 'drawn/{0-4}.jpg': jpeg(SIDE, SIDE, (x, y) => (isBad(x, y) ? 250 : 4)) },
            { 'bad/{0-4}.bmp': bmp(SIDE, SIDE, (x, y) => (isBad(x, y) ? 255 : 0)) },
        ])
            refuses({ ...set, ...other }, /5 pictures look like masks: /);
    });

    test('a defective photo without a mask, or with an empty one, is named', () => {
        const read = reads(
            {
                'good/{0-3}.png': photo,
                'bad/{0-4}.png': photo,
                'ground_truth/bad/{0-2}.png': mask,
                'ground_truth/bad/3.png': black,
                'ground_truth/good/{0-3}.png': black,
            },
            3,
        );
        assert.deepEqual([read.good, read.defective, read.masks, read.without_mask], [4, 5, 3, 2]);
        assert.match(read.stderr, /1 defective photo without a mask, .*: bad\/4\.png/);
        assert.match(read.stderr, /1 defective photo whose mask is empty, .*: bad\/3\.png/);
    });

    test('photos that belong nowhere are named and left out', () => {
        const read = reads({ ...mvtec, 'overview.png': photo, 'test/loose.png': photo }, 3);
        counts(read, 9, 6, 7, 7);
        assert.match(read.stderr, /left out 1 photo outside train and test: overview\.png/);
        assert.match(
            read.stderr,
            /skipped test\/loose\.png: is in no folder for good or defective photos/,
        );
    });

    test('names of every kind stay what they are', () => {
        const odd = 'a "b"\\\n\u001b[31m é.png';
        const set = make({
            'good/{0-3}.png': photo,
            [`bad/${odd}`]: photo,
            [`ground_truth/bad/${odd.replace('.png', '_mask.png')}`]: mask,
        });
        const broken = Buffer.concat([
            Buffer.from(path.join(set, 'good/')),
            Buffer.from([0xe9, 0x2e, 0x70, 0x6e, 0x67]),
        ]);
        fs.writeFileSync(broken, photo);
        const read = reads(set);
        counts(read, 6, 5, 1, 1);
        assert.deepEqual(
            read.photos.map((p) => p.file).filter((name) => name.startsWith('bad')),
            [`bad/${odd}`],
        );
        assert.ok(read.photos.some((p) => p.file === 'good/\ufffd.png'));
        assert.doesNotMatch(check(set).stdout, /\u001b/);
    });

    const shared = fs.existsSync(cases) ? false : 'skipped: ../shared is absent';
    test('the layouts in ../shared/cases', { skip: shared }, () => {
        const folder = path.join(cases, 'layouts');
        const lists = fs.readdirSync(folder).filter((name) => name.endsWith('.txt'));
        assert.ok(lists.length > 0);
        for (const name of lists) {
            /** @type {Record<string, Buffer>} */
            const files = {};
            const lines = fs
                .readFileSync(path.join(folder, name), 'utf8')
                .split('\n')
                .filter(Boolean);
            for (const line of lines) files[line] = /ground_truth|mask/i.test(line) ? mask : photo;
            counts(
                reads(files),
                lines.filter((line) => line.startsWith('./train')).length,
                6,
                5,
                5,
            );
        }
    });

    test('the masks in ../shared/cases', { skip: shared }, () => {
        for (const name of fs.readdirSync(path.join(cases, 'masks'))) {
            const read = reads({
                'good/{0-3}.png': photo,
                'bad/0.png': photo,
                'ground_truth/bad/0.png': fs.readFileSync(path.join(cases, 'masks', name)),
            });
            assert.equal(read.masks, 1, name);
            assert.ok(
                read.photos.some((p) => p.marked > 0),
                name,
            );
        }
    });
});

/**
 * Screenshots of a web page as tests look at them, in node, under Playwright Test, vitest or
 * anything else that takes an error for a failure.
 *
 *     await expectNoAnomaly(screenshots, { model: 'shop.fleck', report: 'shop.html' });
 *
 * Pages vary in words, numbers and pictures, which a comparison of pixels calls a difference. This
 * one learns what varies, and where, from the screenshots themselves.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Detector, lookFrom, PHOTOS_MIN } from './node.js';
import { checked, known, must } from './options.js';
import { dateOf, PICTURES_MOST, reportOf } from './report.js';
import { resultsJson } from './results_json.js';

/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('./types.js').FolderVerdict} FolderVerdict */
/** @typedef {import('./types.js').Region} Region */
/** @typedef {import('./types.js').Verdict} Verdict */

const BACKBONE = new URL('./fleck-tiny.safetensors', import.meta.url);

/**
 * Scores from here on are defects, where nothing else is said. Screenshots are aligned and not noisy:
 * in 41 sets of 30, of examples/web-qa and of scripts/beds/screens.py, no good one had more than
 * .34, while the one broken one had .43 or more in 18 of 21; of those that a kept model judged 40 of
 * 42 had .45 or more.
 */
const THRESHOLD = 0.4;

const OPTIONS = ['backbone', 'model', 'update', 'report', 'threshold', 'detector'];

/** Fewer good screenshots tell too little of what varies to be sure of the others. */
const SURE = 20;

/**
 * A screenshot: the path of its file, or the bytes of one (PNG, JPEG) with the name that it is told
 * by.
 * @typedef {string | {name: string, bytes: Uint8Array}} Screenshot
 */
/**
 * @typedef {object} ExpectOptions
 * @property {string | Uint8Array} [backbone] a safetensors file, its path or its bytes; by default
 *     the one that comes with the package
 * @property {string} [model] path of the file that keeps what was learnt: where it is there, it
 *     judges the screenshots; where not, they are learnt from, and it is written if none of them is
 *     a defect. None: every run learns from its own screenshots
 * @property {boolean} [update] learn anew although there is a model
 * @property {string} [report] path of the report that is written where a screenshot is a defect
 * @property {number} [threshold] in (0, 1]: scores from here on are defects; by default 0.4, or what
 *     the model says
 * @property {Pick<Options, 'method' | 'tiles' | 'input' | 'seed'>} [detector] options of the one that
 *     learns; its default method found most in the sets that THRESHOLD tells of
 */
/**
 * What was found. learnt: whether these screenshots were learnt from; sureness: sentences that say
 * how far the result is to be trusted.
 * @typedef {{learnt: boolean, sureness: string, screenshots: {name: string, score: number,
 *     verdict: Verdict, width: number, height: number, regions: Region[]}[]}} Found
 */

/** What expectNoAnomaly throws where screenshots are defects. */
export class AnomalyError extends Error {
    name = 'AnomalyError';

    /** @param {string} message @param {Found} found */
    constructor(message, found) {
        super(message);
        this.found = found;
    }
}

/**
 * Fails where a screenshot looks unlike the others, or unlike those that the model was learnt from.
 * All are of one page at one size, each with other content where real visits have it.
 * @param {Screenshot[]} screenshots 5 or more where they are learnt from
 * @param {ExpectOptions} [options]
 * @returns {Promise<Found>}
 * @throws {AnomalyError} that names each defect with its score and regions
 * @throws {TypeError} that names an option that does not exist
 * @throws {Error} where a file cannot be read, or there are too few screenshots
 */
export async function expectNoAnomaly(screenshots, options = {}) {
    const {
        backbone = BACKBONE,
        model,
        update = false,
        report,
        threshold,
        detector: asked = {},
    } = options;
    known(options, OPTIONS);
    must(typeof update === 'boolean', 'update', 'of type boolean');
    checked(asked); // though a model that was kept may bring its own
    if (!Array.isArray(screenshots) || !screenshots.length)
        throw new TypeError('screenshots must be a list of paths and {name, bytes}, not empty');
    const shots = await Promise.all(screenshots.map(read));
    const weights = backbone instanceof Uint8Array ? backbone : await readFile(backbone);
    const kept = model && !update && existsSync(model) ? await readFile(model) : null;
    if (!kept && shots.length < PHOTOS_MIN)
        throw new Error(
            `${shots.length} screenshots: at least ${PHOTOS_MIN} are needed to learn from`,
        );
    const own = kept ? await Detector.optionsOf(kept).catch(naming(model)) : asked;
    const detector = await Detector.create(own);
    try {
        await detector.loadBackbone(weights).catch(naming(backbone));
        if (kept) await detector.load(kept).catch(naming(model));
        else {
            await detector.setThreshold(THRESHOLD);
            await learn(detector, shots);
        }
        if (threshold !== undefined) await detector.setThreshold(threshold);
        const judged = [];
        for (const [i, shot] of shots.entries())
            judged.push(await judge(detector, shot, kept ? shot.photo : i));
        const folder = kept ? null : await detector.judgeFolder();
        const found = {
            learnt: !kept,
            sureness: surenessOf(folder),
            screenshots: judged.map(({ heat: _, photo: __, ...each }) => each),
        };
        const defects = found.screenshots.filter(({ verdict }) => verdict === 'defect');
        const bytes = kept ?? (await detector.save());
        if (!defects.length) {
            if (model && !kept) await write(model, bytes);
            return found;
        }
        if (report) {
            const { method = 'irmb', seed } = own;
            const about = { method, seed, weights, bytes, folder, model: kept && model };
            await write(report, await pageOf(detector, shots, judged, about));
        }
        throw new AnomalyError(messageOf(defects, found, report), found);
    } finally {
        detector.close();
    }
}

/** @param {Screenshot} screenshot */
async function read(screenshot) {
    const isPath = typeof screenshot === 'string';
    const name = isPath ? basename(screenshot) : screenshot?.name;
    const bytes = isPath ? await readFile(screenshot) : screenshot?.bytes;
    if (typeof name !== 'string' || !(bytes instanceof Uint8Array))
        throw new TypeError('a screenshot must be a path or {name, bytes}');
    return { name, photo: { bytes } };
}

/** @typedef {Awaited<ReturnType<typeof read>>} Shot */

/** Says which file an error is about. @param {unknown} file */
const naming = (file) => (/** @type {Error} */ error) => {
    if (typeof file === 'string') error.message = `${file}: ${error.message}`;
    throw error;
};

/** @param {Detector} detector @param {Shot[]} shots */
async function learn(detector, shots) {
    const added = await detector.add(shots.map(({ photo }) => photo));
    const unread = added.flatMap(({ error }, i) =>
        error ? [`${shots[i].name}: ${error.message}`] : [],
    );
    if (unread.length) throw new Error(unread.join('\n'));
    await detector.train();
}

/**
 * @param {Detector} detector
 * @param {Shot} shot
 * @param {number | Shot['photo']} photo as the detector knows it
 */
async function judge(detector, { name, photo: file }, photo) {
    const result = typeof photo === 'number' ? detector.scoreAdded(photo) : detector.score(photo);
    const { score, verdict, heat } = await result.catch(naming(name));
    const { width, height } = await detector.decode(file);
    const isCalled = verdict === 'defect' && heat;
    const regions = isCalled ? await detector.findRegions(heat, { width, height }) : [];
    return { name, photo, score, verdict, width, height, regions, heat: isCalled };
}

/** @param {FolderVerdict | null} folder null: judged by a model that was kept */
function surenessOf(folder) {
    if (!folder) return 'Judged by the model that was kept.';
    const { photos, defects, estimated, estimatedLeast, estimatedMost, secondProduct } = folder;
    return [
        `Learnt from these ${photos} screenshots` +
            (photos < SURE ? `, too few to be sure: ${SURE} or more are better.` : '.'),
        ...(estimated > defects
            ? [`About ${estimated} seem to be defects (${estimatedLeast} to ${estimatedMost}).`]
            : []),
        ...(secondProduct ? [`${secondProduct} seem to show another page.`] : []),
    ].join(' ');
}

/** @param {Found['screenshots']} defects @param {Found} found @param {string} [report] */
function messageOf(defects, { screenshots, sureness }, report) {
    const places = (/** @type {Region[]} */ regions) =>
        regions.map(({ left, top, width, height, peak }) => {
            const [x, y, w, h] = [left, top, width, height].map(Math.round);
            return `${w} x ${h} pixels at ${x}, ${y} (${peak.toFixed(2)})`;
        });
    return [
        `${defects.length} of ${screenshots.length} screenshots ` +
            `${defects.length === 1 ? 'looks' : 'look'} unlike the others:`,
        ...defects.map(
            ({ name, score, regions }) =>
                `  ${name}: score ${score.toFixed(3)}; ${places(regions).join('; ')}`,
        ),
        sureness,
        ...(report ? [`Report: ${report}`] : []),
    ].join('\n');
}

/**
 * The report, as the command line writes it.
 * @param {Detector} detector
 * @param {Shot[]} shots
 * @param {Awaited<ReturnType<typeof judge>>[]} judged
 * @param {{method: Options['method'], seed: Options['seed'], weights: Uint8Array,
 *     bytes: Uint8Array, folder: FolderVerdict | null, model: string | null | undefined}} about
 *     bytes: of the model; model: its path, where it was there
 */
async function pageOf(detector, shots, judged, about) {
    const { method, seed = 0, weights, bytes, folder, model } = about;
    const { threshold, smallestArea, area, shape, samples } = detector;
    const called = judged.filter(({ heat }) => heat);
    const { groups, sizes } = await detector.groupRegions(
        called.map(({ photo, heat, width, height }) => ({
            ...{ photo, width, height },
            heat: /** @type {Float32Array} */ (heat),
        })),
    );
    const results = resultsJson(
        {
            settings: { method, preset: 'fit', precision: 'i8', seed, backbone: null },
            ...{ shape, threshold, look: lookFrom(threshold), smallestArea, area, folder },
            ...{ loadedModel: model ? basename(model) : null, skipped: [] },
            groups: sizes.map((size) => ({ size, name: '' })),
        },
        judged.map((each) => ({ ...each, groups: groups[called.indexOf(each)] ?? [] })),
    );
    const hash = (/** @type {Uint8Array} */ bytes) =>
        createHash('sha256').update(bytes).digest('hex');
    const run = {
        date: dateOf(),
        title: 'screenshots',
        by: null,
        backbone_sha256: hash(weights),
        model_sha256: hash(bytes),
        sample_bits: samples.bits,
        ...{ blocks: [], iterations: 0, learn_most: 0, synthetic: false, area: null, marks: null },
        photos: shots.map(({ photo }) => ({
            sha256: hash(photo.bytes),
            role: model ? 'fresh' : 'learnt',
        })),
    };
    const pictures = [...judged.keys()]
        .filter((i) => judged[i].verdict !== 'ok')
        .sort((a, b) => judged[b].score - judged[a].score)
        .slice(0, PICTURES_MOST)
        .map((i) => ({ photo: i, data: asUrl(shots[i].photo.bytes) }));
    const template = await readFile(new URL('./report.html', import.meta.url), 'utf8');
    return reportOf(template, results, { run, pictures });
}

/** @param {Uint8Array} bytes of a PNG or JPEG */
const asUrl = (bytes) =>
    `data:image/${bytes[0] === 0x89 ? 'png' : 'jpeg'};base64,${Buffer.from(bytes).toString('base64')}`;

/** Whole or not at all. @param {string} path @param {string | Uint8Array} content */
async function write(path, content) {
    await mkdir(dirname(path), { recursive: true });
    const part = `${path}.${process.pid}.part`;
    await writeFile(part, content);
    await rename(part, path);
}

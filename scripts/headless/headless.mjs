/**
 * Does the page's job without a screen, in a real Chromium:
 *
 *     node scripts/headless/headless.mjs [--site build/site] [--folder FOLDER] [--out out]
 *         [--learn-most N]
 *
 * Judges the sample photos, or those in FOLDER (subfolders too; ground_truth and
 * heatmaps of fleck's are left out), learning from N at most, and writes
 * scores.csv, heatmaps/*.png and report.html. Files go to the browser one at a
 * time, pictures come back one at a time.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toCsv } from '../../web/files/csv.js';
import { sortOut } from '../../web/files/gather.js';
import { dateOf, reportOf } from '../../web/files/report.js';
import { resultsJson } from '../../web/files/results_json.js';
import { estimateSentence, folderSentence, frameSentence } from '../../web/folder.js';
import { en } from '../../web/texts/en.js';
import { HEAD_BYTES, kindOf, marked } from '../../web/files/kinds.js';
import { launch } from '../browser.mjs';
import { serve } from '../serve.mjs';

const PHOTOS_MIN = 5;
/** What Chromium decodes that the detector does not. */
const DECODED = ['WebP', 'AVIF', 'GIF', 'ICO'];

/** Where the runner's own files appear beside the site's. */
const ROUTE = '__headless/';

/**
 * The photos in a folder, as paths inside it, with `/`, and what is left out: as on the page.
 * @param {string} folder
 */
async function findPhotos(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const found = entries
        .filter((entry) => entry.isFile())
        .map((entry) => {
            const path = join(entry.parentPath ?? entry.path, entry.name);
            const name = `./${relative(folder, path).split(sep).join('/')}`;
            return { name, file: /** @type {any} */ (new LazyFile(path)) };
        });
    const decoded = async (/** @type {string} */ kind) => DECODED.includes(kind);
    const { photos, troubles } = await sortOut(found, { decoded });
    return { paths: photos.map(({ name }) => name.slice(2)), troubles };
}

/** The part of a browser's File that looking at its beginning takes. */
class LazyFile {
    /** @param {string} path */
    constructor(path) {
        this.path = path;
    }

    /** @param {number} from @param {number} to */
    slice(from, to) {
        return { arrayBuffer: () => this.#read(from, to) };
    }

    async head() {
        return new Uint8Array(await this.#read(0, HEAD_BYTES));
    }

    /** @param {number} from @param {number} to */
    async #read(from, to) {
        const file = await open(this.path);
        try {
            const bytes = new Uint8Array(to - from);
            const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
            return bytes.buffer.slice(0, bytesRead);
        } finally {
            await file.close();
        }
    }
}

/**
 * File names for the heatmaps, one flat folder, no two the same.
 * @param {string[]} paths
 * @param {string[]} taken
 */
function pictureNames(paths, taken) {
    const used = new Set(taken.map((name) => name.toLowerCase()));
    return paths.map((path) => {
        const stem = path.slice(0, -extname(path).length).replaceAll('/', '_');
        let name = `${stem}.png`;
        for (let n = 2; used.has(name.toLowerCase()); n++) name = `${stem}_${n}.png`;
        used.add(name.toLowerCase());
        return name;
    });
}

/**
 * Deletes the pictures of an earlier run; what fleck did not draw stays.
 * @param {string} folder
 * @returns {Promise<string[]>} the names in it that are taken
 */
async function clearHeatmaps(folder) {
    const stay = [];
    for (const name of await readdir(folder)) {
        const head = await new LazyFile(join(folder, name)).head().catch(() => null);
        if (head && kindOf(head).is === 'heatmap') await rm(join(folder, name));
        else stay.push(name);
    }
    return stay;
}

/** @param {string} path */
const sha256 = async (path) =>
    createHash('sha256')
        .update(await readFile(path))
        .digest('hex');

/**
 * The report, as the command line writes it.
 * @param {string} site
 * @param {string} folder
 * @param {any} found what the page answered
 * @param {any[]} scores its rows, with file and picture of each
 * @param {{file: string, message: string}[]} troubles
 * @param {number} learnMost
 */
async function report(site, folder, found, scores, troubles, learnMost) {
    const isLearnt = (/** @type {any} */ { index }) => index !== undefined;
    const photos = [...scores].sort(
        (a, b) =>
            Number(isLearnt(b)) - Number(isLearnt(a)) ||
            Number(a.file > b.file) - Number(a.file < b.file),
    );
    const { shape, threshold, look, model, samples, groups } = found;
    const results = resultsJson(
        {
            settings: {
                ...{ method: 'irmb', preset: 'fit', precision: 'i8', seed: 0, backbone: null },
            },
            ...{ shape, loadedModel: null, threshold, look, smallestArea: 0, area: null },
            skipped: troubles.map(({ file, message }) => ({ file, skipped: message })),
            ...{ folder: found.folder, groups },
        },
        photos.map(({ file, ...photo }) => ({ name: file, ...photo })),
    );
    const hashes = photos.map(async (photo) => ({
        sha256: await sha256(join(folder, photo.file)),
        role: isLearnt(photo) ? 'learnt' : 'left',
    }));
    const run = {
        date: dateOf(),
        title: basename(resolve(folder)),
        by: null,
        backbone_sha256: await sha256(join(site, 'models/fleck-tiny.safetensors')),
        model_sha256: model,
        sample_bits: samples.bits,
        ...{ blocks: [], iterations: 0, learn_most: learnMost, synthetic: false, area: null },
        marks: null,
        photos: await Promise.all(hashes),
    };
    const pictures = scores
        .filter(({ thumb }) => thumb)
        .map((row) => ({
            photo: photos.indexOf(row),
            data: `data:image/jpeg;base64,${row.thumb}`,
        }));
    const template = await readFile(join(site, 'report/template.html'), 'utf8');
    return reportOf(template, results, { run, pictures });
}

/** Progress: one line a phase and tenth, or one that is overwritten on a terminal. */
function printer() {
    let last = '';
    return (
        /** @type {{phase: string, done: number, total: number, secondsLeft: number|null}} */ p,
    ) => {
        const left = p.secondsLeft === null ? '' : `, ${Math.ceil(p.secondsLeft)} s left`;
        if (process.stdout.isTTY) {
            process.stdout.write(
                `\r\x1b[K${p.phase} ${p.done}/${p.total}${left}${p.done === p.total ? '\n' : ''}`,
            );
            return;
        }
        const step = `${p.phase} ${Math.floor((p.done / p.total) * 4)}`;
        if (step !== last) console.log(`${p.phase} ${p.done}/${p.total}${left}`);
        last = step;
    };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} url of the site
 * @param {string} folder
 * @param {string[]} paths
 */
async function route(page, url, folder, paths) {
    const headers = (await fetch(url)).headers;
    const shared = Object.fromEntries(
        [
            'content-security-policy',
            'cross-origin-opener-policy',
            'cross-origin-embedder-policy',
        ].flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : [])),
    );
    await page.route(`${url}${ROUTE}**`, async (handler) => {
        const name = new URL(handler.request().url()).pathname.slice(1 + ROUTE.length);
        if (name === '')
            return handler.fulfill({
                headers: { ...shared, 'content-type': 'text/html' },
                body:
                    '<!doctype html><title>fleck</title>' +
                    '<script type="module" src="page.mjs"></script>',
            });
        if (name === 'page.mjs')
            return handler.fulfill({
                headers: { ...shared, 'content-type': 'text/javascript' },
                path: fileURLToPath(new URL('./page.mjs', import.meta.url)),
            });
        const path = name.startsWith('photo/') && paths[Number(name.slice('photo/'.length))];
        if (!path) return handler.fulfill({ status: 404 });
        return handler.fulfill({
            contentType: 'application/octet-stream',
            path: join(folder, path),
        });
    });
}

async function main() {
    const { values } = parseArgs({
        options: {
            site: { type: 'string', default: 'build/site' },
            folder: { type: 'string' },
            out: { type: 'string', default: 'out' },
            'learn-most': { type: 'string', default: '0' },
        },
    });
    const { site, out } = values;
    if (!existsSync(join(site, 'fleck/index.js')))
        throw new Error(`${site} holds no built page; scripts/demo.sh builds it`);
    const folder = values.folder ?? join(site, 'samples');
    if (!existsSync(folder)) throw new Error(`${folder} does not exist`);
    const { paths, troubles: leftOut } = await findPhotos(folder);
    for (const { name, message } of leftOut)
        console.log(`${name.replace(/^\.\//, '')}: ${message}`);
    if (paths.length < PHOTOS_MIN)
        throw new Error(
            `${folder} has ${paths.length} photos that can be read; ` +
                `at least ${PHOTOS_MIN} are needed`,
        );

    const heatmaps = join(out, 'heatmaps');
    await mkdir(heatmaps, { recursive: true });
    const taken = await clearHeatmaps(heatmaps);
    const began = performance.now();
    const server = await serve(site);
    const browser = await launch();
    try {
        const page = await browser.newPage();
        /** @type {(error: Error) => void} */
        let fail = () => {};
        const failed = new Promise((_, reject) => {
            fail = reject;
        });
        failed.catch(() => {});
        page.on('pageerror', fail);
        page.on('crash', () => fail(new Error('the browser ran out of memory')));
        const print = printer();
        const names = pictureNames(paths, taken);
        /** @type {Map<number, string>} */
        const thumbs = new Map();
        await page.exposeFunction('tell', print);
        await page.exposeFunction(
            'savePicture',
            async (
                /** @type {number} */ at,
                /** @type {string} */ picture,
                /** @type {string} */ thumb,
            ) => {
                const png = marked(new Blob([Buffer.from(picture, 'base64')]));
                await writeFile(join(heatmaps, names[at]), Buffer.from(await png.arrayBuffer()));
                if (thumb) thumbs.set(at, thumb);
            },
        );
        await route(page, server.url, folder, paths);
        await page.goto(server.url + ROUTE);
        await Promise.race([failed, page.waitForFunction(() => 'inspect' in window)]);
        console.log(`${paths.length} photos from ${values.folder ?? 'the sample folder'}`);
        const run = page.evaluate(
            ([count, learnMost]) => /** @type {any} */ (window).inspect(count, learnMost),
            [paths.length, Number(values['learn-most'])],
        );
        const found = await Promise.race([failed, run]);
        const { rows, folder: judged, learnt, skipped, note: ranges, shape } = found;
        const notes = ranges ? [`${ranges}.`] : [];
        if (learnt < paths.length)
            notes.push(`Learnt from ${learnt} of ${paths.length} photos; all are judged.`);
        const note = notes.join(' ');

        const scores = rows.map((/** @type {any} */ row) => ({
            ...row,
            file: paths[row.at],
            picture: names[row.at],
            thumb: thumbs.get(row.at),
        }));
        const troubles = skipped.map((/** @type {any} */ { at, message }) => ({
            file: paths[at],
            message,
        }));
        const total = (performance.now() - began) / 1000;
        await writeFile(join(out, 'scores.csv'), toCsv(scores, { frame: shape.frameShare }));
        await writeFile(
            join(out, 'report.html'),
            await report(site, folder, found, scores, troubles, Number(values['learn-most'])),
        );

        for (const { file, message } of troubles) console.log(`${file}: ${message}, skipped`);
        const count = (/** @type {string} */ verdict) =>
            scores.filter((/** @type {any} */ row) => row.verdict === verdict).length;
        console.log(
            `${folderSentence(en, judged)}: ${count('look')} to look at, ${count('ok')} ok` +
                `${troubles.length ? `, ${troubles.length} skipped` : ''}; ${total.toFixed(1)} s`,
        );
        const estimate = estimateSentence(en, judged);
        if (estimate) console.log(estimate);
        if (shape.frameShare < 1) console.log(frameSentence(en, shape.frameShare));
        if (note) console.log(note);
        if (judged.secondProduct)
            console.log(`two products? ${judged.secondProduct} photos differ from the others`);
        for (const row of scores.slice(0, 8))
            console.log(`  ${row.score.toFixed(3)}  ${row.verdict.padEnd(6)}  ${row.file}`);
        console.log(
            `wrote ${join(out, 'scores.csv')}, ${heatmaps}${sep}*.png and ${join(out, 'report.html')}`,
        );
    } finally {
        await browser.close();
        await server.close();
    }
}

main().catch((error) => {
    console.error(
        `headless.mjs: ${error.message.split('\n')[0].replace(/^page\.evaluate: (Error: )?/, '')}`,
    );
    process.exitCode = 1;
});

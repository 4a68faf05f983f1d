/**
 * fleck beside onnxruntime-web, in one Chromium:
 *
 *     npm run bench:peers -- [--models s16,s8,b8] [--threads 1,2] [--rounds N]
 *         [--json FILE] [--package DIR]
 *
 * ViT-S/16, S/8 and B/8 with the same random weights at 224x224. fleck's
 * time is that of Detector.extract, pixels to features, the way to its worker
 * and back included; onnxruntime-web's is that of session.run alone, on a
 * tensor that is prepared.
 *
 * All engines are open at once, each in its worker. After a warm-up they run in
 * turn, round by round, the others idle. All tokens are checked against
 * PyTorch's; bad ones end with an error. The speed of a machine in use wanders: compare within a run only.
 *
 * Needs `npm ci --ignore-scripts`, Chromium, the package (`cmake --preset wasm
 * && cmake --build --preset wasm`) and, once, to make the models, Debian's
 * python3-torch and python3-onnx. Fetches onnxruntime-web the first time.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../../../scripts/browser.mjs';
import { serve } from '../../../scripts/serve.mjs';
import { benchVit, NAMES } from './vit.mjs';

/**
 * What the steps measure with. peers calls a function of page.mjs; paths are
 * inside the repository; sizesOf reads what make_models.py says of a model.
 * @typedef {object} Bench
 * @property {(method: string, ...args: any[]) => Promise<any>} peers
 * @property {{packagePath: string, models: string}} paths
 * @property {(name: string) => any} sizesOf
 * @property {(keys: string[]) => Promise<void>} warmUp
 * @property {(keys: string[], rounds: number) => Promise<Record<string, number[]>>} interleave
 *     milliseconds of each run
 * @property {(text: string) => void} note
 * @property {(text: string) => void} fail
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HERE = 'tests/speed/peers';
const MODELS = 'build/bench-models';
const BUILD = 'npm ci --ignore-scripts && cmake --preset wasm && cmake --build --preset wasm';

const WARM_UP = 3; /* runs until V8 has compiled for speed */
const ROUNDS = { s16: 11, s8: 7, b8: 5 };
const PAUSE_MS = 100; /* for threads of the engine before to fall asleep */

/** @param {string} file inside the repository @param {string} hint */
function need(file, hint) {
    if (!existsSync(join(ROOT, file))) throw new Error(`${file} is missing; to make it: ${hint}`);
}

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

/** @param {string} command @param {string[]} args */
function run(command, args) {
    const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
    if (error || status) throw new Error(`${command} ${args.join(' ')} failed`);
}

/** Fetches onnxruntime-web unless the wanted version is there. @returns {string} its version */
function installOrt() {
    const wanted = readJson(`${HERE}/package.json`).dependencies['onnxruntime-web'];
    const installed = `${HERE}/node_modules/onnxruntime-web/package.json`;
    if (!existsSync(join(ROOT, installed)) || readJson(installed).version !== wanted)
        run('npm', ['ci', '--ignore-scripts', '--prefix', HERE]);
    return wanted;
}

/** @param {string[]} models */
function makeModels(models) {
    const missing = models.filter((name) => !existsSync(join(ROOT, MODELS, `${name}.json`)));
    if (!missing.length) return;
    const python = process.env.PYTHON || '/usr/bin/python3';
    run(python, [`${HERE}/make_models.py`, '--models', missing.join(','), MODELS]);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {Bench['paths']} paths
 * @param {{notes: string[], failures: string[]}} report
 * @returns {Bench}
 */
function makeBench(page, paths, { notes, failures }) {
    /** @type {Bench['peers']} */
    const peers = (method, ...args) =>
        page
            .evaluate(
                ([name, list]) => /** @type {any} */ (window).peers[name](...list),
                /** @type {[string, any[]]} */ ([method, args]),
            )
            .catch((error) => {
                const [line] = error.message.split('\n');
                throw new Error(line.replace(/^page\.evaluate: (\w*Error: )?/, ''));
            });
    const pause = () => new Promise((resume) => setTimeout(resume, PAUSE_MS));
    return {
        peers,
        paths,
        sizesOf: (name) => readJson(`${paths.models}/${name}.json`),
        async warmUp(keys) {
            for (const key of keys) for (let i = 0; i < WARM_UP; i++) await peers('run', key);
        },
        async interleave(keys, rounds) {
            /** @type {Record<string, number[]>} */
            const times = Object.fromEntries(keys.map((key) => [key, []]));
            for (let round = 0; round < rounds; round++)
                for (const key of keys) {
                    await pause();
                    times[key].push(await peers('run', key));
                }
            return times;
        },
        note(text) {
            if (notes.includes(text)) return;
            console.log(text);
            notes.push(text);
        },
        fail(text) {
            console.error(`FAILED: ${text}`);
            failures.push(text);
        },
    };
}

function readOptions() {
    const { values } = parseArgs({
        options: {
            models: { type: 'string', default: Object.keys(NAMES).join(',') },
            threads: { type: 'string', default: '1,2' },
            rounds: { type: 'string' },
            json: { type: 'string' },
            package: { type: 'string', default: 'build/package' },
        },
    });
    const whole = (/** @type {string} */ text) => {
        if (!/^[1-9]\d?$/.test(text)) throw new Error(`${text} is not a number from 1 to 99`);
        return Number(text);
    };
    const models = values.models.split(',');
    for (const model of models)
        if (!Object.keys(NAMES).includes(model))
            throw new Error(`${model} is none of ${Object.keys(NAMES).join(', ')}`);
    return {
        models,
        threads: values.threads.split(',').map(whole),
        rounds: values.rounds === undefined ? undefined : whole(values.rounds),
        json: values.json,
        paths: { packagePath: values.package, models: MODELS },
    };
}

async function main() {
    const { models, threads, rounds, json, paths } = readOptions();
    need(`${paths.packagePath}/index.js`, BUILD);
    const ort = installOrt();
    makeModels(models);

    const server = await serve(ROOT);
    const browser = await launch();
    const report = {
        date: new Date().toISOString(),
        cpu: cpus()[0].model.trim(),
        cores: cpus().length,
        chromium: browser.version(),
        ort,
        vit: /** @type {object[]} */ ([]),
        notes: /** @type {string[]} */ ([]),
        failures: /** @type {string[]} */ ([]),
    };
    try {
        console.log(
            `${report.date}, ${report.cores} cores of ${report.cpu}, ` +
                `Chromium ${report.chromium}, onnxruntime-web ${ort}`,
        );
        const page = await browser.newPage();
        page.on('console', (message) => {
            if (message.type() === 'error') console.error(message.text());
        });
        await page.goto(`${server.url}${HERE}/page.html`);
        await page.waitForFunction(() => 'peers' in window);
        const bench = makeBench(page, paths, report);
        for (const model of models)
            for (const count of threads)
                report.vit.push(await benchVit(bench, model, count, rounds ?? ROUNDS[model]));
    } finally {
        await browser.close();
        await server.close();
    }
    if (json) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    if (report.failures.length) throw new Error(`${report.failures.length} result(s) are wrong`);
}

main().catch((error) => {
    console.error(`bench:peers: ${error.message}`);
    process.exitCode = 1;
});

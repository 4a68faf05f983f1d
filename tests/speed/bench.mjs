/**
 * The benchmarks of bench_main.c in every environment, one after the other:
 *
 *     npm run bench -- [--only native|node|chromium] [--json FILE]
 *         [--native DIR] [--wasm DIR] [OPTIONS of bench_main.c]
 *
 * Natively; as WebAssembly in node; and in headless Chromium, without and with
 * relaxed SIMD, in a worker of a page that may use threads. --json puts all
 * reports into one file. Node stays without relaxed SIMD: node 20 computes it wrong.
 *
 * Needs `npm ci --ignore-scripts`, Chromium and the target bench of the presets
 * native and wasm:
 *
 *     cmake --preset native && cmake --build --preset native --target bench
 *     cmake --preset wasm && cmake --build --preset wasm --target bench
 *
 * All takes some minutes in each environment; --filter makes it short, for example
 * --filter "ViT-S/8 forward". The machine should have nothing else to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HERE = 'tests/speed';
const MACHINE = cpus()[0].model.trim();

/** Takes an option and its value out of a list. @param {string[]} list @param {string} name */
function take(list, name, otherwise = '') {
    const at = list.indexOf(name);
    if (at < 0) return otherwise;
    const [, value] = list.splice(at, 2);
    if (value === undefined) throw new Error(`${name} wants a value`);
    return value;
}

/** @param {string} file @param {string} preset */
function need(file, preset) {
    const hint = `cmake --preset ${preset} && cmake --build --preset ${preset} --target bench`;
    if (!existsSync(file)) throw new Error(`${file} is missing; to make it: ${hint}`);
}

/** A program that takes --json FILE. @param {string} program @param {string[]} args */
function runProgram(program, args) {
    const folder = mkdtempSync(join(tmpdir(), 'fleck-bench-'));
    try {
        const json = join(folder, 'report.json');
        const { status, error } = spawnSync(program, [...args, '--json', json], {
            stdio: 'inherit',
        });
        if (error || status) throw new Error(`${program} failed`);
        return JSON.parse(readFileSync(json, 'utf8'));
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** @param {string} program @param {string[]} options */
function runNative(program, options) {
    need(program, 'native');
    return runProgram(program, options);
}

/** @param {string} module @param {string[]} options */
function runNode(module, options) {
    need(module, 'wasm');
    const flags = ['--no-liftoff', '--no-experimental-fetch'];
    return runProgram(process.execPath, [
        ...flags,
        join(ROOT, HERE, 'node.mjs'),
        module,
        ...options,
    ]);
}

/**
 * @param {string} module inside the repository, which is what is served
 * @param {string[]} options
 */
async function runChromium(module, options) {
    need(module, 'wasm');
    const path = relative(ROOT, module);
    if (path.startsWith('..')) throw new Error(`${module} is not inside the repository`);
    const server = await serve(ROOT);
    const browser = await launch();
    try {
        const page = await browser.newPage();
        await page.exposeFunction('print', (/** @type {string} */ line) => console.log(line));
        await page.goto(`${server.url}${HERE}/page.html`);
        const engine = `Chromium ${browser.version()}`;
        const settings = {
            url: `${server.url}${path}`,
            options: ['--machine', MACHINE, '--engine', engine, ...options],
        };
        const { error, status, json } = await page.evaluate(callWorker, settings);
        if (error || status) throw new Error(`in Chromium: ${error ?? `status ${status}`}`);
        return JSON.parse(json);
    } finally {
        await browser.close();
        await server.close();
    }
}

/** In the page. @param {{url: string, options: string[]}} settings @returns {Promise<any>} */
function callWorker(settings) {
    const worker = new Worker('worker.mjs', { type: 'module' });
    return new Promise((resolve) => {
        worker.onerror = (event) => resolve({ error: event.message });
        worker.onmessage = ({ data }) => {
            if ('line' in data) void (/** @type {any} */ (window).print(data.line));
            else resolve(data);
        };
        worker.postMessage(settings);
    });
}

async function main() {
    const options = process.argv.slice(2);
    const folder = (/** @type {string} */ path) => (isAbsolute(path) ? path : join(ROOT, path));
    const only = take(options, '--only');
    const file = take(options, '--json');
    const native = folder(take(options, '--native', 'build/native'));
    const wasm = folder(take(options, '--wasm', 'build/wasm'));
    const simd = join(wasm, HERE, 'bench-simd.mjs');
    const relaxed = join(wasm, HERE, 'bench-relaxed.mjs');
    const runs = [
        { where: 'native', run: () => runNative(join(native, HERE, 'bench'), options) },
        { where: 'node', run: () => runNode(simd, options) },
        { where: 'chromium', run: () => runChromium(simd, options) },
        { where: 'chromium', relaxed: true, run: () => runChromium(relaxed, options) },
    ].filter(({ where }) => !only || where === only);
    if (!runs.length) throw new Error(`--only native, node or chromium, not ${only}`);

    const environments = [];
    for (const { where, run, ...rest } of runs) {
        console.log(`\n==== ${where}${rest.relaxed ? ', relaxed SIMD' : ''} ====`);
        environments.push({ where, ...rest, ...(await run()) });
    }
    const report = { date: new Date().toISOString(), machine: MACHINE, cores: cpus().length };
    if (file) writeFileSync(file, `${JSON.stringify({ ...report, environments }, null, 2)}\n`);
}

main().catch((error) => {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
});

/**
 * The benchmarks as WebAssembly in node:
 *
 *     node --no-liftoff --no-experimental-fetch tests/speed/node.mjs
 *         build/wasm/tests/speed/bench-simd.mjs [OPTIONS]
 *
 * with the options of bench_main.c. --no-liftoff: V8 compiles for speed at once.
 * bench-relaxed.mjs wants --experimental-wasm-relaxed-simd too, until node 21.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runBench } from './module.mjs';

const [file, ...options] = process.argv.slice(2);
if (!file) throw new Error('which module?');
const url = pathToFileURL(resolve(file));

// --json is for here, the module has no files; the rest it understands itself.
const { values } = parseArgs({
    args: options,
    strict: false,
    options: { json: { type: 'string' } },
});
const at = options.indexOf('--json');
if (at >= 0) options.splice(at, 2);

// Emscripten's glue takes an ES module in node for CommonJS.
Object.assign(globalThis, {
    require: createRequire(import.meta.url),
    __dirname: dirname(fileURLToPath(url)),
});
const told = ['--machine', cpus()[0].model.trim(), '--engine', `node ${process.versions.node}`];
const { status, json } = await runBench(url.href, [...told, ...options], {
    wasmBinary: await readFile(new URL(url.href.replace(/\.mjs$/, '.wasm'))),
    locateFile: (/** @type {string} */ name) => fileURLToPath(new URL(name, url)),
    print: (/** @type {string} */ line) => console.log(line),
});
if (!status && typeof values.json === 'string') await writeFile(values.json, json);
process.exit(status); // its threads wait for more

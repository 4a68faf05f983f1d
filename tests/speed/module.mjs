/**
 * Loads a module of the benchmarks, in node or in a worker of a page, and runs it.
 *
 * @param {string} url of bench-simd.mjs or bench-relaxed.mjs
 * @param {string[]} options of bench_main.c
 * @param {object} settings print(line), and what else this environment's glue needs
 * @returns {Promise<{status: number, json: string}>} json is '' after a failure
 */
export async function runBench(url, options, settings) {
    const { default: create } = await import(url);
    const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
    const module = await create({ wasmMemory: memory, poolSize: poolSize(options), ...settings });
    const text = new TextEncoder().encode(options.map((option) => `${option}\0`).join(''));
    const at = module._bench_arguments(text.length);
    new Uint8Array(memory.buffer).set(text, at);
    const status = module._bench_start(options.length);
    return { status, json: readText(memory, module._bench_report()) };
}

/**
 * Threads to be started beforehand: there is a pool for each number that is tried,
 * its first thread being the caller's. Emscripten 3.1.6 waits forever for none.
 * @param {string[]} options
 */
function poolSize(options) {
    const at = options.indexOf('--threads');
    const counts = at < 0 ? [1, 2] : options[at + 1].split(',').map(Number);
    return Math.max(
        1,
        counts.reduce((sum, threads) => sum + (threads - 1 || 0), 0),
    );
}

/** @param {WebAssembly.Memory} memory @param {number} at 0: none */
function readText(memory, at) {
    if (!at) return '';
    const bytes = new Uint8Array(memory.buffer);
    return new TextDecoder().decode(bytes.slice(at, bytes.indexOf(0, at)));
}

/**
 * Chooses the module that this browser can run, and loads it. What a browser
 * can do is asked by letting it validate a few bytes of WebAssembly.
 */
import { DetectorError } from './errors.js';

/** @typedef {import('./module.js').Module} Module */
/** @typedef {'simd' | 'threads'} Variant */

// One function: i8x16.splat, then i8x16.popcnt.
const SIMD = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253,
    15, 253, 98, 11,
];
// A shared memory, and one function with i32.atomic.load.
const THREADS = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0,
    65, 0, 254, 16, 2, 0, 26, 11,
];

export const isNode = typeof process === 'object' && Boolean(process.versions?.node);

/** @param {number[]} bytes */
const runs = (bytes) =>
    typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(bytes));

/** Whether this page may share memory between threads; node always may. */
export function isIsolated() {
    return isNode || globalThis.crossOriginIsolated === true;
}

/** Why the threads variant cannot run here; null if it can. */
function threadsMissing() {
    if (!isIsolated()) return 'this page is not served with the headers for cross-origin isolation';
    if (typeof SharedArrayBuffer !== 'function' || !runs(THREADS)) {
        return 'this browser has no shared WebAssembly memory';
    }
    return null;
}

/**
 * @param {Variant | 'auto'} wanted
 * @returns {{variant: Variant, notice: string | null}} notice says, for people, why threads are
 *     not used though nobody asked to do without
 */
export function chooseVariant(wanted) {
    if (!runs(SIMD)) {
        throw new DetectorError('state', 'This browser has no WebAssembly SIMD, which fleck needs. '
            + 'Chrome and Edge from 91, Firefox from 89 and Safari from 16.4 have it.');
    }
    if (wanted === 'simd') return { variant: 'simd', notice: null };
    const missing = threadsMissing();
    if (!missing) return { variant: 'threads', notice: null };
    if (wanted === 'threads') throw new DetectorError('state', `Threads are unavailable: ${missing}.`);
    return {
        variant: 'simd',
        notice: `Threads are unavailable because ${missing}: learning takes longer; `
            + 'photos are still read on all processor cores.',
    };
}

/**
 * @param {Variant} variant
 * @param {number} threads the caller's included
 * @returns {Promise<{module: Module, memory: WebAssembly.Memory}>}
 */
export async function loadModule(variant, threads) {
    const { default: create } = variant === 'threads'
        ? await import('./fleck-simd-threads.js')
        : await import('./fleck-simd.js');
    const memory = createMemory(variant === 'threads');
    /** @type {import('./module.js').ModuleSettings} */
    const settings = {
        wasmMemory: memory,
        poolSize: Math.max(threads - 1, 1), // Emscripten 3.1.6 waits forever for a pool of none
    };
    if (isNode) Object.assign(settings, await (await import('./node.js')).moduleSettings(variant));
    return { module: await create(settings), memory };
}

/**
 * Room to grow is reserved at once, which small devices refuse for 4 GB.
 * @param {boolean} shared
 */
function createMemory(shared) {
    const initial = 256; // pages of 64 KB, as linked
    for (let maximum = 65536; ; maximum /= 2) {
        try {
            return new WebAssembly.Memory({ initial, maximum, shared });
        } catch {
            if (maximum < 4096) throw new DetectorError('memory', 'This device has too little memory.');
        }
    }
}

/**
 * Chooses the module that this browser can run. What a browser can do is asked by
 * letting it validate a few bytes of WebAssembly.
 */
import { DetectorError } from './errors.js';
import { platform } from './platform.js';

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

// One function of three i32, two of them as operands of four bytes: their
// i32x4.relaxed_dot_i8x16_i7x16_add_s with the third as sum.
const RELAXED = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 127, 127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102,
    0, 0, 10, 22, 1, 20, 0, 32, 0, 253, 17, 32, 1, 253, 17, 32, 2, 253, 17, 253, 147, 2, 253, 27, 0,
    11,
];

/** @param {number[]} bytes */
const runs = (bytes) =>
    typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(bytes));

/** Whether this page may share memory between threads; other programs always may. */
export function isIsolated() {
    return platform !== null || globalThis.crossOriginIsolated === true;
}

/** Why the threads variant cannot run here; null if it can. */
function threadsMissing() {
    if (globalThis.isSecureContext === false) return 'this page does not come by https';
    if (!isIsolated()) return 'this page is not served with the headers for cross-origin isolation';
    if (typeof SharedArrayBuffer !== 'function' || !runs(THREADS)) {
        return 'this browser has no shared WebAssembly memory';
    }
    return null;
}

/**
 * Whether this browser has the products of relaxed SIMD and computes all of 8 bits by them, as it
 * does where the processor multiplies and adds four bytes at once: with or without a sign, which
 * relaxed.c asks again. Node 20 has them behind a switch, and loses the sum.
 */
export function runsRelaxed() {
    if (!runs(RELAXED)) return false;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(RELAXED)));
    const product = /** @type {(x: number, y: number, sum: number) => number} */ (exports.f);
    // 127, 127, -127, 3 by 255, 255, 128, 5
    const sum = product(0x03817f7f, 0x0580ffff, 7) - 3 * 5 - 7;
    return sum === 127 * (255 + 255 - 128) || sum === 127 * (-1 - 1 + 128);
}

/**
 * @param {Variant | 'auto'} wanted
 * @param {string | null} [missing] why threads cannot run, where it is known by trying
 * @returns {{variant: Variant, notice: string | null}} notice says, for people, why threads are
 *     not used though nobody asked to do without
 */
export function chooseVariant(wanted, missing = threadsMissing()) {
    if (!runs(SIMD)) {
        throw new DetectorError(
            'state',
            'This browser has no WebAssembly SIMD, which fleck needs. ' +
                'Chrome and Edge from 91, Firefox from 89 and Safari from 16.4 have it.',
        );
    }
    if (wanted === 'simd') return { variant: 'simd', notice: null };
    if (!missing) return { variant: 'threads', notice: null };
    if (wanted === 'threads')
        throw new DetectorError('state', `Threads are unavailable: ${missing}.`);
    return {
        variant: 'simd',
        notice:
            `Threads are unavailable because ${missing}: learning takes longer; ` +
            'photos are still read on all processor cores.',
    };
}

/**
 * relaxed: with the products that runsRelaxed() tells of; threads: the caller's included.
 * @typedef {{variant: Variant, relaxed: boolean, threads: number}} ModuleChoice
 */

/** What the chosen module, and the script of its workers, are called without their ending.
 * @param {ModuleChoice} choice */
export function nameOf({ variant, relaxed }) {
    return `fleck-${relaxed ? 'relaxed' : 'simd'}${variant === 'threads' ? '-threads' : ''}`;
}

/**
 * Where the package's other files are, spelt out: bundlers find them and emit them as they are.
 * Told when they are asked for, since a server that only imports the package need not know.
 * @type {Record<string, () => URL>}
 */
export const FILES = {
    'fleck-simd.js': () => new URL('./fleck-simd.js', import.meta.url),
    'fleck-simd.wasm': () => new URL('./fleck-simd.wasm', import.meta.url),
    'fleck-simd-threads.js': () => new URL('./fleck-simd-threads.js', import.meta.url),
    'fleck-simd-threads.wasm': () => new URL('./fleck-simd-threads.wasm', import.meta.url),
    'fleck-relaxed.js': () => new URL('./fleck-relaxed.js', import.meta.url),
    'fleck-relaxed.wasm': () => new URL('./fleck-relaxed.wasm', import.meta.url),
    'fleck-relaxed-threads.js': () => new URL('./fleck-relaxed-threads.js', import.meta.url),
    'fleck-relaxed-threads.wasm': () => new URL('./fleck-relaxed-threads.wasm', import.meta.url),
};

/** Where the package's other files are, spelt out: bundlers find them and emit them as they are. */
export const WORKER = new URL('./worker.js', import.meta.url);

/** Script and module of each variant. */
export const MODULES = {
    'fleck-simd': [
        new URL('./fleck-simd.js', import.meta.url),
        new URL('./fleck-simd.wasm', import.meta.url),
    ],
    'fleck-simd-threads': [
        new URL('./fleck-simd-threads.js', import.meta.url),
        new URL('./fleck-simd-threads.wasm', import.meta.url),
    ],
    'fleck-relaxed': [
        new URL('./fleck-relaxed.js', import.meta.url),
        new URL('./fleck-relaxed.wasm', import.meta.url),
    ],
    'fleck-relaxed-threads': [
        new URL('./fleck-relaxed-threads.js', import.meta.url),
        new URL('./fleck-relaxed-threads.wasm', import.meta.url),
    ],
};

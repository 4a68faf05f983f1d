/** What a detector is asked to be: options with their defaults, checked before anything starts. */
import { BLOCKS_MAX, METHOD_NAMES, PRECISION_NAMES, PRESET_NAMES, TILES_MAX } from './constants.js';
import { FILES } from './files.js';

/**
 * @typedef {object} Options
 * @property {Exclude<(typeof METHOD_NAMES)[number], 'paper'>} [method] irmb: FUN-AD, learns; the others only compare
 * @property {(typeof PRESET_NAMES)[number]} [preset] fit: all of the photo; funad: its central 7/8
 * @property {number} [input] side of the network's input in pixels; 0: the backbone's own
 * @property {'auto' | Tiles} [tiles] that photos consist of; auto: several along the side of long
 *     photos, by those that are added, or measured, first
 * @property {number[]} [blocks] whose tokens are the features, 1-based; none: the backbone's own
 * @property {number | bigint} [seed]
 * @property {(typeof PRECISION_NAMES)[number]} [precision] the backbone computes in: i8, integers of 8
 *     bits, is the fastest on many processors and the default; i16, of 12 bits, is nearer to f32
 * @property {number} [learnMost] photos to learn from at most, 5 or more: fewer save time; by
 *     default as many as 352 MB of features hold
 * @property {number} [iterations] steps of learning of l2bt and simplenet, for each third of the
 *     folder; by default 200
 * @property {number} [threads] of the threads variant; by default one per core
 * @property {number} [workers] that extract features; by default one per core without threads
 * @property {'auto' | 'simd' | 'threads'} [variant]
 * @property {string | URL} [wasmUrl] where the modules are, if not beside the package: a folder, whose
 *     address ends in /, or one file: fleck-simd.wasm, or of variant threads fleck-simd-threads.wasm
 * @property {ArrayBuffer | ArrayBufferView} [wasmBinary] the bytes of that one file
 * @property {WebAssembly.Module} [wasmModule] that one file compiled, to share with other detectors
 * @property {string | URL} [workerUrl] where the workers' scripts are: likewise a folder, or one file,
 *     fleck-simd.js or fleck-simd-threads.js
 * @property {Record<string, string>} [integrity] of files by their names, such as fleck-simd.wasm:
 *     hashes as in an integrity attribute; another file is refused
 */

/**
 * Where the package's files come from; isOne: modules or scripts are given as one file.
 * @typedef {Pick<Options, 'wasmUrl' | 'wasmBinary' | 'wasmModule' | 'workerUrl' | 'integrity'> &
 *     {isOne: boolean}} Files
 */

/** @typedef {import('./types.js').Tiles} Tiles */

/** What the core is configured with.
 * @typedef {Required<Omit<Options, 'tiles' | 'threads' | 'workers' | 'variant' | keyof Files>>} EngineOptions */
/**
 * threads and workers as they were given.
 * @typedef {{engine: EngineOptions, tiles: 'auto' | Tiles, variant: 'auto' | 'simd' | 'threads',
 *     threads: number | undefined, workers: number | undefined, files: Files}} Checked
 */

/** The paper's recipe takes hours: it is not in WebAssembly. */
const METHODS = METHOD_NAMES.filter((name) => name !== 'paper');

const THREADS_MAX = 16;
const WORKERS_MAX = 8;

/** @param {Options} options @returns {Checked} */
export function checked({
    method = 'irmb',
    preset = 'fit',
    input = 0,
    tiles = 'auto',
    blocks = [],
    seed = 0,
    precision = 'i8',
    learnMost = 0,
    iterations = 0,
    variant = 'auto',
    threads,
    workers,
    wasmUrl,
    wasmBinary,
    wasmModule,
    workerUrl,
    integrity,
    ...others
}) {
    known(others, []);
    oneOf('method', method, METHODS);
    oneOf('preset', preset, PRESET_NAMES);
    oneOf('precision', precision, PRECISION_NAMES);
    oneOf('variant', variant, ['auto', 'simd', 'threads']);
    whole('input', input, 0, 0xffffffff);
    whole('learnMost', learnMost, 0, 0xffffffff);
    whole('iterations', iterations, 0, 0xffffffff);
    if (tiles !== 'auto') {
        whole('tiles.columns', tiles?.columns, 1, TILES_MAX);
        whole('tiles.rows', tiles.rows, 1, TILES_MAX);
    }
    must(
        Array.isArray(blocks) && blocks.length <= BLOCKS_MAX,
        'blocks',
        `a list of at most ${BLOCKS_MAX}`,
    );
    blocks.forEach((block) => whole('a block', block, 1, 0xffffffff));
    if (typeof seed !== 'bigint') whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
    if (threads !== undefined) whole('threads', threads, 1, 64);
    if (workers !== undefined) whole('workers', workers, 1, 64);
    const checkedFiles = filesOf({ wasmUrl, wasmBinary, wasmModule, workerUrl, integrity });
    return {
        engine: { method, preset, input, blocks, seed, precision, learnMost, iterations },
        tiles,
        variant: checkedFiles.isOne && variant === 'auto' ? 'simd' : variant,
        threads,
        workers,
        files: checkedFiles,
    };
}

/** @param {Omit<Files, 'isOne'>} options @returns {Files} */
function filesOf({ wasmUrl, wasmBinary, wasmModule, workerUrl, integrity = {} }) {
    must(!wasmModule || wasmModule instanceof WebAssembly.Module, 'wasmModule', 'a module');
    must(
        !wasmBinary || wasmBinary.byteLength >= 0,
        'wasmBinary',
        'an ArrayBuffer or a view of one',
    );
    must(isAddress(wasmUrl), 'wasmUrl', 'an address');
    must(isAddress(workerUrl), 'workerUrl', 'an address');
    known(integrity, Object.keys(FILES), 'integrity of a file');
    for (const [file, hash] of Object.entries(integrity))
        must(/^\s*sha\d+-/.test(hash), `integrity of ${file}`, 'a hash, sha384-...');
    const isFile = (/** @type {string | URL | undefined} */ url) => url && !/\/$/.test(String(url));
    const isOne = Boolean(wasmBinary || wasmModule || isFile(wasmUrl) || isFile(workerUrl));
    return { wasmUrl, wasmBinary, wasmModule, workerUrl, integrity, isOne };
}

/** @param {string | URL | undefined} url */
function isAddress(url) {
    try {
        return !url || new URL(url, globalThis.document?.baseURI);
    } catch {
        return false;
    }
}

/** @param {unknown} is @param {string} name @param {string} kind */
export function must(is, name, kind) {
    if (!is) throw new TypeError(`${name} must be ${kind}`);
}

/** What typeof says of options of calls. @type {Record<string, string>} */
const KINDS = {
    signal: 'AbortSignal',
    onProgress: 'function',
    onPhoto: 'function',
    heat: 'boolean',
    features: 'boolean',
};

/**
 * Options of a call, checked by name and type.
 * @template {object} T
 * @param {T} options
 * @param {...(keyof T & string)} names
 * @returns {T}
 */
export function allowed(options, ...names) {
    known(options, names);
    for (const [name, value] of Object.entries(options)) {
        const kind = KINDS[name];
        if (!kind || value === undefined) continue;
        must(
            kind === 'AbortSignal' ? value?.throwIfAborted : typeof value === kind,
            name,
            `of type ${kind}`,
        );
    }
    return options;
}

/**
 * Refuses what nobody would look at: most often it is spelt otherwise.
 * @param {object} options
 * @param {readonly string[]} names
 * @param {string} [what]
 */
export function known(options, names, what = 'option') {
    for (const name of Object.keys(options))
        if (!names.includes(name))
            throw new TypeError(
                `unknown ${what}: ${name}` + (names.length ? `; known: ${names.join(', ')}` : ''),
            );
}

/**
 * Those of the core's options that a model brings with it.
 * @param {EngineOptions & Record<string, unknown>} options
 * @returns {Options}
 */
export function modelsOwn({ method, preset, input, blocks, seed, precision }) {
    return { method, preset, input, blocks, seed, precision };
}

/**
 * How many threads and workers there are, by default one a core: on threads alone, or else on
 * workers alone.
 * @param {Checked} options
 * @param {'simd' | 'threads'} variant
 * @param {number} cores
 */
export function counts({ threads, workers }, variant, cores) {
    const alone = variant === 'threads';
    return {
        threads: alone ? (threads ?? Math.min(cores, THREADS_MAX)) : 1,
        workers: workers ?? (alone ? 1 : Math.min(cores, WORKERS_MAX)),
    };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} values
 */
export function oneOf(name, value, values) {
    must(
        values.includes(/** @type {string} */ (value)),
        name,
        `one of ${values.join(', ')}, not ${value}`,
    );
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 */
export function whole(name, value, low, high) {
    const number = /** @type {number} */ (value);
    must(
        Number.isInteger(value) && number >= low && number <= high,
        name,
        `a whole number from ${low} to ${high}, not ${value}`,
    );
}

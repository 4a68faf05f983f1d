/**
 * One module and one detector: the only file that touches wasm memory.
 * Addresses and views of that memory never leave it.
 */
import { DetectorError } from './errors.js';
import { isForeign, startWorker } from './start.js';

/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {{bytes: Uint8Array} | {rgba: Uint8Array | Uint8ClampedArray, width: number, height: number}} Pixels */
/** @typedef {{bits: number, highest: number}} Samples of a photo of 16 bits; otherwise 0, 0 */
/** @typedef {{patch: Uint16Array, cls: Uint16Array}} Features half floats */
/** @typedef {Features & {samples: Samples}} Extracted */
/** @typedef {{input: number, grid: number, patches: number, dim: number, view: number,
 * learnMost: number}} FeatureShape */
/** @typedef {{photos: number, defects: number, looks: number, clean: boolean,
 * secondProduct: number}} Folder */
/** @typedef {{phase: 'memory' | 'learn' | 'calibrate', done: number, total: number, loss: number}} Step */
/**
 * @typedef {object} EngineOptions
 * @property {'irmb' | 'ensemble' | 'knn' | 'musc' | 'mahalanobis' | 'softpatch'} method
 * @property {'funad' | 'fit'} preset
 * @property {number} input 0: the backbone's own
 * @property {number[]} blocks none: the backbone's own
 * @property {number | bigint} seed
 * @property {'i16' | 'f32' | 'i8'} precision
 * @property {number} [learnMost] 0: as many photos as memory allows
 */

export const HEAT = 224;
export const BLOCKS_MAX = 4;

/** @type {(EngineOptions['method'] | null)[]} null: what is not in WebAssembly */
const METHODS = ['irmb', 'ensemble', 'knn', 'musc', 'mahalanobis', null, 'softpatch'];
/** @type {EngineOptions['preset'][]} */
const PRESETS = ['funad', 'fit'];
/** @type {EngineOptions['precision'][]} */
const PRECISIONS = ['i16', 'f32', 'i8'];
/** @type {Step['phase'][]} */
const STAGES = ['memory', 'learn', 'calibrate'];
/** @type {(ErrorCode | null)[]} */
const STATUS = [null, 'argument', 'format', 'state', 'memory', 'kind'];
const OPTIONS_SIZE = 64; // layout.c checks this and the offsets below

export class Engine {
    #c;
    #memory;
    #threads;
    #det = 0;
    #small = 0; // room for one structure or one result
    #heat = 0;
    #patch = 0;
    #cls = 0;
    #patchLength = 0;
    #clsLength = 0;

    /**
     * @param {Awaited<ReturnType<typeof loadModule>>} loaded
     * @param {number} threads
     */
    constructor({ module, memory }, threads) {
        this.#c = module;
        this.#memory = memory;
        this.#threads = threads;
        this.#small = this.#allocate(64);
        this.#heat = this.#allocate(HEAT * HEAT * 4);
        this.#check(module._fleck_create(this.#small));
        this.#det = this.#view().getUint32(this.#small, true);
    }

    /**
     * @param {import('./load.js').ModuleChoice} choice
     * @param {import('./load.js').Files} files
     * @returns {Promise<Engine>}
     */
    static async create(choice, files) {
        return new Engine(await loadModule(choice, files), choice.threads);
    }

    /** @param {EngineOptions} options */
    configure({ method, preset, input, blocks, seed, precision, learnMost = 0 }) {
        const at = this.#small;
        const view = this.#view();
        view.setUint32(at, METHODS.indexOf(method), true);
        view.setUint32(at + 4, PRESETS.indexOf(preset), true);
        view.setUint32(at + 8, input, true);
        for (let i = 0; i < BLOCKS_MAX; i++) view.setUint32(at + 12 + 4 * i, blocks[i] ?? 0, true);
        view.setUint32(at + 28, blocks.length, true);
        view.setBigUint64(at + 32, BigInt(seed), true);
        view.setUint32(at + 40, PRECISIONS.indexOf(precision), true);
        view.setUint32(at + 44, this.#threads, true);
        view.setUint32(at + 48, 0, true); // the fastest kernels
        view.setUint32(at + 52, 0, true);
        view.setUint32(at + 56, learnMost, true);
        this.#check(this.#c._fleck_configure(this.#det, at));
    }

    /**
     * The options that a saved model was trained with.
     * @param {Uint8Array} bytes
     * @returns {EngineOptions}
     */
    peekOptions(bytes) {
        const at = this.#small;
        new Uint8Array(this.#memory.buffer, at, OPTIONS_SIZE).fill(0);
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_peek_options(this.#det, file, bytes.length, at)),
        );
        const view = this.#view();
        const seed = view.getBigUint64(at + 32, true);
        return {
            method: /** @type {EngineOptions['method']} */ (METHODS[view.getUint32(at, true)]),
            preset: PRESETS[view.getUint32(at + 4, true)],
            input: view.getUint32(at + 8, true),
            blocks: Array.from({ length: view.getUint32(at + 28, true) }, (_, i) =>
                view.getUint32(at + 12 + 4 * i, true),
            ),
            seed: seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed,
            precision: PRECISIONS[view.getUint32(at + 40, true)],
        };
    }

    /**
     * @param {Uint8Array} bytes
     * @returns {FeatureShape}
     */
    loadBackbone(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_load_backbone(this.#det, file, bytes.length)),
        );
        const at = this.#small;
        this.#check(this.#c._fleck_shape(this.#det, at));
        const view = this.#view();
        const shape = {
            input: view.getUint32(at, true),
            grid: view.getUint32(at + 4, true),
            patches: view.getUint32(at + 8, true),
            dim: view.getUint32(at + 12, true),
            view: view.getFloat32(at + 16, true),
            learnMost: this.#c._fleck_learn_most(this.#det),
        };
        this.#patchLength = shape.patches * shape.dim;
        this.#clsLength = shape.dim;
        this.#patch = this.#allocate(this.#patchLength * 2);
        this.#cls = this.#allocate(this.#clsLength * 2);
        return shape;
    }

    /**
     * What the samples of a file hold.
     * @param {Uint8Array} bytes
     */
    measure(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_measure(this.#det, file, bytes.length, this.#small)),
        );
        return this.#samples();
    }

    /**
     * @param {Pixels} photo
     * @param {number} sampleBits as which a photo of 16 bits is read; 0: as its own
     * @returns {Extracted}
     */
    extract(photo, sampleBits) {
        const [c, det, patch, cls] = [this.#c, this.#det, this.#patch, this.#cls];
        let samples = { bits: 0, highest: 0 };
        if ('bytes' in photo) {
            this.#check(c._fleck_set_sample_bits(det, sampleBits));
            this.#withBytes(photo.bytes, (file) =>
                this.#check(c._fleck_extract(det, file, photo.bytes.length, patch, cls)),
            );
            c._fleck_extracted(det, this.#small);
            samples = this.#samples();
        } else {
            const { rgba, width, height } = photo;
            this.#withBytes(rgba, (pixels) =>
                this.#check(c._fleck_extract_rgba(det, pixels, width, height, patch, cls)),
            );
        }
        return {
            patch: this.#halves(patch, this.#patchLength).slice(),
            cls: this.#halves(cls, this.#clsLength).slice(),
            samples,
        };
    }

    /**
     * @param {Features} features
     * @returns {number} index
     */
    addFeatures(features) {
        this.#featuresIn(features);
        this.#check(this.#c._fleck_add(this.#det, this.#patch, this.#cls));
        return this.#c._fleck_count(this.#det) - 1;
    }

    clear() {
        this.#check(this.#c._fleck_clear(this.#det));
    }

    /** @param {number} sampleBits as which photos of 16 bits were read */
    trainBegin(sampleBits) {
        this.#check(this.#c._fleck_set_sample_bits(this.#det, sampleBits));
        this.#check(this.#c._fleck_train_begin(this.#det));
    }

    /** @returns {Step} */
    trainStep() {
        const at = this.#small;
        this.#check(this.#c._fleck_train_step(this.#det, at));
        const view = this.#view();
        return {
            phase: STAGES[view.getUint32(at, true)],
            done: view.getUint32(at + 4, true),
            total: view.getUint32(at + 8, true),
            loss: view.getFloat32(at + 12, true),
        };
    }

    /**
     * @param {number} index
     * @param {boolean} heat whether to compute the heatmap too
     */
    scoreAdded(index, heat) {
        this.#check(
            this.#c._fleck_score_added(this.#det, index, heat ? this.#heat : 0, this.#small),
        );
        return this.#scored(heat);
    }

    /**
     * @param {Features} features
     * @param {boolean} heat
     */
    score(features, heat) {
        this.#featuresIn(features);
        this.#check(
            this.#c._fleck_score(
                this.#det,
                this.#patch,
                this.#cls,
                heat ? this.#heat : 0,
                this.#small,
            ),
        );
        return this.#scored(heat);
    }

    /** @returns {Folder} */
    judgeFolder() {
        const at = this.#small;
        this.#check(this.#c._fleck_judge_folder(this.#det, at));
        const view = this.#view();
        return {
            photos: view.getUint32(at, true),
            defects: view.getUint32(at + 4, true),
            looks: view.getUint32(at + 8, true),
            clean: view.getUint32(at + 12, true) !== 0,
            secondProduct: view.getUint32(at + 16, true),
        };
    }

    /** @returns {Uint8Array} */
    save() {
        const c = this.#c;
        this.#check(c._fleck_save(this.#det, 0, 0, this.#small));
        const size = this.#view().getUint32(this.#small, true);
        const at = this.#allocate(size);
        try {
            this.#check(c._fleck_save(this.#det, at, size, this.#small));
            return new Uint8Array(this.#memory.buffer, at, size).slice();
        } finally {
            c._free(at);
        }
    }

    /**
     * @param {Uint8Array} bytes
     * @returns {number} as how many bits the model's photos of 16 bits were read
     */
    load(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_load(this.#det, file, bytes.length)),
        );
        return this.#c._fleck_sample_bits(this.#det);
    }

    /** @returns {Samples} */
    #samples() {
        const view = this.#view();
        return {
            bits: view.getUint32(this.#small, true),
            highest: view.getUint32(this.#small + 4, true),
        };
    }

    /** @param {boolean} heat */
    #scored(heat) {
        return {
            score: this.#view().getFloat32(this.#small, true),
            heat: heat ? this.#floats(this.#heat, HEAT * HEAT).slice() : null,
        };
    }

    /** @param {Features} features */
    #featuresIn({ patch, cls }) {
        if (!this.#patch) throw new DetectorError('state', 'load a backbone first');
        if (patch.length !== this.#patchLength || cls.length !== this.#clsLength) {
            throw new DetectorError(
                'argument',
                `features of ${patch.length} and ${cls.length} values: ` +
                    `this backbone's have ${this.#patchLength} and ${this.#clsLength}`,
            );
        }
        this.#halves(this.#patch, patch.length).set(patch);
        this.#halves(this.#cls, cls.length).set(cls);
    }

    // Any call may grow the memory, which ends all views of it: they are taken
    // anew each time.
    #view() {
        return new DataView(this.#memory.buffer);
    }

    /**
     * @param {number} at
     * @param {number} length
     */
    #floats(at, length) {
        return new Float32Array(this.#memory.buffer, at, length);
    }

    /**
     * @param {number} at
     * @param {number} length
     */
    #halves(at, length) {
        return new Uint16Array(this.#memory.buffer, at, length);
    }

    /** @param {number} size */
    #allocate(size) {
        const at = this.#c._malloc(size) >>> 0;
        if (!at && size) {
            const mb = Math.ceil(size / 2 ** 20);
            throw new DetectorError('memory', `${mb} MB more do not fit in this tab's memory`);
        }
        return at;
    }

    /**
     * Copies bytes in for the duration of one call.
     * @param {Uint8Array | Uint8ClampedArray} bytes
     * @param {(at: number) => void} use
     */
    #withBytes(bytes, use) {
        const at = this.#allocate(Math.max(bytes.length, 1));
        try {
            new Uint8Array(this.#memory.buffer, at, bytes.length).set(bytes);
            use(at);
        } finally {
            this.#c._free(at);
        }
    }

    /** @param {number} status */
    #check(status) {
        const code = STATUS[status];
        if (code) throw new DetectorError(code, this.#message() || 'there is no memory left');
    }

    #message() {
        if (!this.#det) return '';
        const memory = new Uint8Array(this.#memory.buffer);
        const at = this.#c._fleck_error(this.#det) >>> 0;
        // A copy, because decoders refuse shared memory.
        return new TextDecoder().decode(memory.slice(at, memory.indexOf(0, at)));
    }
}

/**
 * @param {import('./load.js').ModuleChoice} choice
 * @param {import('./load.js').Files} files
 * @returns {Promise<{module: import('./module.js').Module, memory: WebAssembly.Memory}>}
 */
export async function loadModule({ variant, threads }, { script, wasm, binary }) {
    /** @type {typeof import('./module.js')} */
    const { default: create } = await import(/* webpackIgnore: true */ /* @vite-ignore */ script);
    // For Emscripten's threads, whose script is the same.
    if (globalThis.Worker && isForeign(script)) {
        // @ts-ignore: a function that is called with new
        globalThis.Worker = function (url, options) {
            return startWorker(url, options);
        };
    }
    const memory = createMemory(variant === 'threads');
    return {
        module: await create({
            wasmMemory: memory,
            ...(binary && { wasmBinary: binary }),
            locateFile: (file) => (file.endsWith('.wasm') ? wasm : script),
            mainScriptUrlOrBlob: script,
            poolSize: Math.max(threads - 1, 1), // Emscripten 3.1.6 waits forever for a pool of none
        }),
        memory,
    };
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
            if (maximum < 4096)
                throw new DetectorError('memory', 'This device has too little memory.');
        }
    }
}

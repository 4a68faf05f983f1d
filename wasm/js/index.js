/**
 * fleck finds the defects in a folder of unlabelled product photos, on the
 * device it runs on.
 *
 *     const detector = await Detector.create();
 *     await detector.loadBackbone(bytes);
 *     await detector.add(files);
 *     await detector.train();
 *     const results = await detector.scoreFolder();
 *     detector.close();
 */
import { Channel, countCores } from './channel.js';
import { DEFECT, HEAT, LOOK, PHOTOS_MIN } from './constants.js';
import { DetectorError } from './errors.js';
import { chooseVariant, filesOf, isIsolated, runsRelaxed } from './load.js';
import { checked, counts, modelsOwn, whole } from './options.js';
import { extractInOrder, isPhotosFault } from './pool.js';

/** From a score of DEFECT on a photo counts as a defect, from LOOK on it deserves a look; a
 * heatmap is [HEAT, HEAT]; train refuses fewer than PHOTOS_MIN. */
export { DEFECT, HEAT, LOOK, PHOTOS_MIN };
export { DetectorError };

/**
 * A photo: a file (PNG, JPEG, BMP, and whatever else the browser decodes), its
 * bytes, or pixels. It is read when its turn comes and stays the caller's.
 * @typedef {Blob | ImageData | {name?: string, bytes: Uint8Array}} Photo
 */
/**
 * What the backbone makes of a photo: [patches, dim] values on a grid x grid
 * raster of an input x input square, which covers the share frameShare of the photo's
 * width and height, centred. learnMost: photos of a folder that are learnt from at most.
 * @typedef {{input: number, grid: number, patches: number, dim: number, frameShare: number,
 *     learnMost: number}} FeatureShape
 */
/**
 * Half floats (IEEE binary16) by their bits: where there is Float16Array,
 * new Float16Array(patch.buffer) tells the values. patch is [patches, dim], rows
 * left to right, top to bottom; cls is [dim]. samples: of a photo of 16 bits, as how many bits it
 * was read and its highest value; otherwise 0, 0.
 * @typedef {{patch: Uint16Array, cls: Uint16Array, samples?: Samples}} Features
 */
/**
 * Cameras of 10, 12 or 14 bits write PNGs of 16. bits: how many the values of photos of 16 bits
 * take; highest: of them; 0, 0 where no photo has 16 bits.
 * @typedef {{bits: number, highest: number}} Samples
 */
/** @typedef {(typeof import('./constants.js').VERDICT_NAMES)[number]} Verdict */
/**
 * score and heat are in 0..1 on the scale of the folder; heat is [HEAT, HEAT]. note: a sentence
 * for people where something about the photo did not fit what was learnt.
 * @typedef {{score: number, verdict: Verdict, heat: Float32Array | null, note?: string,
 *     error?: undefined}} Result
 */
/**
 * error: why a photo could not be read that was not learnt from, and so not read before.
 * @typedef {Result | {score?: undefined, verdict?: undefined, heat?: undefined,
 *     error: DetectorError}} FolderResult
 */
/**
 * What the photos that were learnt from say together. clean: no more of them stands out than
 * in a folder without defects; photos with the verdict defect are its oddest ones then.
 * secondProduct: how many show another product than the others do, 0 for one product.
 * @typedef {{photos: number, defects: number, looks: number, clean: boolean,
 *     secondProduct: number}} FolderVerdict
 */
/**
 * secondsLeft is null until it can be told; loss is that of the last learning
 * step.
 * @typedef {object} Progress
 * @property {'measure' | 'features' | 'memory' | 'learn' | 'calibrate' | 'score'} phase
 * @property {number} done
 * @property {number} total
 * @property {number | null} secondsLeft
 * @property {number} [loss]
 */
/** @typedef {{index: number, error?: undefined} | {index?: undefined, error: DetectorError}} Added */
/**
 * One photo of add(), in input order: its index and whether it is learnt from, and then its
 * features, or why not.
 * @typedef {{position: number, index?: number, learnt: boolean, error?: DetectorError,
 *     features?: Features}} PhotoEvent
 */
/** @typedef {import('./options.js').Options} Options */
/**
 * relaxed: whether the module multiplies 8-bit integers by relaxed SIMD, as it does where the
 * browser has it: searches, and precision i8, are faster, the results the same.
 * notice: one sentence for people if threads are unavailable, otherwise null.
 * @typedef {object} Info
 * @property {'simd' | 'threads'} variant
 * @property {boolean} relaxed
 * @property {number} threads
 * @property {number} workers
 * @property {boolean} isolated
 * @property {string | null} notice
 */

// In which threads start, their script being fetched from a busy machine.
const START_MS = 15_000;

/**
 * A folder of photos and what was learnt from it. Calls that change it (add,
 * addFeatures, train, load, clear) and scoreFolder run one after the other, in
 * the order of the calls.
 */
export class Detector {
    #engine;
    /** @type {Channel[]} the engine first: it extracts too */
    #channels;
    /** @type {(number | Photo)[]} by index: the engine's index, or what is not learnt from */
    #photos = [];
    #learnt = 0;
    #numbers = 0; // of the features that workers were asked to hold, so far
    /** @type {Samples} of the folder */
    #samples = { bits: 0, highest: 0 };
    #modelBits = 0; // as which the model's photos of 16 bits were read
    /** @type {WeakMap<Photo, Samples>} */
    #measured = new WeakMap();
    #learnMost = Infinity;
    /** @type {Promise<unknown>} */
    #last = Promise.resolve();
    /** @type {Info} */
    #info;

    /**
     * Use Detector.create.
     * @private
     * @param {Channel[]} channels
     * @param {Info} info
     */
    constructor(channels, info) {
        this.#engine = channels[0];
        this.#channels = channels;
        this.#info = info;
    }

    /**
     * Starts the workers. Close the detector when done: they hold much memory.
     * @param {Options} [options]
     * @returns {Promise<Detector>}
     */
    static async create(options = {}) {
        const settings = checked(options);
        const choice = chooseVariant(settings.variant);
        try {
            return await Detector.#start(settings, choice);
        } catch (error) {
            const isBroken = error instanceof DetectorError && error.code === 'state';
            if (choice.variant === 'simd' || !isBroken) throw error;
            const missing = 'this browser did not start them';
            return Detector.#start(settings, chooseVariant(settings.variant, missing));
        }
    }

    /**
     * @param {import('./options.js').Checked} settings
     * @param {ReturnType<typeof chooseVariant>} choice
     */
    static async #start(settings, { variant, notice }) {
        const relaxed = runsRelaxed();
        const { threads, workers } = counts(settings, variant, await countCores());
        const channels = await Promise.all(Array.from({ length: workers }, () => Channel.open()));
        const info = { variant, relaxed, threads, workers, isolated: isIsolated(), notice };
        try {
            const started = Promise.all(
                channels.map(async (channel, i) => {
                    await create(
                        channel,
                        i
                            ? { variant: 'simd', relaxed, threads: 1 }
                            : { variant, relaxed, threads },
                    );
                    await channel.call('configure', [settings.engine]);
                    if (i) await connect(channels[0], channel);
                }),
            );
            await (variant === 'threads' ? inTime(started) : started);
        } catch (error) {
            channels.forEach((channel) => channel.close());
            throw error;
        }
        return new Detector(channels, info);
    }

    /**
     * The options that a saved model needs: create() with them, load the same
     * backbone, then load() the model.
     * @param {Uint8Array | ArrayBuffer} bytes of save()
     * @returns {Promise<Options>}
     */
    static async optionsOf(bytes) {
        const model = asBytes(bytes);
        chooseVariant('simd');
        const channel = await Channel.open();
        try {
            await create(channel, { variant: 'simd', relaxed: runsRelaxed(), threads: 1 });
            return modelsOwn(await channel.call('peekOptions', [model]));
        } finally {
            channel.close();
        }
    }

    get info() {
        return this.#info;
    }

    /** Number of photos added. */
    get count() {
        return this.#photos.length;
    }

    /** As which photos of 16 bits are read, and the highest value of those added; else 0, 0. */
    get samples() {
        return { ...this.#samples };
    }

    /**
     * A sentence or two for people if photos have 16 bits or not all that were added are learnt
     * from, otherwise null.
     */
    get note() {
        const { bits, highest } = this.#samples;
        const sentences = [];
        if (bits) {
            sentences.push(
                `16-bit photos: values up to ${grouped(highest)} are read as ${bits} bits` +
                    (highest > whiteOf(bits)
                        ? `, those above ${grouped(whiteOf(bits))} as white`
                        : ''),
            );
        }
        if (this.#learnt < this.count) {
            sentences.push(
                `${grouped(this.count)} photos: learns from ${grouped(this.#learnt)} of ` +
                    'them and judges all',
            );
        }
        return sentences.join('. ') || null;
    }

    /**
     * Once, before anything below.
     * @param {Uint8Array | ArrayBuffer} bytes a safetensors file
     * @returns {Promise<FeatureShape>}
     */
    loadBackbone(bytes) {
        const file = asBytes(bytes);
        return this.#inTurn(async () => {
            const shape = await this.#engine.call('loadBackbone', [file]);
            // Where memory is short, fewer workers do.
            const loaded = await Promise.all(
                this.#channels.map(
                    (channel) =>
                        channel === this.#engine ||
                        channel.call('loadBackbone', [file]).then(
                            () => true,
                            () => (channel.close(), false),
                        ),
                ),
            );
            this.#channels = this.#channels.filter((_, i) => loaded[i]);
            this.#info = { ...this.#info, workers: this.#channels.length };
            this.#learnMost = shape.learnMost;
            return shape;
        });
    }

    /**
     * Adds photos to the folder. A photo that cannot be used says why and does
     * not stop the others; the indices of the others follow the input order.
     * Where they are more than can be learnt from, what is in their files decides which are,
     * neither their names nor their order; the others are kept as they are, read when they are
     * scored. Those of 16 bits are measured first and all read as of the same bits. Both go by
     * call: add a folder at once, or say for each photo whether it is learnt from (learnsFrom).
     * @param {Photo | Photo[]} photos
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void,
     *     onPhoto?: (event: PhotoEvent) => void, learn?: boolean | boolean[], features?: boolean}}
     *     [options] after an abort, photos added stay added; learn: false, not to learn from any, or
     *     for each; features: false, to leave them with the workers, where onPhoto needs none
     * @returns {Promise<Added[]>} in input order
     */
    async add(photos, { signal, onProgress, onPhoto, learn = true, features = true } = {}) {
        const list = Array.isArray(photos) ? photos : [photos];
        list.forEach(checkPhoto);
        return this.#inTurn(async () => {
            const most = learn ? this.#learnMost - this.#learnt : 0;
            const learns = Array.isArray(learn)
                ? learn
                : most < list.length
                  ? await choose(list, most, signal)
                  : null;
            const learnt = [...list.keys()].filter((i) => learns?.[i] ?? true);
            /** @type {Added[]} */
            const added = [];
            /** @param {Added} result @param {Omit<PhotoEvent, 'position'>} event */
            const tell = (result, event) => {
                const position = added.push(result) - 1;
                onPhoto?.({ position, ...result, ...event });
            };
            /** @param {number} end */
            const leave = (end) => {
                while (added.length < end)
                    tell({ index: this.#photos.push(list[added.length]) - 1 }, { learnt: false });
            };
            if (learn) await this.#measure(list, signal, onProgress);
            const { bits } = this.#samples;
            const report = stopwatch('features', onProgress);
            await this.#hold(
                learnt.map((i) => list[i]),
                bits,
                async (i, number, outcome) => {
                    leave(learnt[i]);
                    const asked = Boolean(onPhoto && features);
                    const failed = outcome instanceof DetectorError;
                    const { own, ...result } = failed
                        ? { error: outcome, own: undefined }
                        : await this.#addOne('addHeld', number, asked);
                    report({ done: i + 1, total: learnt.length });
                    tell(result, {
                        learnt: !result.error,
                        ...(own &&
                            !failed && {
                                features: { ...own, samples: readAs(outcome, bits) },
                            }),
                    });
                },
                signal,
            );
            leave(list.length);
            return added;
        }, signal);
    }

    /**
     * The features of a photo, which is not added.
     * @param {Photo} photo
     * @returns {Promise<Features>}
     */
    async extract(photo) {
        checkPhoto(photo);
        return this.#extract(photo, this.#samples.bits || this.#modelBits);
    }

    /**
     * Measures photos before any is added, so that extract reads those of 16 bits as add would: as
     * of the most bits that any of them takes. Later it only tells.
     * @param {Photo | Photo[]} photos
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void}} [options]
     * @returns {Promise<Samples>} of these photos
     */
    measure(photos, { signal, onProgress } = {}) {
        const list = Array.isArray(photos) ? photos : [photos];
        list.forEach(checkPhoto);
        return this.#inTurn(() => this.#measure(list, signal, onProgress), signal);
    }

    /**
     * Adds a photo by its features.
     * @param {Features} features
     * @returns {Promise<number>} its index
     */
    async addFeatures(features) {
        if (!(features?.patch instanceof Uint16Array && features.cls instanceof Uint16Array)) {
            throw new TypeError('features must be {patch, cls}, two Uint16Arrays of half floats');
        }
        return this.#inTurn(async () => {
            const { bits = 0, highest = 0 } = features.samples ?? {};
            if (bits && this.#samples.bits && bits !== this.#samples.bits) {
                throw new DetectorError(
                    'state',
                    `features of a photo read as ${bits} bits: the ` +
                        `folder's are read as ${this.#samples.bits}`,
                );
            }
            const { index, error } = await this.#addOne('addFeatures', features);
            this.#widen({ bits, highest });
            if (error) throw error;
            return /** @type {number} */ (index);
        });
    }

    /**
     * Learns from the photos added. An abort leaves what was learnt before.
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void}} [options]
     * @returns {Promise<void>}
     */
    train({ signal, onProgress } = {}) {
        return this.#inTurn(async () => {
            const report = stopwatch('learn', onProgress);
            const { bits } = this.#samples;
            await this.#engine.call('train', [bits], { signal, onProgress: report });
            this.#modelBits = bits;
        }, signal);
    }

    /**
     * Scores a photo of the folder.
     * @param {number} index
     * @param {{heat?: boolean}} [options]
     * @returns {Promise<Result>}
     */
    async scoreAdded(index, { heat = true } = {}) {
        whole('index', index, 0, 0xffffffff);
        const photo = this.#photos[index] ?? index;
        return typeof photo === 'number'
            ? judged(await this.#engine.call('scoreAdded', [photo, Boolean(heat)]))
            : this.#scorePhoto(photo, heat);
    }

    /**
     * Scores all photos of the folder. Heatmaps take 200 KB each: for large
     * folders leave them and fetch those that are shown by scoreAdded.
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void, heat?: boolean}}
     *     [options]
     * @returns {Promise<FolderResult[]>} by index
     */
    scoreFolder({ signal, onProgress, heat = true } = {}) {
        return this.#inTurn(async () => {
            const photos = this.#photos;
            const report = stopwatch('score', onProgress);
            let done = 0;
            /** @type {FolderResult[]} */
            const results = [];
            /** @param {number} index @param {FolderResult} result */
            const put = (index, result) => {
                results[index] = result;
                report({ done: ++done, total: photos.length });
            };
            /** @type {{index: number, photo: Photo}[]} */
            const rest = [];
            for (const [index, photo] of photos.entries()) {
                if (typeof photo === 'number') put(index, await this.scoreAdded(index, { heat }));
                else rest.push({ index, photo });
                signal?.throwIfAborted();
            }
            const bits = this.#scoredBits;
            await this.#hold(
                rest.map(({ photo }) => photo),
                bits,
                async (i, number, outcome) =>
                    put(
                        rest[i].index,
                        outcome instanceof DetectorError
                            ? { error: outcome }
                            : judged(
                                  await this.#engine.call('scoreHeld', [number, Boolean(heat)]),
                                  outcome,
                                  bits,
                              ),
                    ),
                signal,
            );
            return results;
        }, signal);
    }

    /**
     * The verdict on the folder that was trained on; a loaded model has none.
     * @returns {Promise<FolderVerdict>}
     */
    judgeFolder() {
        return this.#engine.call('judgeFolder');
    }

    /**
     * Scores any other photo.
     * @param {Photo} photo
     * @returns {Promise<Result>}
     */
    async score(photo) {
        checkPhoto(photo);
        return this.#scorePhoto(photo, true);
    }

    /**
     * What was learnt, as the bytes of a file; neither backbone nor photos are
     * in it.
     * @returns {Promise<Uint8Array>}
     */
    save() {
        return this.#engine.call('save');
    }

    /**
     * Brings back what was learnt, for the same backbone, input, blocks,
     * preset and precision. Photos added stay.
     * @param {Uint8Array | ArrayBuffer} bytes of save()
     * @returns {Promise<void>}
     */
    load(bytes) {
        const file = asBytes(bytes);
        return this.#inTurn(async () => {
            this.#modelBits = await this.#engine.call('load', [file]);
        });
    }

    /**
     * Forgets the photos and what was learnt; keeps the backbone.
     * @returns {Promise<void>}
     */
    clear() {
        return this.#inTurn(async () => {
            await this.#engine.call('clear');
            this.#photos = [];
            this.#learnt = 0;
            this.#samples = { bits: 0, highest: 0 };
            this.#modelBits = 0;
        });
    }

    /** Ends the workers and rejects what is pending. */
    close() {
        this.#channels.forEach((channel) => channel.close());
    }

    /**
     * @param {Photo[]} list
     * @param {AbortSignal} [signal]
     * @param {(progress: Progress) => void} [onProgress]
     * @returns {Promise<Samples>}
     */
    async #measure(list, signal, onProgress) {
        /** @type {Photo[]} */
        const deep = [];
        for (const photo of list) {
            signal?.throwIfAborted();
            if (!this.#measured.has(photo) && (await hasDeepSamples(photo))) deep.push(photo);
        }
        const report = stopwatch('measure', onProgress);
        let taken = 0;
        let done = 0;
        await Promise.all(
            this.#channels.map(async (channel) => {
                for (let photo; (photo = deep[taken++]);) {
                    signal?.throwIfAborted();
                    try {
                        const { photo: file, transfer } = await readPhoto(photo);
                        if (!('bytes' in file)) continue;
                        this.#measured.set(
                            photo,
                            await channel.call('measure', [file.bytes], { transfer }),
                        );
                    } catch (error) {
                        if (!isPhotosFault(error)) throw error; // told when the photo is read
                    }
                    report({ done: ++done, total: deep.length });
                }
            }),
        );
        const all = list.map((photo) => this.#measured.get(photo) ?? { bits: 0, highest: 0 });
        const samples = all.reduce(most, { bits: 0, highest: 0 });
        this.#widen(samples);
        return samples;
    }

    /** As which photos that are scored are read: as the model's, if it has seen any of 16 bits. */
    get #scoredBits() {
        return this.#modelBits || this.#samples.bits;
    }

    /**
     * As which photos are read is settled when the first of 16 bits is added.
     * @param {Samples} samples
     */
    #widen(samples) {
        const { bits } = this.#samples;
        this.#samples = most(this.#samples, samples);
        if (this.count && bits) this.#samples.bits = bits;
    }

    /**
     * @param {Photo} photo
     * @param {number} sampleBits
     * @returns {Promise<Required<Features>>}
     */
    async #extract(photo, sampleBits) {
        const { photo: pixels, transfer } = await readPhoto(photo);
        const extracted = await this.#engine.call('extract', [pixels, sampleBits], { transfer });
        return { ...extracted, samples: readAs(extracted.samples, sampleBits) };
    }

    /**
     * Extracts photos' features, which stay with the workers.
     * @param {Photo[]} photos
     * @param {number} bits
     * @param {(i: number, number: number, outcome: Samples | DetectorError) => Promise<void>} use
     *     called one at a time, in order; number: by which the detector's worker knows the features
     * @param {AbortSignal} [signal]
     */
    async #hold(photos, bits, use, signal) {
        const first = this.#numbers;
        this.#numbers += photos.length;
        try {
            await extractInOrder(
                this.#channels,
                photos.length,
                bits,
                first,
                (i) => readPhoto(photos[i]),
                (i, outcome) => use(i, first + i, outcome),
                signal,
            );
        } finally {
            void this.#engine.call('dropHeld', [this.#numbers]).catch(() => {});
        }
    }

    /** @param {Photo} photo @param {boolean} heat */
    async #scorePhoto(photo, heat) {
        const { photo: pixels, transfer } = await readPhoto(photo);
        const bits = this.#scoredBits;
        const { samples, ...scored } = await this.#engine.call(
            'score',
            [pixels, bits, Boolean(heat)],
            { transfer },
        );
        return judged(scored, samples, bits);
    }

    /**
     * @param {'addFeatures' | 'addHeld'} method
     * @param {unknown[]} args
     * @returns {Promise<Added & {own?: Features}>} own: the features, where they were asked for
     */
    async #addOne(method, ...args) {
        try {
            const { index, patch, cls } = await this.#engine.call(method, args);
            this.#learnt = index + 1;
            const added = { index: this.#photos.push(index) - 1 };
            return patch ? { ...added, own: { patch, cls } } : added;
        } catch (error) {
            if (!isPhotosFault(error)) throw error;
            return { error };
        }
    }

    /**
     * @template T
     * @param {() => Promise<T>} run
     * @param {AbortSignal} [signal]
     * @returns {Promise<T>}
     */
    #inTurn(run, signal) {
        const result = this.#last.then(() => {
            signal?.throwIfAborted();
            return run();
        });
        this.#last = result.catch(() => {});
        return result;
    }
}

/**
 * By which photos of a large folder are chosen: fleck_photo_key of the core.
 * @param {Uint8Array | Uint8ClampedArray} bytes of a photo's file, or of its pixels
 */
export function photoKey(bytes) {
    let a = 0x811c9dc5;
    let b = 0x9e3779b9;
    for (let i = 0; i < bytes.length; i++) {
        a = Math.imul(a ^ bytes[i], 0x01000193);
        b = Math.imul(b ^ bytes[i], 0x2c1b3c6d);
    }
    const mixed = (/** @type {number} */ h) => {
        h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
        h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
        return BigInt((h ^ (h >>> 16)) >>> 0);
    };
    return (mixed(a) << 32n) | mixed(b);
}

/**
 * Which photos of a folder are learnt from: the most with the smallest keys.
 * @param {bigint[]} keys
 * @param {number} most
 * @returns {boolean[]} by index
 */
export function learnsFrom(keys, most) {
    const chosen = [...keys.keys()]
        .sort((i, j) => (keys[i] < keys[j] ? -1 : keys[i] > keys[j] ? 1 : i - j))
        .slice(0, most);
    const learns = keys.map(() => false);
    for (const i of chosen) learns[i] = true;
    return learns;
}

/**
 * @param {Photo} photo
 * @returns {Promise<bigint>} its photoKey; of one that cannot be read one beyond all others
 */
export function keyOf(photo) {
    return readPhoto(photo).then(
        ({ photo: read }) => photoKey('bytes' in read ? read.bytes : read.rgba),
        () => 2n ** 64n,
    );
}

/**
 * @param {Photo[]} list
 * @param {number} most
 * @param {AbortSignal} [signal]
 */
async function choose(list, most, signal) {
    const keys = [];
    for (const photo of list) {
        signal?.throwIfAborted();
        keys.push(await keyOf(photo));
    }
    return learnsFrom(keys, most);
}

/**
 * What waits for a thread that does not start waits for ever.
 * @template T
 * @param {Promise<T>} started
 */
function inTime(started) {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const late = new Promise((/** @type {(_: never) => void} */ _, reject) => {
        timer = setTimeout(() => reject(new DetectorError('state', 'no thread answers')), START_MS);
    });
    return Promise.race([started, late]).finally(() => clearTimeout(timer));
}

/** Features go from a worker straight to the detector's. @param {Channel} to @param {Channel} from */
async function connect(to, from) {
    const { port1, port2 } = new MessageChannel();
    await to.call('receiveFrom', [port1], { transfer: [port1] });
    await from.call('sendTo', [port2], { transfer: [port2] });
}

/** @param {Channel} channel @param {import('./load.js').ModuleChoice} choice */
async function create(channel, choice) {
    await channel.call('create', [choice, await filesOf(choice)]);
}

/**
 * @param {{score: number, heat: Float32Array | null}} scored
 * @param {Samples} [samples] of a photo that was not learnt from
 * @param {number} [bits] of those learnt from
 * @returns {Result}
 */
function judged({ score, heat }, samples, bits) {
    const above = samples && bits && samples.highest > whiteOf(bits);
    return {
        score,
        verdict: score >= DEFECT ? 'defect' : score >= LOOK ? 'look' : 'ok',
        heat,
        ...(above && {
            note:
                `16-bit values up to ${grouped(samples.highest)}; the photos learnt from have ` +
                `${bits} bits, so what is above ${grouped(whiteOf(bits))} is read as white`,
        }),
    };
}

/** @param {number} bits the highest value that they hold */
function whiteOf(bits) {
    return 2 ** bits - 1;
}

/** @param {number} number */
function grouped(number) {
    return number.toLocaleString('en');
}

/**
 * @param {Samples} a
 * @param {Samples} b
 */
function most(a, b) {
    return { bits: Math.max(a.bits, b.bits), highest: Math.max(a.highest, b.highest) };
}

/**
 * A photo's samples, as features tell them: as which they were read.
 * @param {Samples} samples
 * @param {number} bits
 */
function readAs(samples, bits) {
    return { bits: samples.bits && bits, highest: samples.highest };
}

/**
 * Whether a photo is a PNG of 16 bits: the only ones that must be measured.
 * @param {Photo} photo
 */
async function hasDeepSamples(photo) {
    const DEPTH_AT = 24;
    if (isPixels(photo)) return false;
    const head =
        photo instanceof Blob
            ? new Uint8Array(
                  await photo
                      .slice(0, DEPTH_AT + 1)
                      .arrayBuffer()
                      .catch(() => new ArrayBuffer(0)),
              )
            : /** @type {{bytes: Uint8Array}} */ (photo).bytes;
    return head[0] === 0x89 && head[1] === 0x50 && head[DEPTH_AT] === 16;
}

/**
 * Completes reports of progress by the time left, told from the second second
 * on.
 * @param {Progress['phase']} phase
 * @param {((progress: Progress) => void) | undefined} onProgress
 */
function stopwatch(phase, onProgress) {
    const start = performance.now();
    return (
        /** @type {{done: number, total: number, phase?: Progress['phase'], loss?: number}} */ step,
    ) => {
        const seconds = (performance.now() - start) / 1000;
        const secondsLeft =
            step.done && seconds > 1 ? (seconds / step.done) * (step.total - step.done) : null;
        onProgress?.({ phase, ...step, secondsLeft });
    };
}

/** @param {Photo} photo */
function checkPhoto(photo) {
    if (
        photo instanceof Blob ||
        isPixels(photo) ||
        /** @type {any} */ (photo)?.bytes instanceof Uint8Array
    )
        return;
    throw new TypeError('a photo must be a File, a Blob, an ImageData or {bytes: Uint8Array}');
}

/**
 * @param {any} photo
 * @returns {photo is ImageData}
 */
function isPixels(photo) {
    return (
        photo?.data instanceof Uint8ClampedArray &&
        photo.width > 0 &&
        photo.height > 0 &&
        photo.data.length === photo.width * photo.height * 4
    );
}

/**
 * @param {Photo} photo
 * @returns {Promise<{photo: import('./engine.js').Pixels, transfer: ArrayBuffer[]}>}
 */
async function readPhoto(photo) {
    if (photo instanceof Blob) {
        let buffer;
        try {
            buffer = await photo.arrayBuffer();
        } catch (error) {
            throw new DetectorError(
                'format',
                `cannot be read: ${/** @type {Error} */ (error).message}`,
            );
        }
        return { photo: { bytes: new Uint8Array(buffer) }, transfer: [buffer] };
    }
    if ('bytes' in photo) return { photo: { bytes: photo.bytes }, transfer: [] };
    const { data: rgba, width, height } = photo;
    return { photo: { rgba, width, height }, transfer: [] };
}

/**
 * @param {unknown} bytes
 * @returns {Uint8Array}
 */
function asBytes(bytes) {
    if (bytes instanceof Uint8Array) return bytes;
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
    throw new TypeError('bytes must be a Uint8Array or an ArrayBuffer');
}

/** The detector: a folder of photos, what is learnt from it, and the scores of these and others. */
import { DEFECT, HEAT, MARK_NAMES, PIXELS_MAX, SIZE_HEAD } from './constants.js';
import { DetectorError } from './errors.js';
import { chooseVariant } from './load.js';
import { allowed, checked, known, must, oneOf, whole } from './options.js';
import { checkPhoto, choose, headOf, isPixels, list, readPhoto, taken } from './photos.js';
import { isPicture, sizeOfPicture } from './pictures.js';
import { extractInOrder, isPhotosFault } from './pool.js';
import { orAborted, stopwatch } from './progress.js';
import { grouped, isMeasuredWhole, most, readAs, whiteOf } from './samples.js';
import { peekOptions, startWorkers } from './start_workers.js';
import { judge } from './verdict.js';

/** @typedef {import('./channel.js').Channel} Channel */
/** @typedef {import('./types.js').Photo} Photo */
/** @typedef {import('./types.js').Photos} Photos */
/** @typedef {import('./types.js').FeatureShape} FeatureShape */
/** @typedef {import('./types.js').Features} Features */
/** @typedef {import('./types.js').Samples} Samples */
/** @typedef {import('./types.js').Tiles} Tiles */
/** @typedef {import('./types.js').Result} Result */
/** @typedef {import('./types.js').FolderResult} FolderResult */
/** @typedef {import('./types.js').Region} Region */
/** @typedef {import('./types.js').Explanation} Explanation */
/** @typedef {import('./types.js').MadeMark} MadeMark */
/** @typedef {import('./types.js').Mark} Mark */
/** @typedef {import('./types.js').Point} Point */
/** @typedef {import('./types.js').Review} Review */
/** @typedef {import('./types.js').Grouped} Grouped */
/** @typedef {import('./types.js').Groups} Groups */
/** @typedef {import('./types.js').Area} Area */
/** @typedef {import('./types.js').AreaLeft} AreaLeft */
/** @typedef {import('./types.js').FolderVerdict} FolderVerdict */
/** @typedef {import('./types.js').Progress} Progress */
/** @typedef {import('./types.js').Added} Added */
/** @typedef {import('./types.js').PhotoEvent} PhotoEvent */
/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('./types.js').Info} Info */

/**
 * A folder of photos and what was learnt from it. Calls that change it (add,
 * addFeatures, train, load, clear), scoreFolder and scoreMany run one after the other, in
 * the order of the calls.
 */
export class Detector {
    #engine;
    /** @type {Channel[]} the engine first: it extracts too */
    #channels;
    /** @type {(number | Photo)[]} by index: the engine's index, or what is not learnt from */
    #photos = [];
    #learnt = 0;
    #paged = 0; // photos learnt from that have more pages than the one that is read
    #numbers = 0; // of the features that workers were asked to hold, so far
    /** @type {Samples} of the folder */
    #samples = NOTHING;
    #modelBits = 0; // as which the model's photos of 16 bits were read
    #hasModel = false;
    #marks = 0;
    /** @type {WeakMap<Photo, Samples & {size: number[]}>} */
    #measured = new WeakMap();
    #tiles;
    #threshold = DEFECT;
    #smallestArea = 0;
    /** @type {AreaLeft | null} */
    #area = null;
    /** @type {(why: Error) => void} */
    #whenBroken = () => {};
    /** @type {FeatureShape | null} null: no backbone yet */
    #shape = null;
    /** @type {Promise<unknown>} */
    #last = Promise.resolve();
    /** @type {Info} */
    #info;

    /**
     * Settles where a worker stops by itself or gives no sign for minutes: with why. What was added
     * and learnt is lost then, and every call rejects: close the detector and create another.
     * @type {Promise<Error>}
     */
    stopped;

    /**
     * Use Detector.create.
     * @private
     * @param {Channel[]} channels
     * @param {Info} info
     * @param {'auto' | Tiles} tiles
     */
    constructor(channels, info, tiles) {
        this.#tiles = tiles;
        this.#engine = channels[0];
        this.#channels = channels;
        this.#info = info;
        this.stopped = new Promise((resolve) => {
            /* of the others only those with a backbone count: loadBackbone */
            this.#whenBroken = resolve;
            this.#engine.onbreak = resolve;
        });
    }

    /**
     * Starts the workers. Close the detector when done: they hold much memory.
     * @param {Options} [options]
     * @returns {Promise<Detector>}
     */
    static async create(options = {}) {
        const settings = checked(options);
        const choice = chooseVariant(settings.variant);
        const start = async (/** @type {typeof choice} */ chosen) => {
            const { channels, info } = await startWorkers(settings, chosen);
            return new Detector(channels, info, settings.tiles);
        };
        try {
            return await start(choice);
        } catch (error) {
            const isBroken = error instanceof DetectorError && error.code === 'state';
            if (choice.variant === 'simd' || !isBroken) throw error;
            const missing = 'this browser did not start them';
            return start(chooseVariant(settings.variant, missing));
        }
    }

    /**
     * The options that a saved model needs: create() with them, load the same
     * backbone, then load() the model.
     * @param {Uint8Array | ArrayBuffer} bytes of save()
     * @param {Options} [options] of which only where the package's files are counts
     * @returns {Promise<Options>}
     */
    static async optionsOf(bytes, options = {}) {
        const model = asBytes(bytes);
        const { files } = checked({ ...options, variant: 'simd' });
        chooseVariant('simd');
        return peekOptions(model, files);
    }

    get info() {
        return this.#info;
    }

    /** Number of photos added. */
    get count() {
        return this.#photos.length;
    }

    /** What the backbone makes of a photo, in the tiles of now; null before it is loaded. */
    get shape() {
        return this.#shape;
    }

    /** Scores from here on have the verdict defect. */
    get threshold() {
        return this.#threshold;
    }

    /** As which photos of 16 bits are read, and the highest value of those added; else 0, 0. */
    get samples() {
        return { ...this.#samples };
    }

    /**
     * Sentences for people if photos have 16 bits or several pages, or not all that were added are
     * learnt from, otherwise null.
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
        if (this.#paged)
            sentences.push(
                `${grouped(this.#paged)} ${this.#paged === 1 ? 'photo has' : 'photos have'} ` +
                    'several pages, of which the first is read',
            );
        if (this.#learnt < this.count) {
            sentences.push(
                `${grouped(this.count)} photos: learns from ${grouped(this.#learnt)} of ` +
                    'them and judges all',
            );
        }
        return sentences.join('. ') || null;
    }

    /**
     * Once, before anything below; where it was not called, add loads the backbone that
     * comes with the package. A failed download is an error of code network, with its address.
     * @param {Uint8Array | ArrayBuffer | string | URL | Response} [given] a safetensors file, or where
     *     it is; by default that of the package
     * @param {import('./backbone.js').Options} [options] onProgress: bytes downloaded; an abort
     *     before the last has come leaves the detector as it was
     * @returns {Promise<FeatureShape>}
     */
    async loadBackbone(given, options = {}) {
        const { signal, onProgress } = allowed(options, 'signal', 'onProgress');
        return this.#inTurn(() => this.#load(given, { signal, onProgress }), signal);
    }

    /**
     * @param {Uint8Array | ArrayBuffer | string | URL | Response} [given]
     * @param {import('./backbone.js').Options} [options]
     */
    async #load(given, options = {}) {
        const file =
            ArrayBuffer.isView(given) || given instanceof ArrayBuffer
                ? asBytes(given)
                : await (await import('./backbone.js')).readBackbone(given, options);
        options.signal?.throwIfAborted();
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
        for (const channel of this.#channels) channel.onbreak = this.#whenBroken;
        this.#info = { ...this.#info, workers: this.#channels.length };
        this.#shape = shape;
        return this.#tiles === 'auto' ? shape : this.#setTiles(this.#tiles);
    }

    /**
     * Adds photos to the folder. A photo that cannot be used says why and does
     * not stop the others; the indices of the others follow the input order.
     * Where they are more than can be learnt from, what is in their files decides which are,
     * neither their names nor their order; the others are kept as they are, read when they are
     * scored. Those of 16 bits are measured first and all read as of the same bits. Both go by
     * call: add a folder at once, or say for each photo whether it is learnt from (learnsFrom).
     * @param {Photos} photos
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void,
     *     onPhoto?: (event: PhotoEvent) => void, learn?: boolean | boolean[], features?: boolean}}
     *     [options] after an abort, photos added stay added; learn: false, not to learn from any, or
     *     for each; features: false, to leave them with the workers, where onPhoto needs none
     * @returns {Promise<Added[]>} in input order
     */
    async add(photos, options = {}) {
        const given = taken(photos);
        const {
            signal,
            onProgress,
            onPhoto,
            learn = true,
            features = true,
        } = allowed(options, 'signal', 'onProgress', 'onPhoto', 'learn', 'features');
        const isRight = [learn].flat().every((each) => typeof each === 'boolean');
        must(isRight, 'learn', 'a boolean, or one for each photo');
        return this.#inTurn(async () => {
            const all = await list(given, signal);
            if (!this.#shape) await this.#load(undefined, { signal });
            if (learn) await this.#measure(all, signal, onProgress);
            const most = learn ? (this.#shape?.learnMost ?? Infinity) - this.#learnt : 0;
            const learns = Array.isArray(learn)
                ? learn
                : most < all.length
                  ? await choose(all, most, signal)
                  : null;
            const learnt = [...all.keys()].filter((i) => learns?.[i] ?? true);
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
                    tell({ index: this.#photos.push(all[added.length]) - 1 }, { learnt: false });
            };
            const { bits } = this.#samples;
            const report = stopwatch('features', onProgress);
            await this.#hold(
                learnt.map((i) => all[i]),
                bits,
                async (i, number, outcome) => {
                    leave(learnt[i]);
                    const asked = Boolean(onPhoto && features);
                    const failed = outcome instanceof DetectorError;
                    const { own, ...result } = failed
                        ? { error: outcome, own: undefined }
                        : await this.#addOne('addHeld', number, asked);
                    if (!failed && outcome.pages > 1) this.#paged++;
                    report({ done: i + 1, total: learnt.length });
                    tell(result, {
                        learnt: !result.error,
                        ...(own &&
                            !failed && {
                                features: {
                                    ...own,
                                    samples: readAs(outcome, bits),
                                    tiles: this.#shape?.tiles,
                                },
                            }),
                    });
                },
                signal,
            );
            leave(all.length);
            return added;
        }, signal);
    }

    /**
     * The pixels of a file as fleck reads it, upright and with its own decoder, for kinds that the
     * browser does not show. Those of 16 bits are read as the folder's or the model's are.
     * @param {Blob | {bytes: Uint8Array}} photo a PNG, JPEG, BMP or TIFF
     * @returns {Promise<{data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}>} as
     *     an ImageData has them
     */
    async decode(photo) {
        const { photo: read, transfer } = await readPhoto(photo);
        if (!('bytes' in read)) throw new TypeError('a file or its bytes can be decoded');
        const [channel] = this.#channels.slice(-1); // the one that does nothing but read
        return channel.call('decode', [read.bytes, this.#scoredBits], { transfer });
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
     * Measures photos before any is added, so that extract reads them as add would: those of 16
     * bits as of the most bits that any of them takes, and all in the tiles that suit them. Later it
     * only tells.
     * @param {Photos} photos
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void}} [options]
     * @returns {Promise<Samples & {tiles: Tiles}>} of these photos
     */
    async measure(photos, options = {}) {
        const given = taken(photos);
        const { signal, onProgress } = allowed(options, 'signal', 'onProgress');
        return this.#inTurn(
            async () => this.#measure(await list(given, signal), signal, onProgress),
            signal,
        );
    }

    /**
     * Adds a photo by its features.
     * @param {Features} features
     * @returns {Promise<number>} its index
     */
    async addFeatures(features) {
        must(
            features?.patch instanceof Uint16Array && features.cls instanceof Uint16Array,
            'features',
            '{patch, cls}, two Uint16Arrays of half floats',
        );
        return this.#inTurn(async () => {
            const { bits = 0, highest = 0 } = features.samples ?? {};
            if (bits && this.#samples.bits && bits !== this.#samples.bits) {
                throw new DetectorError(
                    'state',
                    `features of a photo read as ${bits} bits: the ` +
                        `folder's are read as ${this.#samples.bits}`,
                );
            }
            const { tiles } = features;
            if (tiles && this.#hasFreeTiles) await this.#setTiles(tiles);
            const { index, error } = await this.#addOne('addFeatures', features);
            this.#widen({ bits, highest });
            if (error) throw error;
            return /** @type {number} */ (index);
        });
    }

    /**
     * A first ranking of the photos added so far, 5 or more, while others are still being added: how
     * unusual each looks beside the others. The numbers compare photos of one call alone and are no
     * scores; it takes a hundredth of the time that reading the photos took.
     * @returns {Promise<(number | null)[]>} by index; null: not learnt from
     */
    async preview() {
        const unusual = await this.#engine.call('preview');
        return this.#photos.map((at) => (typeof at === 'number' ? (unusual[at] ?? null) : null));
    }

    /**
     * Learns from the photos added. An abort leaves what was learnt before.
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void}} [options]
     * @returns {Promise<void>}
     */
    async train(options = {}) {
        const { signal, onProgress } = allowed(options, 'signal', 'onProgress');
        return this.#inTurn(async () => {
            const report = stopwatch('learn', onProgress);
            const { bits } = this.#samples;
            await this.#engine.call('train', [bits], { signal, onProgress: report });
            this.#modelBits = bits;
            this.#hasModel = true;
        }, signal);
    }

    /**
     * Scores a photo of the folder.
     * @param {number} index
     * @param {{heat?: boolean}} [options]
     * @returns {Promise<Result>}
     */
    async scoreAdded(index, options = {}) {
        const { heat = true } = allowed(options, 'heat');
        whole('index', index, 0, 0xffffffff);
        const photo = this.#photos[index] ?? index;
        return typeof photo === 'number'
            ? this.#judged(await this.#engine.call('scoreAdded', [photo, heat]))
            : this.#scorePhoto(photo, heat);
    }

    /**
     * Scores all photos of the folder. Heatmaps take 200 KB each: for large
     * folders leave them and fetch those that are shown by scoreAdded.
     * @param {{signal?: AbortSignal, onProgress?: (progress: Progress) => void, heat?: boolean}}
     *     [options]
     * @returns {Promise<FolderResult[]>} by index
     */
    async scoreFolder(options = {}) {
        const {
            signal,
            onProgress,
            heat = true,
        } = allowed(options, 'signal', 'onProgress', 'heat');
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
            await this.#scoreAll(
                rest.map(({ photo }) => photo),
                heat,
                (i, result) => put(rest[i].index, result),
                signal,
            );
            return results;
        }, signal);
    }

    /**
     * Why a spot of a photo looks unusual, or does not: the places of other photos learnt from that
     * are most like it, to be shown beside it, and how usual it is to be so far from them. A photo
     * of the folder never vouches for itself, a copy of it does. The first answer after photos were
     * added takes a while, for 200 about as long as reading three; the others a tenth of that.
     * @param {number | Photo} photo its index, or any other photo
     * @param {{x: number, y: number}} spot in shares of the photo's width and height, 0 to 1, in the
     *     area of interest
     * @param {{count?: number}} [options] count: of similar places at most, each of another photo
     * @returns {Promise<Explanation>}
     */
    async explain(photo, { x, y }, options = {}) {
        const { count = 3 } = allowed(options, 'count');
        checkSpot(x, y);
        whole('count', count, 0, 0xffff);
        const { similar, ...spot } = await this.#ask('explain', photo, x, y, count);
        return {
            ...spot,
            similar: similar.map((/** @type {Explanation['similar'][number]} */ place) => ({
                ...place,
                photo: this.#photos.indexOf(place.photo),
            })),
        };
    }

    /**
     * The photo to show in turns with one: of those learnt from that score below the threshold the
     * one that is most like it place by place, another one than itself.
     * @param {number | Photo} photo its index, or any other photo
     * @returns {Promise<number>} an index
     */
    async nearestNormal(photo) {
        return this.#photos.indexOf(await this.#ask('nearestNormal', photo));
    }

    /**
     * Marks a photo, or a spot on it, good or a defect; 'none' takes the mark back. What looks like
     * a good mark becomes less unusual, what looks like a defect's more, and what is marked is as it
     * is marked: a photo marked good is ok, one marked a defect, or with a spot that is one, is a
     * defect. Scores, heatmaps, regions and the folder's verdict follow when they are asked for
     * again. A mark of the photo replaces all on it. A saved model keeps them, clear() forgets them.
     * @param {number | Photo} photo its index, or any other photo
     * @param {Mark} mark
     * @param {Point | null} [spot] in shares of the photo's width and height, 0 to 1; null: all of it
     * @returns {Promise<number>} how many marks there are
     */
    async mark(photo, mark, spot = null) {
        oneOf('a mark', mark, MARK_NAMES);
        if (spot) checkSpot(spot.x, spot.y);
        return (this.#marks = await this.#ask('mark', photo, mark, spot));
    }

    /** How many marks there are; of a model that was loaded, too. */
    get marks() {
        return this.#marks;
    }

    /**
     * The marks on a photo, its own first, then those of its spots; of a model that was loaded, too.
     * @param {number | Photo} photo its index, or any other photo
     * @returns {Promise<MadeMark[]>}
     */
    marksOf(photo) {
        return this.#ask('marksOf', photo);
    }

    /** Forgets all marks. */
    async clearMarks() {
        await this.#engine.call('clearMarks');
        this.#marks = 0;
    }

    /**
     * How the marks compare with what would be said of each by all others, and the threshold that
     * they propose, which is not set.
     * @returns {Promise<Review>}
     */
    reviewMarks() {
        return this.#engine.call('reviewMarks');
    }

    /**
     * The photos of the folder whose marks would tell most: those without one whose scores are
     * nearest to the threshold, the nearest first.
     * @param {number} [count] at most
     * @returns {Promise<number[]>} their indices
     */
    async proposeMarks(count = 10) {
        whole('count', count, 0, 0xffffff);
        const indices = await this.#engine.call('proposeMarks', [count]);
        return indices.map((/** @type {number} */ index) => this.#photos.indexOf(index));
    }

    /**
     * Puts the regions of many photos into groups of those that look alike: scratches, stains. The
     * largest group is 0; a region that is like no other is a group of its own. Same regions, same
     * groups, whatever their order.
     * @param {Iterable<Grouped> | AsyncIterable<Grouped>} photos asked for one after the other
     * @param {{signal?: AbortSignal}} [options]
     * @returns {Promise<Groups>}
     */
    async groupRegions(photos, options = {}) {
        const { signal } = allowed(options, 'signal');
        return this.#inTurn(async () => {
            const counts = [];
            await this.#engine.call('groupsBegin');
            for await (const { photo, heat, width, height } of photos) {
                signal?.throwIfAborted();
                checkHeat(heat);
                checkSize(width, height);
                counts.push((await this.#engine.call('findRegions', [heat, width, height])).length);
                await this.#ask('groupsAdd', photo, heat, width, height);
            }
            const { group, sizes, typical } = await this.#engine.call('groupsFind');
            /** @type {{photo: number, region: number}[]} */
            const places = counts.flatMap((count, photo) =>
                Array.from({ length: count }, (_, region) => ({ photo, region })),
            );
            let at = 0;
            return {
                groups: counts.map((count) => group.slice(at, (at += count))),
                sizes,
                typical: typical.map((/** @type {number} */ each) => places[each]),
            };
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
     * Scores any other photo, which is not kept.
     * @param {Photo} photo
     * @param {{heat?: boolean, signal?: AbortSignal}} [options] heat: false leaves out the heatmap and
     *     its work; an abort loses nothing but this result, though a bitmap may be used up
     * @returns {Promise<Result>}
     */
    async score(photo, options = {}) {
        const { heat = true, signal } = allowed(options, 'heat', 'signal');
        checkPhoto(photo);
        signal?.throwIfAborted();
        return orAborted(this.#scorePhoto(photo, heat), signal);
    }

    /**
     * Scores any other photos, which are not kept, on all workers. Heatmaps take 200 KB each.
     * @param {Photos} photos
     * @param {{heat?: boolean, signal?: AbortSignal, onProgress?: (progress: Progress) => void}}
     *     [options]
     * @returns {Promise<FolderResult[]>} in input order; error: why one cannot be read
     */
    async scoreMany(photos, options = {}) {
        const given = taken(photos);
        const {
            heat = true,
            signal,
            onProgress,
        } = allowed(options, 'heat', 'signal', 'onProgress');
        return this.#inTurn(async () => {
            const all = await list(given, signal);
            const report = stopwatch('score', onProgress);
            /** @type {FolderResult[]} */
            const results = [];
            await this.#scoreAll(
                all,
                heat,
                (i, result) => {
                    results[i] = result;
                    report({ done: i + 1, total: all.length });
                },
                signal,
            );
            return results;
        }, signal);
    }

    /**
     * Verdicts of scores to come follow it, and the model keeps it; scores stay as they are. 0.5
     * until one is set or loaded, and again after clear().
     * @param {number} threshold in (0, 1]
     */
    async setThreshold(threshold) {
        must(typeof threshold === 'number', 'threshold', 'a number');
        return this.#inTurn(async () => {
            await this.#engine.call('setThreshold', [threshold]);
            this.#threshold = threshold;
        });
    }

    /** What the area of interest leaves; null: there is none, and all of the photos counts. */
    get area() {
        return this.#area;
    }

    /**
     * Patches outside of the area of interest count nowhere, and heatmaps are 0 there. One for all
     * photos, which are aligned, or whose part it follows, set before or after they are added.
     * Another area than before forgets what was learnt: train again. Kept by the model; clear()
     * forgets it.
     * @param {Area | null} area null: all of the photos counts
     * @param {{follow?: Photo | Features}} [options] follow: the photo that it was drawn over, or
     *     its features: on each photo it lies where its part lies, moved by whole patches, up to a
     *     quarter of the frame each way. After photos were measured, or the first were added
     * @returns {Promise<AreaLeft | null>}
     */
    async setArea(area, { follow } = {}) {
        if (area) checkArea(area);
        const part = follow && (await this.#featuresOf(follow));
        return this.#inTurn(async () => {
            const left = await this.#engine.call('setArea', [area ?? {}, part]);
            const before = this.#area;
            if (String(left?.map) !== String(before?.map) || left?.follows !== before?.follows)
                this.#hasModel = false;
            return (this.#area = left);
        });
    }

    /**
     * What an area would leave, which is not set: nothing changes. Refused is what setArea refuses.
     * @param {Area} area
     * @param {{follow?: Photo | Features, on?: Photo | Features}} [options] follow: as for setArea;
     *     on: the photo on which it is tried, without one that which it was drawn over
     * @returns {Promise<AreaLeft>} of that photo
     */
    async tryArea(area, { follow, on } = {}) {
        checkArea(area);
        const part = follow && (await this.#featuresOf(follow));
        const seen = follow && on ? await this.#featuresOf(on) : part;
        return this.#inTurn(() => this.#engine.call('tryArea', [area, part, seen]));
    }

    /**
     * An area to look at, which is not set: a polygon around what stands out on a photo from what it
     * shows at its edge. Fails with `argument` where nothing does.
     * @param {Photo | Features} photo
     * @returns {Promise<{include: Point[][]}>}
     */
    async proposeArea(photo) {
        const features = await this.#featuresOf(photo);
        return { include: [await this.#engine.call('proposeArea', [features])] };
    }

    /** @param {Photo | Features} photo @returns {Promise<Features>} */
    async #featuresOf(photo) {
        return 'patch' in photo ? photo : this.extract(photo);
    }

    /** The smallest area that counts, as a share of a photo's. */
    get smallestArea() {
        return this.#smallestArea;
    }

    /**
     * Regions of less are none from here on, and a photo that has no other deserves a look at most.
     * Kept by the model as the threshold is; 0, the default, lets all count.
     * @param {number} share in [0, 1]
     */
    async setSmallestArea(share) {
        must(typeof share === 'number', 'the smallest area', 'a number');
        return this.#inTurn(async () => {
            await this.#engine.call('setSmallestArea', [share]);
            this.#smallestArea = share;
        });
    }

    /**
     * The regions of a photo: the connected places where its heatmap reaches the threshold, the
     * hottest first, those below the smallest area left out. A photo whose score reaches the
     * threshold has one, another has none.
     * @param {Float32Array} heat of a result
     * @param {{width: number, height: number}} size of the photo as it is seen, in whose pixels the
     *     regions are
     * @returns {Promise<Region[]>}
     */
    async findRegions(heat, { width, height }) {
        checkHeat(heat);
        checkSize(width, height);
        return this.#engine.call('findRegions', [heat, width, height]);
    }

    /**
     * The highest threshold at which a photo has a region of the smallest area or more: it is called
     * a defect at this one and at all below, whatever the detector's is. Without a smallest area
     * that is its score.
     * @param {Float32Array} heat of a result
     * @returns {Promise<number>} in [0, 1]; 0: it is called at none
     */
    async calledUpTo(heat) {
        checkHeat(heat);
        return this.#engine.call('calledUpTo', [heat]);
    }

    /**
     * What was learnt, with the threshold, as the bytes of a file; neither backbone nor photos are
     * in it.
     * @returns {Promise<Uint8Array>}
     */
    save() {
        return this.#engine.call('save');
    }

    /**
     * Brings back what was learnt, for the same backbone, input, blocks,
     * preset and precision. Photos added stay, and must have the model's tiles.
     * @param {Uint8Array | ArrayBuffer} bytes of save()
     * @returns {Promise<void>}
     */
    async load(bytes) {
        const file = asBytes(bytes);
        return this.#inTurn(async () => {
            const loaded = await this.#engine.call('load', [file]);
            const { bits, shape, threshold, smallestArea, area, marks } = loaded;
            this.#modelBits = bits;
            this.#threshold = shortest(threshold);
            this.#smallestArea = shortest(smallestArea);
            this.#area = area;
            this.#marks = marks;
            this.#hasModel = true;
            await this.#share(shape);
        });
    }

    /**
     * Forgets the photos and what was learnt; keeps the backbone. Photos to come have the tiles that
     * suit them.
     * @returns {Promise<void>}
     */
    clear() {
        return this.#inTurn(async () => {
            await this.#engine.call('clear');
            this.#threshold = DEFECT;
            this.#smallestArea = 0;
            this.#area = null;
            this.#marks = 0;
            this.#photos = [];
            this.#learnt = 0;
            this.#paged = 0;
            this.#samples = NOTHING;
            this.#modelBits = 0;
            this.#hasModel = false;
        });
    }

    /** Ends the workers and rejects what is pending. */
    close() {
        this.#channels.forEach((channel) => channel.close());
    }

    /** close(), by `using`. */
    [Symbol.dispose]() {
        this.close();
    }

    /** close(), by `await using`. */
    async [Symbol.asyncDispose]() {
        this.close();
    }

    /**
     * @param {Photo[]} photos
     * @param {AbortSignal} [signal]
     * @param {(progress: Progress) => void} [onProgress]
     * @returns {Promise<Samples & {tiles: Tiles}>}
     */
    async #measure(photos, signal, onProgress) {
        const unknown = photos.filter((photo) => !this.#measured.has(photo));
        const report = stopwatch('measure', onProgress);
        let next = 0;
        let done = 0;
        await Promise.all(
            this.#channels.map(async (channel) => {
                try {
                    for (let photo; (photo = unknown[next++]);) {
                        signal?.throwIfAborted();
                        this.#measured.set(photo, await measureOne(channel, photo));
                        report({ done: ++done, total: unknown.length });
                    }
                } finally {
                    next = unknown.length; // nor do the others go on, where report has thrown
                }
            }),
        );
        const all = photos.map(
            (photo) => this.#measured.get(photo) ?? { ...NOTHING, size: [0, 0] },
        );
        const samples = all.reduce(most, NOTHING);
        this.#widen(samples);
        const suggest = () =>
            this.#shape
                ? this.#engine.call('suggestTiles', [all.map(({ size }) => size)])
                : ONE_TILE;
        const tiles = this.#tiles === 'auto' ? await suggest() : this.#tiles;
        if (this.#shape && this.#hasFreeTiles) await this.#setTiles(tiles);
        return { ...samples, tiles };
    }

    /** @param {Tiles} tiles */
    async #setTiles(tiles) {
        return this.#share(await this.#engine.call('setTiles', [tiles]));
    }

    /**
     * Makes the other workers read photos in the engine's tiles.
     * @param {FeatureShape} shape the engine's
     */
    async #share(shape) {
        const before = this.#shape?.tiles;
        this.#shape = shape;
        const { tiles } = shape;
        for (const channel of this.#channels) channel.expect(tiles);
        if (before?.columns !== tiles.columns || before.rows !== tiles.rows)
            await Promise.all(
                this.#channels.slice(1).map((channel) => channel.call('setTiles', [tiles])),
            );
        return shape;
    }

    /** Whether nothing has features of its own tiles. */
    get #hasFreeTiles() {
        return !this.#learnt && !this.#hasModel && !this.#area?.follows;
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
        if (this.count && bits) this.#samples = { ...this.#samples, bits };
    }

    /**
     * @param {Photo} photo
     * @param {number} sampleBits
     * @returns {Promise<Required<Features>>}
     */
    async #extract(photo, sampleBits) {
        const { photo: pixels, transfer } = await readPhoto(photo);
        const extracted = await this.#engine.call('extract', [pixels, sampleBits], { transfer });
        return {
            ...extracted,
            samples: readAs(extracted.samples, sampleBits),
            tiles: this.#shape?.tiles ?? ONE_TILE,
        };
    }

    /**
     * Extracts photos' features, which stay with the workers.
     * @param {Photo[]} photos
     * @param {number} bits
     * @param {(i: number, number: number, outcome: import('./engine.js').Samples | DetectorError) =>
     *     Promise<void>} use
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

    /**
     * Scores photos by all workers.
     * @param {Photo[]} photos
     * @param {boolean} heat
     * @param {(i: number, result: FolderResult) => void} put called in order
     * @param {AbortSignal} [signal]
     */
    async #scoreAll(photos, heat, put, signal) {
        const bits = this.#scoredBits;
        await this.#hold(
            photos,
            bits,
            async (i, number, outcome) =>
                put(
                    i,
                    outcome instanceof DetectorError
                        ? { error: outcome }
                        : this.#judged(
                              await this.#engine.call('scoreHeld', [number, heat]),
                              outcome,
                              bits,
                          ),
                ),
            signal,
        );
    }

    /**
     * Asks the engine about a photo: as one that was learnt from, or as any other.
     * @param {'explain' | 'nearestNormal' | 'mark' | 'marksOf' | 'groupsAdd'} method
     * @param {number | Photo} photo
     * @param {unknown[]} rest
     */
    async #ask(method, photo, ...rest) {
        if (typeof photo === 'number') {
            whole('index', photo, 0, 0xffffffff);
            photo = this.#photos[photo] ?? photo;
        }
        if (typeof photo === 'number') return this.#engine.call(method, [photo, 0, ...rest]);
        checkPhoto(photo);
        const { photo: given, transfer } = await readPhoto(photo);
        return this.#engine.call(method, [given, this.#scoredBits, ...rest], { transfer });
    }

    /** @param {Photo} photo @param {boolean} heat */
    async #scorePhoto(photo, heat) {
        const { photo: pixels, transfer } = await readPhoto(photo);
        const bits = this.#scoredBits;
        const { samples, ...scored } = await this.#engine.call('score', [pixels, bits, heat], {
            transfer,
        });
        return this.#judged(scored, samples, bits);
    }

    /**
     * @param {{score: number, isSmall: boolean, heat: Float32Array | null, shift?: Point}} scored
     * @param {import('./engine.js').Samples} [samples] of a photo that was not learnt from
     * @param {number} [bits] of those learnt from
     * @returns {Result}
     */
    #judged({ score, isSmall, heat, shift }, samples, bits) {
        const notes = [];
        if (samples && bits && samples.highest > whiteOf(bits))
            notes.push(
                `16-bit values up to ${grouped(samples.highest)}; the photos learnt from have ` +
                    `${bits} bits, so what is above ${grouped(whiteOf(bits))} is read as white`,
            );
        if (samples && samples.pages > 1) notes.push('several pages, of which the first is read');
        return {
            score,
            verdict: isSmall ? 'look' : judge(score, this.#threshold),
            heat,
            ...(shift && { shift }),
            ...(notes.length && { note: notes.join('. ') }),
        };
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

// Where there are no such symbols yet, both are called so.
delete (/** @type {any} */ (Detector.prototype).undefined);

const NOTHING = { bits: 0, highest: 0 };
const ONE_TILE = { columns: 1, rows: 1 };

/**
 * A photo's samples, and its size. What cannot be read is told when the photo is.
 * @param {Channel} channel
 * @param {Photo} photo
 * @returns {Promise<Samples & {size: number[]}>}
 */
async function measureOne(channel, photo) {
    if (isPixels(photo)) return { ...NOTHING, size: [photo.width, photo.height] };
    if (isPicture(photo)) return { ...NOTHING, size: sizeOfPicture(photo) };
    const head = await headOf(photo, SIZE_HEAD);
    const isWhole = isMeasuredWhole(head);
    const size = await channel.call('sizeOf', [head], { transfer: [head.buffer] });
    if (!isWhole) return { ...NOTHING, size };
    try {
        const { photo: file, transfer } = await readPhoto(photo);
        const { bytes } = /** @type {{bytes: Uint8Array}} */ (file);
        return await channel.call('measure', [bytes], { transfer });
    } catch (error) {
        if (!isPhotosFault(error)) throw error;
        return { ...NOTHING, size };
    }
}

/** @param {unknown} heat */
function checkHeat(heat) {
    must(
        heat instanceof Float32Array && heat.length === HEAT * HEAT,
        'heat',
        `a Float32Array of ${HEAT} x ${HEAT} values`,
    );
}

/** @param {unknown} x @param {unknown} y */
function checkSpot(x, y) {
    must(typeof x === 'number' && typeof y === 'number', 'a spot', '{x, y}, two numbers');
}

/** @param {number} width @param {number} height */
function checkSize(width, height) {
    whole('width', width, 1, PIXELS_MAX);
    whole('height', height, 1, PIXELS_MAX);
}

/** @param {Area} area */
function checkArea(area) {
    if ('mask' in area) {
        const { mask, width, height } = area;
        checkSize(width, height);
        return must(
            ArrayBuffer.isView(mask) && mask.byteLength === width * height,
            `a mask of ${width} x ${height}`,
            'so many bytes',
        );
    }
    known(area, ['include', 'exclude'], 'part of an area');
    const polygons = [area.include ?? [], area.exclude ?? []].flat();
    must(
        polygons.every(
            (polygon) =>
                Array.isArray(polygon) &&
                polygon.every((point) => Number.isFinite(point?.x) && Number.isFinite(point?.y)),
        ),
        'include and exclude',
        'lists of polygons, lists of {x, y}',
    );
}

/**
 * The shortest number that is this one as a float.
 * @param {number} float
 */
function shortest(float) {
    const written = [6, 7, 8].map((digits) => Number(float.toPrecision(digits)));
    return written.find((number) => Math.fround(number) === float) ?? float;
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

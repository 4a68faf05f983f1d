/**
 * One module and one detector: the only file that touches wasm memory.
 * Addresses and views of that memory never leave it.
 */
import {
    AREA_POINTS_MAX,
    CONTOUR,
    CONTOUR_BYTES,
    EXPLANATION,
    FEATURE_SHAPE,
    FOLDER_VERDICT,
    GROUPS,
    HEAT,
    MADE_MARK,
    MADE_MARK_BYTES,
    MARK_NAMES,
    OPTIONS,
    PIXELS_MAX,
    POINT_BYTES,
    PROGRESS,
    REGION,
    REGION_BYTES,
    REGIONS,
    REVIEW,
    SAMPLES,
    SHIFT,
    SIMILAR,
    SIMILAR_BYTES,
    STATUS_NAMES,
    STRUCTURE_BYTES,
} from './constants.js';
import { DetectorError } from './errors.js';

/** @typedef {{bytes: Uint8Array} | {rgba: Uint8Array | Uint8ClampedArray, width: number, height: number}} Pixels */
/** bits, highest: of a photo of 16 bits; otherwise 0, 0. pages: 2 for any more than one.
 * @typedef {{bits: number, highest: number, pages: number}} Samples */
/** @typedef {{patch: Uint16Array, cls: Uint16Array}} Features half floats */
/** @typedef {Features & {samples: Samples}} Extracted */
/** @typedef {import('./types.js').Tiles} Tiles */
/** @typedef {import('./options.js').EngineOptions} EngineOptions */
/** @typedef {typeof import('./module.js').default} Glue what Emscripten writes beside a module */

const HALF_BITS = 1 << 23; /* from the bits of a float to those of its half */

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
    #shape = { columns: 1, rows: 1, frameShare: 1 };
    #clsLength = 0;

    /**
     * @param {Awaited<ReturnType<typeof loadModule>>} loaded
     * @param {number} threads
     */
    constructor({ module, memory }, threads) {
        this.#c = module;
        this.#memory = memory;
        this.#threads = threads;
        this.#small = this.#allocate(STRUCTURE_BYTES);
        this.#heat = this.#allocate(HEAT * HEAT * 4);
        this.#check(module._fleck_create(this.#small));
        this.#det = this.#view().getUint32(this.#small, true);
    }

    /**
     * @param {Glue} glue
     * @param {WebAssembly.Module} compiled
     * @param {import('./load.js').ModuleChoice} choice
     * @returns {Promise<Engine>}
     */
    static async create(glue, compiled, choice) {
        return new Engine(await loadModule(glue, compiled, choice), choice.threads);
    }

    /** @param {EngineOptions} options */
    configure(options) {
        const { length: blockCount } = options.blocks;
        this.#write(OPTIONS, { ...options, blockCount, threads: this.#threads });
        this.#check(this.#c._fleck_configure(this.#det, this.#small));
    }

    /**
     * The options that a saved model was trained with.
     * @param {Uint8Array} bytes
     */
    peekOptions(bytes) {
        this.#write(OPTIONS, {});
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_peek_options(this.#det, file, bytes.length, this.#small)),
        );
        const { blocks, blockCount, ...options } = this.#read(OPTIONS);
        return { ...options, blocks: blocks.slice(0, blockCount) };
    }

    /** @param {Uint8Array} bytes */
    loadBackbone(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_load_backbone(this.#det, file, bytes.length)),
        );
        return this.#takeShape();
    }

    /** @param {Tiles} tiles that photos consist of from now on */
    setTiles({ columns, rows }) {
        this.#check(this.#c._fleck_set_tiles(this.#det, columns, rows));
        return this.#takeShape();
    }

    /**
     * A photo's size by the beginning of its file; 0, 0: not known.
     * @param {Uint8Array} head
     */
    sizeOf(head) {
        const at = this.#small;
        this.#withBytes(head, (file) => this.#c._fleck_photo_size(file, head.length, at, at + 4));
        return this.#pair();
    }

    /**
     * The tiles that suit photos.
     * @param {number[][]} sizes
     * @returns {Tiles}
     */
    suggestTiles(sizes) {
        const at = this.#small;
        const list = Uint32Array.from(sizes.flat());
        this.#withBytes(new Uint8Array(list.buffer), (bytes) =>
            this.#check(this.#c._fleck_suggest_tiles(this.#det, bytes, sizes.length, at, at + 4)),
        );
        const [columns, rows] = this.#pair();
        return { columns, rows };
    }

    /**
     * @param {import('./types.js').Area} area
     * @param {Features} [follow] of the photo that it was drawn over
     */
    setArea(area, follow) {
        const [c, det] = [this.#c, this.#det];
        const part = follow ? this.#featuresIn(follow) : 0;
        this.#hand(area, {
            mask: (...args) => c._fleck_set_area_mask(det, ...args, part),
            polygons: (...args) => c._fleck_set_area(det, ...args, part),
        });
        return this.#area();
    }

    /**
     * @param {import('./types.js').Area} area
     * @param {Features} [follow]
     * @param {Features} [on] the photo that it is tried on
     * @returns {import('./types.js').AreaLeft}
     */
    tryArea(area, follow, on = /** @type {any} */ (follow)) {
        const [c, det, patches, map] = [this.#c, this.#det, this.#small, this.#heat];
        const shift = patches + 4;
        const put = (/** @type {number} */ part, /** @type {number} */ photo) =>
            this.#hand(area, {
                mask: (...args) =>
                    c._fleck_try_area_mask(det, ...args, part, photo, patches, shift, map),
                polygons: (...args) =>
                    c._fleck_try_area(det, ...args, part, photo, patches, shift, map),
            });
        if (!follow) {
            put(0, 0);
            return this.#left(this.#pair()[0]);
        }
        this.#featuresIn(follow); // checked
        const { buffer, byteOffset, byteLength } = follow.patch;
        this.#withBytes(new Uint8Array(buffer, byteOffset, byteLength), (part) =>
            put(part, this.#featuresIn(on)),
        );
        return {
            ...this.#left(this.#pair()[0]),
            follows: /** @type {const} */ (true),
            shift: this.#shiftAt(shift),
        };
    }

    /** @param {Features} features of a photo @returns {import('./types.js').Point[]} */
    proposeArea(features) {
        const [patch, points] = [this.#featuresIn(features), this.#allocate(8 * AREA_POINTS_MAX)];
        try {
            this.#check(this.#c._fleck_propose_area(this.#det, patch, points, this.#small));
            const [count] = this.#pair();
            const found = this.#floats(points, 2 * count);
            return Array.from({ length: count }, (_, i) => ({
                x: found[2 * i],
                y: found[2 * i + 1],
            }));
        } finally {
            this.#c._free(points);
        }
    }

    /** In shares of a photo. @param {number} at */
    #shiftAt(at) {
        const shift = this.#read(SHIFT, at);
        const { columns, rows, frameShare } = this.#shape;
        return { x: (shift.columns / columns) * frameShare, y: (shift.rows / rows) * frameShare };
    }

    /**
     * Hands an area over to one of two functions.
     * @param {import('./types.js').Area} area
     * @param {object} to
     * @param {(mask: number, width: number, height: number) => number} to.mask
     * @param {(points: number, counts: number, includes: number, excludes: number) => number}
     *     to.polygons
     */
    #hand(area, to) {
        if ('mask' in area) {
            const { mask, width, height } = area;
            return this.#withBytes(mask, (at) => this.#check(to.mask(at, width, height)));
        }
        const { include = [], exclude = [] } = area;
        const polygons = [...include, ...exclude];
        const points = Float32Array.from(polygons.flat().flatMap(({ x, y }) => [x, y]));
        const counts = Uint32Array.from(polygons, ({ length }) => length);
        const bytes = new Uint8Array(points.byteLength + counts.byteLength);
        bytes.set(new Uint8Array(points.buffer));
        bytes.set(new Uint8Array(counts.buffer), points.byteLength);
        this.#withBytes(bytes, (at) =>
            this.#check(to.polygons(at, at + points.byteLength, include.length, exclude.length)),
        );
    }

    /** @returns {import('./types.js').AreaLeft | null} null: all counts */
    #area() {
        const patches = this.#c._fleck_area(this.#det, this.#heat);
        const follows = this.#c._fleck_area_follows(this.#det);
        return patches
            ? { ...this.#left(patches), ...(follows && /** @type {const} */ ({ follows: true })) }
            : null;
    }

    /**
     * What an area leaves whose map is where heatmaps are.
     * @param {number} patches
     * @returns {import('./types.js').AreaLeft}
     */
    #left(patches) {
        const map = new Uint8Array(this.#memory.buffer, this.#heat, HEAT * HEAT).slice();
        return { patches, share: map.reduce((sum, inside) => sum + inside) / map.length, map };
    }

    /** What a photo's features are like now, and room for them. */
    #takeShape() {
        this.#check(this.#c._fleck_shape(this.#det, this.#small));
        const { tileColumns, tileRows, ...shape } = this.#read(FEATURE_SHAPE);
        this.#c._free(this.#patch);
        this.#c._free(this.#cls);
        this.#shape = shape;
        this.#patchLength = shape.patches * shape.dim;
        this.#clsLength = shape.dim;
        this.#patch = this.#allocate(this.#patchLength * 2);
        this.#cls = this.#allocate(this.#clsLength * 2);
        return {
            ...shape,
            tiles: { columns: tileColumns, rows: tileRows },
            learnMost: this.#c._fleck_learn_most(this.#det),
        };
    }

    /**
     * What the samples of a file hold, and its size.
     * @param {Uint8Array} bytes
     */
    measure(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_measure(this.#det, file, bytes.length, this.#small)),
        );
        return { ...this.#read(SAMPLES), size: this.sizeOf(bytes) };
    }

    /**
     * The pixels of a file.
     * @param {Uint8Array} bytes
     * @param {number} sampleBits as which a photo of 16 bits is read; 0: as its own
     */
    decode(bytes, sampleBits) {
        const [width, height] = this.sizeOf(bytes);
        const room = width * height > PIXELS_MAX ? 0 : width * height * 4; // it refuses others
        this.#check(this.#c._fleck_set_sample_bits(this.#det, sampleBits));
        const rgba = this.#allocate(room);
        try {
            this.#withBytes(bytes, (file) =>
                this.#check(this.#c._fleck_decode(this.#det, file, bytes.length, rgba, room)),
            );
            return {
                data: new Uint8ClampedArray(this.#memory.buffer, rgba, room).slice(),
                width,
                height,
            };
        } finally {
            this.#c._free(rgba);
        }
    }

    /**
     * @param {Pixels} photo
     * @param {number} sampleBits as which a photo of 16 bits is read; 0: as its own
     * @returns {Extracted}
     */
    extract(photo, sampleBits) {
        const [c, det, patch, cls] = [this.#c, this.#det, this.#patch, this.#cls];
        let samples = { bits: 0, highest: 0, pages: 1 };
        if ('bytes' in photo) {
            this.#check(c._fleck_set_sample_bits(det, sampleBits));
            this.#withBytes(photo.bytes, (file) => {
                this.#check(c._fleck_extract(det, file, photo.bytes.length, patch, cls));
                samples.pages = c._fleck_photo_pages(file, photo.bytes.length);
            });
            c._fleck_extracted(det, this.#small);
            samples = { ...samples, ...this.#read(SAMPLES) };
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

    /** How unusual the photos added look, by index. */
    preview() {
        const count = this.#c._fleck_count(this.#det);
        const at = this.#allocate(count * 4);
        try {
            this.#check(this.#c._fleck_preview(this.#det, at));
            return this.#floats(at, count).slice();
        } finally {
            this.#c._free(at);
        }
    }

    clear() {
        this.#check(this.#c._fleck_clear(this.#det));
    }

    /** @param {number} sampleBits as which photos of 16 bits were read */
    trainBegin(sampleBits) {
        this.#check(this.#c._fleck_set_sample_bits(this.#det, sampleBits));
        this.#check(this.#c._fleck_train_begin(this.#det));
    }

    trainStep() {
        this.#check(this.#c._fleck_train_step(this.#det, this.#small));
        const { stage: phase, ...step } = this.#read(PROGRESS);
        return { phase, ...step };
    }

    /**
     * @param {number} index
     * @param {boolean} heat whether to give the heatmap too
     */
    scoreAdded(index, heat) {
        const [c, det, small] = [this.#c, this.#det, this.#small];
        this.#check(c._fleck_score_added(det, index, this.#heatFor(heat), small));
        return this.#scored(heat, () => c._fleck_area_shift_added(det, index, small));
    }

    /**
     * @param {Features} features
     * @param {boolean} heat
     */
    score(features, heat) {
        const [c, det, small] = [this.#c, this.#det, this.#small];
        const patch = this.#featuresIn(features);
        this.#check(c._fleck_score(det, patch, this.#cls, this.#heatFor(heat), small));
        return this.#scored(heat, () => c._fleck_area_shift(det, patch, small));
    }

    /**
     * What other photos of the folder show in place of a spot.
     * @param {number | Features} photo its index, or another's features
     * @param {number} x share of its width
     * @param {number} y
     * @param {number} count of similar places
     * @returns {import('./types.js').Explanation}
     */
    explain(photo, x, y, count) {
        const [c, det, out] = [this.#c, this.#det, this.#small];
        const at = this.#allocate(count * SIMILAR_BYTES);
        try {
            this.#check(
                typeof photo === 'number'
                    ? c._fleck_explain_added(det, photo, x, y, count, at, out)
                    : c._fleck_explain(det, this.#featuresIn(photo), x, y, count, at, out),
            );
            const { count: length, ...spot } = this.#read(EXPLANATION);
            const similar = (/** @type {number} */ i) =>
                this.#read(SIMILAR, at + i * SIMILAR_BYTES);
            return { ...spot, similar: Array.from({ length }, (_, i) => similar(i)) };
        } finally {
            c._free(at);
        }
    }

    /** @param {number | Features} photo its index, or another's features */
    nearestNormal(photo) {
        const [c, det, out] = [this.#c, this.#det, this.#small];
        this.#check(
            typeof photo === 'number'
                ? c._fleck_nearest_normal_added(det, photo, out)
                : c._fleck_nearest_normal(det, this.#featuresIn(photo), out),
        );
        return this.#pair()[0];
    }

    /**
     * @param {number | Features} photo its index, or another's features
     * @param {import('./types.js').Mark} mark
     * @param {import('./types.js').Point | null} spot in shares of its width and height
     * @returns {number} marks there are now
     */
    mark(photo, mark, spot) {
        const [c, det] = [this.#c, this.#det];
        if (spot) this.#floats(this.#small, 2).set([spot.x, spot.y]);
        const [at, what] = [spot ? this.#small : 0, MARK_NAMES.indexOf(mark)];
        this.#check(
            typeof photo === 'number'
                ? c._fleck_mark_added(det, photo, at, what)
                : c._fleck_mark_photo(det, this.#featuresIn(photo), this.#cls, at, what),
        );
        return c._fleck_mark_count(det);
    }

    /**
     * @param {number | Features} photo its index, or another's features
     * @returns {import('./types.js').MadeMark[]}
     */
    marksOf(photo) {
        const [c, det] = [this.#c, this.#det];
        this.#check(
            typeof photo === 'number'
                ? c._fleck_known_by_added(det, photo, this.#small)
                : c._fleck_known_by(det, this.#featuresIn(photo), this.#small),
        );
        const known = `${this.#pair()}`;
        const length = c._fleck_mark_count(det);
        const at = this.#allocate(length * MADE_MARK_BYTES);
        try {
            this.#check(c._fleck_list_marks(det, at));
            return Array.from({ length }, (_, i) => this.#read(MADE_MARK, at + i * MADE_MARK_BYTES))
                .filter(({ hash }) => `${hash}` === known)
                .map(({ mark, isSpot, x, y }) => ({ mark, spot: isSpot ? { x, y } : null }));
        } finally {
            c._free(at);
        }
    }

    clearMarks() {
        this.#c._fleck_clear_marks(this.#det);
    }

    /** @returns {import('./types.js').Review} */
    reviewMarks() {
        this.#check(this.#c._fleck_review_marks(this.#det, this.#small));
        return this.#read(REVIEW);
    }

    /** @param {number} count @returns {number[]} */
    proposeMarks(count) {
        const at = this.#allocate(count * 4);
        try {
            this.#view().setUint32(this.#small, count, true);
            this.#check(this.#c._fleck_propose_marks(this.#det, at, this.#small));
            return this.#words(at, this.#view().getUint32(this.#small, true));
        } finally {
            this.#c._free(at);
        }
    }

    groupsBegin() {
        this.#check(this.#c._fleck_groups_begin(this.#det));
    }

    /**
     * @param {number | Features} photo its index, or another's features
     * @param {Float32Array} heat [HEAT, HEAT]
     * @param {number} width
     * @param {number} height
     */
    groupsAdd(photo, heat, width, height) {
        const [c, det] = [this.#c, this.#det];
        this.#floats(this.#heat, HEAT * HEAT).set(heat);
        this.#check(
            typeof photo === 'number'
                ? c._fleck_groups_add_added(det, photo, this.#heat, width, height)
                : c._fleck_groups_add(det, this.#featuresIn(photo), this.#heat, width, height),
        );
    }

    /** @returns {{group: number[], sizes: number[], typical: number[]}} of each region added; of
     *     each group, and which region is like its others */
    groupsFind() {
        this.#check(this.#c._fleck_groups_find(this.#det, this.#small));
        const { regions, count, group, size, typical } = this.#read(GROUPS);
        return {
            group: this.#words(group, regions),
            sizes: this.#words(size, count),
            typical: this.#words(typical, count),
        };
    }

    judgeFolder() {
        this.#check(this.#c._fleck_judge_folder(this.#det, this.#small));
        const { clean, ...folder } = this.#read(FOLDER_VERDICT);
        return { ...folder, clean: Boolean(clean) };
    }

    /** @param {number} threshold */
    setThreshold(threshold) {
        this.#check(this.#c._fleck_set_threshold(this.#det, threshold));
    }

    /** @param {number} share */
    setSmallestArea(share) {
        this.#check(this.#c._fleck_set_smallest_area(this.#det, share));
    }

    /**
     * @param {Float32Array} heat [HEAT, HEAT]
     * @param {number} width of the photo as it is seen
     * @param {number} height
     * @returns {import('./types.js').Region[]}
     */
    findRegions(heat, width, height) {
        this.#floats(this.#heat, HEAT * HEAT).set(heat);
        this.#check(this.#c._fleck_find_regions(this.#det, this.#heat, width, height, this.#small));
        const found = this.#read(REGIONS);
        /** @param {number} i */
        const contour = (i) => {
            const { first, count } = this.#read(CONTOUR, found.contour + i * CONTOUR_BYTES);
            const at = this.#floats(found.point + first * POINT_BYTES, count * 2);
            return Array.from({ length: count }, (_, j) => ({ x: at[2 * j], y: at[2 * j + 1] }));
        };
        return Array.from({ length: found.count }, (_, i) => {
            const { firstContour, contourCount, ...region } = this.#read(
                REGION,
                found.region + i * REGION_BYTES,
            );
            const lines = Array.from({ length: contourCount }, (_, j) => contour(firstContour + j));
            return { ...region, outline: lines[0], holes: lines.slice(1) };
        });
    }

    /**
     * The highest threshold at which a photo is called, by the smallest area. Its regions shrink as
     * the threshold rises: halving finds the last of the floats, whose bits are in their order.
     * @param {Float32Array} heat [HEAT, HEAT]
     */
    calledUpTo(heat) {
        const [c, det] = [this.#c, this.#det];
        const before = c._fleck_threshold(det);
        const float = new Float32Array([heat.reduce((most, value) => Math.max(most, value), 0)]);
        const bits = new Uint32Array(float.buffer);
        this.#floats(this.#heat, HEAT * HEAT).set(heat);
        const isCalled = (/** @type {number} */ at) => {
            bits[0] = at;
            this.#check(c._fleck_set_threshold(det, float[0]));
            this.#check(c._fleck_find_regions(det, this.#heat, 1, 1, this.#small));
            return this.#read(REGIONS).count > 0;
        };
        let [called, above] = [bits[0], bits[0] + 1];
        try {
            /* from the hottest down by halves, where regions are few and quickly found */
            while (called && !isCalled(called))
                [called, above] = [Math.max(called - HALF_BITS, 0), called];
            while (above - called > 1) {
                const middle = (called + above) >>> 1;
                if (isCalled(middle)) called = middle;
                else above = middle;
            }
        } finally {
            c._fleck_set_threshold(det, before);
        }
        bits[0] = called;
        return float[0];
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
     * @returns as how many bits the model's photos of 16 bits were read, their features' shape, and
     *     the model's threshold, smallest area, area of interest and number of marks
     */
    load(bytes) {
        this.#withBytes(bytes, (file) =>
            this.#check(this.#c._fleck_load(this.#det, file, bytes.length)),
        );
        return {
            bits: this.#c._fleck_sample_bits(this.#det),
            shape: this.#takeShape(),
            threshold: this.#c._fleck_threshold(this.#det),
            smallestArea: this.#c._fleck_smallest_area(this.#det),
            area: this.#area(),
            marks: this.#c._fleck_mark_count(this.#det),
        };
    }

    /** Where heat goes that is asked for, or that a verdict needs; 0: nowhere. @param {boolean} asked */
    #heatFor(asked) {
        return asked || this.#c._fleck_smallest_area(this.#det) ? this.#heat : 0;
    }

    /**
     * isSmall: a defect's score, but no region that counts.
     * @param {boolean} heat
     * @param {() => number} findShift asks where an area that follows the part lies on the photo
     */
    #scored(heat, findShift) {
        const [c, det] = [this.#c, this.#det];
        const score = this.#view().getFloat32(this.#small, true);
        let isSmall = false;
        if (c._fleck_smallest_area(det) && score >= c._fleck_threshold(det)) {
            this.#check(c._fleck_find_regions(det, this.#heat, 1, 1, this.#small));
            isSmall = !this.#read(REGIONS).count;
        }
        const follows = c._fleck_area_follows(det);
        if (follows) this.#check(findShift());
        return {
            score,
            isSmall,
            ...(follows && { shift: this.#shiftAt(this.#small) }),
            heat: heat ? this.#floats(this.#heat, HEAT * HEAT).slice() : null,
        };
    }

    /** Takes features in; where their patches are. @param {Features} features */
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
        return this.#patch;
    }

    /**
     * Writes a structure: names as the numbers that they stand for, 0 where there is no value.
     * @template T
     * @param {import('./constants.js').Structure<T>} structure
     * @param {Partial<T>} values
     */
    #write(structure, values) {
        const view = this.#view();
        for (const [name, [offset, kind, length = 1]] of fieldsOf(structure)) {
            const list = /** @type {any[]} */ ([values[name] ?? []].flat());
            for (let i = 0; i < length; i++) {
                const at = this.#small + offset + 4 * i;
                const value = list[i] ?? 0;
                if (kind === 'BigUint64') view.setBigUint64(at, BigInt(value), true);
                else if (typeof kind === 'string') view[`set${kind}`](at, value, true);
                else view.setUint32(at, value && kind.indexOf(value), true);
            }
        }
    }

    /**
     * @template T
     * @param {import('./constants.js').Structure<T>} structure
     * @param {number} [from] where it lies
     * @returns {T}
     */
    #read(structure, from = this.#small) {
        const view = this.#view();
        /** @param {number} at @param {import('./constants.js').Kind} kind */
        const valueAt = (at, kind) => {
            if (typeof kind !== 'string') return kind[view.getUint32(at, true)];
            const value = view[`get${kind}`](at, true);
            return value > Number.MAX_SAFE_INTEGER ? value : Number(value);
        };
        const values = /** @type {any} */ ({});
        for (const [name, [offset, kind, length]] of fieldsOf(structure)) {
            const at = from + offset;
            values[name] = length
                ? Array.from({ length }, (_, i) => valueAt(at + 4 * i, kind))
                : valueAt(at, kind);
        }
        return values;
    }

    /** Two numbers that a call left. */
    #pair() {
        const view = this.#view();
        return [view.getUint32(this.#small, true), view.getUint32(this.#small + 4, true)];
    }

    // Any call may grow the memory, which ends all views of it: they are taken
    // anew each time.
    #view() {
        return new DataView(this.#memory.buffer);
    }

    /** @param {number} at @param {number} length */
    #words(at, length) {
        return [...new Uint32Array(this.#memory.buffer, at, length)];
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
        const code = STATUS_NAMES[status];
        if (code !== 'ok')
            throw new DetectorError(code, this.#message() || 'there is no memory left');
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
 * @template T
 * @param {import('./constants.js').Structure<T>} structure
 */
const fieldsOf = (structure) =>
    /** @type {[keyof T & string, import('./constants.js').Field][]} */ (Object.entries(structure));

/**
 * @param {Glue} glue
 * @param {WebAssembly.Module} compiled
 * @param {import('./load.js').ModuleChoice} choice
 * @returns {Promise<{module: import('./module.js').Module, memory: WebAssembly.Memory}>}
 */
export async function loadModule(glue, compiled, { variant, threads }) {
    const memory = createMemory(variant === 'threads');
    const { href } = globalThis.location;
    let instance = /** @type {WebAssembly.Instance | undefined} */ (undefined);
    /** @type {import('./module.js').Module} */
    const module = await new Promise((resolve, reject) => {
        glue({
            wasmMemory: memory,
            instantiateWasm(imports, receive) {
                WebAssembly.instantiate(compiled, imports)
                    .then((made) => receive((instance = made), compiled))
                    .catch(reject);
                return {};
            },
            locateFile: () => href, // of nothing: the module is here
            mainScriptUrlOrBlob: href,
            poolSize: Math.max(threads - 1, 1), // Emscripten 3.1.6 waits forever for a pool of none
        }).then(resolve, reject);
    });
    // Of these the glue has none: one_script.cmake.
    for (const [name, value] of Object.entries(instance?.exports ?? {}))
        Object(module)[`_${name}`] ??= value;
    return { module, memory };
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

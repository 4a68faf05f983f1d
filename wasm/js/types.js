/** What goes into a detector and comes out of it: types alone. */
/** @typedef {import('./errors.js').DetectorError} DetectorError */
/** Of browsers and of node. @typedef {import('./globals.js').Globals} Globals */

/**
 * A photo: a file (PNG, JPEG, BMP, TIFF, and whatever else the browser decodes), its
 * bytes, pixels, or a picture. It is read when its turn comes and stays the caller's, but for
 * bitmaps and frames.
 * @typedef {Blob | ImageData | Picture | {name?: string, bytes: Uint8Array}} Photo
 */
/**
 * One photo or many: an array, a FileList, a Set, a generator, or what comes asynchronously, which is
 * asked for when the call's turn comes.
 * @typedef {Photo | Iterable<Photo> | AsyncIterable<Photo>} Photos
 */
/**
 * What the browser has decoded. An ImageBitmap or a VideoFrame is transferred when its turn comes:
 * the caller's is empty afterwards, and needs no close(). Of an element, what it shows then.
 * @typedef {ImageBitmap | VideoFrame | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement |
 *     HTMLVideoElement} Picture
 */
/**
 * What the backbone makes of a photo: [patches, dim] values on a raster of rows x columns
 * patches of tiles, each an input x input square, which together cover the share frameShare of the
 * photo's width and height, centred. learnMost: photos of a folder that are learnt from at most.
 * @typedef {{input: number, tiles: Tiles, rows: number, columns: number, patches: number,
 *     dim: number, frameShare: number, learnMost: number}} FeatureShape
 */
/**
 * Overlapping square tiles that a photo consists of, 1 to TILES_MAX along each side: more see
 * smaller defects, in so many times the time.
 * @typedef {{columns: number, rows: number}} Tiles
 */
/**
 * Half floats (IEEE binary16) by their bits: where there is Float16Array,
 * new Float16Array(patch.buffer) tells the values. patch is [patches, dim], rows
 * left to right, top to bottom; cls is [dim]. samples: of a photo of 16 bits, as how many bits it
 * was read and its highest value; otherwise 0, 0. tiles: of the photo; 1 x 1 where they are absent.
 * @typedef {{patch: Uint16Array, cls: Uint16Array, samples?: Samples, tiles?: Tiles}} Features
 */
/**
 * Cameras of 10, 12 or 14 bits write files of 16. bits: how many the values of photos of 16 bits
 * take; highest: of them; 0, 0 where no photo has 16 bits.
 * @typedef {{bits: number, highest: number}} Samples
 */
/** @typedef {(typeof import('./constants.js').VERDICT_NAMES)[number]} Verdict */
/**
 * score and heat are in 0..1 on the scale of the folder; heat is [HEAT, HEAT]. note: a sentence
 * for people where something about the photo did not fit what was learnt. shift: where the area of
 * interest follows the part, by how much it lies elsewhere on this photo than where it was drawn, in
 * shares of the photo's width and height.
 * @typedef {{score: number, verdict: Verdict, heat: Float32Array | null, note?: string,
 *     shift?: Point, error?: undefined}} Result
 */
/**
 * The part of the photos that is of interest. Polygons, whose points are shares of a photo's width
 * and height as it is seen, 0 to 1: inside is what lies in any of those to include (where there are
 * none, in the photo), and in none of those to exclude; the last point of each is joined to its
 * first. Or a mask of [height, width] bytes that lies over the whole photo, whatever its size:
 * inside is what is not 0; that it has the photos' shape whoever gives it sees to.
 * @typedef {{include?: Point[][], exclude?: Point[][]} |
 *     {mask: Uint8Array | Uint8ClampedArray, width: number, height: number}} Area
 */
/**
 * What an area leaves: patches of a photo that count, and of a heatmap the pixels that lie inside,
 * as map, [HEAT, HEAT] of 1 and 0, and as the share of all. follows: it lies on each photo where its
 * part lies; shift: of the photo that it was tried on, as of a Result.
 * @typedef {{patches: number, share: number, map: Uint8Array, follows?: true, shift?: Point}}
 *     AreaLeft
 */
/** In pixels of a photo as it is seen; 0, 0 is its upper left corner.
 * @typedef {{x: number, y: number}} Point */
/**
 * A connected place of a photo where its heatmap reaches the threshold. The box around it, its area
 * without holes, its centroid and its hottest point are in pixels of the photo; share is that of the
 * photo's area, peak and mean are of the heat. outline runs clockwise, holes the other way, each
 * closed by its first point.
 * @typedef {{left: number, top: number, width: number, height: number, area: number,
 *     share: number, centroidX: number, centroidY: number, peak: number, mean: number,
 *     peakX: number, peakY: number, outline: Point[], holes: Point[][]}} Region
 */
/** What an inspector says of a photo, or of a spot on it; none takes it back.
 * @typedef {'none' | 'good' | 'defect'} Mark */
/** A mark on a photo, good or a defect. spot: in shares of its width and height, the middle of the patch that was
 * marked; null: the mark is the photo's.
 * @typedef {{mark: Mark, spot: Point | null}} MadeMark */
/**
 * Marks beside what would be said, at the detector's threshold, of each by all others. Bounds hold a
 * share in 19 cases of 20 (Wilson's intervals); where nothing tells a share it is 0, its bounds 0
 * and 1. threshold is the one that the marks propose.
 * @typedef {{good: number, defects: number, goodCalled: number, defectsCalled: number,
 *     precision: number, precisionLeast: number, precisionMost: number,
 *     recall: number, recallLeast: number, recallMost: number, threshold: number}} Review
 */
/** photo: its index, or any other; heat: as score gives it; the size as the photo is seen.
 * @typedef {{photo: number | Photo, heat: Float32Array, width: number, height: number}} Grouped */
/** Of each photo asked about the group of each region, 0 the largest; of each group how many it has,
 * and the region that is most like all in it, both by their places in the lists.
 * @typedef {{groups: number[][], sizes: number[], typical: {photo: number, region: number}[]}}
 *     Groups */
/** A box in a photo, as shares of its width and height as it is seen, 0 to 1.
 * @typedef {{left: number, top: number, width: number, height: number}} Box */
/**
 * What the folder says of a spot: the box of what was compared, and the places of other photos that
 * are most like it, one of each photo, by its index, the nearest first. Distances compare places of
 * one folder. distance: a third of the other photos are within it; usual: half of the folder's
 * patches have that, or less; nearer: the share, 0 to 1, that have less than the spot, nearly 1
 * where it is without example.
 * @typedef {Box & {distance: number, nearer: number, usual: number,
 *     similar: (Box & {photo: number, distance: number})[]}} Explanation
 */
/**
 * error: why a photo could not be read that was not learnt from, and so not read before.
 * @typedef {Result | {score?: undefined, verdict?: undefined, heat?: undefined,
 *     error: DetectorError}} FolderResult
 */
/**
 * What the photos that were learnt from say together. clean: one product, and none has the
 * verdict defect. estimated: how many have a defect, found or not, and estimatedLeast and
 * estimatedMost, between which that lies. secondProduct: how many show another product than the
 * others do, 0 for one product.
 * @typedef {{photos: number, defects: number, looks: number, clean: boolean, estimated: number,
 *     estimatedLeast: number, estimatedMost: number, secondProduct: number}} FolderVerdict
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
/**
 * relaxed: whether the module multiplies 8-bit integers by relaxed SIMD, as it does where the
 * browser and its processor have what that takes: precision i8 is faster, the results the same.
 * notice: one sentence for people if threads are unavailable, otherwise null.
 * @typedef {object} Info
 * @property {'simd' | 'threads'} variant
 * @property {boolean} relaxed
 * @property {number} threads
 * @property {number} workers
 * @property {boolean} isolated
 * @property {string | null} notice
 */

export {};

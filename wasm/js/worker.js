/**
 * One worker, which owns one engine. Its script, of which each module has one, is this beside the
 * module's glue: a worker that needs nothing from elsewhere can be started from anywhere.
 */
import { Engine } from './engine.js';
import { DetectorError } from './errors.js';
import { Held } from './held.js';
import { pixelsOf } from './pictures.js';
import { serve } from './rpc.js';

/** @typedef {import('./engine.js').Features} Features */
/** @typedef {import('./engine.js').Pixels} Pixels */
/** @typedef {import('./photos.js').Given} Given */

/** @type {import('./engine.js').Glue} */
let glue;
/** @type {Engine} */
let engine;
const held = new Held();
/** @type {MessagePort | null} to the detector's worker; null: this is it */
let detector = null;

// Between two steps of training, but not more often, messages are let in.
const YIELD_MS = 50;

const methods = {
    /** @param {WebAssembly.Module} compiled @param {import('./load.js').ModuleChoice} choice */
    async create(compiled, choice) {
        engine = await Engine.create(glue, compiled, choice);
    },
    /** @param {import('./options.js').EngineOptions} options */
    configure: (options) => engine.configure(options),
    /** @param {Uint8Array} bytes */
    peekOptions: (bytes) => engine.peekOptions(bytes),
    /** @param {Uint8Array} bytes */
    loadBackbone: (bytes) => engine.loadBackbone(bytes),
    /** @param {import('./types.js').Tiles} tiles */
    setTiles: (tiles) => engine.setTiles(tiles),
    /** @param {number[][]} sizes */
    suggestTiles: (sizes) => engine.suggestTiles(sizes),
    /** @param {Uint8Array} head */
    sizeOf: (head) => engine.sizeOf(head),
    /** @param {Uint8Array} bytes */
    measure: (bytes) => engine.measure(bytes),
    /** @param {Uint8Array} bytes @param {number} sampleBits */
    decode: (bytes, sampleBits) => engine.decode(bytes, sampleBits),
    /** @param {Given} photo @param {number} sampleBits */
    extract: (photo, sampleBits) => extract(photo, sampleBits),
    /** Lets another worker send features here. @param {MessagePort} port */
    receiveFrom(port) {
        port.onmessage = ({ data: [number, features] }) => held.put(number, features);
    },
    /** @param {MessagePort} port */
    sendTo(port) {
        detector = port;
    },
    /**
     * Extracts features that stay with the workers.
     * @param {Given} photo @param {number} sampleBits @param {number} number
     */
    async hold(photo, sampleBits, number) {
        const { samples, ...features } = await extract(photo, sampleBits);
        const buffers = [features.patch.buffer, features.cls.buffer];
        if (detector) detector.postMessage([number, features], buffers);
        else held.put(number, features);
        return samples;
    },
    /** @param {number} number @param {boolean} tell whether the page wants the features too */
    async addHeld(number, tell) {
        const features = await held.take(number);
        return { index: engine.addFeatures(features), ...(tell && features) };
    },
    /** @param {number} number @param {boolean} heat */
    scoreHeld: async (number, heat) => engine.score(await held.take(number), heat),
    /** @param {number} first */
    dropHeld: (first) => held.drop(first),
    /** @param {Features} features */
    addFeatures: (features) => ({ index: engine.addFeatures(features) }),
    preview: () => engine.preview(),
    clear: () => engine.clear(),
    /** @param {number} index @param {boolean} heat */
    scoreAdded: (index, heat) => engine.scoreAdded(index, heat),
    /** @param {Given} photo @param {number} sampleBits @param {boolean} heat */
    score: async (photo, sampleBits, heat) => {
        const features = await extract(photo, sampleBits);
        return { ...engine.score(features, heat), samples: features.samples };
    },
    /** @param {number | Given} photo @param {number} sampleBits @param {[number, number, number]} rest */
    explain: async (photo, sampleBits, ...rest) =>
        engine.explain(await asked(photo, sampleBits), ...rest),
    /** @param {number | Given} photo @param {number} sampleBits */
    nearestNormal: async (photo, sampleBits) =>
        engine.nearestNormal(await asked(photo, sampleBits)),
    /**
     * @param {number | Given} photo @param {number} sampleBits @param {import('./types.js').Mark} mark
     * @param {import('./types.js').Point | null} spot
     */
    mark: async (photo, sampleBits, mark, spot) =>
        engine.mark(await asked(photo, sampleBits), mark, spot),
    /** @param {number | Given} photo @param {number} sampleBits */
    marksOf: async (photo, sampleBits) => engine.marksOf(await asked(photo, sampleBits)),
    clearMarks: () => engine.clearMarks(),
    reviewMarks: () => engine.reviewMarks(),
    /** @param {number} count */
    proposeMarks: (count) => engine.proposeMarks(count),
    groupsBegin: () => engine.groupsBegin(),
    /** @param {number | Given} photo @param {number} sampleBits
     * @param {[Float32Array, number, number]} rest */
    groupsAdd: async (photo, sampleBits, ...rest) =>
        engine.groupsAdd(await asked(photo, sampleBits), ...rest),
    groupsFind: () => engine.groupsFind(),
    judgeFolder: () => engine.judgeFolder(),
    /** @param {number} threshold */
    setThreshold: (threshold) => engine.setThreshold(threshold),
    /** @param {number} share */
    setSmallestArea: (share) => engine.setSmallestArea(share),
    /** @param {import('./types.js').Area} area @param {Features} [follow] */
    setArea: (area, follow) => engine.setArea(area, follow),
    /** @param {import('./types.js').Area} area @param {Features} [follow] @param {Features} [on] */
    tryArea: (area, follow, on) => engine.tryArea(area, follow, on),
    /** @param {Features} features */
    proposeArea: (features) => engine.proposeArea(features),
    /** @param {Float32Array} heat @param {number} width @param {number} height */
    findRegions: (heat, width, height) => engine.findRegions(heat, width, height),
    /** @param {Float32Array} heat */
    calledUpTo: (heat) => engine.calledUpTo(heat),
    save: () => engine.save(),
    /** @param {Uint8Array} bytes */
    load: (bytes) => engine.load(bytes),
    train,
};

/**
 * @param {number} sampleBits
 * @param {import('./rpc.js').Task} task
 */
async function train(sampleBits, { signal, report }) {
    engine.trainBegin(sampleBits);
    let yielded = performance.now();
    for (;;) {
        const progress = engine.trainStep();
        report(progress);
        if (progress.done >= progress.total) return;
        if (performance.now() - yielded < YIELD_MS) continue;
        await new Promise((resume) => setTimeout(resume, 0));
        yielded = performance.now();
        signal.throwIfAborted();
    }
}

/** An index, or features. @param {number | Given} photo @param {number} sampleBits */
const asked = (photo, sampleBits) =>
    typeof photo === 'number' ? photo : extract(photo, sampleBits);

/**
 * Files of kinds that the core does not read (WebP, AVIF, a JPEG of 12 bits, ...) are left to
 * the browser; damaged ones are not, for it would show what is left of them.
 * @param {Given} photo
 * @param {number} sampleBits
 */
async function extract(photo, sampleBits) {
    if ('picture' in photo) return engine.extract(takePixels(photo.picture), 0);
    try {
        return engine.extract(photo, sampleBits);
    } catch (error) {
        if (!('bytes' in photo) || !(error instanceof DetectorError) || error.code !== 'kind')
            throw error;
        const pixels = await decodeByBrowser(photo.bytes);
        if (!pixels) throw error;
        return engine.extract(pixels, 0);
    }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Pixels | null>} null where the browser cannot either
 */
async function decodeByBrowser(bytes) {
    if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function')
        return null;
    let bitmap;
    try {
        bitmap = await createImageBitmap(
            new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]),
            { premultiplyAlpha: 'none', colorSpaceConversion: 'none' },
        );
    } catch {
        return null;
    }
    return takePixels(bitmap);
}

/** @param {ImageBitmap | VideoFrame} picture which is closed @returns {Pixels} */
function takePixels(picture) {
    try {
        return pixelsOf(picture);
    } finally {
        picture.close();
    }
}

/**
 * Begins to answer. The threads of the module, which start from the same script and have a name of
 * Emscripten's, are the glue's alone.
 * @param {import('./engine.js').Glue} ownGlue
 */
export function work(ownGlue) {
    if (/** @type {any} */ (globalThis).name?.startsWith('em-pthread')) return;
    glue = ownGlue;
    // A trap leaves the module in an unknown state: it is not used again.
    serve(/** @type {any} */ (self), methods, (error) =>
        error instanceof DetectorError
            ? { code: error.code, message: error.message }
            : { message: error.message, broken: true },
    );
}

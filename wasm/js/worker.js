/**
 * The message loop of one worker, which owns one engine.
 *
 * {id, method, args} is answered with {id, result} or {id, error}, after any
 * number of {id, progress}.
 */
import { Engine } from './engine.js';
import { DetectorError } from './errors.js';

/** @typedef {import('./engine.js').Features} Features */
/** @typedef {import('./engine.js').Pixels} Pixels */
/** @typedef {{id: number, method: keyof typeof methods, args: any[]}} Request */

/** @type {Engine} */
let engine;
/** @type {Set<number>} trainings that shall stop */
const aborted = new Set();

// Between two steps of training, but not more often, messages are let in.
const YIELD_MS = 50;

const methods = {
    /** @param {import('./load.js').ModuleChoice} choice @param {import('./load.js').Files} files */
    async create(choice, files) {
        engine = await Engine.create(choice, files);
    },
    /** @param {import('./engine.js').EngineOptions} options */
    configure: (options) => engine.configure(options),
    /** @param {Uint8Array} bytes */
    peekOptions: (bytes) => engine.peekOptions(bytes),
    /** @param {Uint8Array} bytes */
    loadBackbone: (bytes) => engine.loadBackbone(bytes),
    /** @param {Uint8Array} bytes */
    measure: (bytes) => engine.measure(bytes),
    /** @param {Pixels} photo @param {number} sampleBits */
    extract: (photo, sampleBits) => extract(photo, sampleBits),
    /** @param {Features} features */
    addFeatures: (features) => engine.addFeatures(features),
    clear: () => engine.clear(),
    /** @param {number} index @param {boolean} heat */
    scoreAdded: (index, heat) => engine.scoreAdded(index, heat),
    /** @param {Pixels} photo @param {number} sampleBits */
    score: async (photo, sampleBits) => {
        const features = await extract(photo, sampleBits);
        return { ...engine.score(features, true), samples: features.samples };
    },
    /** @param {Features} features @param {boolean} heat */
    scoreFeatures: (features, heat) => engine.score(features, heat),
    judgeFolder: () => engine.judgeFolder(),
    save: () => engine.save(),
    /** @param {Uint8Array} bytes */
    load: (bytes) => engine.load(bytes),
    /** @param {number} id of the training */
    abort: (id) => {
        aborted.add(id);
    },
};

/**
 * Resolves to whether training came to its end.
 * @param {number} id
 * @param {number} sampleBits
 */
async function train(id, sampleBits) {
    engine.trainBegin(sampleBits);
    let yielded = performance.now();
    for (;;) {
        const progress = engine.trainStep();
        send({ id, progress });
        if (progress.done >= progress.total) return true;
        if (performance.now() - yielded < YIELD_MS) continue;
        await new Promise((resume) => setTimeout(resume, 0));
        yielded = performance.now();
        if (aborted.delete(id)) return false;
    }
}

/**
 * Files of kinds that the core does not read (WebP, AVIF, a JPEG of 12 bits, ...) are left to
 * the browser; damaged ones are not, for it would show what is left of them.
 * @param {Pixels} photo
 * @param {number} sampleBits
 */
async function extract(photo, sampleBits) {
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
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', {
        willReadFrequently: true,
    });
    context?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const rgba = context?.getImageData(0, 0, width, height).data;
    return rgba ? { rgba, width, height } : null;
}

/**
 * @param {{id: number, [key: string]: unknown}} message
 * @param {Transferable[]} transfer
 */
function send(message, transfer = []) {
    self.postMessage(message, { transfer });
}

/**
 * The buffers of a result, which move instead of being copied.
 * @param {any} result
 * @returns {Transferable[]}
 */
function buffersOf(result) {
    if (result instanceof Uint8Array) return [result.buffer];
    if (!result || typeof result !== 'object') return [];
    return Object.values(result)
        .filter((value) => ArrayBuffer.isView(value))
        .map((value) => /** @type {ArrayBuffer} */ (value.buffer));
}

self.onmessage = async (
    /** @type {MessageEvent<Request | {id: number, method: 'train', args: number[]}>} */ { data },
) => {
    const { id } = data;
    try {
        const result =
            data.method === 'train'
                ? await train(id, data.args[0])
                : // @ts-ignore: the arguments are those of the method, checked by index.js
                  await methods[data.method](...data.args);
        send({ id, result }, buffersOf(result));
    } catch (error) {
        const { message } = /** @type {Error} */ (error);
        send({
            id,
            error:
                error instanceof DetectorError
                    ? { code: error.code, message }
                    : // A trap leaves the module in an unknown state: it is not used again.
                      { code: 'state', message, broken: true },
        });
    }
};

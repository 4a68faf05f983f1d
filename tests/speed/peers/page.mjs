/**
 * The browser's side of bench.mjs: opens engines, runs one of them when told,
 * compares what they compute. Every engine works in a worker; one that is not
 * told to run waits.
 */

/**
 * @typedef {object} Engine
 * @property {() => Promise<number>} run once; resolves to milliseconds
 * @property {() => Float32Array} result of the last run
 * @property {object} [info] what the engine says of itself
 * @property {() => void} close
 */

/** @type {Map<string, Engine>} */
const engines = new Map();

/** @param {string} path inside the repository */
async function fetchBytes(path) {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.arrayBuffer();
}

/** @param {string} path */
const fetchFloats = async (path) => new Float32Array(await fetchBytes(path));

/**
 * A worker that answers one call at a time.
 * @param {string} script
 */
function startWorker(script) {
    const worker = new Worker(new URL(script, import.meta.url), { type: 'module' });
    return {
        /** @param {object} message @param {Transferable[]} [transfer] @returns {Promise<any>} */
        call: (message, transfer = []) =>
            new Promise((resolve, reject) => {
                worker.onerror = (event) => reject(new Error(`${script}: ${event.message}`));
                worker.onmessage = ({ data }) =>
                    data.error ? reject(new Error(`${script}: ${data.error}`)) : resolve(data);
                worker.postMessage(message, transfer);
            }),
        close: () => worker.terminate(),
    };
}

/** An engine whose worker answers `run` with {result, ms}. @returns {Engine} */
function engineOf(worker, info) {
    let result;
    return {
        info,
        async run() {
            const answer = await worker.call({ method: 'run' });
            result = answer.result;
            return answer.ms;
        },
        result: () => result,
        close: worker.close,
    };
}

/* ---- networks ---- */

/** fleck as its users meet it: pixels in, features out, the way to its worker included. */
async function openFleck({ packagePath, models, model, precision, threads }) {
    const { Detector } = await import(`/${packagePath}/index.js`);
    const detector = await Detector.create({ preset: 'fit', precision, threads, workers: 1 });
    await detector.loadBackbone(await fetchBytes(`${models}/${model}.safetensors`));
    const { side } = await readSizes(models, model);
    const rgba = new Uint8ClampedArray(await fetchBytes(`${models}/photo.rgba`));
    const photo = new ImageData(rgba, side, side);
    let features;
    return {
        info: detector.info,
        async run() {
            const start = performance.now();
            features = await detector.extract(photo);
            return performance.now() - start;
        },
        result: () => joinTokens(features),
        close: () => detector.close(),
    };
}

/** onnxruntime-web at its best: session.run alone, on a tensor that is prepared. */
async function openOrt({ models, model, precision, threads }) {
    const { side, mean, std } = await readSizes(models, model);
    const rgba = new Uint8Array(await fetchBytes(`${models}/photo.rgba`));
    const area = side * side;
    const pixels = new Float32Array(3 * area);
    for (let c = 0; c < 3; c++)
        for (let i = 0; i < area; i++)
            pixels[c * area + i] = (rgba[4 * i + c] / 255 - mean[c]) / std[c];
    const file = `/${models}/${model}-${precision}.onnx`;
    return openSession(file, threads, 'pixels', pixels, [1, 3, side, side]);
}

async function readSizes(models, model) {
    return (await fetch(`/${models}/${model}.json`)).json();
}

/** A session in a worker of its own, for the number of threads is fixed once a worker. */
async function openSession(file, threads, name, data, dims) {
    const worker = startWorker('ort_worker.mjs');
    await worker.call({ method: 'open', file, threads, name, data, dims }, [data.buffer]);
    return engineOf(worker);
}

/** @param {number} bits a half float (IEEE binary16) */
function widen(bits) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const magnitude = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    return bits >> 15 ? -magnitude : magnitude;
}

/** @param {{cls: Uint16Array, patch: Uint16Array}} features @returns tokens [1 + P, D] */
function joinTokens({ cls, patch }) {
    return Float32Array.from([...cls, ...patch], widen);
}

/** Cosines between the tokens of the last run and those of PyTorch, and a hash of the bits. */
async function compareTokens(key, { models, model }) {
    const { tokens: count, dim } = await readSizes(models, model);
    const want = await fetchFloats(`${models}/${model}.f32`);
    const have = engine(key).result();
    if (have.length !== count * dim)
        throw new Error(`${key}: ${have.length} values, want ${count} x ${dim}`);
    let sum = 0,
        worst = 1;
    for (let t = 0; t < count; t++) {
        let ab = 0,
            aa = 0,
            bb = 0;
        for (let i = t * dim; i < (t + 1) * dim; i++) {
            ab += have[i] * want[i];
            aa += have[i] * have[i];
            bb += want[i] * want[i];
        }
        const cosine = ab / Math.sqrt(aa * bb);
        sum += cosine;
        worst = Math.min(worst, cosine);
    }
    let hash = 0;
    for (const bits of new Uint32Array(have.buffer, have.byteOffset, have.length))
        hash = (Math.imul(hash, 31) + bits) | 0;
    return { mean: sum / count, worst, hash };
}

/* ---- what bench.mjs calls ---- */

/** @param {string} key */
function engine(key) {
    const found = engines.get(key);
    if (!found) throw new Error(`${key} is not open`);
    return found;
}

const kinds = {
    fleck: openFleck,
    ort: openOrt,
};

Object.assign(window, {
    peers: {
        async open({ key, kind, ...settings }) {
            engines.set(key, await kinds[kind](settings));
            return engine(key).info ?? null;
        },
        run: (key) => engine(key).run(),
        compareTokens,
        close(key) {
            engine(key).close();
            engines.delete(key);
        },
    },
});

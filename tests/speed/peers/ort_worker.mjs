/** One session of onnxruntime-web, with one input that stays. */
import * as ort from './node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';

let session, feeds;

const methods = {
    async open({ file, threads, name, data, dims }) {
        ort.env.wasm.numThreads = threads;
        session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
        feeds = { [name]: new ort.Tensor('float32', data, dims) };
        return {};
    },
    async run() {
        const start = performance.now();
        const outputs = await session.run(feeds);
        const ms = performance.now() - start;
        return { ms, result: outputs[session.outputNames[0]].data };
    },
};

self.onmessage = async ({ data: { method, ...settings } }) => {
    try {
        self.postMessage(await methods[method](settings));
    } catch (error) {
        self.postMessage({ error: String(error) });
    }
};

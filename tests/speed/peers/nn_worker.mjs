/** fleck's search: the module of bench_nn.c and its data. */

let module, memory, queries;

/** @param {number} status of a function of bench_nn.c */
function check(status) {
    if (status) throw new Error(`status ${status}`);
}

const methods = {
    async open({ module: name, sizes, threads, queries: queryData, rows }) {
        const shared = threads > 1;
        const { default: create } = await import(`${name}${shared ? '-threads' : ''}.js`);
        memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared });
        module = await create({ wasmMemory: memory, poolSize: threads - 1 });
        queries = sizes.queries;
        check(module._bench_nn_setup(sizes.queries, sizes.rows, sizes.dim, threads));
        floats(module._bench_nn_queries(), queryData.length).set(queryData);
        floats(module._bench_nn_rows(), rows.length).set(rows);
        const start = performance.now();
        check(module._bench_nn_build());
        return { buildMs: performance.now() - start };
    },
    run() {
        const start = performance.now();
        check(module._bench_nn_run());
        const ms = performance.now() - start;
        const index = new Int32Array(memory.buffer, module._bench_nn_index(), queries);
        return { ms, result: index.slice() };
    },
};

/** @param {number} at @param {number} length */
function floats(at, length) {
    return new Float32Array(memory.buffer, at, length);
}

self.onmessage = async ({ data: { method, ...settings } }) => {
    try {
        self.postMessage(await methods[method](settings));
    } catch (error) {
        self.postMessage({ error: String(error) });
    }
};

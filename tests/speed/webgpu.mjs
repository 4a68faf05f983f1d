/**
 * A probe of WebGPU as a second engine: a layer's product in Chromium, of bytes as the backbone has
 * them, beside the same in JavaScript.
 *
 *     npm run bench:webgpu [-- --hardware]
 *
 * Says which adapter there is, how many of the integer sums are exact and of the float32 values that
 * they are scaled to have the right bits, and how long a product takes. Without --hardware the
 * adapter is SwiftShader, a GPU in software: right for bits, of no meaning for times.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchWithGpu } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

const { values } = parseArgs({ options: { hardware: { type: 'boolean', default: false } } });
const SHAPE = { m: 785, n: 768, k: 192 }; /* the first layer of the built-in backbone's MLP */
const ROUNDS = 20;

/* Four bytes with a sign a word, as ARM's SDOT has them: a's bytes less 128, which is right for zero
 * points that are less by as much. A row of a and a row of b, for each invocation. */
const SHADER = `
    @group(0) @binding(0) var<storage, read> a: array<u32>;
    @group(0) @binding(1) var<storage, read> b: array<u32>;
    @group(0) @binding(2) var<storage, read> zero: array<i32>;
    @group(0) @binding(3) var<storage, read> sumOfB: array<i32>;
    @group(0) @binding(4) var<storage, read> scales: array<f32>; // of a's rows, of b's, bias
    @group(0) @binding(5) var<storage, read_write> sums: array<i32>;
    @group(0) @binding(6) var<storage, read_write> values: array<f32>;
    override m: u32;
    override n: u32;
    override words: u32;
    @compute @workgroup_size(16, 16)
    fn main(@builtin(global_invocation_id) at: vec3u) {
        if (at.x >= n || at.y >= m) { return; }
        var sum = -zero[at.y] * sumOfB[at.x];
        for (var i = 0u; i < words; i++) {
            sum += dot4I8Packed(a[at.y * words + i], b[at.x * words + i]);
        }
        sums[at.y * n + at.x] = sum;
        values[at.y * n + at.x] =
            scales[m + n + at.x] + f32(sum) * (scales[at.y] * scales[m + at.x]);
    }`;

/**
 * In the page.
 * @param {{shape: {m: number, n: number, k: number}, shader: string, rounds: number}} plan
 */
async function probe({ shape: { m, n, k }, shader, rounds }) {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return { missing: navigator.gpu ? 'no adapter' : 'no navigator.gpu' };
    const device = await adapter.requestDevice();
    let state = 1;
    const random = () => (state = Math.imul(state, 1664525) + 1013904223) >>> 8;
    const a = Int8Array.from({ length: m * k }, () => (random() & 255) - 128);
    const b = Int8Array.from({ length: n * k }, () => (random() % 255) - 127);
    const zero = Int32Array.from({ length: m }, () => (random() & 255) - 128);
    const sumOfB = Int32Array.from({ length: n }, (_, j) =>
        b.subarray(j * k, (j + 1) * k).reduce((sum, each) => sum + each, 0),
    );
    const scales = Float32Array.from({ length: m + 2 * n }, () => random() / 2 ** 26 + 1e-3);

    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    /** @param {ArrayBufferView<ArrayBuffer>} data */
    const input = (data) => {
        const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_DST });
        device.queue.writeBuffer(buffer, 0, data);
        return buffer;
    };
    const size = 4 * m * n;
    const output = () => device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const [sums, values] = [output(), output()];
    const pipeline = await device.createComputePipelineAsync({
        layout: 'auto',
        compute: {
            module: device.createShaderModule({ code: shader }),
            constants: { m, n, words: k / 4 },
        },
    });
    const buffers = [...[a, b, zero, sumOfB, scales].map(input), sums, values];
    const bindings = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const ms = [];
    for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(Math.ceil(n / 16), Math.ceil(m / 16));
        pass.end();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
        ms.push(performance.now() - began);
    }
    /** @param {GPUBuffer} from */
    const read = async (from) => {
        const to = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(from, 0, to, 0, size);
        device.queue.submit([encoder.finish()]);
        await to.mapAsync(GPUMapMode.READ);
        return to.getMappedRange();
    };
    const foundSums = new Int32Array(await read(sums));
    const foundValues = new Float32Array(await read(values));

    let exact = 0,
        same = 0;
    for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let d = 0; d < k; d++) sum += (a[i * k + d] - zero[i]) * b[j * k + d];
            const scale = Math.fround(scales[i] * scales[m + j]);
            const product = Math.fround(Math.fround(sum) * scale);
            if (foundSums[i * n + j] === sum) exact++;
            if (foundValues[i * n + j] === Math.fround(scales[m + n + j] + product)) same++;
        }
    const { vendor, architecture } = adapter.info;
    return {
        adapter: `${vendor} ${architecture}`,
        features: ['shader-f16', 'subgroups'].filter((each) => adapter.features.has(each)),
        exact,
        same,
        ms,
    };
}

const server = await serve(fileURLToPath(new URL('../../', import.meta.url)));
const inSoftware = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const browser = await launchWithGpu(values.hardware ? [] : inSoftware);
try {
    const page = await browser.newPage();
    await page.goto(`${server.url}tests/speed/page.html`);
    const plan = { shape: SHAPE, shader: SHADER, rounds: ROUNDS };
    const found = await page.evaluate(probe, plan);
    if (found.missing) throw new Error(`WebGPU: ${found.missing}`);
    const { m, n, k } = SHAPE;
    const ms = found.ms.sort((x, y) => x - y);
    console.log(`Chromium ${browser.version()}, adapter ${found.adapter}`);
    console.log(`of shader-f16 and subgroups it has: ${found.features.join(', ') || 'none'}`);
    console.log(
        `[${m}, ${k}] x [${n}, ${k}]^T: ${ms[ROUNDS >> 1].toFixed(1)} ms, median of ${ROUNDS}`,
    );
    console.log(`integer sums that are exact: ${found.exact} of ${m * n}`);
    console.log(`float32 values with the right bits: ${found.same} of ${m * n}`);
} finally {
    await browser.close();
    await server.close();
}

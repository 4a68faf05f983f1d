/** Downloads of backbones over connections that break, and the list that they come from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Break, download } from '../../web/backbones/download.js';
import {
    BUILT_IN,
    bytesOf,
    entryOfFile,
    metadataOf,
    multiplyAdds,
    sizeOf,
} from '../../web/backbones/registry.js';
import { parse } from './safetensors.mjs';

const FILE = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
const ADDRESS = 'https://models.example/some/file.bin';

/** What fetch resolves with, of which only this much is used; node may run without fetch. */
const answer = (body, { status = 200, headers = {} } = {}) => ({
    status,
    headers: { get: (name) => headers[name] ?? null },
    body,
});

/** A sink in memory. */
function memory(beginning = 0) {
    const sink = {
        bytes: [...FILE.subarray(0, beginning)],
        get size() {
            return this.bytes.length;
        },
        write(more) {
            this.bytes.push(...more);
        },
        clear() {
            this.bytes = [];
        },
    };
    return sink;
}

/**
 * A server of FILE. broken: after how many bytes of each answer in turn the connection ends,
 * with an error or, below zero, without one.
 */
function server({ broken = [], ranges = true, etag = '"1"', file = FILE, expose = true } = {}) {
    const asked = [];
    const fetch = async (address, { headers, signal }) => {
        assert.equal(address, ADDRESS);
        const range = headers.Range ?? '';
        asked.push(range);
        signal.throwIfAborted();
        const from = ranges && range ? Number(range.match(/^bytes=(\d+)-$/)[1]) : 0;
        if (from >= file.length) return answer(null, { status: 416 });
        const end = broken.length ? broken.shift() : Infinity;
        let at = from;
        const body = new ReadableStream({
            pull(controller) {
                if (signal.aborted) return controller.error(signal.reason);
                if (at - from >= Math.abs(end)) {
                    if (end < 0) return controller.close();
                    return controller.error(new TypeError('network error'));
                }
                const to = Math.min(at + 100, from + Math.abs(end), file.length);
                controller.enqueue(file.subarray(at, to));
                at = to;
                if (at === file.length) controller.close();
            },
        });
        return answer(body, {
            status: from ? 206 : 200,
            headers: {
                'Content-Length': String(file.length - from),
                ...(etag && { ETag: etag }),
                ...(from &&
                    expose && {
                        'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}`,
                    }),
            },
        });
    };
    return { asked, fetch };
}

async function get({ fetch }, options = {}) {
    const { beginning = 0, mark = null, abort = new AbortController(), ...rest } = options;
    const sink = memory(beginning);
    const marks = [],
        reports = [],
        waits = [];
    let error = null;
    await download({
        address: ADDRESS,
        sink,
        mark,
        remember: (each) => void marks.push(each),
        signal: abort.signal,
        onProgress: (each) => void reports.push(each),
        fetch,
        wait: async (seconds) => void waits.push(seconds),
        ...rest,
    }).catch((thrown) => (error = thrown));
    return { sink, marks, reports, waits, error };
}

const whole = ({ sink, error }) => {
    assert.equal(error, null);
    assert.deepEqual(Uint8Array.from(sink.bytes), FILE);
};

describe('a download', () => {
    test('comes whole, with its progress and its version', async () => {
        const result = await get(server(), { bytes: 1000 });
        whole(result);
        assert.deepEqual(result.marks, [{ total: 1000, version: '"1"' }]);
        assert.deepEqual(result.reports.at(-1), { done: 1000, total: 1000, secondsLeft: null });
    });

    test('goes on where the connection broke, however it broke', async () => {
        for (const end of [300, -300]) {
            const host = server({ broken: [end] });
            const result = await get(host);
            whole(result);
            assert.deepEqual(host.asked, ['', 'bytes=300-']);
            assert.equal(result.waits.length, 1);
        }
    });

    test('goes on after a reload, where the version is the same', async () => {
        const host = server();
        whole(await get(host, { beginning: 400, mark: { total: 1000, version: '"1"' } }));
        assert.deepEqual(host.asked, ['bytes=400-']);
        const silent = server({ expose: false });
        whole(await get(silent, { beginning: 400, mark: { total: 1000, version: '"1"' } }));
    });

    test('begins anew where the file is another one by now', async () => {
        const host = server({ etag: '"2"' });
        const result = await get(host, { beginning: 400, mark: { total: 1000, version: '"1"' } });
        whole(result);
        assert.deepEqual(host.asked, ['bytes=400-', '']);
        assert.deepEqual(result.marks, [{ total: 1000, version: '"2"' }]);
    });

    test('begins anew where nothing tells the version, unless the hash is known', async () => {
        const mark = { total: 1000, version: '' };
        const host = server({ etag: '' });
        whole(await get(host, { beginning: 400, mark }));
        assert.deepEqual(host.asked, ['']);
        const weak = server({ etag: 'W/"1"', broken: [100] });
        whole(await get(weak));
        assert.deepEqual(weak.asked, ['', '']);
        const pinned = server({ etag: '' });
        whole(await get(pinned, { beginning: 400, mark, pinned: true }));
        assert.deepEqual(pinned.asked, ['bytes=400-']);
    });

    test('begins anew where the server knows no ranges', async () => {
        const host = server({ ranges: false, broken: [700] });
        whole(await get(host));
        assert.deepEqual(host.asked, ['', 'bytes=700-']);
    });

    test('asks for nothing when all is there', async () => {
        const host = server();
        whole(await get(host, { beginning: 1000, mark: { total: 1000, version: '"1"' } }));
        assert.deepEqual(host.asked, []);
    });

    test('begins anew where there is no such part', async () => {
        const host = server();
        const result = await get(host, { beginning: 1000, mark: { total: 0, version: '"1"' } });
        whole(result);
        assert.deepEqual(host.asked, ['bytes=1000-', '']);
    });

    test('gives up when the connection stays broken, and keeps what came', async () => {
        const host = server({ broken: [100, 0, 0, 0, 0, 0] });
        const { error, sink, waits } = await get(host);
        assert.ok(error instanceof Break);
        assert.match(error.message, /models\.example/);
        assert.equal(sink.size, 100);
        assert.equal(waits.length, 3);
    });

    test('does not try for ever where each try ends at the same place', async () => {
        const host = server({ ranges: false, broken: Array(20).fill(500) });
        const { error, waits } = await get(host);
        assert.ok(error instanceof Break);
        assert.ok(waits.length <= 4);
    });

    test('refuses a file of another size, before it comes or while it does', async () => {
        const early = await get(server(), { bytes: 999 });
        assert.match(early.error.message, /offers 1000 bytes, and 999 are expected/);
        assert.equal(early.sink.size, 0);
        const long = server();
        const lying = async (...args) => {
            const { body } = await long.fetch(...args);
            return answer(body, { headers: { 'Content-Length': '900' } });
        };
        const late = await get({ fetch: lying });
        assert.match(late.error.message, /more than the 900 bytes/);
        assert.equal(late.sink.size, 0);
    });

    test('says what the server answers', async () => {
        const missing = await get({ fetch: async () => answer(null, { status: 404 }) });
        assert.equal(missing.error.message, 'models.example answers 404');
        assert.ok(!(missing.error instanceof Break));
        const busy = await get({ fetch: async () => answer(null, { status: 503 }) });
        assert.ok(busy.error instanceof Break);
        assert.equal(busy.waits.length, 3);
    });

    test('stops when asked to, and keeps what came', async () => {
        const abort = new AbortController();
        const { error, sink } = await get(server(), {
            abort,
            onProgress: () => abort.abort(new Error('stopped')),
        });
        assert.equal(error.message, 'stopped');
        assert.ok(sink.size > 0 && sink.size < 1000);
    });

    test('tells of all that came before the connection fell silent', async () => {
        const abort = new AbortController();
        const body = new ReadableStream({
            start(controller) {
                for (const at of [0, 100]) controller.enqueue(FILE.subarray(at, at + 100));
                abort.signal.addEventListener('abort', () => controller.error(abort.signal.reason));
            },
        });
        const told = [];
        const { error } = await get(
            { fetch: async () => answer(body) },
            {
                abort,
                onProgress: ({ done }) => {
                    told.push(done);
                    if (done === 200) abort.abort(new Error('stopped'));
                },
            },
        );
        assert.equal(error.message, 'stopped');
        assert.deepEqual(told, [100, 200]);
    });

    test('leaves the trouble of the sink to the caller', async () => {
        const { error, waits } = await get(server(), {
            remember: () => {
                throw new Error('no room');
            },
        });
        assert.equal(error.message, 'no room');
        assert.equal(waits.length, 0);
    });
});

describe('the list of backbones', () => {
    const text = readFileSync(new URL('../../models/backbones.json', import.meta.url), 'utf8');
    const { backbones } = JSON.parse(text);

    test('costs: as counted by hand, and of plausible order', () => {
        // 4 patches and the class token, one block: 12*5*64^2 + 2*25*64, and 4 patches of 3*8*8
        const small = { dim: 64, depth: 1, patch: 8, registers: 0, input: 16 };
        assert.equal(multiplyAdds(small), 12 * 5 * 4096 + 2 * 25 * 64 + 4 * 192 * 64);
        // each neuron less of the MLP spares each token a row of one matrix, a column of the other
        assert.equal(multiplyAdds(small) - multiplyAdds({ ...small, hidden: 255 }), 5 * 2 * 64);
        for (const entry of backbones) {
            const cost = multiplyAdds(sizeOf(entry));
            assert.ok(cost > 1e9 && cost < 1e12, `${entry.name}: ${cost}`);
            assert.ok(bytesOf(entry) > 1e6);
        }
        const short = { ...backbones[0], blocks: [1] };
        assert.ok(multiplyAdds(sizeOf(short)) < multiplyAdds(sizeOf(backbones[0])) / 2);
    });

    test('the built-in backbone has the size that times are told from', () => {
        const file = readFileSync(new URL('../../models/fleck-tiny.safetensors', import.meta.url));
        const { metadata, tensors } = parse(file);
        assert.deepEqual(metadataOf(file), metadata);
        const [dim, , patch] = tensors['patch_embed.proj.weight'].shape;
        const { input, blocks } = metadata;
        const [hidden] = tensors['blocks.0.mlp.fc1.weight'].shape;
        assert.deepEqual(BUILT_IN, {
            dim,
            patch,
            hidden,
            registers: 0,
            input: Number(input),
            depth: Math.max(...blocks.split(',').map(Number)),
        });
    });

    test('metadata of a file that has none', () => {
        const zip = [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0];
        for (const bytes of [[], [1, 2, 3], zip, Array(64).fill(255)])
            assert.deepEqual(metadataOf(Uint8Array.from(bytes)), {});
        const header = Buffer.from('{"__metadata__":{"input":"448"}}');
        const size = Buffer.alloc(8);
        size.writeBigUInt64LE(BigInt(header.length));
        assert.deepEqual(metadataOf(Buffer.concat([size, header])), { input: '448' });
    });

    test("a user's file is an entry by its hash, or by a name of one address alone", () => {
        const entries = [
            { name: 'a', address: 'https://x.example/a/model.bin', sha256: 'aa' },
            { name: 'b', address: 'https://x.example/b/model.bin', sha256: null },
            { name: 'c', address: 'https://x.example/c.pth', sha256: 'cc' },
        ];
        const find = (name, hash) => entryOfFile(entries, name, hash)?.name;
        assert.equal(find('anything.bin', 'aa'), 'a');
        assert.equal(find('model.bin', 'bb'), undefined);
        assert.equal(find('c.pth', 'dd'), 'c');
        assert.equal(find('own.pth', 'dd'), undefined);
    });
});

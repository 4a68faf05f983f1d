/** Calls to workers: answers, progress, errors and cancelling, over a real channel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { Caller, serve } from '../../wasm/js/rpc.js';

/** A Caller whose worker has these methods. */
function connect(methods) {
    const { port1, port2 } = new MessageChannel();
    const adapt = (port) => ({
        postMessage: (message, { transfer }) => port.postMessage(message, transfer),
        terminate: () => port.close(),
    });
    const [worker, self] = [adapt(port1), adapt(port2)];
    port1.on('message', (data) => worker.onmessage({ data }));
    port2.on('message', (data) => self.onmessage({ data }));
    serve(self, methods, ({ code, message }) => ({ code, message, broken: code === 'trap' }));
    const explain = ({ code, message, broken }) =>
        Object.assign(new Error(broken ? `broken: ${message}` : message), { code });
    return { caller: new Caller(worker, explain), worker };
}

const fault = (code, message) => Object.assign(new Error(message), { code });
const moment = () => new Promise((resume) => setTimeout(resume, 5));

test('calls are answered with results, progress and errors, each its own', async () => {
    const { caller } = connect({
        slow: async (a, b, { report }) => {
            report({ done: 1 });
            await moment();
            report({ done: 2 });
            return a + b;
        },
        fails: () => {
            throw fault('format', 'no photo');
        },
        none: () => {},
    });
    const seen = [];
    const slow = caller.call('slow', [1, 2], { onProgress: (step) => seen.push(step.done) });
    await assert.rejects(caller.call('fails'), { code: 'format', message: 'no photo' });
    assert.equal(await caller.call('none'), undefined);
    await assert.rejects(caller.call('unknown'), /not a function/);
    assert.equal(await slow, 3);
    assert.deepEqual(seen, [1, 2]);
    caller.close(new Error('closed'));
});

test('a result gives its buffers away', async () => {
    const kept = { bytes: new Uint8Array(8), pair: { a: new Float32Array(2), n: 1 } };
    const { caller } = connect({
        buffer: () => kept.bytes.buffer,
        pair: () => kept.pair,
    });
    assert.equal((await caller.call('buffer')).byteLength, 8);
    assert.equal((await caller.call('pair')).a.length, 2);
    assert.equal(kept.bytes.length + kept.pair.a.length, 0);
    caller.close(new Error('closed'));
});

test('cancelling stops the call alone, which rejects with the reason', async () => {
    let steps = 0;
    const { caller } = connect({
        work: async ({ signal }) => {
            for (;;) {
                steps++;
                await moment();
                signal.throwIfAborted();
            }
        },
        deaf: async () => {
            await moment();
            return 'done';
        },
        wrong: async ({ signal }) => {
            while (!signal.aborted) await moment();
            throw fault('format', 'the bytes are wrong');
        },
    });
    const abort = new AbortController();
    const reason = new Error('enough');
    const work = caller.call('work', [], { signal: abort.signal });
    const wrong = caller.call('wrong', [], { signal: abort.signal });
    const deaf = caller.call('deaf', [], { signal: abort.signal });
    await moment();
    abort.abort(reason);
    await Promise.all([
        assert.rejects(work, (error) => error === reason),
        assert.rejects(wrong, { code: 'format' }) /* what else went wrong is told */,
    ]);
    assert.equal(await deaf, 'done');
    const before = steps;
    await assert.rejects(caller.call('work', [], { signal: abort.signal }), reason);
    await moment();
    assert.equal(steps, before);
    caller.close(new Error('closed'));
});

test('a broken or closed worker rejects what is pending and what comes', async () => {
    for (const end of [
        ({ caller }) => void caller.call('trap').catch(() => {}),
        ({ worker }) => worker.onerror({ message: 'gone' }),
        ({ worker }) => worker.onmessageerror({}),
        ({ caller }) => caller.close(new Error('broken: by hand')),
    ]) {
        const connection = connect({
            ever: () => new Promise(() => {}),
            trap: () => {
                throw fault('trap', 'unreachable');
            },
        });
        const pending = connection.caller.call('ever');
        end(connection);
        await assert.rejects(pending, /^Error: broken/);
        await assert.rejects(connection.caller.call('ever'), /^Error: broken/);
    }
});

test('a worker that gives no sign for too long is broken, one that reports is not', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { caller } = connect({ silent: () => new Promise(() => {}) });
    const told = [];
    caller.onbreak = (why) => told.push(why.message);
    void caller.call('silent').catch(() => {});
    t.mock.timers.tick(3_600_000);
    assert.deepEqual(told, [], 'as long as it likes, where nobody waits');
    caller.close(new Error('closed'));

    const { caller: watched } = connect({
        silent: () => new Promise(() => {}),
        echo: (value) => value,
        reports: async ({ report }) => {
            report({ done: 1 });
            await new Promise(() => {});
        },
    });
    watched.patience = 60_000;
    watched.onbreak = (why) => told.push(why.message);
    const waiting = watched.call('silent');
    const outcome = assert.rejects(waiting, /^Error: broken: it gave no sign for 60 seconds$/);
    t.mock.timers.tick(55_000);
    await watched.call('echo', [1]);
    t.mock.timers.tick(55_000);
    await new Promise((reported) => {
        void watched.call('reports', [], { onProgress: reported }).catch(() => {});
    });
    t.mock.timers.tick(55_000);
    assert.deepEqual(told, []);
    t.mock.timers.tick(5_000);
    await outcome;
    assert.deepEqual(told, ['broken: it gave no sign for 60 seconds']);
    await assert.rejects(watched.call('echo', [1]), /no sign/);
});

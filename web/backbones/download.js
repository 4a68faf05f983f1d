/**
 * A large file from an address into a sink, which may hold the beginning already:
 * after a break it goes on from there where the server can.
 */

import { texts } from '../texts/texts.js';

/** Tells one version of a file from another. total, version: 0 and '' where the server says none.
 * @typedef {{total: number, version: string}} Mark */

/**
 * @typedef {object} Sink
 * @property {number} size bytes that it holds
 * @property {(bytes: Uint8Array) => void|Promise<void>} write appends
 * @property {() => void|Promise<void>} clear
 */

/** @typedef {{done: number, total: number, secondsLeft: number|null}} Loaded */

/** The connection broke: what has come is of use. */
export class Break extends Error {}

const WAITS = [0.5, 2, 5]; /* seconds before another try; each byte that comes begins anew */
const REPORT_MS = 200;

/**
 * Returns when the sink holds the whole file. Throws Break when the connection stays broken;
 * with any other error there is no use in going on.
 * @param {object} options
 * @param {string} options.address
 * @param {Sink} options.sink
 * @param {Mark|null} options.mark     of the file whose beginning the sink holds
 * @param {(mark: Mark) => void|Promise<void>} options.remember a mark, before its first byte
 * @param {number} [options.bytes]     that the file must have; 0: unknown
 * @param {boolean} [options.pinned]   its hash is known: a wrong beginning comes to light
 * @param {AbortSignal} options.signal
 * @param {(loaded: Loaded) => void} options.onProgress
 * @param {typeof globalThis.fetch} [options.fetch]
 * @param {(seconds: number) => Promise<unknown>} [options.wait]
 */
export async function download({
    address,
    sink,
    mark,
    remember,
    bytes = 0,
    pinned = false,
    signal,
    onProgress,
    fetch = globalThis.fetch.bind(globalThis),
    wait = (seconds) =>
        new Promise((resume) => {
            setTimeout(resume, seconds * 1000);
            signal.addEventListener('abort', resume, { once: true });
        }),
}) {
    for (let failures = 0; ;) {
        const before = sink.size;
        try {
            return await attempt();
        } catch (error) {
            signal.throwIfAborted();
            if (!(error instanceof Break)) throw error;
            failures = sink.size > before ? 1 : failures + 1;
            if (failures > WAITS.length) throw error;
            await wait(WAITS[failures - 1]);
            signal.throwIfAborted();
        }
    }

    async function attempt() {
        /* Without a hash or a version the two halves could be of two files. */
        if (sink.size && !(mark && (pinned || mark.version))) await sink.clear();
        if (mark?.total && sink.size === mark.total) return;
        /* A range alone, without If-Range: so the browser need not ask the server beforehand,
         * which large servers fail to answer. The version is compared below instead. */
        const response = await reach(() =>
            fetch(address, {
                signal,
                headers: sink.size ? { Range: `bytes=${sink.size}-` } : {},
                credentials: 'omit',
                referrerPolicy: 'no-referrer',
                cache: 'no-store',
            }),
        );
        const { status, headers, body } = response;
        const host = new URL(address).host;
        if (status === 416) {
            await sink.clear();
            throw new Break(texts.download.noPart(host));
        }
        if (status >= 500 || status === 429) throw new Break(texts.download.answers(host, status));
        if (status !== 200 && status !== 206) throw new Error(texts.download.answers(host, status));

        const version = strong(headers.get('ETag')) || headers.get('Last-Modified') || '';
        const length = Number(headers.get('Content-Length') ?? 0);
        if (status === 206) {
            const range = headers.get('Content-Range');
            const same = pinned || version === mark?.version;
            if (!same || (range && !range.startsWith(`bytes ${sink.size}-`))) {
                await body?.cancel();
                await sink.clear();
                throw new Break(texts.download.otherVersion(host));
            }
        } else {
            await sink.clear();
            mark = { total: length || bytes, version };
            await remember(mark);
        }
        const total = mark?.total ?? 0;
        if (bytes && total !== bytes) {
            await body?.cancel();
            throw new Error(texts.download.otherSize(host, total, bytes));
        }

        const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
        const [began, had] = [performance.now(), sink.size];
        let told = -1;
        const tell = () => {
            if (sink.size === told) return;
            told = sink.size;
            const passed = performance.now() - began;
            const left = ((total - told) * passed) / (told - had) / 1000;
            const isKnown = total && passed > 1000 && isFinite(left);
            onProgress({ done: told, total, secondsLeft: isKnown ? left : null });
        };
        /* by the clock: what came last is told where nothing follows it for long */
        const timer = setInterval(tell, REPORT_MS);
        try {
            for (let done = false; !done;) {
                const next = await reach(() => reader.read());
                done = next.done;
                if (next.value) await sink.write(next.value);
                if (done || told < 0) tell();
                if (total && sink.size > total) {
                    await reader.cancel();
                    await sink.clear();
                    throw new Error(texts.download.tooMuch(host, total));
                }
            }
        } finally {
            clearInterval(timer);
        }
        if (sink.size < total) throw new Break(texts.download.early(host));
    }

    /** @template T @param {() => Promise<T>} ask @returns {Promise<T>} */
    async function reach(ask) {
        try {
            return await ask();
        } catch {
            signal.throwIfAborted();
            throw new Break(texts.download.broken(new URL(address).host));
        }
    }
}

/** A weak tag does not promise the same bytes. @param {string|null} tag */
function strong(tag) {
    return tag && !tag.startsWith('W/') ? tag : '';
}

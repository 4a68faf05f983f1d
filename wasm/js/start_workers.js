/** The workers of a detector: started, each with its engine, and joined. */
import { Channel, countCores } from './channel.js';
import { DetectorError } from './errors.js';
import { isIsolated, nameOf, runsRelaxed } from './load.js';
import { counts, modelsOwn } from './options.js';
import { Sources } from './sources.js';

/** @typedef {import('./types.js').Info} Info */

// In which threads start, their script being fetched from a busy machine.
const START_MS = 15_000;

/** What reads photos beside the detector's own worker. */
const SINGLE = { variant: /** @type {const} */ ('simd'), threads: 1 };

/**
 * @param {import('./options.js').Checked} settings
 * @param {ReturnType<typeof import('./load.js').chooseVariant>} choice
 * @returns {Promise<{channels: Channel[], info: Info}>} the detector's own worker first
 */
export async function startWorkers(settings, { variant, notice }) {
    const { files } = settings;
    const relaxed = !files.isOne && runsRelaxed();
    const { threads, workers } = counts(settings, variant, countCores());
    const info = { variant, relaxed, threads, workers, isolated: isIsolated(), notice };
    const channels = await open(
        files,
        Array.from({ length: workers }, (_, i) =>
            i ? { ...SINGLE, relaxed } : { variant, relaxed, threads },
        ),
        async (channel, i, all) => {
            await channel.call('configure', [settings.engine]);
            if (i) await connect(all[0], channel);
        },
    );
    return { channels, info };
}

/**
 * What a saved model says of the options that it needs.
 * @param {Uint8Array} model
 * @param {import('./options.js').Files} files
 */
export async function peekOptions(model, files) {
    const [channel] = await open(files, [{ ...SINGLE, relaxed: !files.isOne && runsRelaxed() }]);
    try {
        return modelsOwn(await channel.call('peekOptions', [model]));
    } finally {
        channel.close();
    }
}

/**
 * What waits for a thread that does not start waits for ever.
 * @template T
 * @param {Promise<T>} started
 */
function inTime(started) {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const late = new Promise((/** @type {(_: never) => void} */ _, reject) => {
        timer = setTimeout(() => reject(new DetectorError('state', 'no thread answers')), START_MS);
    });
    return Promise.race([started, late]).finally(() => clearTimeout(timer));
}

/** Features go from a worker straight to the detector's. @param {Channel} to @param {Channel} from */
async function connect(to, from) {
    const { port1, port2 } = new MessageChannel();
    await to.call('receiveFrom', [port1], { transfer: [port1] });
    await from.call('sendTo', [port2], { transfer: [port2] });
}

/**
 * Workers with an engine each.
 * @param {import('./options.js').Files} files
 * @param {import('./load.js').ModuleChoice[]} choices
 * @param {(channel: Channel, i: number, all: Channel[]) => Promise<void>} [prepare]
 */
async function open(files, choices, prepare = async () => {}) {
    const sources = new Sources(files, nameOf(choices[0]));
    /** @type {Channel[]} */
    let channels = [];
    let isOver = false;
    try {
        const names = choices.map(nameOf);
        const compiling = names.map((name) => sources.compiled(name));
        const scripts = await Promise.all(names.map((name) => sources.script(name)));
        channels = scripts.map((script) => new Channel(script));
        const modules = await Promise.all(compiling);
        const create = (/** @type {number} */ i) =>
            channels[i].call('create', [modules[i], choices[i]]);
        const started = (async () => {
            const begun = await Promise.allSettled(channels.map((_, i) => create(i)));
            /* WebKit without a network loads few scripts at once of what a service worker keeps */
            for (const [i, result] of begun.entries()) {
                if (result.status === 'fulfilled') continue;
                if (isOver || !channels[i].broken) throw result.reason;
                channels[i] = new Channel(scripts[i]);
                await create(i);
            }
            await Promise.all(channels.map((channel, i) => prepare(channel, i, channels)));
        })();
        await (choices[0].variant === 'threads' ? inTime(started) : started);
        return channels;
    } catch (error) {
        isOver = true;
        channels.forEach((channel) => channel.close());
        throw error;
    } finally {
        sources.close();
    }
}

/** The workers of a detector: started, each with its engine, and joined. */
import { Channel, countCores } from './channel.js';
import { DetectorError } from './errors.js';
import { filesOf, isIsolated, runsRelaxed } from './load.js';
import { counts, modelsOwn } from './options.js';

/** @typedef {import('./types.js').Info} Info */

// In which threads start, their script being fetched from a busy machine.
const START_MS = 15_000;

/**
 * @param {import('./options.js').Checked} settings
 * @param {ReturnType<typeof import('./load.js').chooseVariant>} choice
 * @returns {Promise<{channels: Channel[], info: Info}>} the detector's own worker first
 */
export async function startWorkers(settings, { variant, notice }) {
    const relaxed = runsRelaxed();
    const { threads, workers } = counts(settings, variant, await countCores());
    const channels = await Promise.all(Array.from({ length: workers }, () => Channel.open()));
    const info = { variant, relaxed, threads, workers, isolated: isIsolated(), notice };
    try {
        const started = Promise.all(
            channels.map(async (channel, i) => {
                await create(
                    channel,
                    i ? { variant: 'simd', relaxed, threads: 1 } : { variant, relaxed, threads },
                );
                await channel.call('configure', [settings.engine]);
                if (i) await connect(channels[0], channel);
            }),
        );
        await (variant === 'threads' ? inTime(started) : started);
    } catch (error) {
        channels.forEach((channel) => channel.close());
        throw error;
    }
    return { channels, info };
}

/**
 * What a saved model says of the options that it needs.
 * @param {Uint8Array} model
 */
export async function peekOptions(model) {
    const channel = await Channel.open();
    try {
        await create(channel, { variant: 'simd', relaxed: runsRelaxed(), threads: 1 });
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

/** @param {Channel} channel @param {import('./load.js').ModuleChoice} choice */
async function create(channel, choice) {
    await channel.call('create', [choice, await filesOf(choice)]);
}

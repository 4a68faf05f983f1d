/** The detector in use, with its backbone, and how another takes its place. */

import { Detector, DetectorError } from '../fleck.js';
import { get } from '../files/gather.js';
import { BUILT_IN, metadataOf, multiplyAdds } from '../backbones/registry.js';
import { isBusy } from '../state/job.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/job.js').Settings} Settings */
/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */
/** @typedef {{detector: Detector, settings: Settings, shape: FeatureShape, blocks: readonly number[]}} Opened */

/** An error in words for the user. @param {unknown} error */
export function sentence(error) {
    if (error instanceof DetectorError && error.code === 'memory') return texts.noMemory;
    return error instanceof Error ? error.message : String(error);
}

/** The same as the end of a sentence. @param {unknown} error */
export const why = (error) => sentence(error).replace(/[.!]?$/, '.');

const TRIALS = 5; /* of how long a photo takes */
const BUILT_IN_FILE = 'models/fleck-tiny.safetensors';

export class Holder {
    /** null until the first one is open */
    current = /** @type {Detector|null} */ (null);
    /** chosen for it, by the user or the list; none: its backbone's own */
    blocks = /** @type {readonly number[]} */ ([]);
    #opening = /** @type {Promise<Detector>|null} */ (null);
    #measuring = /** @type {Promise<void>|null} */ (null);
    #store;
    #backbones;
    #onStop;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {import('../backbones/backbones.js').Backbones} backbones
     * @param {(why: Error) => void} onStop the detector in use has stopped, and is none any longer
     */
    constructor(store, backbones, onStop) {
        this.#store = store;
        this.#backbones = backbones;
        this.#onStop = onStop;
    }

    /** The detector for the state's settings, opened at the first call. */
    open() {
        this.#opening ??= this.#create(this.#store.state.job.settings)
            .then((opened) => this.#use(opened))
            .catch((error) => {
                this.#opening = null;
                this.#store.device.set({ fatal: sentence(error) });
                throw error;
            });
        return this.#opening;
    }

    /**
     * Opens another detector; whatever fails leaves the old one in use.
     * @param {Settings} settings
     * @param {{model?: Uint8Array, before?: () => Promise<unknown>}} [options] model: that it must
     *     be able to load; before: ends the work of the old one, when the new one is ready
     */
    async replace(settings, { model, before } = {}) {
        await this.#opening;
        const opened = await this.#create(settings, model);
        await before?.();
        this.#opening = Promise.resolve(this.#use(opened));
    }

    /**
     * Measures how fast this device computes a backbone: the built-in one, whose cost is known,
     * on one photo, at its best: the first times the browser still compiles. What another
     * backbone takes follows from its own multiply-adds, of which wider ones do up to a fifth
     * more a second (npm run bench:backbones). Not while a job runs. Once, however often it is
     * asked for meanwhile.
     */
    measure() {
        this.#measuring ??= this.#measure().finally(() => (this.#measuring = null));
        return this.#measuring;
    }

    async #measure() {
        await this.open(); /* tells the number of workers, and takes time of its own */
        const { state, device } = this.#store;
        if (isBusy(state.job)) return;
        const detector = await Detector.create({ workers: 1, variant: this.#variant });
        try {
            await detector.loadBackbone(await (await get(BUILT_IN_FILE)).arrayBuffer());
            const side = BUILT_IN.input;
            const photo = new ImageData(side, side);
            photo.data.forEach((_, i, data) => (data[i] = (i * 31) % 251));
            let seconds = Infinity;
            for (let i = 0; i < TRIALS; i++) {
                const began = performance.now();
                await detector.extract(photo);
                seconds = Math.min(seconds, (performance.now() - began) / 1000);
            }
            /* photos are read on all workers at once */
            const workers = state.device.info?.workers ?? 1;
            device.set({ pace: (multiplyAdds(BUILT_IN) * workers) / seconds });
        } finally {
            detector.close();
        }
    }

    /** The file of a backbone; null: of the built-in one. @param {Settings['backbone']} backbone */
    async weights(backbone) {
        return backbone
            ? this.#backbones.bytes(backbone)
            : new Uint8Array(await (await get(BUILT_IN_FILE)).arrayBuffer());
    }

    /**
     * @param {Settings} settings
     * @param {Uint8Array} [model]
     */
    async #create(settings, model) {
        const { backbone, ...options } = settings;
        const name = backbone?.name ?? texts.backbones.theBuiltIn;
        /** @type {Detector|undefined} */
        let detector;
        try {
            const bytes = await this.weights(backbone);
            /* The user's choice comes first, then what the file says, then the list. */
            const listed = backbone && (await this.#backbones.entry(backbone.id));
            const own = listed ? metadataOf(bytes) : {};
            if (listed && !own.input) options.input ||= listed.input;
            if (listed && !own.blocks && !options.blocks.length) options.blocks = listed.blocks;
            detector = await Detector.create({
                ...options,
                blocks: [...options.blocks],
                variant: this.#variant,
            });
            await detector.loadBackbone(bytes).catch((error) => {
                if (error.code === 'memory') throw new Error(texts.backbones.tooLittleMemory(name));
                throw backbone ? new Error(`${name}: ${error.message}`) : error;
            });
            if (model) await detector.load(model);
            const shape = /** @type {FeatureShape} */ (detector.shape);
            return { detector, settings, shape, blocks: options.blocks };
        } catch (error) {
            detector?.close();
            throw error;
        }
    }

    /** Threads that did not start once are not waited for again. */
    get #variant() {
        return this.#store.state.device.info?.variant === 'simd' ? 'simd' : 'auto';
    }

    /** @param {Opened} opened */
    #use({ detector, settings, shape, blocks }) {
        const { state, job, page, device } = this.#store;
        const { info } = detector;
        if (info.notice && !state.device.info) page.say('note', info.notice);
        job.settle(settings, shape);
        job.limit(detector.area);
        device.set({ info, fatal: '' });
        this.current?.close();
        this.current = detector;
        this.blocks = blocks;
        detector.stopped.then((why) => {
            detector.close();
            if (this.current !== detector) return;
            this.current = this.#opening = null;
            this.#onStop(why);
        });
        if (settings.backbone) this.#backbones.settle(settings.backbone);
        return detector;
    }
}

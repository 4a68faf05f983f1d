/** The detector in use, with its backbone, and how another takes its place. */

import { Detector, DetectorError } from './fleck/index.js';
import { get } from './files.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Settings} Settings */

/** An error in words for the user. @param {unknown} error */
export function sentence(error) {
    if (error instanceof DetectorError && error.code === 'memory')
        return 'This browser tab has no memory left. Leave out the rest or use smaller folders.';
    return error instanceof Error ? error.message : String(error);
}

export class Holder {
    /** null until the first one is open */
    current = /** @type {Detector|null} */ (null);
    #opening = /** @type {Promise<Detector>|null} */ (null);
    #state;
    #changed;

    /** @param {State} state @param {() => void} changed */
    constructor(state, changed) {
        this.#state = state;
        this.#changed = changed;
    }

    /** The detector for the state's settings, opened at the first call. */
    open() {
        this.#opening ??= this.#create(this.#state.settings).catch(error => {
            this.#opening = null;
            this.#state.fatal = sentence(error);
            this.#changed();
            throw error;
        });
        return this.#opening;
    }

    /**
     * Opens another detector; whatever fails leaves the old one in use.
     * @param {Settings} settings
     * @param {Uint8Array} [model] that it must be able to load
     */
    async replace(settings, model) {
        await this.#opening;
        this.#opening = Promise.resolve(await this.#create(settings, model));
    }

    /**
     * @param {Settings} settings
     * @param {Uint8Array} [model]
     */
    async #create(settings, model) {
        const { backbone, ...options } = settings;
        const state = this.#state;
        const detector = await Detector.create(options);
        try {
            const bytes = await (backbone
                ? backbone.file.arrayBuffer()
                : (await get('models/fleck-tiny.safetensors')).arrayBuffer());
            const shape = await detector.loadBackbone(new Uint8Array(bytes));
            if (model) await detector.load(model);
            const { info } = detector;
            if (info.notice && !state.info)
                state.notices.push({ kind: 'note', message: info.notice });
            Object.assign(state, { settings, shape, info });
        } catch (error) {
            detector.close();
            throw error;
        }
        this.current?.close();
        this.current = detector;
        this.#changed();
        return detector;
    }
}

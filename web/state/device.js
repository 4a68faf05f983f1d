/** The device: what this browser can, and what it keeps. */

/** @typedef {import('./job.js').Backbone} Backbone */
/** @typedef {import('../fleck.js').Info} Info */
/** @typedef {import('../backbones/registry.js').Entry} Entry */
/** @typedef {import('../backbones/depot.js').Kept} Kept */
/** @typedef {import('../backbones/download.js').Loaded} Loaded */
/**
 * A job that this browser keeps.
 * @typedef {object} KeptJob
 * @property {string} id
 * @property {string} name
 * @property {number} used when it was begun or opened last, in ms as of Date.now()
 * @property {number} photos
 * @property {number|null} defects at its threshold; null: not all is scored
 * @property {number} bytes
 */
/** @typedef {ReturnType<typeof newDevice>} Device */

export function newDevice() {
    return {
        newer: false, // a newer version of the page is here, and waits to be used
        fatal: '', // why this browser cannot run fleck at all
        info: /** @type {Info|null} */ (null),
        pace: 0, // multiply-adds a second; 0: not measured yet
        jobs: /** @type {KeptJob[]} */ ([]), // to go on with, the last used first
        lasting: /** @type {boolean|null} */ (null), // no lack of room ends them; null: not known
        backbones: {
            entries: /** @type {Entry[]} */ ([]),
            kept: /** @type {Kept[]} */ ([]),
            own: /** @type {Backbone|null} */ (null), // a file that was chosen or dropped last
            hashing: false,
            loads: /** @type {Map<string, Loaded>} */ (new Map()),
            troubles: /** @type {Map<string, string>} */ (new Map()), // by id, or FILE
        },
    };
}

export class DeviceActions {
    #device;
    #changed;

    /** @param {Device} device @param {() => void} changed */
    constructor(device, changed) {
        this.#device = device;
        this.#changed = changed;
    }

    /** @param {Partial<Omit<Device, 'backbones'>>} changes */
    set(changes) {
        Object.assign(this.#device, changes);
        this.#changed();
    }

    /** @param {Partial<Omit<Device['backbones'], 'loads'|'troubles'>>} changes */
    setBackbones(changes) {
        Object.assign(this.#device.backbones, changes);
        this.#changed();
    }

    /** @param {string} id @param {Loaded|null} loaded null: no more */
    load(id, loaded) {
        const { loads } = this.#device.backbones;
        if (loaded) loads.set(id, loaded);
        else loads.delete(id);
        this.#changed();
    }

    /** @param {string} id @param {string} [message] none: the trouble is over */
    trouble(id, message) {
        const { troubles } = this.#device.backbones;
        if (message) troubles.set(id, message);
        else troubles.delete(id);
        this.#changed();
    }
}

/**
 * What the page knows, in three parts. Only their actions write: whoever reads gets the state
 * itself, live, by a type that TypeScript lets nobody write to.
 */

import { DeviceActions, newDevice } from './device.js';
import { JobActions, newJob } from './job.js';
import { newPage, PageActions } from './page.js';

/**
 * @template T
 * @typedef {T extends Function|Blob ? T
 *     : T extends Map<infer K, infer V> ? ReadonlyMap<K, DeepReadonly<V>>
 *     : T extends object ? {readonly [K in keyof T]: DeepReadonly<T[K]>} : T} DeepReadonly
 */

/** @typedef {DeepReadonly<{job: import('./job.js').Job, page: import('./page.js').Page,
 *     device: import('./device.js').Device}>} State */
/** @typedef {State['job']['items'][number]} Item */
/** @typedef {State['job']['settings']} Settings */

export class Store {
    /**
     * @param {object} told
     * @param {() => void} told.changed the state is another
     * @param {() => void} told.progressed only in that work has gone on
     * @param {() => void} told.pictured only thumbnails have arrived
     */
    constructor(told) {
        const { changed } = told;
        const [job, page, device] = [newJob(), newPage(), newDevice()];
        /** @type {State} */
        this.state = { job, page, device };
        this.job = new JobActions(job, told);
        this.page = new PageActions(page, changed);
        this.device = new DeviceActions(device, changed);
    }

    /** Another job, with the settings of the last. */
    renew() {
        this.job.renew();
        this.page.renew();
    }

    /** Brings up what follows from the last changes, before they are shown. */
    derive() {
        this.job.derive();
        this.page.derive(this.state.job);
    }
}

/** The jobs that this browser keeps, beside the one at hand: listed, renamed, copied, deleted, and
 * written to files and read from them. */

import { Detector } from '../fleck.js';
import { VERSION } from './keep.js';
import { texts } from '../texts/texts.js';

function loadJobFile() {
    return import('./job_file.js').catch(() => {
        throw new Error(texts.notLoaded);
    });
}

export class KeptJobs {
    #store;
    #keep;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {() => import('./keep.js').Keep|null} keep null: the browser keeps none
     */
    constructor(store, keep) {
        this.#store = store;
        this.#keep = keep;
    }

    /** Tells the state which there are. */
    async list() {
        const jobs = (await this.#keep()?.list()) ?? [];
        const lasting = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
        this.#store.device.set({ jobs, lasting });
    }

    /** Asks the browser not to delete them when it runs out of room. */
    async makeLast() {
        const lasting = await navigator.storage.persist().catch(() => false);
        this.#store.device.set({ lasting });
        this.#store.page.say('note', lasting ? texts.jobs.lasting : texts.jobs.notLasting);
    }

    /** @param {string} id @param {string} name */
    async rename(id, name) {
        await this.#keep()?.rename(id, name);
        await this.list();
    }

    /** @param {string} id @param {string} name of the copy */
    async duplicate(id, name) {
        try {
            await this.#keep()?.duplicate(id, name);
        } catch {
            this.#store.page.say('error', texts.jobs.noRoomForCopy);
        }
        await this.list();
    }

    /** @param {string} id */
    async remove(id) {
        await this.#keep()?.remove(id);
        await this.list();
    }

    /**
     * One of them as one file.
     * @param {string} id
     * @param {import('../state/page.js').Step} step
     */
    async write(id, step) {
        const { writeJob } = await loadJobFile();
        const kept = await this.#keep()?.contents(id);
        if (!kept) throw new Error(texts.jobs.wasDeleted);
        const features = async (/** @type {number} */ index) =>
            this.#keep()?.readFeatures(index, id);
        return writeJob(kept, VERSION, features, step);
    }

    /**
     * Keeps the job of such a file.
     * @param {Blob} file
     * @param {import('../state/page.js').Step} step
     */
    async read(file, step) {
        const keep = this.#keep();
        if (!keep) throw new Error(texts.jobs.keepsNone);
        const { readJob } = await loadJobFile();
        const check = (/** @type {Uint8Array} */ model) => Detector.optionsOf(model);
        const { job, parts } = await readJob(file, VERSION, check, step);
        const id = await keep.receive(job, parts);
        await this.list();
        return { id, name: job.name };
    }
}

/** How the photos of a job are gone through: which are shown, and which comes next. */

import { keptView } from '../state/shown.js';

/** @typedef {import('../state/shown.js').View} View */

export class Review {
    #store;
    #keep;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {(view: import('./keep.js').KeptView) => void} keep
     */
    constructor(store, keep) {
        this.#store = store;
        this.#keep = keep;
    }

    /** @param {Partial<View>} changes */
    show(changes) {
        this.#store.job.show(changes);
        if (Object.keys(changes).some((each) => each !== 'search'))
            this.#keep(keptView(this.#store.state.job.view));
    }

    /** All photos, in the order that is set. */
    showAll() {
        this.show({ filter: 'all', folder: '', search: '' });
    }

    /** To the photo before or after the chosen one, as they are shown. @param {1|-1} by */
    walk(by) {
        const { job, page } = this.#store.state;
        const at = job.shown.findIndex((item) => item.id === page.chosen);
        const next = job.shown[Math.min(Math.max(at + by, 0), job.shown.length - 1)];
        if (next) this.#store.page.set({ chosen: next.id });
    }
}

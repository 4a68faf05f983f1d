/**
 * How the photos of a job are gone through: which are shown, which comes next, and which is seen
 * beside another.
 */

import { keptView, WIDE } from '../state/shown.js';
import { verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/shown.js').View} View */
/** @typedef {import('../state/page.js').Comparison} Comparison */

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
        this.show({ filter: 'all', ...WIDE });
    }

    /** To the photo before or after the chosen one, as they are shown. @param {1|-1} by */
    walk(by) {
        const next = this.#from(this.#store.state.page.chosen, by, () => true);
        if (next) this.#store.page.set({ chosen: next.id });
    }

    /** To the next that has a defect. @param {1|-1} by */
    walkDefects(by) {
        const { page, job } = this.#store.state;
        const next = this.#from(
            page.chosen,
            by,
            (item) => verdictOf(item, job.threshold) === 'defect',
        );
        if (next) this.#store.page.set({ chosen: next.id });
    }

    /** The photo beside the chosen one becomes another. @param {1|-1} by */
    walkOther(by) {
        const { chosen, other } = this.#store.state.page;
        const next = this.#from(other, by, ({ id }) => id !== chosen);
        if (next) this.hold(next.id);
    }

    /** @param {number|null} id of the photo beside the chosen one; null: the most normal */
    hold(id) {
        this.#store.page.set({ held: id });
    }

    /** The same again ends it. @param {Comparison} comparison */
    compare(comparison) {
        const { page } = this.#store.state;
        if (page.chosen === null) return;
        const ends = page.large && page.comparison === comparison;
        this.#store.page.set({ large: true, comparison: ends ? 'none' : comparison });
    }

    /**
     * The next of those shown, from one of them; where it is not shown itself, the first.
     * @param {number|null} id
     * @param {1|-1} by
     * @param {(item: Item) => boolean} isMeant
     */
    #from(id, by, isMeant) {
        const { shown } = this.#store.state.job;
        const at = shown.findIndex((item) => item.id === id);
        const rest = by > 0 || at < 0 ? shown.slice(at + 1) : shown.slice(0, at).reverse();
        return rest.find(isMeant);
    }
}

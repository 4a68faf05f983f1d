/** The page: what is said, chosen and shown, whatever the job. */

import { keptLayer } from '../layer.js';
import { mostNormal } from './shown.js';

/** @typedef {{message: string, kind: 'note'|'error'}} Notice */
/**
 * Work that takes its time and stands in the way of nothing else.
 * @typedef {object} Task
 * @property {string} title
 * @property {number} done
 * @property {number} total 0: not known yet
 * @property {() => void} cancel
 */
/** The other photo stands beside the chosen one, or they alternate in its place.
 * @typedef {'none'|'beside'|'blink'} Comparison */
/** @typedef {import('./job.js').Spot} Spot */
/** What the work of a task is given. @typedef {{signal: AbortSignal, report: (done: number, total: number) => void}} Step */
/** @typedef {ReturnType<typeof newPage>} Page */
/** @template T @typedef {import('./store.js').DeepReadonly<T>} DeepReadonly */

export function newPage() {
    return {
        notices: /** @type {Notice[]} */ ([]),
        tasks: /** @type {Task[]} */ ([]),
        looking: false, // through files that were dropped or chosen
        exporting: false,
        chosen: /** @type {number|null} */ (null), // an item's id
        large: false, // the chosen one is; never without one
        comparison: /** @type {Comparison} */ ('none'), // with another photo, in the large view
        held: /** @type {number|null} */ (null), // that other's id, as the user says; null: as it comes
        nearest: /** @type {{of: number, id: number}|null} */ (null), // to that photo, as the detector says
        other: /** @type {number|null} */ (null), // its id, as it follows; null: there is none
        region: /** @type {number|null} */ (null), // of the chosen one, by its place in the list
        spot: /** @type {Spot|null} */ (null), // on the chosen one, that was clicked
        spotting: false, // a click on the chosen one means a spot
        heatmap: true, // or outlines are shown, as layer says
        layer: keptLayer(),
        opacity: 0.8,
    };
}

export class PageActions {
    #page;
    #changed;

    /** @param {Page} page @param {() => void} changed */
    constructor(page, changed) {
        this.#page = page;
        this.#changed = changed;
    }

    /** @param {Partial<Omit<Page, 'notices'|'tasks'|'other'>>} changes */
    set(changes) {
        const page = this.#page;
        const isAnother = 'chosen' in changes && changes.chosen !== page.chosen;
        if (isAnother) page.region = page.spot = null;
        else if (changes.spot) page.region = null;
        else if ('region' in changes) page.spot = null;
        Object.assign(page, changes);
        this.#changed();
    }

    /** @param {Notice['kind']} kind @param {string} message @returns {DeepReadonly<Notice>} */
    say(kind, message) {
        const notice = { kind, message };
        this.#page.notices = [...this.#page.notices, notice];
        this.#changed();
        return notice;
    }

    /** @param {DeepReadonly<Notice>} notice */
    dismiss(notice) {
        this.#page.notices = this.#page.notices.filter((each) => each !== notice);
        this.#changed();
    }

    /**
     * Begins a task, tells of it, and ends it with its work.
     * @template T
     * @param {string} title
     * @param {(step: Step) => Promise<T>} work
     * @param {number} [patience] ms before it is told
     * @returns {Promise<T|null>} null: cancelled
     */
    async during(title, work, patience = 0) {
        const abort = new AbortController();
        const { signal } = abort;
        const task = { title, done: 0, total: 0, cancel: () => abort.abort() };
        const tell = () => {
            this.#page.tasks = [...this.#page.tasks, task];
            this.#changed();
        };
        const telling = patience && setTimeout(tell, patience);
        if (!patience) tell();
        const report = (/** @type {number} */ done, /** @type {number} */ total) => {
            Object.assign(task, { done, total });
            this.#changed();
        };
        try {
            return await work({ signal, report });
        } catch (error) {
            if (signal.aborted) return null;
            throw error;
        } finally {
            clearTimeout(telling);
            this.#page.tasks = this.#page.tasks.filter((each) => each !== task);
            this.#changed();
        }
    }

    /** Another job. */
    renew() {
        const none = { chosen: null, held: null, nearest: null, large: false, spotting: false };
        this.set({ ...none, heatmap: true, comparison: 'none' });
    }

    /** Chosen is one of the photos, of a result the first at least; the other is another one. @param {DeepReadonly<import('./job.js').Job>} job */
    derive({ items, shown, phase }) {
        const page = this.#page;
        if (!items.some((item) => item.id === page.chosen))
            page.chosen = page.region = page.spot = null;
        if (phase === 'result') page.chosen ??= shown[0]?.id ?? null;
        if (page.chosen === null) page.large = false;
        page.other = null;
        if (page.comparison === 'none') return;
        const others = items.filter(({ id }) => id !== page.chosen);
        const held = others.find(({ id }) => id === page.held);
        const { nearest, chosen } = page;
        const like = others.find(({ id }) => nearest?.of === chosen && id === nearest?.id);
        page.other = (held ?? like ?? mostNormal(others))?.id ?? null;
    }
}

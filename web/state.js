/** What the page knows. main.js owns the one state; components only read it. */

import { DEFECT, judge } from './verdict.js';

/**
 * One photo.
 * @typedef {object} Item
 * @property {number} id        order of arrival
 * @property {string} name      path inside its folder
 * @property {Blob} file
 * @property {string|null} thumb address of a small picture; null until made
 * @property {number} width     pixels as shown, EXIF orientation applied; 0: unknown
 * @property {number} height
 * @property {number|null} index its number in the detector, null: not read, or new
 * @property {number|null} score
 * @property {boolean} fresh    came after learning: scored, not learnt from
 * @property {boolean} left     not learnt from either: the folder is too large
 * @property {bigint} [key]     by which photos of a large folder are chosen
 */

/** @typedef {'start'|'reading'|'learning'|'scoring'|'paused'|'result'} Phase */
/** @typedef {'all'|'defect'|'look'|'ok'|'fresh'} Filter */
/** @typedef {{message: string, kind: 'note'|'error'}} Notice */
/** @typedef {import('./fleck.js').FeatureShape} FeatureShape */
/** @typedef {import('./fleck.js').Folder} Folder */

/**
 * @typedef {object} Progress
 * @property {string} title
 * @property {number} done
 * @property {number} total 0: not known yet
 * @property {number|null} secondsLeft
 */

/**
 * What the user chose about the method. null backbone: the built-in one.
 * @typedef {object} Settings
 * @property {import('./fleck.js').Method} method
 * @property {'funad'|'fit'} preset
 * @property {number} input     side of the network's input in pixels; 0: the backbone's own
 * @property {number[]} blocks   whose tokens are used; none: the backbone's own choice
 * @property {number} seed
 * @property {'i16'|'f32'|'i8'} precision of the backbone's arithmetic; no control shows it
 * @property {Backbone|null} backbone
 */

/** id: its name in the list or, of the user's own file, own- and its hash; name: for people.
 * @typedef {{id: string, name: string}} Backbone */

/** @typedef {{photos: number, learned: boolean}} KeptSummary */

/** @typedef {ReturnType<typeof initialState>} State */

/** @returns {Settings} */
export function defaultSettings() {
    return {
        method: 'irmb',
        preset: 'funad',
        input: 0,
        blocks: [],
        seed: 0,
        precision: 'i16',
        backbone: null,
    };
}

export function initialState() {
    return {
        phase: /** @type {Phase} */ ('start'),
        items: /** @type {Item[]} */ ([]),
        learned: false, // the detector holds a model
        folder: /** @type {Folder|null} */ (null), // what was learnt from; null with a loaded model
        loadedModel: /** @type {string|null} */ (null), // file name of a loaded model
        progress: /** @type {Progress|null} */ (null),
        pausedBy: '', // why the work stands still, a sentence
        troubles: /** @type {import('./files/files.js').Trouble[]} */ ([]),
        looking: false, // through files that were dropped or chosen
        notices: /** @type {Notice[]} */ ([]),
        fatal: '', // why this browser cannot run fleck at all
        threshold: DEFECT,
        filter: /** @type {Filter} */ ('all'),
        opacity: 0.8,
        heatmap: true,
        chosen: /** @type {number|null} */ (null), // an item's id
        large: false,
        settings: defaultSettings(),
        shape: /** @type {FeatureShape|null} */ (null),
        info: /** @type {import('./fleck.js').Info|null} */ (null),
        kept: /** @type {KeptSummary|null} */ (null),
        exporting: false,
        backbones: {
            entries: /** @type {import('./backbones/registry.js').Entry[]} */ ([]),
            kept: /** @type {import('./backbones/depot.js').Kept[]} */ ([]),
            own: /** @type {Backbone|null} */ (null), // a file that was chosen or dropped last
            hashing: false,
            loads: /** @type {Map<string, import('./backbones/download.js').Loaded>} */ (new Map()),
            troubles: /** @type {Map<string, string>} */ (new Map()), // by id, or FILE
            pace: 0, // multiply-adds a second on this device; 0: not measured yet
        },
        ...derived([], DEFECT, 'all'),
    };
}

/**
 * What follows from the photos, the threshold and the filter.
 * @param {Item[]} items
 * @param {number} threshold
 * @param {Filter} filter
 */
export function derived(items, threshold, filter) {
    const counts = { all: 0, ok: 0, look: 0, defect: 0, fresh: 0 };
    /** @type {Item[]} */
    const shown = [];
    for (const item of items) {
        const verdict = item.score === null ? null : judge(item.score, threshold);
        counts.all++;
        if (item.fresh) counts.fresh++;
        if (verdict) counts[verdict]++;
        if (filter === 'all' || filter === verdict || (filter === 'fresh' && item.fresh))
            shown.push(item);
    }
    /* Photos without a score keep the order in which they came, behind the others. */
    shown.sort((a, b) => (b.score ?? -1) - (a.score ?? -1) || a.id - b.id);
    return { counts, shown };
}

/** @param {State} state */
export function isBusy(state) {
    return state.phase === 'reading' || state.phase === 'learning' || state.phase === 'scoring';
}

/** The job: the photos of a folder, how they are read, what was learnt from them and came of it. */

import { foldersOf } from '../paths.js';
import { DEFECT, judge, verdictOf } from '../verdict.js';
import { FILTERS, finder, sorted, wholeView } from './shown.js';

/**
 * One photo. It stays the same object as long as it is in the job.
 * @typedef {object} Item
 * @property {number} id        order of arrival
 * @property {string} name      path inside its folder
 * @property {Blob} file
 * @property {string|null} thumb address of a small picture; null until made and seen
 * @property {number} width     pixels as shown, EXIF orientation applied; 0: unknown
 * @property {number} height
 * @property {number|null} index its number in the detector, null: not read, or new
 * @property {number|null} score
 * @property {number|null} calledUpTo the highest threshold at which a region of it counts; null: not
 *     known, or no smallest area is set
 * @property {number|null} unusual beside those read so far, as long as there is no score
 * @property {boolean} fresh    came after learning: scored, not learnt from
 * @property {boolean} left     not learnt from either: the folder is too large
 * @property {number|null} time when its file was changed last, in ms as of Date.now(); null: not known
 * @property {readonly Mark[]} marks what the user says of it, and of spots on it
 * @property {readonly number[]} groups of its regions, the hottest first, by their number; none: not
 *     known, or it has none
 * @property {bigint} [key]     by which photos of a large folder are chosen
 */

/** spot: in shares of the photo's width and height, 0 to 1; null: the mark is the photo's.
 * @typedef {{mark: 'good'|'defect', spot: Spot|null}} Mark */
/** @typedef {{x: number, y: number}} Spot */
/** @typedef {{left: number, top: number, width: number, height: number}} Box */

/**
 * Regions that look alike. name: the user's; '': none. typical: the region that is most like all in
 * it, its box in shares of its photo's width and height; photo: an item's id.
 * @typedef {{size: number, name: string, typical: {photo: number} & Box}} Group
 */
/**
 * A name, and the regions of the group that it was given to, by where they are hottest, in shares.
 * @typedef {{name: string, regions: readonly {photo: number, x: number, y: number}[]}} GroupName
 */

/** @typedef {'start'|'reading'|'learning'|'scoring'|'paused'|'result'} Phase */
/** @typedef {import('./shown.js').Filter} Filter */
/** @typedef {import('./shown.js').View} View */
/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */
/** @typedef {import('../fleck.js').AreaLeft} AreaLeft */
/** @typedef {import('../fleck.js').FolderVerdict} FolderVerdict */
/** @typedef {import('../files/gather.js').Trouble} Trouble */

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
 * @property {import('../fleck.js').Method} method
 * @property {'funad'|'fit'} preset
 * @property {number} input     side of the network's input in pixels; 0: the backbone's own
 * @property {'auto'|import('../fleck.js').Tiles} tiles that photos consist of
 * @property {readonly number[]} blocks   whose tokens are used; none: the backbone's own choice
 * @property {number} seed
 * @property {'i8'|'f32'|'i16'} precision of the backbone's arithmetic; no control shows it
 * @property {Backbone|null} backbone
 */

/** id: its name in the list or, of the user's own file, own- and its hash; name: for people.
 * @typedef {{id: string, name: string}} Backbone */

/**
 * A folder whose photos, or a camera whose pictures, are judged as they come.
 * @typedef {object} Watching
 * @property {string} name    of the folder
 * @property {Camera|null} camera
 * @property {boolean} looked what was there before is known: what comes from now on is judged
 * @property {boolean} keeping whether they become photos of the job
 * @property {number} photos  that came
 * @property {number} defects of them
 * @property {number} skipped that could not be judged
 * @property {number} others  files that are no photos
 * @property {string} trouble of the last that was skipped, a sentence
 * @property {Watched|null} last
 */
/** calledUpTo: as an Item's; heat is [HEAT, HEAT], as bytes.
 * @typedef {{score: number|null, calledUpTo: number|null, heat: Uint8ClampedArray|null}} Seen */
/** One of its photos. score: null where nothing is learnt yet; note: a sentence.
 * @typedef {Seen & {name: string, file: Blob, note?: string}} Watched */
/**
 * @typedef {object} Camera
 * @property {MediaStream} stream
 * @property {string} id       of the device
 * @property {{id: string, label: string}[]} all that there are
 * @property {'hand'|'clock'|'rest'} way when a photo is taken: when the user says so, every two
 *     seconds, or when the picture rests
 * @property {Seen|null} seen the last picture
 * @property {number} rate     pictures a second that are judged
 */
/** What became of a file. @typedef {{last: Watched}|{trouble: string}|{other: true}} Outcome */

/**
 * The area of interest as it was drawn: polygons, whose points are x, y in shares of a photo's width
 * and height, as `fleck --area` reads them; or a mask over the photo, side*side bits, the lowest of
 * each byte first, in base 64. follow: name of the photo that it was drawn over, whose part it
 * follows; '': of another folder's, as a model brings it.
 * @typedef {({include: number[][][], exclude: number[][][]}|{mask: string, side: number}) &
 *     {follow?: string}} Drawn
 */

/** @typedef {ReturnType<typeof newJob>} Job */
/** @template T @typedef {import('./store.js').DeepReadonly<T>} DeepReadonly */

/** Which phase may follow which. Work begins by reading, and what stands still began before.
 * @type {Record<Phase, Phase[]>} */
const NEXT = {
    start: ['reading', 'paused', 'result'],
    reading: ['learning', 'scoring', 'paused', 'result', 'start'],
    learning: ['reading', 'scoring', 'paused', 'result', 'start'],
    scoring: ['reading', 'learning', 'paused', 'result', 'start'],
    paused: ['reading', 'start'],
    result: ['reading', 'start'],
};

/** @returns {Settings} */
export function defaultSettings() {
    return {
        method: 'irmb',
        preset: 'fit',
        input: 0,
        tiles: 'auto',
        blocks: [],
        seed: 0,
        precision: 'i8',
        backbone: null,
    };
}

/** @param {Settings} [settings] @param {FeatureShape|null} [shape] */
export function newJob(settings = defaultSettings(), shape = null) {
    return {
        name: '', // of the job, by which its user knows it
        kept: false, // on this device, after the page is closed too
        phase: /** @type {Phase} */ ('start'),
        progress: /** @type {Progress|null} */ (null), // of what is going on; null: nothing
        pausedBy: '', // why the work stands still, a sentence
        items: /** @type {Item[]} */ ([]),
        troubles: /** @type {Trouble[]} */ ([]),
        settings,
        shape, // of what the backbone makes of a photo
        learned: false, // the detector holds a model
        folder: /** @type {FolderVerdict|null} */ (null), // what was learnt from; null with a loaded model
        loadedModel: /** @type {string|null} */ (null), // file name of a loaded model
        watch: /** @type {Watching|null} */ (null),
        threshold: DEFECT,
        smallestArea: 0, // share of a photo: regions of less do not count
        area: /** @type {AreaLeft|null} */ (null), // of interest; null: all of the photos counts
        drawn: /** @type {Drawn|null} */ (null), // that area, as it is kept
        groups: /** @type {readonly Group[]} */ ([]), // the largest first, as they were found last
        groupNames: /** @type {readonly GroupName[]} */ ([]),
        undos: 0, // marks of this visit that can be taken back
        held: /** @type {readonly Item[]|null} */ (null), // what stays where it is shown; null: nothing
        view: wholeView(),
        ...derived(/** @type {Item[]} */ ([]), DEFECT, wholeView()),
    };
}

/** The names of the filters, in the order of their buttons. */
export const filters = /** @type {Filter[]} */ (Object.keys(FILTERS));

/** @returns {Record<Filter, number>} */
const none = () => ({ all: 0, defect: 0, look: 0, ok: 0, fresh: 0, marked: 0, unmarked: 0 });

/**
 * What follows from the photos, the threshold and the view: how many each filter has of all photos
 * (counts) and of those in the folder and with the name that are looked for (found), those that are
 * shown in their order, and the folders that there are.
 * @template {DeepReadonly<Item>} Photo
 * @param {readonly Photo[]} items
 * @param {number} threshold
 * @param {DeepReadonly<View>} view
 */
export function derived(items, threshold, view) {
    const [counts, found] = [none(), none()];
    const folders = foldersOf(items);
    /* a folder whose photos are gone leaves none out */
    const folder = folders.includes(view.folder) ? view.folder : '';
    const isFound = finder({ ...view, folder });
    /** @type {Photo[]} */
    const shown = [];
    for (const item of items) {
        const verdict = verdictOf(item, threshold);
        const isIn = isFound(item);
        for (const name of filters) {
            if (!FILTERS[name](item, verdict)) continue;
            counts[name]++;
            if (!isIn) continue;
            found[name]++;
            if (name === view.filter) shown.push(item);
        }
    }
    return { counts, found, folders, shown: sorted(shown, view.sort) };
}

/**
 * Whether a photo's verdict depends on its regions, and these are not measured yet.
 * @param {{score: number|null, calledUpTo: number|null}} photo
 * @param {{threshold: number, smallestArea: number}} job
 */
export function isUnmeasured({ score, calledUpTo }, { threshold, smallestArea }) {
    if (!smallestArea || calledUpTo !== null || score === null) return false;
    return judge(score, threshold) === 'defect';
}

/** There are photos, or a model that judges them. @param {{items: readonly unknown[], learned: boolean}} job */
export function isOpen({ items, learned }) {
    return items.length > 0 || learned;
}

/** @param {{phase: Phase}} job */
export function isBusy({ phase }) {
    return phase === 'reading' || phase === 'learning' || phase === 'scoring';
}

export class JobActions {
    #seen = 0; /* when the camera's last picture was judged */
    #job;
    #changed;
    #progressed;
    #pictured;

    /** @param {Job} job @param {Record<'changed'|'progressed'|'pictured', () => void>} told */
    constructor(job, { changed, progressed, pictured }) {
        this.#job = job;
        this.#changed = changed;
        this.#progressed = progressed;
        this.#pictured = pictured;
    }

    /** @param {Partial<Job>} changes */
    #set(changes) {
        const { phase } = this.#job;
        if (changes.phase && changes.phase !== phase && !NEXT[phase].includes(changes.phase))
            throw new Error(`The job cannot go from ${phase} to ${changes.phase}`);
        Object.assign(this.#job, changes);
        this.#changed();
    }

    /** By the work. @param {DeepReadonly<Item>} item @param {Partial<Item>} changes */
    #setItem(item, changes) {
        Object.assign(item, changes);
        this.#progressed();
    }

    /** Another job, with the settings of the last. */
    renew() {
        this.#set(newJob(this.#job.settings, this.#job.shape));
    }

    /** The detector is another. @param {Settings} settings @param {FeatureShape} shape */
    settle(settings, shape) {
        this.#set({ settings, shape });
    }

    /** @param {string} name */
    call(name) {
        this.#set({ name });
    }

    /** @param {boolean} kept */
    keep(kept) {
        this.#set({ kept });
    }

    /** Work begins. @param {'start'|'reading'} phase what it is at first @param {string} title */
    begin(phase, title) {
        const progress = { title, done: 0, total: 0, secondsLeft: null };
        this.#set({ phase, progress, pausedBy: '' });
    }

    /** @param {'reading'|'learning'|'scoring'} phase @param {Progress} progress */
    report(phase, progress) {
        if (phase !== this.#job.phase) return this.#set({ phase, progress });
        this.#job.progress = progress;
        this.#progressed();
    }

    /** Nothing is left to do. */
    end() {
        this.#set({ phase: this.#job.learned ? 'result' : 'start', progress: null });
    }

    /** The work stands still, where there is some. @param {string} pausedBy a sentence */
    pause(pausedBy) {
        this.#set({
            phase: isOpen(this.#job) ? 'paused' : 'start',
            progress: null,
            pausedBy,
        });
    }

    /** @param {Item[]} items */
    add(items) {
        this.#job.items.push(...items);
        this.#job.held = null;
        this.#changed();
    }

    /** @param {ReadonlySet<DeepReadonly<Item>>} gone */
    remove(gone) {
        this.#set({ items: this.#job.items.filter((item) => !gone.has(item)) });
    }

    /** @param {Trouble[]} troubles */
    trouble(...troubles) {
        this.#job.troubles.push(...troubles);
        this.#changed();
    }

    /**
     * Its small picture, null: it has none any more.
     * @param {DeepReadonly<Item>} item
     * @param {string|null} thumb
     * @param {{width: number, height: number}} [size]
     */
    picture(item, thumb, size) {
        Object.assign(item, { thumb }, size);
        this.#pictured();
    }

    /** @param {DeepReadonly<Item>} item @param {bigint} key */
    key(item, key) {
        this.#setItem(item, { key });
    }

    /** The detector holds it. @param {DeepReadonly<Item>} item @param {number} index @param {boolean} left */
    read(item, index, left) {
        this.#setItem(item, { index, left });
    }

    /**
     * A first ranking.
     * @param {readonly DeepReadonly<Item>[]} items
     * @param {(number|null)[]} unusual by index
     */
    preview(items, unusual) {
        for (const item of items)
            if (item.index !== null) Object.assign(item, { unusual: unusual[item.index] ?? null });
        this.#changed();
    }

    /** @param {DeepReadonly<Item>} item @param {number} score @param {number|null} calledUpTo */
    score(item, score, calledUpTo = null) {
        this.#setItem(item, { score, calledUpTo });
    }

    /** Its regions are measured. @param {DeepReadonly<Item>} item @param {number} calledUpTo */
    measured(item, calledUpTo) {
        this.#setItem(item, { calledUpTo });
    }

    /** To be read, or read anew, and learnt from. @param {readonly DeepReadonly<Item>[]} items */
    unread(items) {
        for (const item of items)
            Object.assign(item, {
                fresh: false,
                score: null,
                calledUpTo: null,
                unusual: null,
                index: null,
            });
        this.#changed();
    }

    /** @param {FolderVerdict|null} folder @param {string|null} loadedModel */
    learn(folder, loadedModel = null) {
        this.#set({ learned: true, folder, loadedModel });
    }

    /** What was learnt is of no use any more. */
    unlearn() {
        this.group([], new Map(), null);
        const view = { ...this.#job.view, filter: /** @type {Filter} */ ('all') };
        this.#set({ learned: false, loadedModel: null, view, phase: 'start' });
    }

    /**
     * Which regions look alike.
     * @param {readonly Group[]} groups
     * @param {ReadonlyMap<number, readonly number[]>} of by a photo's id the numbers of its regions
     * @param {number|null} group that is chosen
     */
    group(groups, of, group) {
        for (const item of this.#job.items) item.groups = of.get(item.id) ?? [];
        this.#set({ groups, view: { ...this.#job.view, group } });
    }

    /** What the user calls them. @param {readonly GroupName[]} groupNames @param {readonly Group[]} [groups] with their names */
    nameGroups(groupNames, groups = this.#job.groups) {
        this.#set({ groupNames, groups });
    }

    /** @param {number} threshold */
    judge(threshold) {
        this.#set({ threshold });
    }

    /** What the detector's area of interest leaves. @param {AreaLeft|null} area */
    limit(area) {
        this.#set({ area });
    }

    /** The area of interest as it is kept. @param {Drawn|null} drawn */
    draw(drawn) {
        this.#set({ drawn });
    }

    /** What was learnt is of no use any more, nor are its scores; what was read of the photos is. */
    unscore() {
        for (const item of this.#job.items)
            Object.assign(item, { score: null, calledUpTo: null, unusual: null });
        this.unlearn();
    }

    /** @param {number} smallestArea share of a photo */
    countFrom(smallestArea) {
        for (const item of this.#job.items) item.calledUpTo = null; /* that was by another */
        this.#set({ smallestArea });
    }

    /**
     * @param {string} name of the folder
     * @param {Pick<Camera, 'stream' | 'id' | 'all'>|null} [camera] goes on as the one before
     * @returns {DeepReadonly<Watching>} the state's, as long as it is watched
     */
    watch(name, camera = null) {
        const before = camera && this.#job.watch;
        const way = before?.camera?.way ?? 'hand';
        /** @type {Watching} */
        const watch = {
            name,
            camera: camera && { ...camera, way, seen: null, rate: 0 },
            looked: Boolean(camera),
            keeping: false,
            photos: 0,
            defects: 0,
            skipped: 0,
            others: 0,
            trouble: '',
            last: null,
        };
        if (before?.camera) {
            const { keeping, photos, defects, skipped, trouble } = before;
            Object.assign(watch, { keeping, photos, defects, skipped, trouble });
        }
        this.#set({ watch });
        return watch;
    }

    unwatch() {
        this.#set({ watch: null });
    }

    /** What the folder that is watched had in it is known. */
    looked() {
        if (this.#job.watch) this.#job.watch.looked = true;
        this.#changed();
    }

    /** @param {boolean} keeping */
    keepWatched(keeping) {
        if (this.#job.watch) this.#job.watch.keeping = keeping;
        this.#changed();
    }

    /** @param {Camera['way']} way */
    takePhotos(way) {
        if (this.#job.watch?.camera) this.#job.watch.camera.way = way;
        this.#changed();
    }

    /** What the camera sees. @param {Seen} seen */
    sees(seen) {
        const camera = this.#job.watch?.camera;
        if (!camera) return;
        const now = performance.now();
        const rate = 1000 / Math.max(now - this.#seen, 1);
        camera.rate = camera.seen ? 0.8 * camera.rate + 0.2 * rate : rate;
        camera.seen = seen;
        this.#seen = now;
        this.#changed();
    }

    /** Of a file that came. @param {Outcome} outcome */
    watched(outcome) {
        const { watch } = this.#job;
        if (!watch) return;
        if ('last' in outcome) {
            watch.photos++;
            const { last } = outcome;
            if (verdictOf(last, this.#job.threshold) === 'defect') watch.defects++;
            if (last.score !== null && watch.camera) watch.camera.seen = last;
            watch.last = last;
        } else if ('trouble' in outcome) {
            watch.skipped++;
            watch.trouble = outcome.trouble;
        } else watch.others++;
        this.#changed();
    }

    /** @param {Partial<View>} changes */
    show(changes) {
        this.#set({ view: { ...this.#job.view, ...changes }, held: null });
    }

    /** @param {DeepReadonly<Item>} item @param {readonly Mark[]} marks @param {number} undos */
    mark(item, marks, undos = this.#job.undos) {
        Object.assign(item, { marks });
        this.#set({ undos });
    }

    /** The photos that are shown, and their order, stay until they are let go. */
    hold() {
        this.#job.held ??= this.#job.shown;
    }

    release() {
        if (this.#job.held) this.#set({ held: null });
    }

    /** Brings up what follows from the rest. */
    derive() {
        const { items, threshold, view, held } = this.#job;
        Object.assign(this.#job, derived(items, threshold, view));
        if (!held) return;
        const there = new Set(items);
        this.#job.shown = held.filter((item) => there.has(item));
    }
}

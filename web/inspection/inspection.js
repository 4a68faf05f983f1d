/** The work itself: reads photos, learns, scores, keeps. It knows nothing of elements. */

import { Detector, keyOf, learnsFrom, PHOTOS_MIN } from '../fleck.js';
import { Area } from './area.js';
import { costs, Estimate } from './estimate.js';
import { fromSamples } from '../files/gather.js';
import { Heats } from './heats.js';
import { Holder, sentence } from './holder.js';
import { Keep } from './keep.js';
import { KeptJobs } from './kept_jobs.js';
import { isBusy, isOpen } from '../state/job.js';
import { quantise } from '../overlay.js';
import { Pictures } from './pictures.js';
import { Previews } from './previews.js';
import { Regions } from './regions.js';
import { Review } from './review.js';
import { Thumbs } from './thumbs.js';
import { findTwins } from '../files/twins.js';
import { texts } from '../texts/texts.js';
import { Waking } from './waking.js';
import { DEFECT } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../files/gather.js').Gathered} Gathered */

/** model: as it is saved; backbone: its file; blocks: of it, chosen by somebody; sampleBits: as of which
 * photos of 16 bits are read, 0: there are none.
 * @typedef {{model: Blob, backbone: Blob, blocks: readonly number[], sampleBits: number}} Origin */

const PHOTOS_GOOD = 20;
const SOON_AGAIN_MS = 60_000; /* it would stop for ever */
const SLOW_MS = 400; /* what takes longer says that it goes on */
const KEEP_MS = 5000; /* a database that does not answer keeps nobody waiting longer */
const HEATS_AT_ONCE = 300; /* larger folders get their heatmaps when they are looked at */

/** @param {import('../fleck.js').Tiles} a @param {import('../fleck.js').Tiles} [b] */
const isSame = (a, b) => a.columns === b?.columns && a.rows === b.rows;

/** What photos are for that come to a job that has learnt: to be judged by it, to be learnt from
 * too, or another job. @typedef {'judge'|'learn'|'begin'} Use */

/** @param {Settings} a @param {Settings} b */
const isEqual = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** @param {Item} item */
const isScored = ({ score }) => score !== null;

/** @param {Item} item */
const isRead = ({ index }) => index !== null;

/** @param {Uint8Array} bytes */
const blobOf = (bytes) => new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);

/** Their folder, or, of several or none, the time. @param {readonly {name: string}[]} photos */
function nameOf(photos) {
    const [first, ...others] = new Set(photos.map(({ name }) => name.split('/').slice(0, -1)[0]));
    return first && !others.length ? first : texts.stamp(new Date());
}

/** A reason to stand still that the user can do something about. */
class Pause extends Error {}

export class Inspection {
    #store;
    #holder;
    #keep = /** @type {Keep|null} */ (null);
    #abort = /** @type {AbortController|null} */ (null);
    #running = Promise.resolve();
    #taking = Promise.resolve();
    #nextId = 0;
    #broken = /** @type {bigint[]} */ ([]); /* keys of photos that were skipped */
    #scoresDue = false; /* learnt since the folder was scored */
    #waking;
    #isLost = false; /* the detector stopped, with all that it held of the job */
    #revived = -Infinity; /* when that was mended last */
    #stops = 0; /* work that was asked for before the last one is left */
    #estimate = new Estimate();
    #loaded = /** @type {Blob|null} */ (null); /* the file of the model that was loaded */
    #marks = /** @type {Promise<import('./marks.js').Marks>|null} */ (null);
    #groups = /** @type {Promise<import('./groups.js').Groups>|null} */ (null);
    #previews;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {() => void} pictured heatmaps have arrived
     * @param {import('../backbones/backbones.js').Backbones} backbones
     */
    constructor(store, pictured, backbones) {
        this.#store = store;
        this.#holder = new Holder(store, backbones, () => this.#detectorStopped());
        this.#waking = new Waking(store, this.#holder, {
            features: async (index) => this.#keep?.readFeatures(index),
            report: (done, total) =>
                this.#reporter('reading')({ phase: 'features', done, total, secondsLeft: null }),
            isLost: () => this.#isLost,
            brought: (detector) => this.#takeShape(detector),
            mark: (detector) => this.#mark(detector),
            leave: () => this.leave(),
            readAgain: (folder) => {
                this.#forgetFeatures(folder);
                this.#store.job.unlearn();
                return this.go();
            },
        });
        this.jobs = new KeptJobs(store, () => this.#keep);
        this.heats = new Heats((item) => this.#heat(item), pictured);
        this.pictures = new Pictures(this.#holder);
        const source = {
            open: () => this.#holder.open(),
            heat: (/** @type {Item} */ item, /** @type {boolean} */ always) =>
                this.#heat(item, always),
            size: (/** @type {Item} */ { file }) => this.pictures.size(file),
            isLost: () => this.#isLost,
        };
        this.regions = new Regions(store, source, pictured);
        this.interest = new Area(store, {
            open: () => this.#holder.open(),
            keep: (area) => this.#keep?.set({ area }),
            pictures: this.pictures,
        });
        this.review = new Review(store, (view) => this.#keep?.set({ view }));
        this.#previews = new Previews(store.job);
        this.thumbs = new Thumbs(store.job, this.pictures, (item, thumb) =>
            this.#keep?.thumb(item, thumb),
        );
    }

    get #job() {
        return this.#store.state.job;
    }

    /** What the user says of the photos. */
    marks() {
        this.#marks ??= import('./marks.js').then(
            ({ Marks }) =>
                new Marks(this.#store, {
                    open: async () => {
                        await this.#waking.ended;
                        return this.#holder.open();
                    },
                    isLost: () => this.#isLost,
                    pictures: this.pictures,
                    seen: () => this.thumbs.seen,
                    heats: this.heats,
                    regions: this.regions,
                    keep: (marks) => this.#keep?.set({ marks }),
                    followed: (folder) => this.#followed(folder),
                }),
        );
        this.#marks.catch(() => (this.#marks = null)); /* it is tried again */
        return this.#marks;
    }

    /** Which regions look alike. */
    groups() {
        this.#groups ??= import('./groups.js').then(
            ({ Groups }) =>
                new Groups(this.#store, {
                    open: async () => {
                        await this.#waking.ended;
                        await this.#marked();
                        return this.#holder.open();
                    },
                    heat: (item) => this.#heat(item),
                    isLost: () => this.#isLost,
                    pictures: this.pictures,
                    regions: this.regions,
                    keep: (groups) => this.#keep?.set({ groups }),
                }),
        );
        this.#groups.catch(() => (this.#groups = null)); /* it is tried again */
        return this.#groups;
    }

    /** When scores are by all marks that were made. */
    async #marked() {
        await (await this.#marks)?.settled();
    }

    /** Marks that the detector has lost, or that its new model does not know. @param {Detector} detector */
    async #mark(detector) {
        if (!detector.marks && this.#job.items.every(({ marks }) => !marks.length)) return;
        await (await this.marks()).settle(detector);
    }

    /** @param {import('../fleck.js').FolderVerdict|null} folder by the marks; null: of a loaded model */
    #followed(folder) {
        if (folder) {
            this.#store.job.learn(folder, this.#job.loadedModel);
            this.#keep?.folder(folder);
        }
        this.#keep?.scores(this.#job.items);
    }

    /** Looks for kept jobs and opens the detector before anybody asks for it. */
    async prepare() {
        const opened = this.#openKeep();
        const patience = new Promise((resolve) => setTimeout(resolve, KEEP_MS));
        void this.#inTurn(() => Promise.race([opened, patience])); /* a job that begins is kept */
        await opened;
        await this.#holder.open().catch(() => {});
    }

    async #openKeep() {
        this.#keep = await Keep.open((why) => {
            this.#store.job.keep(false);
            this.#store.page.say('note', texts.jobs.lost[why]);
        });
        try {
            await this.jobs.list();
        } catch {
            this.#keep = null; /* what the browser kept is damaged */
        }
    }

    /** A job of its own begins, and is kept. @param {string} name @param {string|null} loadedModel */
    #begin(name, loadedModel = null) {
        const [threshold, smallestArea] = [DEFECT, 0];
        this.#store.job.judge(threshold);
        this.#store.job.countFrom(smallestArea);
        const { settings } = this.#job;
        this.#keep?.begin({ name, settings, threshold, smallestArea, loadedModel });
        this.#store.job.call(name);
        this.#store.job.keep(Boolean(this.#keep));
    }

    /** @param {string} name of the job at hand */
    rename(name) {
        this.#store.job.call(name);
        this.#keep?.set({ name });
    }

    /** @param {number} threshold */
    judge(threshold) {
        this.#store.job.judge(threshold);
        this.#keep?.set({ threshold });
        return this.judgeAnew();
    }

    /** @param {number} smallestArea that counts, a share of a photo */
    countFrom(smallestArea) {
        this.regions.retry();
        this.#store.job.countFrom(smallestArea);
        this.#keep?.countFrom(smallestArea);
        return this.judgeAnew();
    }

    /** Measures what the verdicts depend on now. @returns {Promise<boolean>} not: it was cancelled */
    async judgeAnew() {
        await this.#marked();
        if (!this.regions.isDue) return true;
        const isWhole = await this.regions.judgeAnew();
        if (this.#job.phase === 'result') this.#keep?.scores(this.#job.items);
        return isWhole;
    }

    /**
     * Takes photos that are being gathered, one lot after the other.
     * @param {Promise<Gathered|null>} gathering null: there is nothing to take
     * @param {() => Promise<Use|null>} [use] asked for where there is a job already; null: none
     */
    take(gathering, use = async () => 'judge') {
        gathering.catch(() => {}); /* awaited below, later */
        return this.#inTurn(async () => {
            this.#store.page.set({ looking: true });
            try {
                const gathered = await gathering;
                if (gathered) await this.#add(gathered, use);
            } finally {
                this.#store.page.set({ looking: false });
            }
        });
    }

    /**
     * What changes which job is open, and which photos are in it: one after the other.
     * @template T
     * @param {() => Promise<T>} change
     */
    #inTurn(change) {
        const changed = this.#taking.then(change);
        this.#taking = changed.then(
            () => {},
            () => {},
        );
        return changed.then((value) => value); /* another promise, whose failure is seen */
    }

    /**
     * Photos to read, or, once a model is there, to score.
     * @param {Gathered} gathered
     * @param {() => Promise<Use|null>} use
     * @returns {Promise<void>}
     */
    async #add(gathered, use) {
        const { photos: found, troubles, name } = gathered;
        const { job, page } = this.#store;
        const twins = await findTwins(found, this.#job.items);
        const photos = found.filter((photo) => !twins.has(photo));
        const left = [...troubles];
        if (twins.size)
            left.push({
                name: texts.photos(twins.size),
                message: texts.photosIn.twins,
                count: twins.size,
                other: true,
            });
        if (!photos.length) {
            job.trouble(...left);
            page.say('error', twins.size ? texts.photosIn.allTwins : texts.photosIn.none);
            return;
        }
        const chosen = isOpen(this.#job) ? await use() : 'judge';
        if (!chosen) return;
        if (chosen === 'begin') {
            await this.#leave();
            return this.#add(gathered, use);
        }
        job.trouble(...left);
        if (!isOpen(this.#job)) this.#begin(name ?? nameOf(photos));
        const { learned } = this.#job;
        const items = photos.map((photo) => this.#item(this.#nextId++, photo, learned));
        job.add(items);
        this.#keep?.photos(items);
        if (learned && chosen === 'learn') {
            this.cancel();
            await this.#running;
            this.learnAgain();
        } else if (!isBusy(this.#job)) this.go();
    }

    /**
     * @param {number} id
     * @param {import('../files/gather.js').Found} found
     * @param {boolean} fresh
     * @returns {Item}
     */
    #item(id, { name, file, time }, fresh) {
        return {
            id,
            name,
            file,
            fresh,
            time: time ?? /** @type {Partial<File>} */ (file).lastModified ?? null,
            left: false,
            thumb: null,
            width: 0,
            height: 0,
            index: null,
            score: null,
            calledUpTo: null,
            unusual: null,
            marks: [],
            groups: [],
        };
    }

    addSamples() {
        const fetching = async (/** @type {AbortSignal} */ signal) => {
            const gathered = await fromSamples(signal);
            await this.#add(gathered, async () => 'judge');
        };
        return this.#inTurn(() => this.#run('start', texts.work.samples, fetching));
    }

    /** Does whatever is still to do: reads, learns, scores. @returns {Promise<unknown>} */
    go() {
        if (this.#isLost) return this.#revive();
        return this.#run('reading', texts.work.features, async (signal) => {
            await this.#finish(await this.#holder.open(), signal);
        });
    }

    /** Work that it stopped waits for the user; a result gets what is behind it at once. */
    #detectorStopped() {
        if (!isOpen(this.#job)) return;
        this.#isLost = true;
        if (isBusy(this.#job)) return;
        if (performance.now() - this.#revived > SOON_AGAIN_MS) return this.#revive();
        this.#store.page.say('error', texts.stopped.again);
        return this.leave();
    }

    /**
     * Goes on with another detector, by what is kept of the job or else by its photos.
     * @returns {Promise<unknown>}
     */
    async #revive() {
        this.#isLost = false;
        this.#revived = performance.now();
        const { kept, loadedModel, items, watch } = this.#job;
        const id = kept && this.#keep?.id;
        if (id) {
            await this.leave();
            if (watch) this.#store.page.say('error', texts.stopped.watch(watch.name));
            return this.open(id);
        }
        if (loadedModel) {
            this.#store.page.say('error', texts.stopped.loadAgain);
            return this.leave();
        }
        this.#forgetHeat();
        this.#forgetFeatures(items.filter((item) => !item.fresh));
        this.#store.job.unlearn();
        return this.go();
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #finish(detector, signal) {
        if (!this.#job.learned) await this.interest.settle(detector);
        for (;;) {
            /* photos may be added meanwhile, so look again after every step */
            signal.throwIfAborted();
            const { items, learned } = this.#job;
            if (items.some((item) => !item.fresh && item.index === null))
                await this.#read(detector, signal);
            else if (!learned) await this.#learn(detector, signal);
            else if (this.#scoresDue) await this.#scoreFolder(detector, signal);
            else if (items.some((item) => item.fresh && item.score === null))
                await this.#scoreFresh(detector, signal);
            else {
                await this.regions.measure({ signal, report: this.#measured });
                return this.#keep?.scores(this.#job.items);
            }
        }
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #read(detector, signal) {
        const report = this.#reporter('reading');
        const folder = this.#job.items.filter((item) => !item.fresh);
        const { bits, tiles } = await detector.measure(
            folder.map((item) => item.file),
            { signal, onProgress: report },
        );
        /* Of 16 bits with higher values than those read before: all are read as of more bits. Of
         * other shapes than those: in other tiles. */
        const others = !isSame(tiles, detector.shape?.tiles);
        const { samples } = detector;
        if (detector.count && (others || (samples.bits && bits > samples.bits))) {
            return this.#readAgain(detector, folder);
        }
        this.#takeShape(detector);
        this.#tellTiles(detector);
        const learns = await this.#choose(detector, signal);
        const unread = folder.filter((item) => item.index === null);
        const files = unread.map((item) => item.file);
        const toLearn = learns ? unread.filter((item) => learns.has(item)).length : unread.length;
        const { learn, score } = this.#costs(learns?.size ?? folder.length);
        this.#estimate.begin(toLearn, learn + score);
        await detector.add(files, {
            signal,
            learn: learns ? unread.map((item) => learns.has(item)) : true,
            onProgress: report,
            features: Boolean(this.#keep),
            onPhoto: ({ position, index, learnt, error, features }) => {
                const item = unread[position];
                if (error || index === undefined) return this.#skip(item, error);
                this.#store.job.read(item, index, !learnt);
                this.#keep?.features(index, item.id, features);
                this.thumbs.make([item]);
                this.#previews.look(detector, folder);
            },
        });
        this.#previews.look(detector, folder, true);
    }

    /** The tiles may be others than before. @param {Detector} detector */
    #takeShape({ shape }) {
        if (shape) this.#store.job.settle(this.#job.settings, shape);
    }

    /** What the tiles cost, before the first photo is read in them. @param {Detector} detector */
    #tellTiles({ count, shape }) {
        const { columns, rows } = shape?.tiles ?? { columns: 1, rows: 1 };
        if (count || columns * rows === 1) return;
        this.#store.page.say('note', texts.photosIn.tiles(columns, rows));
    }

    /**
     * The photos of a large folder that are learnt from, null: all. Where others were before
     * photos came to them, the folder is read anew.
     * @param {Detector} detector
     * @param {AbortSignal} signal
     */
    async #choose(detector, signal) {
        const { items, shape } = this.#job;
        const folder = items.filter((item) => !item.fresh);
        const most = Number(shape?.learnMost);
        if (!(folder.length > most)) return null;
        for (const item of folder) {
            signal.throwIfAborted();
            if (item.key === undefined) this.#store.job.key(item, await keyOf(item.file));
        }
        const keys = folder.map((item) => /** @type {bigint} */ (item.key));
        const chosen = learnsFrom([...keys, ...this.#broken], most);
        const learns = new Set(folder.filter((_, i) => chosen[i]));
        if (folder.some((item) => item.index !== null && item.left === learns.has(item))) {
            await this.#readAgain(detector, folder);
        }
        return learns;
    }

    /** What was read of the photos is of no use; the area of interest is. @param {Detector} detector @param {Item[]} folder */
    async #readAgain(detector, folder) {
        await detector.clear();
        await this.interest.settle(detector);
        this.#forgetFeatures(folder);
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #learn(detector, signal) {
        const { job, page } = this.#store;
        const count = detector.count;
        if (count < PHOTOS_MIN)
            throw new Pause(texts.photosIn.tooFew(count, PHOTOS_MIN, PHOTOS_GOOD));
        if (detector.note) page.say('note', `${detector.note}.`);
        const { learn, score } = this.#costs(this.#learnt);
        this.#estimate.begin(learn, score);
        await detector.train({ signal, onProgress: this.#reporter('learning') });
        await this.#mark(detector);
        const folder = await detector.judgeFolder();
        this.#keep?.model(blobOf(await detector.save()), folder);
        job.learn(folder);
        this.#scoresDue = true;
    }

    /** Photos that are learnt from. */
    get #learnt() {
        return this.#job.items.filter(({ fresh, left }) => !fresh && !left).length;
    }

    /** What is to do once the folder is read, for the estimate. @param {number} learnt photos */
    #costs(learnt) {
        const { items, settings } = this.#job;
        const shape = /** @type {import('../fleck.js').FeatureShape} */ (this.#job.shape);
        const { learn, score } = costs(settings.method, shape, learnt);
        return { learn, score: score + items.length - learnt };
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #scoreFolder(detector, signal) {
        const learnt = this.#learnt;
        const { score: all } = this.#costs(learnt);
        /* the photos learnt from come first, and are scored at once; the others are read */
        const others = this.#job.items.length - learnt;
        const each = (all - others) / learnt;
        this.#estimate.begin(
            all,
            0,
            (done) => Math.min(done, learnt) * each + Math.max(done - learnt, 0),
        );
        const results = await detector.scoreFolder({
            signal,
            heat: detector.count <= HEATS_AT_ONCE,
            onProgress: this.#reporter('scoring'),
        });
        this.#forgetHeat();
        for (const item of this.#job.items) {
            if (item.index === null) continue;
            const { score, heat, error } = results[item.index];
            if (error) this.#skip(item, error);
            else this.#store.job.score(item, score);
            if (heat) this.heats.put(item, heat);
        }
        this.#scoresDue = false;
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #scoreFresh(detector, signal) {
        const unscored = this.#job.items.filter((item) => item.fresh && item.score === null);
        const report = this.#reporter('scoring');
        /* as which those of 16 bits are read, where the model has seen none */
        if (!detector.samples.bits)
            await detector.measure(
                unscored.map((item) => item.file),
                { signal, onProgress: report },
            );
        this.#estimate.begin(unscored.length, 0);
        /** @type {string[]} */
        const notes = [];
        for (const [done, item] of unscored.entries()) {
            report({ phase: 'score', done, total: unscored.length, secondsLeft: null });
            signal.throwIfAborted();
            try {
                const { score, heat, note } = await detector.score(item.file);
                this.#store.job.score(item, score, await this.regions.calledUpTo(score, heat));
                this.thumbs.make([item]);
                if (note) notes.push(`${item.name}: ${note}`);
                if (heat) this.heats.put(item, heat);
            } catch (error) {
                if (this.#isLost) throw error; /* the detector's fault, not the photo's */
                this.#skip(item, error);
            }
        }
        if (notes.length)
            this.#store.page.say('note', texts.photosIn.likewise(notes[0], notes.length - 1));
    }

    /**
     * One photo at once, beside the job, or as one of its own.
     * @param {import('../files/gather.js').Found} found
     * @param {() => boolean} keeps it becomes one
     * @returns {Promise<import('./watch.js').Judged>}
     */
    async judgeOne(found, keeps) {
        const detector = await this.#holder.open();
        await this.#waking.ended;
        if (!detector.samples.bits) await detector.measure([found.file]);
        const { folder } = this.#job;
        const { score, heat, note } = await detector.score(found.file);
        const calledUpTo = await this.regions.calledUpTo(score, heat);
        const twins = await findTwins([found], this.#job.items);
        if (keeps() && !twins.size) {
            const isOld = !this.#job.learned || this.#job.folder !== folder; /* learnt meanwhile */
            const photo = this.#item(this.#nextId++, found, true);
            const item = isOld ? photo : { ...photo, score, calledUpTo };
            this.#store.job.add([item]);
            if (heat) this.heats.put(item, heat);
            this.#keep?.photos([item]);
            this.#keep?.scores(this.#job.items);
            this.thumbs.make([item]);
        }
        return { score, calledUpTo, heat: heat && quantise(heat), note };
    }

    /** A picture of a camera, which is used up. @param {ImageBitmap} frame */
    async judgeFrame(frame) {
        const detector = await this.#holder.open();
        await this.#waking.ended;
        const { score, heat } = await detector.score(frame);
        const calledUpTo = await this.regions.calledUpTo(score, heat);
        return { score, calledUpTo, heat: heat && quantise(heat) };
    }

    /** @param {'reading'|'learning'|'scoring'} phase */
    #reporter(phase) {
        return (/** @type {import('../fleck.js').Step} */ progress) => {
            if (!this.#abort) return; /* a late report of a job that has ended */
            const { done, total } = progress;
            const secondsLeft =
                progress.phase === 'measure' ? null : this.#estimate.left(done, total);
            const title = texts.work[progress.phase];
            this.#store.job.report(phase, { title, done, total, secondsLeft });
        };
    }

    /** @param {number} done @param {number} total */
    #measured = (done, total) =>
        this.#store.job.report('scoring', {
            title: texts.work.area,
            done,
            total,
            secondsLeft: null,
        });

    /** @param {Item} item @param {unknown} error */
    #skip(item, error) {
        if (item.key !== undefined) this.#broken.push(item.key);
        const why = sentence(error);
        this.#store.job.trouble({
            name: item.name,
            message: texts.photosIn.skipped(why),
            why,
        });
        this.#remove([item]);
    }

    /** @param {readonly Item[]} items */
    #remove(items) {
        const gone = new Set(items);
        this.#store.job.remove(gone);
        this.thumbs.drop(items);
        for (const item of items) this.#keep?.dropPhoto(item.id);
    }

    /**
     * One job at a time, with its end told in the state.
     * @param {'start'|'reading'} phase what it is at first
     * @param {string} title
     * @param {(signal: AbortSignal) => Promise<void>} work
     */
    #run(phase, title, work) {
        const stops = this.#stops;
        const run = async () => {
            await this.#waking.ended;
            if (stops !== this.#stops) return;
            const { job, page } = this.#store;
            const abort = (this.#abort = new AbortController());
            const { signal } = abort;
            this.#estimate = new Estimate(); /* what lies between two runs is no work */
            job.begin(phase, title);
            try {
                await work(signal);
                signal.throwIfAborted();
                job.end();
            } catch (error) {
                job.pause(
                    signal.aborted
                        ? texts.status.stoppedByUser
                        : this.#isLost
                          ? texts.stopped.goOn
                          : sentence(error),
                );
                if (this.#job.phase === 'start') {
                    if (!signal.aborted) page.say('error', sentence(error));
                    await this.#close();
                }
            }
            this.#abort = null;
        };
        const ended = this.#running.then(run);
        this.#running = ended.catch(() => {});
        return ended;
    }

    cancel() {
        this.#abort?.abort();
    }

    /** Cancels, and waits for the end. */
    async #stop() {
        this.#stops++;
        this.cancel();
        this.#waking.stop();
        await this.#running;
        await this.#waking.ended;
    }

    /** Goes on without the photos that are not read or scored yet. */
    leaveOutRest() {
        this.#remove(this.#job.items.filter((item) => item.index === null && item.score === null));
        return this.go();
    }

    /** The detector has lost them. @param {readonly Item[]} items to read anew */
    #forgetFeatures(items) {
        this.#keep?.unread(this.#job.settings);
        this.#unread(items);
    }

    /** @param {readonly Item[]} items */
    #unread(items) {
        const fresh = items.filter((item) => item.fresh); /* the others are kept as they are */
        this.#store.job.unread(items);
        this.#keep?.photos(fresh);
    }

    /** Makes the new photos part of the folder and learns from all. */
    async learnAgain() {
        await this.#waking.ended;
        this.#unread(this.#job.items.filter((item) => item.fresh));
        this.#keep?.unlearn();
        this.#store.job.unlearn();
        return this.go();
    }

    /**
     * Learns anew from the part of the photos that counts from now on. What it throws says why an
     * area is none, and all stays as it was.
     * @param {import('../state/job.js').Drawn|null} drawn null: all of the photos
     */
    async limit(drawn) {
        await this.#waking.ended;
        if (!(await this.interest.use(drawn))) return;
        this.#keep?.unlearn();
        this.#forgetHeat();
        this.#store.job.unscore();
        void this.go();
    }

    /** Back to the start page; the job stays where it is kept. What is taken from now on is for another. */
    leave() {
        return this.#inTurn(() => this.#leave());
    }

    async #leave() {
        await this.#stop();
        const closed = this.#close();
        this.#forgetFolder();
        await this.#holder.current?.clear();
        await closed;
    }

    /** The job at hand is kept as it is; without photos and a model it is none. */
    async #close() {
        this.#keep?.leave(this.#job.kept && !isOpen(this.#job));
        this.#store.job.keep(false);
        this.#store.device.set({ jobs: [] }); /* until it is known what is in them */
        await this.jobs.list().catch(() => {});
    }

    #forgetFolder() {
        this.#isLost = false;
        this.#broken = [];
        this.#scoresDue = false;
        this.thumbs.drop(this.#job.items);
        this.#forgetHeat();
        this.#store.renew();
    }

    #forgetHeat() {
        this.heats.clear();
        this.regions.clear();
    }

    /** When all that was done is kept. */
    async written() {
        await this.#keep?.written();
    }

    /** How long a photo takes with which backbone. */
    measure() {
        return this.#holder.measure().catch(() => {}); /* then no times are shown */
    }

    /** @param {Settings} settings */
    async apply(settings) {
        if (this.#holder.current && isEqual(settings, this.#job.settings)) return;
        const { job, page } = this.#store;
        const name = settings.backbone?.name ?? texts.settings.theBuiltIn;
        /** @type {ReturnType<typeof page.say>|undefined} */
        let note;
        const slow = setTimeout(() => {
            note = page.say('note', texts.settings.loading(name));
        }, SLOW_MS);
        try {
            await this.#holder.replace(settings, {
                before: () => this.#stop(),
            });
        } catch (error) {
            page.say('error', texts.settings.stay(sentence(error)));
            return;
        } finally {
            clearTimeout(slow);
            if (note) page.dismiss(note);
        }
        if (!isOpen(this.#job)) return;
        const { items } = this.#job;
        this.#forgetHeat();
        this.#forgetFeatures(items);
        job.unlearn();
        if (items.length) return this.go();
    }

    /** @param {File} file */
    loadModel(file) {
        return this.#inTurn(() => this.#loadModel(file));
    }

    /** @param {File} file */
    async #loadModel(file) {
        const { job, page } = this.#store;
        try {
            const bytes = new Uint8Array(await file.arrayBuffer());
            const { method, preset, input, blocks, seed, precision } =
                await Detector.optionsOf(bytes);
            await this.#holder.replace(
                {
                    ...this.#job.settings,
                    .../** @type {Omit<Settings, 'backbone' | 'tiles'>} */ ({
                        method,
                        preset,
                        input,
                        blocks,
                        seed: Number(seed),
                        precision,
                    }),
                },
                { model: bytes, before: () => this.#stop() },
            );
            this.#forgetFolder();
            this.#begin(file.name.replace(/\.fleck$/, ''), file.name);
            this.#loaded = blobOf(bytes);
            this.#keep?.model(this.#loaded, null);
            job.learn(null, file.name);
            const detector = await this.#holder.open();
            if (detector.marks) (await this.marks()).tell(detector.marks);
            this.interest.adopt(detector);
            this.judge(detector.threshold);
            this.countFrom(detector.smallestArea);
            job.end();
        } catch (error) {
            page.say('error', `${file.name}: ${sentence(error)}`);
        }
    }

    /** The job's area of interest, which comes with its model. */
    async area() {
        await this.#waking.ended;
        await this.#marked();
        return this.#job.area;
    }

    async saveModel() {
        const detector = await this.#holder.open();
        await this.#waking.ended;
        await this.#marked();
        await detector.setThreshold(this.#job.threshold);
        await detector.setSmallestArea(this.#job.smallestArea);
        return blobOf(await detector.save());
    }

    /** How what was learnt came about, for those who do it again. @returns {Promise<Origin>} */
    async origin() {
        const saved = await this.saveModel();
        const model = (this.#job.loadedModel !== null && this.#loaded) || saved;
        const { samples } = await this.#holder.open();
        const { blocks } = this.#holder;
        const backbone = blobOf(await this.#holder.weights(this.#job.settings.backbone));
        return { model, backbone, blocks, sampleBits: samples.bits };
    }

    /** Goes on with a kept job where it was left. @param {string} id */
    async open(id) {
        /* What comes next waits until its photos are there, not until all is read. */
        const { opened } = await this.#inTurn(async () => {
            /** @type {(value?: undefined) => void} */
            let tell = () => {};
            const brought = new Promise((resolve) => (tell = resolve));
            const opened = this.#open(id, tell);
            await Promise.race([brought, opened]);
            return { opened };
        });
        return opened;
    }

    /** @param {string} id @param {() => void} brought called when its photos are there */
    async #open(id, brought) {
        if (isOpen(this.#job)) return;
        const kept = await this.#keep?.resume(id);
        if (!kept || kept === 'open') {
            const { openElsewhere, isGone } = texts.jobs;
            this.#store.page.say('note', kept ? openElsewhere : isGone);
            return this.jobs.list();
        }
        const { job, photos, thumbs, indexes, model, scores, calls } = kept;
        const items = photos.map((photo) => ({
            ...this.#item(photo.id, photo, photo.fresh),
            score: scores.get(photo.id) ?? null,
            calledUpTo: calls.get(photo.id) ?? null,
            marks: (job.marks ?? []).flatMap(({ photo: id, mark, spot }) =>
                id === photo.id ? [{ mark, spot }] : [],
            ),
        }));
        const folder = items.filter((item) => !item.fresh);
        this.#loaded = model?.bytes ?? null;
        const whole = model && folder.length <= indexes.length && items.every(isScored);
        await this.#run('reading', texts.jobs.bringing(job.name), async (signal) => {
            /* first of all: without its backbone the job stays where it is */
            if (!isEqual(job.settings, this.#job.settings))
                await this.#holder.replace(job.settings);
            this.#store.job.call(job.name);
            this.#store.job.keep(true);
            this.#store.job.judge(job.threshold);
            this.#store.job.countFrom(job.smallestArea ?? 0);
            this.#store.job.draw(job.area ?? null);
            this.#store.job.show(job.view ?? {});
            this.#store.job.nameGroups(job.groups ?? []);
            if (!model || !whole) this.#store.job.show({ filter: 'all' }); /* no verdicts yet */
            this.#store.job.add(items);
            this.#nextId = 1 + Math.max(-1, ...photos.map(({ id }) => id));
            this.thumbs.bring(items, thumbs);
            brought();
            if (model && whole) {
                this.#store.job.learn(model.folder, job.loadedModel);
                this.#waking.begin(items, indexes, model.bytes);
                return;
            }
            const detector = await this.#waking.bring(items, indexes, signal);
            if (model && folder.every(isRead)) {
                await detector.load(await model.bytes.arrayBuffer());
                this.#store.job.limit(detector.area);
                this.#store.job.learn(model.folder, job.loadedModel);
                await this.#mark(detector);
                this.#scoresDue = detector.count > 0;
            }
            await this.#finish(detector, signal);
        });
    }

    /** @param {Item} item @param {boolean} [always] while work goes on, too: it is part of it */
    async #heat(item, always = false) {
        return (await this.judged(item, { always }))?.heat ?? null;
    }

    /** What the detector says of a photo of the job. @param {Item} item @returns {Promise<import('../fleck.js').Result|null>} null: not now */
    async judged({ index, file }, { always = false, heat = true } = {}) {
        await this.#waking.ended;
        const { current } = this.#holder;
        if ((isBusy(this.#job) && !always) || !current) return null;
        return index === null ? current.score(file, { heat }) : current.scoreAdded(index, { heat });
    }
}

/**
 * The work itself: reads photos, learns, scores, keeps. It
 * changes the state and calls `changed`; it knows nothing of elements.
 */

import { Detector, keyOf, learnsFrom, PHOTOS_MIN } from '../fleck.js';
import { fromSamples } from '../files/files.js';
import { Heats } from './heats.js';
import { Holder, sentence } from './holder.js';
import { Keep } from './keep.js';
import { initialState, isBusy } from '../state.js';
import { Thumbs } from './thumbs.js';
import { findTwins } from '../files/twins.js';
import { plural } from '../text.js';

/** @typedef {import('../state.js').Item} Item */
/** @typedef {import('../state.js').State} State */
/** @typedef {import('../state.js').Settings} Settings */
/** @typedef {import('../files/files.js').Gathered} Gathered */

const PHOTOS_GOOD = 20;
const SLOW_MS = 400; /* what takes longer says that it goes on */
const HEATS_AT_ONCE = 300; /* larger folders get their heatmaps when they are looked at */

/** @type {Record<string, string>} */
const TITLES = {
    measure: 'Measuring the photos',
    features: 'Reading the photos',
    memory: 'Comparing the photos',
    learn: 'Learning what is normal',
    calibrate: 'Setting the scale',
    score: 'Scoring the photos',
};

/** A reason to stand still that the user can do something about. */
class Pause extends Error {}

export class Work {
    #state;
    #changed;
    #holder;
    #keep = /** @type {Keep|null} */ (null);
    #abort = /** @type {AbortController|null} */ (null);
    #job = Promise.resolve();
    #taking = Promise.resolve();
    #nextId = 0;
    #broken = /** @type {bigint[]} */ ([]); /* keys of photos that were skipped */
    #scoresDue = false; /* learnt since the folder was scored */

    /**
     * @param {State} state
     * @param {() => void} changed the state is another
     * @param {() => void} pictured only thumbnails or heatmaps have arrived
     * @param {import('../backbones/backbones.js').Backbones} backbones
     */
    constructor(state, changed, pictured, backbones) {
        this.#state = state;
        this.#holder = new Holder(state, changed, backbones);
        this.#changed = changed;
        this.heats = new Heats((item) => this.#heat(item), pictured);
        this.thumbs = new Thumbs(pictured);
    }

    /** Looks for a kept folder and opens the detector before anybody asks for it. */
    async prepare() {
        this.#keep = await Keep.open(() =>
            this.#notify(
                'note',
                'The browser cannot keep this folder or has no room for it: ' +
                    'a reload will start anew.',
            ),
        );
        try {
            this.#state.kept = (await this.#keep?.summary()) ?? null;
        } catch {
            this.#keep = null; /* what the browser kept is damaged */
        }
        this.#changed();
        await this.#holder.open().catch(() => {});
    }

    /** @param {'note'|'error'} kind @param {string} message */
    #notify(kind, message) {
        this.#state.notices.push({ kind, message });
        this.#changed();
    }

    /**
     * Takes photos that are being gathered, one lot after the other.
     * @param {Promise<Gathered>} gathering
     */
    take(gathering) {
        gathering.catch(() => {}); /* awaited below, later */
        const taken = this.#taking.then(async () => {
            this.#state.looking = true;
            this.#changed();
            try {
                await this.#add(await gathering);
            } finally {
                this.#state.looking = false;
                this.#changed();
            }
        });
        this.#taking = taken.catch(() => {});
        return taken.then(); /* another promise, whose failure is nobody's and so is seen */
    }

    /** Photos to read, or, once a model is there, to score. @param {Gathered} gathered */
    async #add({ photos: found, troubles }) {
        const state = this.#state;
        const twins = await findTwins(found, state.items);
        const photos = found.filter((photo) => !twins.has(photo));
        state.troubles.push(...troubles);
        if (twins.size)
            state.troubles.push({
                name: plural(twins.size, 'photo'),
                message: 'here already, and counted once',
                count: twins.size,
                other: true,
            });
        if (!photos.length) {
            this.#notify(
                'error',
                twins.size
                    ? 'These photos are here already.'
                    : 'No photos were found there. PNG, JPEG, BMP, WebP and AVIF files are read.',
            );
            return;
        }
        if (state.phase === 'start')
            this.#keep?.begin({ settings: state.settings, loadedModel: null });
        const items = photos.map(({ name, file }) =>
            this.#item(this.#nextId++, name, file, state.learned),
        );
        state.items.push(...items);
        this.thumbs.make(items);
        for (const item of items) this.#keep?.photo(item);
        if (!isBusy(state)) this.go();
    }

    /**
     * @param {number} id
     * @param {string} name
     * @param {Blob} file
     * @param {boolean} fresh
     * @returns {Item}
     */
    #item(id, name, file, fresh) {
        return {
            id,
            name,
            file,
            fresh,
            left: false,
            thumb: null,
            width: 0,
            height: 0,
            index: null,
            score: null,
        };
    }

    addSamples() {
        return this.#run('start', 'Fetching the sample photos', async (signal) => {
            const gathered = await fromSamples(signal);
            await this.#add(gathered);
        });
    }

    /** Does whatever is still to do: reads, learns, scores. */
    go() {
        return this.#run('reading', TITLES.features, async (signal) => {
            await this.#finish(await this.#holder.open(), signal);
        });
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #finish(detector, signal) {
        for (;;) {
            /* photos may be added meanwhile, so look again after every step */
            signal.throwIfAborted();
            const { items, learned } = this.#state;
            if (items.some((item) => !item.fresh && item.index === null))
                await this.#read(detector, signal);
            else if (!learned) await this.#learn(detector, signal);
            else if (this.#scoresDue) await this.#scoreFolder(detector, signal);
            else if (items.some((item) => item.fresh && item.score === null))
                await this.#scoreFresh(detector, signal);
            else return;
        }
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #read(detector, signal) {
        const learns = await this.#choose(detector, signal);
        const unread = this.#state.items.filter((item) => !item.fresh && item.index === null);
        const report = this.#reporter('reading');
        const files = unread.map((item) => item.file);
        /* Of 16 bits with higher values than those read before: all are read as of more bits. */
        const { bits } = await detector.measure(files, { signal, onProgress: report });
        if (detector.samples.bits && bits > detector.samples.bits) {
            await detector.clear();
            return this.#forgetFeatures(this.#state.items.filter((item) => !item.fresh));
        }
        await detector.add(files, {
            signal,
            learn: learns ? unread.map((item) => learns.has(item)) : true,
            onProgress: report,
            onPhoto: ({ position, index, error, features }) => {
                const item = unread[position];
                if (error || index === undefined) return this.#skip(item, error);
                item.index = index;
                item.left = !features;
                this.#keep?.features(index, item.id, features);
            },
        });
    }

    /**
     * The photos of a large folder that are learnt from, null: all. Where others were before
     * photos came to them, the folder is read anew.
     * @param {Detector} detector
     * @param {AbortSignal} signal
     */
    async #choose(detector, signal) {
        const { items, shape } = this.#state;
        const folder = items.filter((item) => !item.fresh);
        const most = Number(shape?.learnMost);
        if (!(folder.length > most)) return null;
        for (const item of folder) {
            signal.throwIfAborted();
            item.key ??= await keyOf(item.file);
        }
        const keys = folder.map((item) => /** @type {bigint} */ (item.key));
        const chosen = learnsFrom([...keys, ...this.#broken], most);
        const learns = new Set(folder.filter((_, i) => chosen[i]));
        if (folder.some((item) => item.index !== null && item.left === learns.has(item))) {
            await detector.clear();
            this.#forgetFeatures(folder);
        }
        return learns;
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #learn(detector, signal) {
        const state = this.#state;
        const count = detector.count;
        if (count < PHOTOS_MIN)
            throw new Pause(
                `${count ? `Only ${count}` : 'None'} of the photos could be used. fleck needs ` +
                    `${PHOTOS_MIN} at least and works well from ${PHOTOS_GOOD}: ` +
                    'add more photos of the same product.',
            );
        if (detector.note) this.#notify('note', `${detector.note}.`);
        if (detector.samples.bits && detector.samples.bits < 16)
            this.#notify('note', 'Your browser may show 16-bit photos darker than they are read.');
        await detector.train({ signal, onProgress: this.#reporter('learning') });
        state.folder = await detector.judgeFolder();
        this.#keep?.model(await detector.save(), state.folder);
        state.learned = true;
        state.loadedModel = null;
        this.#scoresDue = true;
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #scoreFolder(detector, signal) {
        const results = await detector.scoreFolder({
            signal,
            heat: detector.count <= HEATS_AT_ONCE,
            onProgress: this.#reporter('scoring'),
        });
        this.heats.clear();
        for (const item of this.#state.items) {
            if (item.index === null) continue;
            const { score, heat, error } = results[item.index];
            if (error) {
                this.#skip(item, error);
                continue;
            }
            item.score = score;
            if (heat) this.heats.put(item, heat);
        }
        this.#scoresDue = false;
    }

    /** @param {Detector} detector @param {AbortSignal} signal */
    async #scoreFresh(detector, signal) {
        const unscored = this.#state.items.filter((item) => item.fresh && item.score === null);
        const report = this.#reporter('scoring');
        const began = performance.now();
        /* as which those of 16 bits are read, where the model has seen none */
        if (!detector.samples.bits)
            await detector.measure(
                unscored.map((item) => item.file),
                { signal, onProgress: report },
            );
        /** @type {string[]} */
        const notes = [];
        for (const [done, item] of unscored.entries()) {
            const perPhoto = (performance.now() - began) / 1000 / done;
            report({
                phase: 'score',
                done,
                total: unscored.length,
                secondsLeft: done ? perPhoto * (unscored.length - done) : null,
            });
            signal.throwIfAborted();
            try {
                const { score, heat, note } = await detector.score(item.file);
                item.score = score;
                if (note) notes.push(`${item.name}: ${note}`);
                if (heat) this.heats.put(item, heat);
            } catch (error) {
                this.#skip(item, error);
            }
        }
        const others = notes.length > 1 ? `; likewise ${plural(notes.length - 1, 'other')}` : '';
        if (notes.length) this.#notify('note', `${notes[0]}${others}.`);
    }

    /** @param {'reading'|'learning'|'scoring'} phase */
    #reporter(phase) {
        return (/** @type {import('../fleck.js').Step} */ progress) => {
            if (!this.#abort) return; /* a late report of a job that has ended */
            this.#state.phase = phase;
            const { done, total, secondsLeft } = progress;
            this.#state.progress = { title: TITLES[progress.phase], done, total, secondsLeft };
            this.#changed();
        };
    }

    /** @param {Item} item @param {unknown} error */
    #skip(item, error) {
        if (item.key !== undefined) this.#broken.push(item.key);
        this.#state.troubles.push({ name: item.name, message: `${sentence(error)}, skipped` });
        this.#remove([item]);
    }

    /** @param {Item[]} items */
    #remove(items) {
        const gone = new Set(items);
        this.#state.items = this.#state.items.filter((item) => !gone.has(item));
        this.thumbs.drop(items);
        for (const item of items) this.#keep?.dropPhoto(item.id);
        this.#changed();
    }

    /**
     * One job at a time, with its end told in the state.
     * @param {'start'|'reading'} phase what it is at first
     * @param {string} title
     * @param {(signal: AbortSignal) => Promise<void>} work
     */
    #run(phase, title, work) {
        const job = async () => {
            const state = this.#state;
            const abort = (this.#abort = new AbortController());
            Object.assign(state, {
                phase,
                pausedBy: '',
                progress: { title, done: 0, total: 0, secondsLeft: null },
            });
            this.#changed();
            try {
                await work(abort.signal);
                abort.signal.throwIfAborted();
                state.phase = state.learned ? 'result' : 'start';
            } catch (error) {
                state.phase = state.items.length || state.learned ? 'paused' : 'start';
                state.pausedBy = abort.signal.aborted
                    ? 'Stopped. What was done is kept.'
                    : sentence(error);
                if (state.phase === 'start' && !abort.signal.aborted)
                    state.notices.push({ kind: 'error', message: sentence(error) });
            }
            this.#abort = null;
            state.progress = null;
            this.#changed();
        };
        return (this.#job = this.#job.then(job));
    }

    cancel() {
        this.#abort?.abort();
    }

    /** Goes on without the photos that are not read or scored yet. */
    leaveOutRest() {
        this.#remove(
            this.#state.items.filter((item) => item.index === null && item.score === null),
        );
        return this.go();
    }

    /** The detector has lost them. @param {Item[]} items to read anew */
    #forgetFeatures(items) {
        this.#keep?.begin({ settings: this.#state.settings, loadedModel: null });
        for (const item of items) {
            Object.assign(item, { fresh: false, score: null, index: null });
            this.#keep?.photo(item);
        }
    }

    /** Makes the new photos part of the folder and learns from all. */
    learnAgain() {
        const state = this.#state;
        for (const item of state.items.filter((each) => each.fresh)) {
            Object.assign(item, { fresh: false, score: null, index: null });
            this.#keep?.photo(item);
        }
        state.learned = false;
        state.filter = 'all';
        return this.go();
    }

    /** Back to the empty page. */
    async startOver() {
        this.cancel();
        await this.#job;
        this.#forgetFolder();
        await this.#holder.current?.clear();
        await this.#keep?.forget();
        this.#state.kept = null;
        this.#changed();
    }

    #forgetFolder() {
        const state = this.#state;
        this.#broken = [];
        this.thumbs.drop(state.items);
        this.heats.clear();
        const { settings, shape, info, notices, opacity, kept, backbones } = state;
        const lasting = { settings, shape, info, notices, opacity, kept, backbones };
        Object.assign(state, initialState(), lasting);
        this.#changed();
    }

    /** How long a photo takes with which backbone. */
    measure() {
        return this.#holder.measure().catch(() => {}); /* then no times are shown */
    }

    /** @param {Settings} settings */
    async apply(settings) {
        const state = this.#state;
        const name = settings.backbone?.name ?? 'the built-in backbone';
        /** @type {import('../state.js').Notice} */
        const note = { kind: 'note', message: `Loading ${name}…` };
        const slow = setTimeout(() => {
            state.notices.push(note);
            this.#changed();
        }, SLOW_MS);
        try {
            await this.#holder.replace(settings, {
                before: async () => {
                    this.cancel();
                    await this.#job;
                },
            });
        } catch (error) {
            return this.#notify('error', `${sentence(error)}. The settings stay as they were.`);
        } finally {
            clearTimeout(slow);
            state.notices = state.notices.filter((each) => each !== note);
        }
        if (!state.items.length && !state.learned) return; /* the last folder can come back yet */
        this.heats.clear();
        this.#keep?.begin({ settings, loadedModel: null });
        for (const item of state.items) {
            Object.assign(item, { fresh: false, score: null, index: null });
            this.#keep?.photo(item);
        }
        Object.assign(state, { learned: false, loadedModel: null, phase: 'start', kept: null });
        this.#changed();
        if (state.items.length) return this.go();
    }

    /** @param {File} file */
    async loadModel(file) {
        const state = this.#state;
        this.cancel();
        await this.#job;
        try {
            const bytes = new Uint8Array(await file.arrayBuffer());
            const { method, preset, input, blocks, seed, precision } =
                await Detector.optionsOf(bytes);
            await this.#holder.replace(
                {
                    ...state.settings,
                    .../** @type {Settings} */ ({
                        method,
                        preset,
                        input,
                        blocks,
                        seed: Number(seed),
                        precision,
                    }),
                },
                { model: bytes },
            );
            this.#forgetFolder();
            this.#keep?.begin({ settings: state.settings, loadedModel: file.name });
            this.#keep?.model(bytes, null);
            Object.assign(state, {
                learned: true,
                loadedModel: file.name,
                phase: 'result',
                kept: null,
            });
        } catch (error) {
            this.#notify('error', `${file.name}: ${sentence(error)}`);
        }
        this.#changed();
    }

    async saveModel() {
        const detector = await this.#holder.open();
        return new Blob([/** @type {BlobPart} */ (await detector.save())]);
    }

    /** Goes on where the page was when it was closed. */
    async restore() {
        const state = this.#state;
        const kept = await this.#keep?.resume();
        if (!kept) return;
        const { session, photos, indexes, model } = kept;
        await this.#run('reading', 'Bringing back your last folder', async (signal) => {
            /* first of all: without its backbone the folder stays where it is */
            if (JSON.stringify(session.settings) !== JSON.stringify(state.settings))
                await this.#holder.replace(session.settings);
            state.items = photos.map(({ id, name, file, fresh }) =>
                this.#item(id, name, file, fresh),
            );
            this.#nextId = 1 + Math.max(-1, ...photos.map(({ id }) => id));
            this.thumbs.make(state.items);
            const byId = new Map(state.items.map((item) => [item.id, item]));
            const detector = await this.#holder.open();
            for (let index = 0; index === indexes[index]; index++) {
                signal.throwIfAborted();
                const { id, patch, cls, samples } = await /** @type {Keep} */ (
                    this.#keep
                ).readFeatures(index);
                /* one that was found broken when it was scored leaves its index to nobody */
                const item = byId.get(id);
                if (patch && cls) await detector.addFeatures({ patch, cls, samples });
                else await detector.add(item?.file ?? new Blob(), { learn: false });
                if (item) Object.assign(item, { index, left: !patch });
                if (index % 8 === 0)
                    this.#reporter('reading')({
                        phase: 'features',
                        done: index,
                        total: indexes.length,
                        secondsLeft: null,
                    });
            }
            if (model && state.items.every((item) => item.fresh || item.index !== null)) {
                await detector.load(model.bytes);
                Object.assign(state, {
                    learned: true,
                    folder: model.folder,
                    loadedModel: session.loadedModel,
                });
                this.#scoresDue = detector.count > 0;
            }
            await this.#finish(detector, signal);
        });
    }

    /** @param {Item} item */
    async #heat(item) {
        if (isBusy(this.#state) || !this.#holder.current) return null;
        const result =
            item.index === null
                ? await this.#holder.current.score(item.file)
                : await this.#holder.current.scoreAdded(item.index);
        return result.heat;
    }
}

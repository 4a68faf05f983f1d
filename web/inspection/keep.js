/**
 * Jobs that survive a reload, in IndexedDB on this device: photos, small pictures, features, the
 * learned model, scores, and what the user set. Keeping never stands in the way of the work: when
 * the browser's room ends, the job at hand is kept no longer, the others stay, and it is said.
 */

import { DEFECT, verdictOf } from '../verdict.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../state/device.js').KeptJob} KeptJob */
/** @typedef {import('../fleck.js').Features} Features */
/** @typedef {import('../fleck.js').FolderVerdict} FolderVerdict */

/**
 * @typedef {object} JobRecord
 * @property {string} id
 * @property {string} name
 * @property {number} used      when it was begun or opened last, in ms as of Date.now()
 * @property {Settings} settings
 * @property {string|null} loadedModel name of a loaded model file
 * @property {number} threshold
 * @property {number} [smallestArea] share of a photo; none: 0
 * @property {import('../state/job.js').Drawn|null} [area] of interest; none: all of the photos counts
 * @property {KeptView} [view] none: all photos, the highest scores first
 * @property {KeptMark[]} [marks] none: none
 * @property {readonly import('../state/job.js').GroupName[]} [groups] that have a name
 * @property {number} modelBytes so that a list need not read the model; 0: none
 * @property {boolean} [coming] from a file: it is none before all of it is there
 */

/** time: as an Item's; none: as the file says.
 * @typedef {{id: number, name: string, file: Blob, fresh: boolean, time?: number|null}} KeptPhoto */
/** spot: as a Mark's. @typedef {{photo: number} & import('../state/job.js').Mark} KeptMark */
/** What was searched for is not kept. @typedef {Omit<import('../state/shown.js').View, 'search'|'group'>} KeptView */
/** @typedef {import('./thumbs.js').Thumb} KeptThumb */
/** A Blob moves without being copied by the page. @typedef {{bytes: Blob, folder: FolderVerdict|null}} KeptModel */
/** Scores by the photo's id, and in the same way up to which threshold a photo is called.
 * @typedef {Map<number, number>} KeptScores */
/** One of PARTS, a number, and what is kept there. @typedef {[part: string, number: number, value: unknown]} Part */
/**
 * A job without its features.
 * @typedef {object} Contents
 * @property {JobRecord} job
 * @property {KeptPhoto[]} photos
 * @property {Map<number, KeptThumb>} thumbs by the photo's id
 * @property {KeptModel|null} model
 * @property {KeptScores} scores
 * @property {KeptScores} calls of those whose verdict depends on it
 * @property {number[]} indexes of features
 */

/** What was kept by another version of this page is forgotten: its features and its model are of
 * no use here. 7: several jobs, not the last folder alone, which becomes one of them. */
export const VERSION = 7;
const ONE_FOLDER = 6;
/** Beside the jobs, by [job, number]. */
const PARTS = ['photos', 'thumbs', 'features', 'model', 'scores'];
const PHOTOS_AT_ONCE = 16; /* with each file the page waits for the browser's process */
const SCORES = 0; /* numbers of 'scores' */
const CALLS = 1;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

/** @param {string} job */
const allOf = (job) => IDBKeyRange.bound([job, 0], [job, Infinity]);

/** @param {IDBOpenDBRequest} request @param {number} version that is there */
function upgrade({ result: db, transaction }, version) {
    for (const store of [...db.objectStoreNames])
        if (version !== ONE_FOLDER) db.deleteObjectStore(store);
    for (const store of ['jobs', ...PARTS])
        if (!db.objectStoreNames.contains(store)) db.createObjectStore(store);
    if (version !== ONE_FOLDER) return;
    const stores = /** @type {IDBTransaction} */ (transaction);
    const last = stores.objectStore('session').get('last');
    last.onsuccess = () => {
        const { result } = last;
        const job = {
            name: texts.jobs.last,
            used: Date.now(),
            threshold: DEFECT,
            modelBytes: 0,
            ...result,
        };
        if (result) stores.objectStore('jobs').put(job, job.id);
        db.deleteObjectStore('session');
    };
}

export class Keep {
    #db;
    #onLost;
    #job = ''; /* the one that is kept up to date; none: '' */
    #whole = false; /* it was kept before this page opened it */
    #held = ''; /* the job that no other tab may open */
    #free = () => {}; /* lets them */
    #writing = Promise.resolve();

    /**
     * @param {(why: 'full'|'deleted') => void} onLost the job at hand is kept no longer: it does
     *     not fit, or was deleted in another tab
     * @returns {Promise<Keep|null>} null where the browser keeps nothing
     */
    static async open(onLost) {
        try {
            const request = indexedDB.open('fleck', VERSION);
            request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion);
            const keep = new Keep(await done(request), onLost);
            await keep.#sweep().catch(() => {}); /* it is tried again */
            return keep;
        } catch {
            return null;
        }
    }

    /** @param {IDBDatabase} db @param {(why: 'full'|'deleted') => void} onLost */
    constructor(db, onLost) {
        this.#db = db;
        this.#onLost = onLost;
        db.onversionchange = () => db.close();
    }

    /** Begins to keep another job. @param {Omit<JobRecord, 'id'|'used'|'modelBytes'>} job */
    begin(job) {
        const id = newId();
        this.#take(id, false);
        this.#hold(id);
        const record = { ...job, id, used: Date.now(), modelBytes: 0 };
        this.#change(['jobs'], (stores) => stores('jobs').put(record, id)).catch(() =>
            this.#lose(id, 'full'),
        );
    }

    /** Of the job at hand. @param {Partial<Omit<JobRecord, 'id'>>} changes */
    set(changes) {
        this.#write([], (stores, job) => stores('jobs').put({ ...job, ...changes }, job.id));
    }

    /** By another area calls are others. @param {number} smallestArea */
    countFrom(smallestArea) {
        this.#write(['scores'], (stores, job) => {
            stores('scores').delete([job.id, CALLS]);
            stores('jobs').put({ ...job, smallestArea }, job.id);
        });
    }

    /** From now on no job is kept up to date. The one at hand is forgotten where it is empty. */
    leave(empty = false) {
        if (empty && this.#job) this.remove(this.#job).catch(() => {});
        this.#take('', false);
    }

    /** @param {string} id @param {boolean} whole */
    #take(id, whole) {
        this.#free();
        this.#held = '';
        this.#job = id;
        this.#whole = whole;
    }

    /** Whether no other tab has the job open; none opens it from now on. @param {string} id */
    #hold(id) {
        if (!navigator.locks) return Promise.resolve(true); /* pages that came by http */
        this.#held = id;
        return new Promise((held) =>
            navigator.locks.request(`fleck ${id}`, { ifAvailable: true }, (lock) => {
                held(Boolean(lock));
                if (!lock || this.#held !== id) return null;
                return new Promise((free) => (this.#free = () => free(undefined)));
            }),
        );
    }

    /** All at once, or none. @param {readonly Item[]} items */
    photos(items) {
        this.#write(['photos'], async (stores, job) => {
            for (let at = 0; at < items.length; at += PHOTOS_AT_ONCE)
                await Promise.all(
                    items
                        .slice(at, at + PHOTOS_AT_ONCE)
                        .map(({ id, name, file, fresh, time }) =>
                            done(
                                stores('photos').put({ id, name, file, fresh, time }, [job.id, id]),
                            ),
                        ),
                );
        });
    }

    /** @param {Item} item @param {KeptThumb} thumb */
    thumb({ id }, thumb) {
        this.#put('thumbs', id, thumb);
    }

    /** A photo that could not be read. @param {number} id */
    dropPhoto(id) {
        this.#write(['photos', 'thumbs'], (stores, job) => {
            stores('photos').delete([job.id, id]);
            stores('thumbs').delete([job.id, id]);
        });
    }

    /**
     * @param {number} index the photo's number in the detector
     * @param {number} id
     * @param {Features} [features] none: the photo is not learnt from
     */
    features(index, id, features) {
        this.#put('features', index, { ...features, id });
    }

    /** @param {Blob} bytes @param {FolderVerdict|null} folder what it was learnt from */
    model(bytes, folder) {
        this.#write(['model', 'scores'], (stores, job) => {
            stores('model').put({ bytes, folder }, [job.id, 0]);
            stores('scores').delete(allOf(job.id)); /* another model's */
            stores('jobs').put({ ...job, modelBytes: bytes.size }, job.id);
        });
    }

    /** What the photos that were learnt from say together, by the marks. @param {FolderVerdict} folder */
    folder(folder) {
        this.#write(['model'], async (stores, job) => {
            const model = await done(stores('model').get([job.id, 0]));
            if (model) stores('model').put({ ...model, folder }, [job.id, 0]);
        });
    }

    /** What was learnt is of no use any more. */
    unlearn() {
        this.#write(['model', 'scores'], (stores, job) => {
            for (const part of ['model', 'scores']) stores(part).delete(allOf(job.id));
            stores('jobs').put(unlearnt(job), job.id);
        });
    }

    /** @param {readonly Item[]} items */
    scores(items) {
        const scores = /** @type {KeptScores} */ (new Map());
        const calls = /** @type {KeptScores} */ (new Map());
        for (const { id, score, calledUpTo } of items) {
            if (score !== null) scores.set(id, score);
            if (calledUpTo !== null) calls.set(id, calledUpTo);
        }
        this.#write(['scores'], (stores, job) => {
            stores('scores').put(scores, [job.id, SCORES]);
            stores('scores').put(calls, [job.id, CALLS]);
        });
    }

    /** What was read of the photos is of no use any more. @param {Settings} settings to read them with */
    unread(settings) {
        const parts = ['features', 'model', 'scores'];
        this.#write(parts, (stores, job) => {
            for (const part of parts) stores(part).delete(allOf(job.id));
            stores('jobs').put({ ...unlearnt(job), settings }, job.id);
        });
    }

    /** When what has changed so far is written. */
    written() {
        return this.#writing;
    }

    /** All jobs, the last used first. @returns {Promise<KeptJob[]>} */
    async list() {
        await this.#writing;
        const stores = this.#db.transaction(['jobs', ...PARTS]);
        /** @type {JobRecord[]} */
        const jobs = await done(stores.objectStore('jobs').getAll());
        const there = jobs.filter(({ coming }) => !coming);
        const kept = await Promise.all(there.map((job) => summary(stores, job)));
        return kept.sort((a, b) => b.used - a.used);
    }

    /** @param {string} id @returns {Promise<Contents|null>} null: it is gone */
    async contents(id) {
        await this.#writing;
        const stores = this.#db.transaction(['jobs', ...PARTS]);
        const all = allOf(id);
        const [job, photos, thumbs, thumbKeys, indexes, model, scores, calls] =
            /** @type {[JobRecord|undefined, KeptPhoto[], KeptThumb[], number[][], number[][],
                KeptModel|undefined, KeptScores|undefined, KeptScores|undefined]} */ (
                await Promise.all([
                    done(stores.objectStore('jobs').get(id)),
                    done(stores.objectStore('photos').getAll(all)),
                    done(stores.objectStore('thumbs').getAll(all)),
                    done(stores.objectStore('thumbs').getAllKeys(all)),
                    done(stores.objectStore('features').getAllKeys(all)),
                    done(stores.objectStore('model').get([id, 0])),
                    done(stores.objectStore('scores').get([id, SCORES])),
                    done(stores.objectStore('scores').get([id, CALLS])),
                ])
            );
        if (!job) return null;
        return {
            job,
            photos,
            thumbs: new Map(thumbs.map((thumb, i) => [thumbKeys[i][1], thumb])),
            model: model
                ? { ...model, bytes: new Blob([model.bytes]) }
                : null /* were bytes once */,
            scores: scores ?? new Map(),
            calls: calls ?? new Map(),
            indexes: indexes.map((key) => key[1]),
        };
    }

    /**
     * From now on this page keeps the job up to date. null: it is gone; 'open': in another tab.
     * @param {string} id
     */
    async resume(id) {
        const contents = await this.contents(id);
        if (!contents) return null;
        this.#take(id, true);
        if (!(await this.#hold(id))) {
            this.#take('', false);
            return 'open';
        }
        this.#change(['jobs'], (stores) =>
            stores('jobs').put({ ...contents.job, used: Date.now() }, id),
        ).catch(() => {}); /* a full disk does not hide a job */
        return contents;
    }

    /**
     * Keeps a job that comes from elsewhere. It is there when all of it is; otherwise nothing is.
     * @param {Omit<JobRecord, 'id'|'used'>} job
     * @param {AsyncIterable<Part>} parts
     * @returns {Promise<string>} its id
     */
    async receive(job, parts) {
        const id = newId();
        const record = { ...job, id, used: Date.now() };
        /** @param {string} store @param {unknown} value @param {IDBValidKey} key */
        const put = (store, value, key) =>
            this.#change(['jobs', store], async (stores) => {
                if (!(await done(stores('jobs').getKey(id))))
                    throw new Error(texts.jobs.wasDeleted);
                stores(store).put(value, key);
            });
        const receiving = async () => {
            try {
                await this.#change(['jobs'], (stores) =>
                    stores('jobs').put({ ...record, coming: true }, id),
                );
                for await (const [part, number, value] of parts)
                    await put(part, value, [id, number]);
                await put('jobs', record, id);
            } catch (error) {
                await this.remove(id);
                const isFull = /** @type {Error} */ (error).name === 'QuotaExceededError';
                throw isFull ? new Error(texts.jobs.noRoom) : error;
            }
        };
        await (navigator.locks?.request(`fleck ${id}`, receiving) ?? receiving());
        return id;
    }

    /** Removes what came only in part: a page was closed meanwhile. */
    async #sweep() {
        /** @type {JobRecord[]} */
        const jobs = await done(this.#db.transaction('jobs').objectStore('jobs').getAll());
        for (const { id, coming } of jobs)
            if (coming)
                await (navigator.locks?.request(
                    `fleck ${id}`,
                    { ifAvailable: true },
                    async (lock) => lock && this.remove(id),
                ) ?? this.remove(id));
    }

    /** Of the job at hand; '': none. */
    get id() {
        return this.#job;
    }

    /** @param {number} index @param {string} [id] @returns {Promise<Partial<Features> & {id: number}>} */
    readFeatures(index, id = this.#job) {
        return done(this.#db.transaction('features').objectStore('features').get([id, index]));
    }

    /** @param {string} id @param {string} name */
    async rename(id, name) {
        await this.#change(['jobs'], async (stores) => {
            const job = await done(stores('jobs').get(id));
            if (job) stores('jobs').put({ ...job, name }, id);
        });
    }

    /** Another job with the same in it. @param {string} id @param {string} name of the new one */
    async duplicate(id, name) {
        const to = newId();
        await this.#change(['jobs', ...PARTS], async (stores) => {
            const job = await done(stores('jobs').get(id));
            if (!job) return;
            stores('jobs').put({ ...job, id: to, name, used: Date.now() }, to);
            for (const part of PARTS)
                for (const key of await done(stores(part).getAllKeys(allOf(id)))) {
                    const [, number] = /** @type {[string, number]} */ (key);
                    stores(part).put(await done(stores(part).get(key)), [to, number]);
                }
        });
    }

    /** @param {string} id */
    async remove(id) {
        if (this.#job === id) this.#take('', false);
        await this.#change(['jobs', ...PARTS], (stores) => {
            stores('jobs').delete(id);
            for (const part of PARTS) stores(part).delete(allOf(id));
        });
    }

    /** @param {string} part @param {number} number @param {any} value */
    #put(part, number, value) {
        this.#write([part], (stores, job) => stores(part).put(value, [job.id, number]));
    }

    /**
     * Writes to the job at hand, if it is there still: another tab may have deleted it. The first
     * that fails ends the keeping. What was kept of a job that began in this page is deleted: half
     * of it would come back as if it were the whole; one that was there before stays.
     * @param {string[]} names of stores beside the jobs
     * @param {(stores: (name: string) => IDBObjectStore, job: JobRecord) => unknown} change
     */
    #write(names, change) {
        const id = this.#job;
        if (!id) return;
        const writing = this.#change(['jobs', ...names], async (stores) => {
            const job = await done(stores('jobs').get(id));
            if (job) await change(stores, job);
            else this.#lose(id, 'deleted');
        });
        writing.catch(() => this.#lose(id, 'full'));
    }

    /** @param {string} id @param {'full'|'deleted'} why */
    #lose(id, why) {
        if (id !== this.#job) return;
        if (why === 'full' && this.#whole) this.#take('', false);
        else this.remove(id).catch(() => {});
        this.#onLost(why);
    }

    /**
     * One transaction after the other.
     * @param {string[]} names
     * @param {(stores: (name: string) => IDBObjectStore) => unknown} change
     */
    #change(names, change) {
        const changed = this.#writing.then(async () => {
            const transaction = this.#db.transaction(names, 'readwrite');
            const ended = new Promise((resolve, reject) => {
                transaction.oncomplete = resolve;
                transaction.onabort = () => reject(transaction.error);
            });
            ended.catch(() => {}); /* what change says is told first */
            try {
                await change((name) => transaction.objectStore(name));
            } catch (error) {
                if (!transaction.error) transaction.abort();
                throw error;
            }
            await ended;
        });
        this.#writing = changed.catch(() => {});
        return changed;
    }
}

/** Without a model, and without verdicts to go by. @param {JobRecord} job @returns {JobRecord} */
function unlearnt({ view, ...job }) {
    const all = view && { ...view, filter: /** @type {const} */ ('all') };
    return { ...job, ...(all && { view: all }), loadedModel: null, modelBytes: 0 };
}

/** randomUUID is there on pages that come by https alone. */
function newId() {
    return crypto.getRandomValues(new Uint32Array(4)).join('-');
}

/** @param {IDBTransaction} stores @param {JobRecord} job @returns {Promise<KeptJob>} */
async function summary(stores, { id, name, used, threshold, modelBytes }) {
    const all = allOf(id);
    const [photos, features, first, scores, calls] =
        /** @type {[KeptPhoto[], number, Partial<Features>[], KeptScores|undefined,
            KeptScores|undefined]} */ (
            await Promise.all([
                done(stores.objectStore('photos').getAll(all)),
                done(stores.objectStore('features').count(all)),
                done(stores.objectStore('features').getAll(all, 1)),
                done(stores.objectStore('scores').get([id, SCORES])),
                done(stores.objectStore('scores').get([id, CALLS])),
            ])
        );
    const isDefect = (/** @type {[number, number]} */ [photo, score]) =>
        verdictOf({ score, calledUpTo: calls?.get(photo) ?? null }, threshold) === 'defect';
    const bytes = photos.reduce((sum, { file }) => sum + file.size, modelBytes);
    const each = (first[0]?.patch?.byteLength ?? 0) + (first[0]?.cls?.byteLength ?? 0);
    return {
        id,
        name,
        used,
        photos: photos.length,
        defects:
            scores && photos.every((photo) => scores.has(photo.id))
                ? [...scores].filter(isDefect).length
                : null,
        bytes: bytes + features * each,
    };
}

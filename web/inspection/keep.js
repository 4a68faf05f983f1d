/**
 * What survives a reload, in IndexedDB on this device: the photos, their
 * features and the learned model of the last folder. Keeping never stands in
 * the way of the work: when the browser's room ends, it stops and says so.
 */

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../fleck.js').Features} Features */
/** @typedef {import('../fleck.js').FolderVerdict} FolderVerdict */

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {Settings} settings
 * @property {string|null} loadedModel name of a loaded model file
 */

/** @typedef {{id: number, name: string, file: Blob, fresh: boolean}} KeptPhoto */

/** @typedef {{bytes: Uint8Array, folder: FolderVerdict|null}} KeptModel */

/** A folder kept by another version of this page is forgotten: its features and
 * its model are of no use here. 2: features are half floats; 3: of a precision that
 * the settings tell; 4: models of another scale, and the folder's verdict; 5: the
 * backbone by its name in the store; 6: features of photos of 16 bits, and of transparent ones. */
const VERSION = 6;
const STORES = ['session', 'photos', 'features', 'model'];

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

export class Keep {
    #db;
    #onFull;
    #session = '';
    #writing = Promise.resolve();

    /**
     * @param {() => void} onFull called once when a folder no longer fits
     * @returns {Promise<Keep|null>} null where the browser keeps nothing
     */
    static async open(onFull) {
        try {
            const request = indexedDB.open('fleck', VERSION);
            request.onupgradeneeded = () => {
                const { result: db } = request;
                for (const store of [...db.objectStoreNames]) db.deleteObjectStore(store);
                for (const store of STORES) db.createObjectStore(store);
            };
            return new Keep(await done(request), onFull);
        } catch {
            return null;
        }
    }

    /** @param {IDBDatabase} db @param {() => void} onFull */
    constructor(db, onFull) {
        this.#db = db;
        this.#onFull = onFull;
        db.onversionchange = () => db.close();
    }

    /** Forgets the last folder and begins to keep another. @param {Omit<Session, 'id'>} session */
    begin(session) {
        /* randomUUID is there on pages that come by https alone */
        const id = (this.#session = crypto.getRandomValues(new Uint32Array(4)).join('-'));
        this.#write(STORES, (stores) => {
            for (const store of STORES) stores(store).clear();
            stores('session').put({ ...session, id }, 'last');
        });
    }

    /** @param {Item} item */
    photo({ id, name, file, fresh }) {
        this.#put('photos', id, { id, name, file, fresh });
    }

    /** A photo that could not be read. @param {number} id */
    dropPhoto(id) {
        const session = this.#session;
        if (session) this.#write(['photos'], (stores) => stores('photos').delete([session, id]));
    }

    /**
     * @param {number} index the photo's number in the detector
     * @param {number} id
     * @param {Features} [features] none: the photo is not learnt from
     */
    features(index, id, features) {
        this.#put('features', index, { ...features, id });
    }

    /** @param {Uint8Array} bytes @param {FolderVerdict|null} folder what it was learnt from */
    model(bytes, folder) {
        this.#put('model', 0, { bytes, folder });
    }

    /** Resolves when all that was given so far is written. */
    settled() {
        return this.#writing;
    }

    /** Forgets everything. */
    forget() {
        this.#session = '';
        this.#write(STORES, (stores) => STORES.forEach((store) => stores(store).clear()));
        return this.#writing;
    }

    /** What a reload could go on with. */
    async summary() {
        const session = await this.#last();
        if (!session) return null;
        const photos = await this.#count('photos', session.id);
        const learned = (await this.#count('model', session.id)) > 0;
        return photos || learned ? { photos, learned } : null;
    }

    /** The last folder without its features; from now on this page keeps it up to date. */
    async resume() {
        const session = await this.#last();
        if (!session) return null;
        this.#session = session.id;
        const range = IDBKeyRange.bound([session.id, 0], [session.id, Infinity]);
        const stores = this.#db.transaction(STORES);
        /** @type {[KeptPhoto[], IDBValidKey[], KeptModel|undefined]} */
        const [photos, indexes, model] = await Promise.all([
            done(stores.objectStore('photos').getAll(range)),
            done(stores.objectStore('features').getAllKeys(range)),
            done(stores.objectStore('model').get([session.id, 0])),
        ]);
        return {
            session,
            photos,
            model: model ?? null,
            indexes: indexes.map((key) => /** @type {number[]} */ (key)[1]),
        };
    }

    /** @param {number} index @returns {Promise<Partial<Features> & {id: number}>} */
    readFeatures(index) {
        return done(
            this.#db.transaction('features').objectStore('features').get([this.#session, index]),
        );
    }

    /** @returns {Promise<Session|undefined>} */
    #last() {
        return done(this.#db.transaction('session').objectStore('session').get('last'));
    }

    /** @param {string} store @param {string} session */
    #count(store, session) {
        const range = IDBKeyRange.bound([session, 0], [session, Infinity]);
        return done(this.#db.transaction(store).objectStore(store).count(range));
    }

    /** @param {string} store @param {number} key @param {any} value */
    #put(store, key, value) {
        const session = this.#session;
        if (session) this.#write([store], (stores) => stores(store).put(value, [session, key]));
    }

    /**
     * One transaction after the other. The first that fails ends the keeping and
     * clears what was kept: half a folder would come back as if it were the whole.
     * @param {string[]} names
     * @param {(stores: (name: string) => IDBObjectStore) => void} change
     */
    #write(names, change) {
        const session = this.#session;
        this.#writing = this.#writing.then(async () => {
            if (session !== this.#session) return;
            try {
                const transaction = this.#db.transaction(names, 'readwrite');
                change((name) => transaction.objectStore(name));
                await new Promise((resolve, reject) => {
                    transaction.oncomplete = resolve;
                    transaction.onabort = () => reject(transaction.error);
                });
            } catch {
                if (!session) return;
                this.forget();
                this.#onFull();
            }
        });
    }
}

/**
 * Photos of videos. The browser decodes them: each is asked for its picture at one time after the
 * other. Loaded when one is met.
 */

import { toPng } from './png.js';
import { isSame } from './twins.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('./gather.js').Found} Found */
/** @typedef {import('./gather.js').Trouble} Trouble */
/** @typedef {import('../state/page.js').Step} Step */
/** @typedef {{photos: Found[], troubles: Trouble[]}} Taken */
/**
 * What there is to decide before photos are taken.
 * @typedef {object} Plan
 * @property {string[]} names  of the videos
 * @property {number} seconds  all of them together
 * @property {(every: number) => number} count photos, where one is taken every so many seconds
 * @property {number} most     photos that there is room for
 * @property {(every: number, step: Step) => Promise<Taken>} take an abort ends it, with those that
 *     were taken until then
 */

const PATIENCE = 30_000; /* ms for one picture: a large one takes a slow device seconds */
const SHOWING = 1000; /* ms until what is decoded is shown */
const BEYOND = 1e9; /* s, after the end of every video */
const ROUNDING = 0.0005; /* s: browsers cut times to whole microseconds, and showed the one before */

/**
 * @param {Found[]} found
 * @param {number} most photos
 * @param {(plan: Plan) => Promise<Taken|null>} ask has take called, or not
 * @returns {Promise<Taken|null>} null: no photos are wanted
 */
export async function photosOf(found, most, ask) {
    /** @type {Video[]} */
    const videos = [];
    /** @type {Trouble[]} */
    const troubles = [];
    try {
        for (const each of found) {
            const video = new Video(each);
            try {
                await video.prepare();
                videos.push(video);
            } catch (error) {
                video.close();
                troubles.push({ name: video.name, message: /** @type {Error} */ (error).message });
            }
        }
        if (!videos.length) return { photos: [], troubles };
        const taken = await ask({
            names: videos.map(({ name }) => name),
            seconds: videos.reduce((sum, { duration }) => sum + duration, 0),
            count: (every) => videos.reduce((sum, video) => sum + countOf(video, every), 0),
            most,
            take: (every, step) => take(videos, every, step),
        });
        return taken && { photos: taken.photos, troubles: [...troubles, ...taken.troubles] };
    } finally {
        for (const video of videos) video.close();
    }
}

/** @param {{duration: number}} video @param {number} every so many seconds */
function countOf({ duration }, every) {
    return Math.max(1, Math.ceil(duration / every - 1e-6));
}

/** @param {Video[]} videos @param {number} every so many seconds @param {Step} step */
async function take(videos, every, { signal, report }) {
    /** @type {Taken} */
    const taken = { photos: [], troubles: [] };
    const total = videos.reduce((sum, video) => sum + countOf(video, every), 0);
    let done = 0;
    for (const video of videos) {
        const count = countOf(video, every);
        const { name } = video;
        let [photos, same] = [0, 0];
        /** @type {Blob|null} */
        let before = null;
        try {
            for (let i = 0; i < count; i++) {
                if (signal.aborted) throw new Error(texts.video.stopped);
                report(done + i, total);
                const file = await video.at(i * every);
                /* past its damage a browser shows the last picture, or none */
                if (!file || (before && (await isSame(file, before)))) same++;
                else {
                    photos++;
                    taken.photos.push({ name: nameOf(video, i * every), file: (before = file) });
                }
            }
        } catch (error) {
            const { message } = /** @type {Error} */ (error);
            const left = `${message}; ${texts.status.done(photos, count)}`;
            taken.troubles.push({ name, message: left, other: signal.aborted });
        }
        if (same) {
            const message = texts.video.same(same, count);
            taken.troubles.push({ name, message, count: same, other: true });
        }
        done += count;
    }
    return taken;
}

/**
 * As every system takes it for a file's: film.mp4 00m12.50s.png.
 * @param {Video} video
 * @param {number} seconds
 */
function nameOf({ name, duration }, seconds) {
    const hundredths = Math.round(100 * seconds);
    const two = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, '0');
    const hours = duration < 3600 ? '' : `${two(hundredths / 360_000)}h`;
    const minutes = two((hundredths / 6000) % 60);
    return `${name} ${hours}${minutes}m${two((hundredths / 100) % 60)}.${two(hundredths % 100)}s.png`;
}

class Video {
    #element = document.createElement('video');
    name;

    /** @param {Found} found */
    constructor({ name, file }) {
        this.name = name;
        this.#element.muted = true;
        this.#element.preload = 'auto';
        this.#element.src = URL.createObjectURL(file);
    }

    /** Why there is nothing to take of it is told in a sentence. */
    async prepare() {
        const element = this.#element;
        await this.#until('loadedmetadata', texts.video.notDecoded);
        if (!element.videoWidth) throw new Error(texts.video.noPictures);
        if (element.duration === Infinity) {
            /* a recorder cannot know it when it begins: the browser sees at the end */
            await this.#seek(BEYOND, texts.video.noEnd);
        }
        if (element.duration === Infinity) throw new Error(texts.video.noEnd);
        if (!(element.duration > 0)) throw new Error(texts.video.noPictures);
    }

    /** In seconds. */
    get duration() {
        return this.#element.duration;
    }

    /** Its picture at that time, null where it has none. @param {number} time in seconds */
    async at(time) {
        const element = this.#element;
        await this.#seek(time + ROUNDING, texts.video.damaged);
        return element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA
            ? null
            : toPng(element, element.videoWidth, element.videoHeight);
    }

    /** @param {number} time in seconds @param {string} otherwise a sentence */
    async #seek(time, otherwise) {
        const element = this.#element;
        const sought = this.#until('seeked', otherwise);
        const canTell = 'requestVideoFrameCallback' in element;
        const shown = canTell && new Promise((on) => element.requestVideoFrameCallback(on));
        element.currentTime = time;
        await sought;
        /* Chromium says so, now and then, while the picture before still stands; a page that is
         * hidden never says what it shows */
        await Promise.race([shown, new Promise((on) => setTimeout(on, SHOWING))]);
    }

    close() {
        URL.revokeObjectURL(this.#element.src);
        this.#element.removeAttribute('src');
        this.#element.load(); /* lets go of the decoder */
    }

    /** @param {'loadedmetadata'|'seeked'} event @param {string} otherwise a sentence */
    async #until(event, otherwise) {
        const over = new AbortController();
        const { signal } = over;
        /** @type {ReturnType<typeof setTimeout>|undefined} */
        let timer;
        try {
            await new Promise((resolve, reject) => {
                const fail = () => reject(new Error(otherwise));
                this.#element.addEventListener(event, resolve, { signal });
                this.#element.addEventListener('error', fail, { signal });
                timer = setTimeout(fail, PATIENCE);
            });
        } finally {
            clearTimeout(timer);
            over.abort();
        }
    }
}

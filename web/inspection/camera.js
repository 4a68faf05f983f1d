/** Judges what a camera sees, picture after picture, and the photos that are taken of it. */

import { sentence } from './holder.js';
import { toPng } from '../files/png.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../files/gather.js').Found} Found */
/** @typedef {import('./watch.js').Judged} Judged */
/** @typedef {import('../state/job.js').Camera} CameraState */

const EVERY = 2000; /* ms between two photos that are taken by the clock */
const PAUSE = 100; /* ms until the next look where nothing is judged */

/* A picture rests when for so many ms none differs from the one before by more than STILL of full
 * brightness, which is above a sensor's noise, and it is another than the photo taken last when it
 * differs by OTHER: a part that comes, not a lamp that flickers. */
const REST = 600;
const STILL = 0.015;
const OTHER = 0.04;
const SIDE = 32; /* of the small grey pictures that tell it */

/* Pixels of a picture for one of the network's input, along a side: the most that are no reason to
 * cut it into tiles, each of which takes as long as the whole (src/backbone/tiles.c). */
const SQUEEZE = 5;

/**
 * The cameras of this device, and what the one of that id sees, in as many pixels as are looked at.
 * @param {import('../state/store.js').State['job']['shape']} shape null: not known yet
 * @param {string} [id] none: the one that the browser chooses
 * @returns {Promise<{stream: MediaStream, id: string, all: {id: string, label: string}[]}>}
 */
export async function openCamera(shape, id) {
    const { mediaDevices } = navigator;
    if (!mediaDevices) throw new Error(texts.camera.httpsOnly);
    /** @type {MediaStream|undefined} */
    let stream;
    const { input, tiles } = shape ?? { input: 224, tiles: { columns: 1, rows: 1 } };
    const ideal = Math.min(1920, SQUEEZE * input * Math.max(tiles.columns, tiles.rows));
    try {
        stream = await mediaDevices.getUserMedia({
            video: { ...(id && { deviceId: { exact: id } }), width: { ideal } },
        });
        const devices = await mediaDevices.enumerateDevices();
        return {
            stream,
            id: stream.getVideoTracks()[0].getSettings().deviceId ?? '',
            all: devices
                .filter(({ kind }) => kind === 'videoinput')
                .map(({ deviceId, label }, i) => ({
                    id: deviceId,
                    label: label || texts.camera.nth(i + 1),
                })),
        };
    } catch (error) {
        stream?.getTracks().forEach((track) => track.stop());
        const { name } = /** @type {Error} */ (error);
        throw new Error(texts.camera.why[name] ?? sentence(error));
    }
}

export class Camera {
    #store;
    #judge;
    #isWanted = false; /* the next picture becomes a photo */
    /** @type {Found[]} taken while nothing is learnt yet */
    #collected = [];

    /**
     * @param {import('../state/store.js').Store} store
     * @param {object} judge
     * @param {(frame: ImageBitmap) => Promise<Judged>} judge.judgeFrame which is used up
     * @param {(found: Found, keeps: () => boolean) => Promise<Judged>} judge.judgeOne
     */
    constructor(store, judge) {
        this.#store = store;
        this.#judge = judge;
    }

    /** Takes a photo of what is seen next. */
    take() {
        this.#isWanted = true;
    }

    /**
     * Goes on as long as the state says so, and then lets go of the camera.
     * @param {Awaited<ReturnType<typeof openCamera>>} camera
     * @param {() => Promise<ImageBitmap|null>} grab what it sees now
     * @returns {Promise<Found[]>} what was taken while nothing was learnt, unless another camera goes
     *     on with it
     */
    async watch({ stream, id, all }, grab) {
        const { state, job, page } = this.#store;
        const watching = job.watch('', { stream, id, all });
        const { camera } = watching;
        /* a job that begins elsewhere gets what was taken until then */
        const isCollecting = !state.job.learned;
        const goesOn = () =>
            state.job.watch === watching && !(isCollecting && state.job.phase !== 'start');
        const ready = new Readiness();
        const [track] = stream.getVideoTracks();
        track.addEventListener('ended', () => {
            if (!goesOn()) return;
            page.say('error', texts.camera.gone);
            job.unwatch();
        });
        this.#isWanted = false;
        /* One picture is judged while the next is taken of the video: no more wait, for the latest
         * is wanted. */
        let last = Promise.resolve();
        try {
            while (goesOn()) {
                const frame = document.hidden ? null : await grab();
                if (!frame || !camera) {
                    await pause();
                    continue;
                }
                const isFree = isCollecting || state.job.phase === 'result';
                const isDue = isFree && (ready.look(frame, camera.way) || this.#isWanted);
                this.#isWanted = false;
                if (isDue) {
                    const outcome = await this.#photo(frame, isCollecting, goesOn);
                    if (goesOn()) job.watched(outcome);
                } else if (state.job.learned && state.job.phase === 'result') {
                    const judging = this.#judge.judgeFrame(frame).then((seen) => {
                        if (goesOn()) job.sees(seen);
                    });
                    judging.catch(() => {}); /* awaited at the next picture */
                    await last;
                    last = judging;
                } else {
                    frame.close();
                    await pause();
                }
            }
        } catch (error) {
            if (goesOn()) {
                page.say('error', texts.camera.noMore(sentence(error)));
                job.unwatch();
            }
        } finally {
            stream.getTracks().forEach((each) => each.stop());
            if (isCollecting && state.job.watch === watching) job.unwatch();
        }
        return state.job.watch?.camera ? [] : this.#collected.splice(0);
    }

    /**
     * @param {ImageBitmap} frame which is used up
     * @param {boolean} isCollecting
     * @param {() => boolean} goesOn
     * @returns {Promise<import('../state/job.js').Outcome>}
     */
    async #photo(frame, isCollecting, goesOn) {
        const { state } = this.#store;
        const now = new Date();
        const stamp = now.toISOString().slice(0, -1).replace('T', ' ').replaceAll(':', '.');
        const name = `${texts.camera.photo} ${stamp}.png`;
        const time = now.getTime();
        try {
            const file = await toPng(frame, frame.width, frame.height);
            if (isCollecting) {
                this.#collected.push({ name, file, time });
                return { last: { name, file, score: null, calledUpTo: null, heat: null } };
            }
            const keeps = () => goesOn() && Boolean(state.job.watch?.keeping);
            const judged = await this.#judge.judgeOne({ name, file, time }, keeps);
            return { last: { name, file, ...judged } };
        } catch (error) {
            return { trouble: `${name}: ${sentence(error)}` };
        } finally {
            frame.close();
        }
    }
}

/** When a photo is due by itself. */
class Readiness {
    #last = performance.now(); /* when a photo was due */
    #since = Infinity; /* when the picture came to rest */
    #before = /** @type {Uint8Array|null} */ (null);
    #taken = /** @type {Uint8Array|null} */ (null);

    /** @param {ImageBitmap} frame @param {CameraState['way']} way */
    look(frame, way) {
        const now = performance.now();
        if (way !== 'rest') {
            this.#before = this.#taken = null;
            if (way === 'hand' || now - this.#last < EVERY) return false;
            this.#last = now;
            return true;
        }
        const grey = greyOf(frame);
        const rests = this.#before !== null && difference(grey, this.#before) <= STILL;
        this.#before = grey;
        if (!rests) this.#since = Infinity;
        else if (this.#since === Infinity) this.#since = now;
        if (now - this.#since < REST || !(this.#since < Infinity)) return false;
        if (this.#taken && difference(grey, this.#taken) < OTHER) return false;
        this.#taken = grey;
        return true;
    }
}

/** @param {ImageBitmap} frame */
function greyOf(frame) {
    const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
    context?.drawImage(frame, 0, 0, SIDE, SIDE);
    const rgba = context?.getImageData(0, 0, SIDE, SIDE).data ?? [];
    return Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
        Math.round((rgba[4 * i] + rgba[4 * i + 1] + rgba[4 * i + 2]) / 3),
    );
}

/** Mean difference, of full brightness. @param {Uint8Array} a @param {Uint8Array} b */
function difference(a, b) {
    return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / (255 * a.length);
}

const pause = () => new Promise((next) => setTimeout(next, PAUSE));

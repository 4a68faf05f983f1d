/** What comes in, in any way: photos for the job at hand, those of videos too, and jobs that were exported. */

import { why } from './holder.js';
import { isOpen } from '../state/job.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../files/gather.js').Gathered} Gathered */
/** @typedef {import('../files/gather.js').Found} Found */
/** @typedef {() => Promise<import('./inspection.js').Use|null>} AskUse null: nothing */

const PHOTOS_MOST = 2000; /* in a job that photos of videos come to */

export class Incoming {
    #store;
    #inspection;
    #ask;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {import('./inspection.js').Inspection} inspection
     * @param {(plan: import('../files/video.js').Plan) => Promise<import('../files/video.js').Taken|null>} ask
     *     how many photos are taken of videos
     */
    constructor(store, inspection, ask) {
        this.#store = store;
        this.#inspection = inspection;
        this.#ask = ask;
    }

    get #job() {
        return this.#store.state.job;
    }

    /** @param {Promise<Gathered>} gathering @param {AskUse} [use] what the photos are for */
    take(gathering, use) {
        /** @type {ReturnType<AskUse>|undefined} */
        let answer;
        const useOnce = use && (() => (answer ??= use()));
        const rest = gathering.then(async (gathered) => {
            const { jobs = [], videos = [] } = gathered;
            jobs.reduce((last, each) => last.then(() => this.#takeJob(each)), Promise.resolve());
            const all = videos.length
                ? await this.#withVideos(gathered, videos, useOnce)
                : gathered;
            const isNothing = !all?.photos.length && !all?.troubles.length;
            return isNothing && (jobs.length || videos.length) ? null : all;
        });
        return this.#inspection.take(rest, useOnce);
    }

    /**
     * What the photos are for is asked first: they take their time.
     * @param {Gathered} gathered
     * @param {Found[]} videos
     * @param {AskUse} [use]
     * @returns {Promise<Gathered|null>} null: nothing is wanted
     */
    async #withVideos({ photos, troubles }, videos, use) {
        const chosen = isOpen(this.#job) && use ? await use() : 'judge';
        if (!chosen) return null;
        const room =
            PHOTOS_MOST - photos.length - (chosen === 'begin' ? 0 : this.#job.items.length);
        const taken = await import('../files/video.js').then(
            ({ photosOf }) => photosOf(videos, room, this.#ask),
            () => ({
                photos: [],
                troubles: videos.map(({ name }) => ({ name, message: texts.notLoaded })),
            }),
        );
        const name = texts.files.others(videos.length, 'video');
        const left = { name, message: texts.files.leftOut, count: videos.length, other: true };
        if (!taken) return { photos, troubles: photos.length ? [...troubles, left] : troubles };
        return {
            photos: [...photos, ...taken.photos],
            troubles: [...troubles, ...taken.troubles],
            ...(!photos.length &&
                videos.length === 1 && { name: videos[0].name.split('/').at(-1) }),
        };
    }

    /** Where no job is open, the one that came is opened. @param {Found} found */
    async #takeJob({ name, file }) {
        const { jobs } = this.#inspection;
        const { page } = this.#store;
        let kept;
        try {
            kept = await page.during(texts.jobs.importing(name), (step) => jobs.read(file, step));
        } catch (error) {
            page.say('error', texts.jobs.notImported(name, why(error)));
        }
        if (!kept) return;
        if (!isOpen(this.#job)) return this.#inspection.open(kept.id);
        page.say('note', texts.jobs.imported(kept.name));
    }
}

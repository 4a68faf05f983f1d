/** Judges the photos that come into a folder, as they come. */

import { Arrivals } from '../files/arrivals.js';
import { sortOut } from '../files/gather.js';
import { sentence } from './holder.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../files/gather.js').Found} Found */
/** A photo that is none of the job's. @typedef {import('../state/job.js').Seen & {note?: string}} Judged */

const PERIOD = 1500; /* ms between two looks */

/**
 * Goes on as long as the state says so: another job, or a button, ends it.
 * @param {FileSystemDirectoryHandle} folder
 * @param {import('../state/store.js').Store} store
 * @param {(found: Found, keeps: () => boolean) => Promise<Judged>} judgeOne keeps: whether the
 *     photo becomes one of the job's
 */
export async function watch(folder, { state, job, page }, judgeOne) {
    const watching = job.watch(folder.name);
    const goesOn = () => state.job.watch === watching;
    const keeps = () => goesOn() && watching.keeping;
    const arrivals = new Arrivals(folder);
    /** @type {Found[]} */
    const waiting = [];
    while (goesOn()) {
        try {
            waiting.push(...(await arrivals.look()));
            if (goesOn() && !watching.looked) job.looked();
        } catch (error) {
            if (!goesOn()) return;
            const why = texts.watch.why[/** @type {Error} */ (error).name] ?? sentence(error);
            page.say('error', texts.watch.noMore(folder.name, why));
            return job.unwatch();
        }
        while (goesOn() && state.job.phase === 'result') {
            const found = waiting.shift();
            if (!found) break;
            const outcome = await outcomeOf(found, (photo) => judgeOne(photo, keeps));
            if ('trouble' in outcome && state.job.phase !== 'result') waiting.unshift(found);
            else if (goesOn()) job.watched(outcome);
        }
        await new Promise((next) => setTimeout(next, PERIOD));
    }
}

/**
 * @param {Found} found
 * @param {(photo: Found) => Promise<Judged>} judgePhoto
 * @returns {Promise<import('../state/job.js').Outcome>}
 */
async function outcomeOf(found, judgePhoto) {
    const { name } = found;
    try {
        const { photos, troubles } = await sortOut([found]);
        const [trouble] = troubles;
        if (!photos.length && trouble && !trouble.other)
            return { trouble: `${trouble.name}: ${trouble.message}` };
        if (!photos.length) return { other: true };
        /* a copy: the file itself may be written over */
        const file = new Blob([await found.file.arrayBuffer()], { type: found.file.type });
        return { last: { name, file, ...(await judgePhoto({ name, file })) } };
    } catch (error) {
        return { trouble: `${name}: ${sentence(error)}` };
    }
}

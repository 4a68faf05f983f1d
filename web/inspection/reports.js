/** What was found on the photos of a job, as data for other programs: the same that the command line
 * writes of it. */

import { cocoJson } from '../files/coco_json.js';
import { keptFormat } from '../files/csv_format.js';
import { maskName, maskPng } from '../files/mask_png.js';
import { regionsCsv } from '../files/regions_csv.js';
import { resultsJson } from '../files/results_json.js';
import { Zip } from '../files/zip.js';
import { texts } from '../texts/texts.js';
import { judge, lookFrom } from '../verdict.js';
import { sentence } from './holder.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../files/findings.js').Finding} Finding */
/** @typedef {'json'|'coco'|'regions'|'masks'|'report'} Kind */

/**
 * @param {Kind} kind
 * @param {State['job']} job
 * @param {object} source
 * @param {import('./regions.js').Regions} source.regions
 * @param {() => Promise<import('./inspection.js').Origin>} source.origin
 * @param {(item: Item) => Promise<Blob>} source.thumb
 * @param {readonly import('../files/findings.js').Group[]} source.groups of the job's regions
 * @param {ReadonlyMap<number, readonly number[]>} source.groupsOf by a photo's id, of its regions
 * @param {import('./marks.js').Marks|null} source.marks null: nothing is marked
 * @param {(item: Item) => Promise<import('../fleck.js').Result|null>} source.judged null: not now
 * @param {() => boolean} source.isThere whether the job is open still, with its result
 * @param {import('../state/page.js').Step} step
 * @returns {Promise<{file: Blob, name: string, missing: string[]}>} missing: names of photos whose
 *     regions could not be found
 */
export async function report(kind, job, source, { signal, report }) {
    const { groups, isThere } = source;
    const { settings, shape, loadedModel, threshold, smallestArea, area, folder, troubles } = job;
    if (!shape) throw new Error(texts.photosIn.closedEarly);
    const photos = inOrder(job.items);
    const zip = new Zip();
    /** @type {Finding[]} */
    const found = [];
    const items = /** @type {Item[]} */ ([]); /* of those found */
    const skipped = troubles.flatMap(({ name, message, why = message, count, other }) =>
        count || other ? [] : [{ file: name, skipped: why }],
    );
    const missing = [];
    for (const [done, item] of photos.entries()) {
        signal.throwIfAborted();
        report(done, photos.length);
        let finding;
        try {
            finding = await findingOf(item, job, source);
        } catch (error) {
            skipped.push({ file: item.name, skipped: sentence(error) });
            missing.push(item.name);
            continue;
        }
        if (!finding || !isThere()) throw new Error(texts.photosIn.closedEarly);
        if (kind === 'masks') await zip.add(maskName(item.name), await maskPng(finding), signal);
        found.push(finding);
        items.push(item);
    }
    const text = (/** @type {string} */ content, type = 'application/json') =>
        new Blob([content], { type });
    switch (kind) {
        case 'masks':
            return { file: zip.blob(), name: 'masks.zip', missing };
        case 'coco':
            return { file: text(cocoJson(found, groups)), name: 'coco.json', missing };
        case 'regions': {
            const table = regionsCsv(found, groups, keptFormat());
            return { file: text(table, 'text/csv'), name: 'regions.csv', missing };
        }
        default: {
            const count = (/** @type {string} */ verdict) =>
                found.filter((each, i) => isLearnt(items[i]) && each.verdict === verdict).length;
            const defects = count('defect');
            const content = resultsJson(
                {
                    settings,
                    shape,
                    loadedModel,
                    threshold,
                    look: lookFrom(threshold),
                    smallestArea,
                    area,
                    skipped,
                    groups,
                    /* by the threshold and the area that hold now */
                    folder: folder && {
                        ...folder,
                        defects,
                        looks: count('look'),
                        clean: !defects && !folder.secondProduct,
                    },
                },
                found,
            );
            if (kind === 'json') return { file: text(content), name: 'results.json', missing };
            const { reportPage } = await import('./report_page.js');
            const judged = items.map((item, i) => ({ item, finding: found[i] }));
            const about = {
                ...source,
                title: job.name,
                area: area?.map ?? null,
                follow: loadedModel ? null : job.drawn?.follow,
                loadedModel,
            };
            const file = await reportPage(content, judged, about, signal);
            return { file, name: 'report.html', missing };
        }
    }
}

/** @param {Item} item */
const isLearnt = ({ fresh, left }) => !fresh && !left;

/** Those learnt from first, by name. @param {readonly Item[]} items */
function inOrder(items) {
    return items
        .filter(({ score }) => score !== null)
        .sort(
            (a, b) =>
                Number(isLearnt(b)) - Number(isLearnt(a)) ||
                Number(a.name > b.name) - Number(a.name < b.name),
        );
}

/**
 * @param {Item} item
 * @param {State['job']} job
 * @param {object} source
 * @param {import('./regions.js').Regions} source.regions
 * @param {ReadonlyMap<number, readonly number[]>} source.groupsOf
 * @param {import('./marks.js').Marks|null} source.marks
 * @param {(item: Item) => Promise<import('../fleck.js').Result|null>} source.judged
 * @returns {Promise<Finding|null>} null: not now
 */
async function findingOf(item, { threshold, smallestArea, area }, source) {
    const score = Number(item.score);
    const { width, height } = await source.regions.sizeOf(item);
    const regions = await source.regions.of(item, { threshold, smallestArea });
    const groups = source.groupsOf.get(item.id) ?? [];
    if (regions?.length !== groups.length) return null; /* it was judged otherwise meanwhile */
    const called = judge(score, threshold);
    const verdict = called === 'defect' && !regions.length ? 'look' : called;
    const marks = (await source.marks?.of(item)) ?? [];
    const judged = area?.follows ? await source.judged(item) : null;
    if (area?.follows && !judged) return null;
    const shift = judged?.shift;
    return { name: item.name, width, height, score, verdict, regions, groups, marks, shift };
}

/** What the report says beside the results: what identifies them, and pictures. */

import { get } from '../files/gather.js';
import { inSixDigits } from '../files/findings.js';
import { dateOf, PICTURES_MOST, reportOf } from '../files/report.js';
import { sha256 } from '../files/sha256.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../files/findings.js').Finding} Finding */

/** Null over plain http. @param {Blob} file */
const hashOf = async (file) => (crypto.subtle ? sha256(await file.arrayBuffer()) : null);

/** @param {Item} item */
const roleOf = ({ fresh, left }) => (fresh ? 'fresh' : left ? 'left' : 'learnt');

/**
 * What the marks come to; null: there are none.
 * @param {Finding[]} findings of all photos
 * @param {import('../fleck.js').Review|null|undefined} review
 */
function marksOf(findings, review) {
    if (!review) return null;
    const { good, goodCalled, defects, defectsCalled, threshold } = review;
    const { precision, precisionLeast, precisionMost, recall, recallLeast, recallMost } = review;
    const here = findings.reduce((sum, { marks = [] }) => sum + marks.length, 0);
    if (!good && !defects) return null;
    return {
        ...{ good, good_called: goodCalled, defects, defects_called: defectsCalled },
        elsewhere: good + defects - here,
        precision: [precision, precisionLeast, precisionMost].map(inSixDigits),
        recall: [recall, recallLeast, recallMost].map(inSixDigits),
        threshold: inSixDigits(threshold),
        by: null,
    };
}

/** Lengths of runs, row by row: outside, inside, outside, ... @param {ArrayLike<number>} map */
export function runsOf(map) {
    const runs = [0];
    let inside = 0;
    for (let i = 0; i < map.length; i++) {
        if (map[i] !== inside) {
            inside = map[i];
            runs.push(0);
        }
        runs[runs.length - 1]++;
    }
    return runs;
}

/** @param {Blob} picture @returns {Promise<string>} */
const dataUrl = (picture) =>
    new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(/** @type {string} */ (reader.result));
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(picture);
    });

/**
 * @param {string} results as JSON
 * @param {{item: Item, finding: Finding}[]} judged its photos, in their order
 * @param {object} source
 * @param {string} source.title
 * @param {ArrayLike<number>|null} source.area its map
 * @param {string|null} [source.follow] name of the photo whose part it follows
 * @param {string|null} source.loadedModel
 * @param {import('./marks.js').Marks|null} source.marks
 * @param {() => Promise<import('./inspection.js').Origin>} source.origin of what was learnt
 * @param {(item: Item) => Promise<Blob>} source.thumb
 * @param {AbortSignal} signal
 */
export async function reportPage(results, judged, source, signal) {
    const { title, area, follow, loadedModel, marks, origin, thumb } = source;
    const template = await (await get('report/template.html', signal)).text();
    const { model, backbone, blocks, sampleBits } = await origin();
    const photos = [];
    for (const { item } of judged) {
        signal.throwIfAborted();
        photos.push({
            sha256: await hashOf(item.file),
            role: loadedModel ? 'fresh' : roleOf(item),
        });
    }
    const called = judged
        .map(({ item, finding }, photo) => ({ item, finding, photo }))
        .filter(({ finding }) => finding.verdict !== 'ok')
        .sort((a, b) => b.finding.score - a.finding.score)
        .slice(0, PICTURES_MOST);
    const pictures = [];
    for (const { item, photo } of called) {
        signal.throwIfAborted();
        const picture = await thumb(item).catch(() => null); /* the report shows that it has none */
        if (picture) pictures.push({ photo, data: await dataUrl(picture) });
    }
    const followed = follow ? judged.findIndex(({ item }) => item.name === follow) : -1;
    const rest = {
        run: {
            date: dateOf(),
            title,
            by: null,
            backbone_sha256: await hashOf(backbone),
            model_sha256: await hashOf(model),
            sample_bits: sampleBits,
            blocks,
            iterations: 0,
            learn_most: 0,
            synthetic: false,
            area: area && runsOf(area),
            ...(followed >= 0 && { area_follows: photos[followed].sha256 }),
            marks: marksOf(
                judged.map(({ finding }) => finding),
                await marks?.review(),
            ),
            photos,
        },
        pictures,
    };
    return new Blob([reportOf(template, results, rest)], { type: 'text/html' });
}

/** The report, one HTML file to read, print and check: web/report/template.html, into which the results
 * go as JSON, as the command line writes it. tests/cli/report.schema.json describes it. */

import { toJson } from '../files/findings.js';
import { get } from '../files/gather.js';
import { sha256 } from '../files/sha256.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../files/findings.js').Finding} Finding */

const PLACE = '@REPORT@'; /* of the JSON */
const PICTURES_MOST = 200;

/** Null over plain http. @param {Blob} file */
const hashOf = async (file) => (crypto.subtle ? sha256(await file.arrayBuffer()) : null);

/** @param {Item} item */
const roleOf = ({ fresh, left }) => (fresh ? 'fresh' : left ? 'left' : 'learnt');

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
 * @param {() => Promise<import('./inspection.js').Origin>} source.origin of what was learnt
 * @param {(item: Item) => Promise<Blob>} source.thumb
 * @param {AbortSignal} signal
 */
export async function reportPage(results, judged, { title, area, origin, thumb }, signal) {
    const template = await (await get('report/template.html', signal)).text();
    const { model, backbone, blocks, sampleBits } = await origin();
    const photos = [];
    for (const { item } of judged) {
        signal.throwIfAborted();
        photos.push({ sha256: await hashOf(item.file), role: roleOf(item) });
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
    const rest = {
        run: {
            date: new Date().toISOString().replace(/\.\d+/, ''),
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
            photos,
        },
        pictures,
    };
    const [begin, end] = template.split(PLACE);
    const json = `${results.trimEnd().slice(0, -1)},${toJson(rest).slice(1)}`;
    return new Blob([begin, json, end], { type: 'text/html' });
}

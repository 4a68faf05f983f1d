/**
 * A job as one file, a ZIP: its photos can be taken out by whatever opens those. First comes
 * `fleck-job.json`, which says what the job is and how many of the other files there are, then
 * photos, small pictures, features and the model, each in the order of that list. Who reads such a
 * file believes nothing in it that can be checked.
 */

import { JOB_LIST } from '../files/kinds.js';
import { safePath } from '../files/names.js';
import { extract } from '../files/unzip.js';
import { Zip } from '../files/zip.js';
import { FILES_MOST, readDirectory } from '../files/zip_directory.js';
import { isKeptView, keptView } from '../state/shown.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('./keep.js').Contents} Contents */
/** @typedef {import('./keep.js').Part} Part */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../state/page.js').Step} Step */
/** @typedef {import('../fleck.js').Features} Features */
/** @typedef {import('../fleck.js').FolderVerdict} FolderVerdict */

/**
 * What the list says.
 * @typedef {object} List
 * @property {'fleck-job'} format
 * @property {number} version   of what is kept of jobs
 * @property {string} name
 * @property {Settings} settings
 * @property {number} threshold
 * @property {number} [smallestArea] none: 0, in files of earlier builds
 * @property {import('../state/job.js').Drawn|null} [area] of interest; none: all of the photos counts
 * @property {import('./keep.js').KeptView} [view] none: all photos, the highest scores first
 * @property {string|null} loadedModel
 * @property {{name: string, fresh: boolean, time?: number|null, score: number|null,
 *     calledUpTo?: number, thumb: Size|null, marks?: import('../state/job.js').Mark[]}[]} photos
 *     time: when the file was changed last, in ms; marks: none where there are none
 * @property {FeaturesSaid[]} features
 * @property {boolean} model
 * @property {FolderVerdict|null} folder
 * @property {readonly GroupName[]} [groups] that have a name, photos by their places in the list; none: none
 */
/** @typedef {import('../state/job.js').GroupName} GroupName */
/** @typedef {{width: number, height: number}} Size in pixels */
/**
 * photo: its place in the list; null: it was left out. patch, cls: how many values there are; none:
 * the photo is not learnt from.
 * @typedef {{photo: number|null, patch?: number, cls?: number, samples?: Features['samples'],
 *     tiles?: Features['tiles']}} FeaturesSaid
 */

const NAME_MOST = 80; /* characters of a job's name */
const WORDS_MOST = 4096; /* of other names */
const THUMB_MOST = 1e6; /* bytes */
const FILE_MOST = 256e6; /* bytes of other files but photos */
const SIDE_MOST = 1e6;
const TIME_MOST = 8.64e15; /* ms that a Date has before and after 1970 */
const BLOCKS_MOST = 4; /* as in src/base/types.h, and the next */
const TILES_MOST = 16;
const POINTS_MOST = 4096; /* of an area's polygons, as there too */
const MARKS_MOST = 4096; /* of a photo */
const MASK_MOST = 1024; /* pixels along a side */
const NAMES_MOST = 1024; /* of groups of regions */
const REGIONS_MOST = 1024; /* by which one of them is known */

/** @type {Record<Settings['method'], true>} */
const METHODS = {
    irmb: true,
    ensemble: true,
    knn: true,
    musc: true,
    mahalanobis: true,
    softpatch: true,
    l2bt: true,
    simplenet: true,
};
/** @type {Record<Settings['preset'], true>} */
const PRESETS = { fit: true, funad: true };
/** @type {Record<Settings['precision'], true>} */
const PRECISIONS = { i16: true, f32: true, i8: true };
/** @type {Record<keyof FolderVerdict, 'number'|'boolean'>} */
const FOLDER = {
    photos: 'number',
    defects: 'number',
    looks: 'number',
    clean: 'boolean',
    estimated: 'number',
    estimatedLeast: 'number',
    estimatedMost: 'number',
    secondProduct: 'number',
};

/**
 * @param {Contents} kept
 * @param {number} version
 * @param {(index: number) => Promise<(Partial<Features> & {id: number})|undefined>} readFeatures
 * @param {Step} step
 */
export async function writeJob(kept, version, readFeatures, { signal, report }) {
    const { job, photos, thumbs, model, scores, calls, indexes } = kept;
    const learnt = indexes.filter((index, i) => index === i).length;
    const total = photos.length + thumbs.size + 2 * learnt + 2;
    if (total > FILES_MOST) throw new Error(texts.jobFile.tooMany(FILES_MOST));
    let done = 0;
    const next = () => {
        signal.throwIfAborted();
        report(done++, total);
    };

    const places = new Map(photos.map(({ id }, i) => [id, i]));
    const marksOf = (/** @type {number} */ id) =>
        (job.marks ?? []).flatMap(({ photo, mark, spot }) =>
            photo === id ? [{ mark, spot }] : [],
        );
    /** @type {FeaturesSaid[]} */
    const features = [];
    /** @type {Blob[]} */
    const values = [];
    for (let index = 0; index < learnt; index++) {
        next();
        const read = await readFeatures(index);
        if (!read) throw new Error(texts.jobFile.changed);
        const { id, patch, cls, samples, tiles } = read;
        const photo = places.get(id) ?? null;
        if (!patch || !cls) features.push({ photo });
        else {
            features.push({ photo, patch: patch.length, cls: cls.length, samples, tiles });
            values.push(new Blob(/** @type {BlobPart[]} */ ([patch, cls])));
        }
    }
    /** @type {List} */
    const list = {
        format: 'fleck-job',
        version,
        name: job.name,
        settings: job.settings,
        threshold: job.threshold,
        smallestArea: job.smallestArea,
        area: job.area ?? null,
        view: job.view && keptView(job.view),
        loadedModel: job.loadedModel,
        photos: photos.map(({ id, name, file, fresh, time }) => {
            const thumb = thumbs.get(id);
            return {
                name,
                fresh,
                time: time ?? /** @type {Partial<File>} */ (file).lastModified,
                score: scores.get(id) ?? null,
                calledUpTo: calls.get(id),
                marks: marksOf(id),
                thumb: thumb ? { width: thumb.width, height: thumb.height } : null,
            };
        }),
        features,
        model: Boolean(model),
        folder: model?.folder ?? null,
        groups: groupsBy(job.groups ?? [], (id) => places.get(id)),
    };

    const zip = new Zip();
    const add = async (/** @type {string} */ name, /** @type {Blob} */ content) => {
        next();
        await zip.add(name, content, signal);
    };
    await add(JOB_LIST, new Blob([JSON.stringify(list)]));
    for (const { name, file } of photos) await add(`photos/${safePath(name).join('/')}`, file);
    for (const [i, { id }] of photos.entries()) {
        const thumb = thumbs.get(id);
        if (thumb) await add(`thumbs/${i}.jpg`, thumb.picture);
    }
    for (const [i, value] of values.entries()) await add(`features/${i}`, value);
    if (model) await add('model.fleck', model.bytes);
    return zip.blob();
}

/**
 * @param {Blob} file
 * @param {number} version
 * @param {(model: Uint8Array) => Promise<unknown>} checkModel throws where it is none
 * @param {Step} step
 * @returns {Promise<{job: Omit<import('./keep.js').JobRecord, 'id'|'used'>, parts: AsyncGenerator<Part>}>}
 *     all that is wrong is thrown, of the parts when they come
 */
export async function readJob(file, version, checkModel, { signal, report }) {
    const entries = await readDirectory(file);
    let done = 0;
    /** The next file. @param {number} [most] */
    const next = async (most = FILE_MOST) => {
        report(done, entries.length);
        const entry = entries[done++];
        if (!entry || entry.method !== 0) throw new Error(texts.jobFile.damaged);
        return extract(file, entry, signal, most);
    };
    if (entries[0]?.path.join('/') !== JOB_LIST) throw new Error(texts.jobFile.damaged);
    const list = /** @type {List} */ (await read(await next()));
    if (list?.format !== 'fleck-job') throw new Error(texts.jobFile.damaged);
    if (list.version !== version) throw new Error(texts.jobFile.otherVersion);
    check(list);
    const settings = checked(list.settings);
    const { photos, features, model, folder } = list;
    const count =
        1 +
        photos.length +
        photos.filter(({ thumb }) => thumb).length +
        features.filter(({ patch }) => patch).length +
        Number(model);
    if (entries.length !== count) throw new Error(texts.jobFile.damaged);

    /** @returns {AsyncGenerator<Part>} */
    async function* parts() {
        for (const [id, { name, fresh, time = null }] of photos.entries()) {
            const path = safePath(name).join('/');
            yield ['photos', id, { id, name: path, fresh, time, file: await next(Infinity) }];
        }
        for (const [id, { thumb }] of photos.entries())
            if (thumb) {
                const picture = new Blob([await next(THUMB_MOST)], { type: 'image/jpeg' });
                const { width, height } = thumb;
                yield ['thumbs', id, { picture, width, height }];
            }
        for (const [index, said] of features.entries()) {
            const id = said.photo ?? -1; /* no photo has it */
            const values = said.patch ? valuesOf(said, await bytesOf(await next())) : {};
            yield ['features', index, { ...values, id }];
        }
        if (model) {
            const bytes = await next();
            await checkModel(await bytesOf(bytes));
            yield ['model', 0, { bytes, folder }];
        }
        yield ['scores', 0, byPhoto(photos.map(({ score }) => score))];
        yield ['scores', 1, byPhoto(photos.map(({ calledUpTo }) => calledUpTo))];
    }
    const { name, threshold, smallestArea = 0, area = null, view, loadedModel, groups = [] } = list;
    const modelBytes = model ? (entries.at(-1)?.size ?? 0) : 0;
    const job = {
        ...{ name, settings, threshold, smallestArea, area, loadedModel, modelBytes },
        ...(view && { view: keptView(view) }),
        groups: groupsBy(groups, (photo) => photo),
        marks: photos.flatMap(({ marks = [] }, photo) =>
            marks.map(({ mark, spot }) => ({
                photo,
                mark,
                spot: spot && { x: spot.x, y: spot.y },
            })),
        ),
    };
    return { job, parts: parts() };
}

/** @param {(number|null|undefined)[]} values */
const byPhoto = (values) => new Map([...values.entries()].filter(([, value]) => value != null));

/**
 * The same with photos by other numbers, without those that have none, and with nothing else in it.
 * @param {readonly GroupName[]} groups
 * @param {(photo: number) => number|undefined} numberOf
 */
const groupsBy = (groups, numberOf) =>
    groups.map(({ name, regions }) => ({
        name,
        regions: regions.flatMap(({ photo, x, y }) => {
            const number = numberOf(photo);
            return number === undefined ? [] : [{ photo: number, x, y }];
        }),
    }));

/** @param {Blob} blob */
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

/** @param {Blob} json */
async function read(json) {
    try {
        return JSON.parse(await json.text());
    } catch {
        throw new Error(texts.jobFile.damaged);
    }
}

/** Half floats, all of them numbers. @param {FeaturesSaid} said @param {Uint8Array<ArrayBuffer>} bytes */
function valuesOf({ patch = 0, cls = 0, samples, tiles }, bytes) {
    if (bytes.length !== 2 * (patch + cls)) throw new Error(texts.jobFile.damaged);
    const values = new Uint16Array(bytes.buffer);
    if (values.some((half) => (half & 0x7c00) === 0x7c00)) throw new Error(texts.jobFile.damaged);
    return { patch: values.slice(0, patch), cls: values.slice(patch), samples, tiles };
}

/** Throws where something but the settings is not what it may be. @param {List} list */
function check(list) {
    const { name, threshold, smallestArea = 0, loadedModel, photos, features, model } = list;
    const { folder, area = null, view, groups = [] } = list;
    must(isText(name, NAME_MOST) && isShare(threshold) && threshold > 0);
    must(isShare(smallestArea));
    must(area === null || isArea(area));
    must(view === undefined || (isKeptView(view) && view.folder.length <= WORDS_MOST));
    must(loadedModel === null || isText(loadedModel));
    must(typeof model === 'boolean' && Array.isArray(photos) && Array.isArray(features));
    for (const photo of photos) {
        must(isText(photo?.name) && typeof photo.fresh === 'boolean');
        must(photo.time == null || isWhole(photo.time, -TIME_MOST, TIME_MOST));
        must(photo.score === null || isShare(photo.score));
        must(photo.calledUpTo === undefined || (smallestArea > 0 && isShare(photo.calledUpTo)));
        const { marks = [] } = photo;
        must(Array.isArray(marks) && marks.length <= MARKS_MOST && marks.every(isMark));
        if (photo.thumb !== null) must(isSize(photo.thumb?.width) && isSize(photo.thumb.height));
    }
    for (const said of features) {
        must(said?.photo === null || isWhole(said?.photo, 0, photos.length - 1));
        if (said.patch === undefined) continue;
        const { patch, cls = 0, samples, tiles } = said;
        must(isWhole(patch, 1) && isWhole(cls, 1) && patch % cls === 0);
        if (samples !== undefined)
            must(isWhole(samples?.bits, 0, 16) && isWhole(samples.highest, 0, 0xffff));
        if (tiles !== undefined) must(isTiles(tiles));
    }
    must(Array.isArray(groups) && groups.length <= NAMES_MOST);
    for (const group of groups) {
        must(isText(group?.name, NAME_MOST) && Array.isArray(group.regions));
        must(group.regions.length <= REGIONS_MOST);
        for (const region of group.regions)
            must(isWhole(region?.photo, 0, photos.length - 1) && isSpot(region));
    }
    for (const [field, type] of Object.entries(folder === null ? {} : FOLDER)) {
        const value = folder?.[/** @type {keyof FolderVerdict} */ (field)];
        must(type === 'boolean' ? typeof value === 'boolean' : isWhole(value, 0));
    }
}

/** What is known of them, and nothing else. @param {Settings} settings @returns {Settings} */
function checked(settings) {
    const { method, preset, input, tiles, blocks, seed, precision, backbone } = settings ?? {};
    must(Object.hasOwn(METHODS, method) && Object.hasOwn(PRESETS, preset));
    must(Object.hasOwn(PRECISIONS, precision) && isWhole(input, 0) && isWhole(seed, 0));
    must(tiles === 'auto' || isTiles(tiles));
    must(Array.isArray(blocks) && blocks.length <= BLOCKS_MOST);
    must(blocks.every((each) => isWhole(each, 1)));
    must(backbone === null || (isText(backbone?.id) && isText(backbone.name)));
    return {
        method,
        preset,
        input,
        tiles: tiles === 'auto' ? tiles : { columns: tiles.columns, rows: tiles.rows },
        blocks,
        seed,
        precision,
        backbone: backbone && { id: backbone.id, name: backbone.name },
    };
}

/** @param {boolean} condition */
function must(condition) {
    if (!condition) throw new Error(texts.jobFile.damaged);
}

/** @param {unknown} text */
const isText = (text, most = WORDS_MOST) =>
    typeof text === 'string' && text.length > 0 && text.length <= most;

/** @param {unknown} value */
const isShare = (value) => typeof value === 'number' && value >= 0 && value <= 1;

/** @param {unknown} value @param {number} least */
const isWhole = (value, least, most = Number.MAX_SAFE_INTEGER) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;

/** @param {any} said */
const isMark = (said) =>
    (said?.mark === 'good' || said?.mark === 'defect') && (said.spot === null || isSpot(said.spot));

/** @param {any} said */
const isSpot = (said) => isShare(said?.x) && isShare(said.y);

/** @param {any} area */
function isArea(area) {
    const { follow, ...drawn } = area;
    if (follow !== undefined && typeof follow !== 'string') return false;
    const [field, ...more] = Object.keys(drawn);
    if (field === 'mask') {
        const { mask, side } = area;
        if (!isWhole(side, 1, MASK_MOST) || more.join() !== 'side') return false;
        return isText(mask, MASK_MOST ** 2) && bytesIn(mask) === Math.ceil((side * side) / 8);
    }
    const polygons = [area.include, area.exclude].flat();
    const points = polygons.flat();
    return (
        `${field},${more}` === 'include,exclude' &&
        polygons.length > 0 &&
        points.length <= POINTS_MOST &&
        polygons.every((polygon) => Array.isArray(polygon) && polygon.length > 2) &&
        points.every((point) => point?.length === 2 && isShare(point[0]) && isShare(point[1]))
    );
}

/** @param {string} text in base 64; NaN: it is not */
function bytesIn(text) {
    try {
        return atob(text).length;
    } catch {
        return NaN;
    }
}

/** @param {unknown} value */
const isSize = (value) => isWhole(value, 1, SIDE_MOST);

/** @param {import('../fleck.js').Tiles} tiles */
const isTiles = (tiles) =>
    isWhole(tiles?.columns, 1, TILES_MOST) && isWhole(tiles.rows, 1, TILES_MOST);

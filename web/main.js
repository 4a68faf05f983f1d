/** The page's state, and the wiring between the work and what shows it. */

import { Backbones } from './backbones/backbones.js';
import { toCsv } from './files/csv.js';
import { button, h, setText } from './dom.js';
import { download, fromDrop, fromInput } from './files/files.js';
import { Gallery } from './parts/gallery.js';
import { Histogram } from './parts/histogram.js';
import { sentence } from './work/holder.js';
import { marked } from './files/kinds.js';
import { Notices } from './parts/notices.js';
import { flatten } from './overlay.js';
import { BACKBONE_FILE, Picker } from './parts/picker.js';
import { SettingsDialog } from './parts/settings.js';
import { Start } from './parts/start.js';
import { derived, initialState, isBusy } from './state.js';
import { Status } from './parts/status.js';
import { headline, Summary } from './parts/summary.js';
import { Troubles } from './parts/troubles.js';
import { judge } from './verdict.js';
import { Viewer } from './parts/viewer.js';
import { Work } from './work/work.js';
import { Zip } from './files/zip.js';

/** @typedef {import('./state.js').Item} Item */

const EXPORT_SIDE = 1024; /* longest side of an exported heatmap in pixels */

const state = initialState();
let due = 0,
    picturesDue = 0;

/** Shows the state at the next frame; also where the tab is in the background. */
function changed() {
    if (due) return;
    due = setTimeout(show, document.hidden ? 200 : 16);
}

/** @param {'note'|'error'} kind @param {string} message */
function say(kind, message) {
    set({ notices: [...state.notices, { kind, message }] });
}

/* Whatever no one else catches, of listeners and of their promises. */
window.addEventListener('error', ({ error }) => {
    if (error) unforeseen(error); /* without one it is a mere warning of the browser's */
});
window.addEventListener('unhandledrejection', ({ reason }) => unforeseen(reason));

/** @param {unknown} error */
function unforeseen(error) {
    const why = sentence(error).replace(/[.!]?$/, '.');
    const message =
        `Something went wrong: ${why} What was done is kept. ` +
        'Try it again, or reload the page.';
    if (state.notices.some((notice) => notice.message === message)) return;
    say('error', message);
}

/** @param {Partial<typeof state>} values */
function set(values) {
    Object.assign(state, values);
    changed();
}

/** Shows pictures that have arrived: often, so nothing else is looked at. */
function pictured() {
    picturesDue ||= requestAnimationFrame(() => {
        picturesDue = 0;
        gallery.update(state);
        viewer.update(state);
    });
}

/** A word in the notices, unless it is there to be seen in the settings. */
const backbones = new Backbones(state, changed, (kind, message) => {
    if (!settings.element.open) say(kind, message);
});
const work = new Work(state, changed, pictured, backbones);

const folderInput = h('input', {
    type: 'file',
    webkitdirectory: true,
    multiple: true,
    hidden: true,
});
const photoInput = h('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    accept: 'image/png,image/*',
});
const modelInput = h('input', { type: 'file', hidden: true, accept: '.fleck' });
for (const input of [folderInput, photoInput])
    input.addEventListener('change', () => {
        const photos = fromInput(input.files ?? []);
        input.value = '';
        return work.take(photos);
    });
modelInput.addEventListener('change', () => {
    const file = modelInput.files?.[0];
    modelInput.value = '';
    if (file) work.loadModel(file);
});
const chooseFolder = () => folderInput.click();
const choosePhotos = () => photoInput.click();
const loadModel = () => modelInput.click();
const startOver = () => work.startOver();

const picker = new Picker({
    download: (entry) => backbones.download(entry),
    stop: (id) => backbones.stop(id),
    remove: (id) => backbones.remove(id),
    offer: (file) => backbones.offer(file),
});
const settings = new SettingsDialog((chosen) => work.apply(chosen), picker);
const heat = (/** @type {Item} */ item) => work.heats.peek(item);
const components = {
    start: new Start({
        chooseFolder,
        choosePhotos,
        loadModel,
        samples: () => work.addSamples(),
        restore: () => work.restore(),
        forget: startOver,
    }),
    status: new Status({
        cancel: () => work.cancel(),
        goOn: () => work.go(),
        choosePhotos,
        startOver,
        leaveOutRest: () => work.leaveOutRest(),
    }),
    summary: new Summary({
        filter: (filter) => set({ filter }),
        csv: exportCsv,
        heatmaps: exportHeatmaps,
        saveModel,
        loadModel,
        chooseFolder,
        choosePhotos,
        startOver,
        learnAgain: () => work.learnAgain(),
    }),
    histogram: new Histogram((threshold) => set({ threshold })),
    troubles: new Troubles(),
    gallery: new Gallery({
        choose: (item) => set({ chosen: item.id }),
        open: (item) => openLarge(item),
        heat,
    }),
    viewer: new Viewer({
        walk,
        large: (large) => (large ? openLarge(null) : closeLarge()),
        heat,
        heatmap: (heatmap) => set({ heatmap }),
        opacity: (opacity) => set({ opacity, heatmap: opacity > 0 }),
    }),
    picker,
    settings,
    notices: new Notices((notice) =>
        set({ notices: state.notices.filter((each) => each !== notice) }),
    ),
};
const { start, status, summary, histogram, troubles, gallery, viewer, notices } = components;

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const live = /** @type {HTMLElement} */ (document.getElementById('live'));
const backbone = button('', openSettings, { class: 'button bare chip' });
backbone.append(h('span'));
const panel = h('div', { class: 'panel' }, status.element, histogram.element, summary.element);
const bench = h(
    'div',
    { class: 'bench' },
    panel,
    h('div', { class: 'split' }, gallery.element, viewer.element),
);
const dropHint = h('div', { class: 'drop-hint', hidden: true }, h('p'));
document.getElementById('tools')?.append(
    backbone,
    button('', openSettings, {
        class: 'button bare',
        icon: 'gear',
        'aria-label': 'Settings',
        title: 'Settings',
    }),
);
main.append(start.element, troubles.element, bench);
document.body.append(
    notices.element,
    dropHint,
    settings.element,
    folderInput,
    photoInput,
    modelInput,
);

function show() {
    due = 0;
    main.hidden = false;
    Object.assign(state, derived(state.items, state.threshold, state.filter));
    if (state.chosen !== null && !state.items.some((item) => item.id === state.chosen))
        state.chosen = null;
    if (state.chosen === null && state.phase === 'result')
        state.chosen = state.shown[0]?.id ?? null;
    if (state.chosen === null) state.large = false;
    const atStart = !start.element.hidden;
    document.body.dataset.phase = state.phase;
    for (const component of Object.values(components))
        try {
            component.update(state);
        } catch (error) {
            queueMicrotask(() => {
                throw error; /* is told; the others are shown all the same */
            });
        }
    bench.hidden = !start.element.hidden;
    histogram.element.hidden = state.phase !== 'result' || !state.items.length;
    if (atStart && !bench.hidden) scrollTo(0, 0);
    panel.inert = gallery.element.inert = state.large;
    const [load] = state.backbones.loads.values();
    setText(
        /** @type {Element} */ (backbone.lastElementChild),
        `Backbone: ${state.settings.backbone?.name ?? 'built in'}` +
            (load?.total ? ` · downloading ${Math.floor((100 * load.done) / load.total)} %` : ''),
    );
    tell();
}

/** The tab's title, and progress for screen readers in steps of a quarter. */
function tell() {
    const { progress, phase, counts } = state;
    const share = progress?.total ? progress.done / progress.total : 0;
    document.title = isBusy(state)
        ? `${Math.floor(share * 100)} % · fleck`
        : phase === 'result' && counts.all
          ? `${headline(state)} · fleck`
          : 'fleck';
    const text = isBusy(state)
        ? `${progress?.title}${share >= 0.25 ? `, ${Math.floor(share * 4) * 25} percent` : ''}`
        : phase === 'paused'
          ? state.pausedBy
          : phase === 'result' && counts.all
            ? `${headline(state)}: ${counts.defect} defect, ${counts.look} look, ${counts.ok} OK`
            : '';
    setText(live, text);
}

/** @param {1|-1} by */
function walk(by) {
    const at = state.shown.findIndex((item) => item.id === state.chosen);
    const next = state.shown[Math.min(Math.max(at + by, 0), state.shown.length - 1)];
    if (next) set({ chosen: next.id });
}

/** @param {Item|null} item null: the chosen one */
function openLarge(item) {
    set({ large: true, chosen: item?.id ?? state.chosen });
    viewer.element.querySelector('button')?.focus();
}

function closeLarge() {
    set({ large: false });
    gallery.element.inert = false;
    gallery.element.focus();
}

function openSettings() {
    settings.open(state);
    backbones.look();
    if (!state.backbones.pace && !isBusy(state)) work.measure();
}

function exportCsv() {
    const { threshold } = state;
    const rows = derived(state.items, threshold, 'all').shown.flatMap(({ name, score }) =>
        score === null ? [] : [{ file: name, score, verdict: judge(score, threshold) }],
    );
    download(new Blob([toCsv(rows)], { type: 'text/csv' }), 'scores.csv');
}

async function exportHeatmaps() {
    set({ exporting: true });
    try {
        const zip = new Zip();
        const missing = [];
        for (const item of derived(state.items, state.threshold, 'all').shown) {
            const picture = await drawHeatmap(item).catch(() => null);
            if (picture) zip.add(`${item.name.replace(/\.\w+$/, '')}.png`, picture);
            else missing.push(item.name);
        }
        download(zip.blob(), 'heatmaps.zip');
        if (missing.length)
            say('error', `These photos could not be drawn and are missing: ${missing.join(', ')}.`);
    } finally {
        set({ exporting: false });
    }
}

/** A photo with its heatmap, as the bytes of a PNG. @param {Item} item */
async function drawHeatmap(item) {
    const levels = await work.heats.get(item);
    if (!levels || !state.shape) return null;
    const photo = await createImageBitmap(item.file, { imageOrientation: 'from-image' });
    const canvas = flatten(photo, levels, state.shape.view, state.opacity, EXPORT_SIDE);
    photo.close();
    const picture = marked(await canvas.convertToBlob({ type: 'image/png' }));
    return new Uint8Array(await picture.arrayBuffer());
}

async function saveModel() {
    download(await work.saveModel(), state.loadedModel ?? 'model.fleck');
}

document.addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === 'Escape' && state.large) closeLarge();
    else if (
        event.key === ' ' &&
        state.phase !== 'start' &&
        !settings.element.open &&
        !target.closest('button, summary, input, a')
    ) {
        event.preventDefault();
        set({ heatmap: !state.heatmap });
    }
});

/* The whole window takes drops. */
document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    dropHint.hidden = false;
    setText(
        /** @type {Element} */ (dropHint.firstElementChild),
        state.learned
            ? 'Drop photos to judge them'
            : state.items.length
              ? 'Drop photos to add them'
              : 'Drop a folder or photos',
    );
});
document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) dropHint.hidden = true;
});
document.addEventListener('drop', (event) => {
    dropHint.hidden = true;
    const transfer = event.dataTransfer;
    if (!transfer?.types.includes('Files')) return;
    event.preventDefault();
    const [first, ...others] = transfer.items;
    const alone = !others.length && !first?.webkitGetAsEntry()?.isDirectory;
    const file = alone ? first?.getAsFile() : null;
    if (file && (settings.element.open || BACKBONE_FILE.test(file.name))) {
        if (!settings.element.open) openSettings();
        return picker.offer(file);
    }
    settings.element.close();
    return file?.name.endsWith('.fleck') ? work.loadModel(file) : work.take(fromDrop(transfer));
});
window.addEventListener('beforeunload', (event) => {
    if (isBusy(state)) event.preventDefault();
});

/* The first picture waits, but not long, for the answer whether a folder is kept: no jump. */
main.hidden = true;
setTimeout(changed, 400);
work.prepare().then(() => navigator.serviceWorker?.register('offline.js').catch(() => {}));

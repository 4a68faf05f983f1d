/** The wiring: between the state, the work that changes it, and the parts that show it. */

import { Backbones } from './backbones/backbones.js';
import { keepFormat, keptFormat } from './files/csv_format.js';
import { button, h, setText } from './dom.js';
import { download, fromDrop, fromInput } from './files/gather.js';
import { fileName } from './files/names.js';
import { Drops } from './parts/drops.js';
import { Gallery } from './parts/gallery.js';
import { GalleryBar } from './parts/gallery_bar.js';
import { Histogram } from './parts/histogram.js';
import { why } from './inspection/holder.js';
import { JobName } from './parts/job_name.js';
import { Jobs } from './parts/jobs.js';
import { listen } from './parts/keys.js';
import { NewVersion } from './parts/new_version.js';
import { Notices } from './parts/notices.js';
import { BACKBONE_FILE } from './backbones/registry.js';
import { keepLayer } from './layer.js';
import { pastedNames } from './files/pasted.js';
import { Outlines } from './parts/outlines.js';
import { RegionList } from './parts/region_list.js';
import { Stage } from './parts/stage.js';
import { Question } from './parts/question.js';
import { Welcome } from './parts/welcome.js';
import { isBusy, isOpen } from './state/job.js';
import { Store } from './state/store.js';
import { SmallestArea } from './parts/smallest_area.js';
import { Status } from './parts/status.js';
import { headline, Summary } from './parts/summary.js';
import { Tasks } from './parts/tasks.js';
import { Troubles } from './parts/troubles.js';
import { loaded } from './later.js';
import { LANGUAGES, language, preferred, remember, speak, texts } from './texts/texts.js';
import { Version } from './version.js';
import { Viewer } from './parts/viewer.js';
import { Watch } from './parts/watch.js';
import { Camera, openCamera } from './inspection/camera.js';
import { Camera as CameraControls } from './parts/camera.js';
import { watch } from './inspection/watch.js';
import { Incoming } from './inspection/incoming.js';
import { Inspection } from './inspection/inspection.js';

/** @typedef {import('./state/store.js').Item} Item */
/** @typedef {import('./texts/texts.js').Language} Language */
/** @typedef {import('./inspection/inspection.js').Use} Use */
/** @typedef {{picker: import('./parts/backbone_picker.js').Picker,
 *     dialog: import('./parts/settings.js').SettingsDialog}} Settings */

/* The one place where a string becomes the address of a script: one of this site's. */
/** @type {any} */ (globalThis).trustedTypes?.createPolicy('default', {
    createScriptURL: (/** @type {string} */ address) =>
        new URL(address, document.baseURI).origin === location.origin ? address : null,
});

await speak(preferred());
document.documentElement.lang = language;
setText(/** @type {Element} */ (document.getElementById('privacy')), texts.privacy);

const FRAME_MS = 16,
    NEWS_MS = 150; /* between two looks at work that goes on: drawing takes time from it */
let due = 0,
    dueAt = Infinity,
    shownAt = -Infinity,
    picturesDue = 0,
    picturedAt = -Infinity;

/** Shows the state at the next frame; also where the tab is in the background. */
const changed = () => showIn(FRAME_MS);

/** Shows how work goes on, not at every frame. */
const progressed = () => showIn(untilNews(shownAt));

/** @param {number} last */
const untilNews = (last) => Math.max(FRAME_MS, last + NEWS_MS - performance.now());

/** @param {number} ms */
function showIn(ms) {
    const at = performance.now() + ms;
    if (at >= dueAt) return;
    clearTimeout(due);
    dueAt = at;
    due = setTimeout(show, ms);
}

/* Whatever no one else catches, of listeners and of their promises. */
window.addEventListener('error', ({ error }) => {
    if (error) unforeseen(error); /* without one it is a mere warning of the browser's */
});
window.addEventListener('unhandledrejection', ({ reason }) => unforeseen(reason));

/** @param {unknown} error */
function unforeseen(error) {
    const message = texts.unforeseen(why(error));
    if (page.notices.some((notice) => notice.message === message)) return;
    store.page.say('error', message);
}

/** Shows pictures that have arrived: often, so nothing else is looked at. */
function pictured() {
    picturesDue ||= setTimeout(() => {
        picturesDue = 0;
        gallery.update(state);
        viewer.update(state);
        picturedAt = performance.now();
    }, untilNews(picturedAt));
}

const store = new Store({ changed, progressed, pictured });
const { state } = store;
const { job, page, device } = state;
/** A word in the notices, unless it is there to be seen in the settings. */
const backbones = new Backbones(store, (kind, message) => {
    if (!settings?.dialog.element.open) store.page.say(kind, message);
});
const inspection = new Inspection(store, pictured, backbones);
const { review } = inspection;
const version = new Version();

/** @type {import('./files/gather.js').During} */
const during = (title, work) => store.page.during(title, work);

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
    accept: 'image/png,image/*,video/*,.zip',
});
const modelInput = h('input', { type: 'file', hidden: true, accept: '.fleck' });
for (const input of [folderInput, photoInput])
    input.addEventListener('change', () => {
        const gathering = fromInput([...(input.files ?? [])], during);
        input.value = '';
        return incoming.take(gathering);
    });
modelInput.addEventListener('change', () => {
    const file = modelInput.files?.[0];
    modelInput.value = '';
    if (file) return openModel(file);
});
const chooseFolder = () => folderInput.click();
const choosePhotos = () => photoInput.click();
const loadModel = () => modelInput.click();

const heat = (/** @type {Item} */ item) => inspection.heats.peek(item);
const question = new Question();
const outlines = new Outlines();
const stage = new Stage(({ file }) => inspection.pictures.copy(file), outlines);
stage.onspot = (
    /** @type {import('./state/job.js').Spot} */ spot,
    /** @type {MouseEvent} */ event,
) => {
    if (page.large && (page.spotting || event.shiftKey)) store.page.set({ spot });
};
/** Parts that are there once they are loaded. @type {{update: (state: import('./state/store.js').State) => void}[]} */
const extras = [];
let wantsMarking = true,
    wantsGroups = true;
/** What the groups of a photo's regions are called, once that is known. @type {(item: Item) => string[]} */
let groupsOf = () => [];

/* What is not needed for the first picture is loaded when it is wanted. */
const exported = later(texts.summary.export, async () => {
    const { Exports } = await import('./inspection/exports.js');
    return new Exports(store, inspection);
});
/** What is there of the settings, and shows the state with the rest. @type {Settings|null} */
let settings = null;
const settingsDialog = later(texts.settings.title, makeSettings);
const csvDialog = later(texts.csv.title, async () => {
    const { CsvDialog } = await import('./parts/csv_dialog.js');
    const write = async (/** @type {import('./files/csv.js').Format} */ format) => {
        keepFormat(format);
        return (await exported())?.scores(format);
    };
    return placed(new CsvDialog(write));
});
const videoDialog = later(texts.video.title, async () => {
    const { VideoDialog } = await import('./parts/video_dialog.js');
    return placed(new VideoDialog());
});
const copiesDialog = later(texts.copies.title, async () => {
    const { CopiesDialog } = await import('./parts/copies_dialog.js');
    return placed(
        new CopiesDialog({
            zip: async (filters) => (await exported())?.photos(filters, null),
            copy: 'showDirectoryPicker' in window ? copyPhotos : null,
        }),
    );
});
const keysDialog = later(texts.gallery.keys, async () => {
    const { KeysDialog } = await import('./parts/keys_dialog.js');
    return placed(new KeysDialog());
});
const areaDialog = later(texts.drawing.title, async () => {
    const { AreaDialog } = await import('./parts/area_dialog.js');
    const { interest, pictures } = inspection;
    const actions = {
        left: (
            /** @type {import('./state/job.js').Drawn} */ drawn,
            /** @type {import('./state/store.js').Item} */ on,
        ) => interest.left(drawn, on),
        propose: (/** @type {import('./state/store.js').Item} */ photo) => interest.propose(photo),
        fromPicture: (/** @type {File} */ file) => interest.fromPicture(file),
        use: (/** @type {import('./state/job.js').Drawn|null} */ drawn) => inspection.limit(drawn),
        copy: (/** @type {Blob} */ file) => pictures.copy(file),
    };
    return placed(new AreaDialog(actions, new Outlines()));
});
const beside = later(texts.viewer.beside, async () => {
    const { Beside } = await import('./parts/beside.js');
    const outlines = new Outlines();
    const stage = new Stage(({ file }) => inspection.pictures.copy(file), outlines);
    const part = new Beside(
        { hold: (id) => review.hold(id), walk: (by) => review.walkOther(by), near },
        { stage, outlines },
    );
    viewer.add(part);
    return part;
});

/** For a result: what the user says of its photos. */
const marking = later(texts.filters.marked, async () => {
    const { Marking } = await import('./parts/marking.js');
    const part = new Marking(
        {
            mark,
            why: explain,
            undo: async () => (await marks())?.undo(),
            spot: () => store.page.set({ spotting: !page.spotting }),
            useful,
            review: reviewMarks,
        },
        stage,
    );
    viewer.extend(part.element);
    extras.push(part);
    changed();
    return part;
});
/** For a result with a defect: which of its regions look alike. */
const groups = later(texts.gallery.sorts.group, async () => {
    const [{ Groups }, found] = await Promise.all([
        import('./parts/groups.js'),
        inspection.groups(),
    ]);
    const part = new Groups({
        see: () => found.see(),
        toggle: (group) => review.show({ group: job.view.group === group ? null : group }),
        call: (group, name) => found.call(group, name),
        picture: (group) => found.picture(group),
    });
    groupsOf = (item) => found.of(item);
    galleryBar.element.after(part.element);
    extras.push(part);
    changed();
    return part;
});
const marksDialog = later(texts.filters.marked, async () => {
    const { MarksDialog } = await import('./parts/marks_dialog.js');
    return placed(new MarksDialog((threshold) => inspection.judge(threshold)));
});
const evidenceDialog = later(texts.filters.marked, async () => {
    const { EvidenceDialog } = await import('./parts/evidence_dialog.js');
    return placed(new EvidenceDialog());
});
const marks = later(texts.filters.marked, () => inspection.marks());

/** Where it does not come, that is said. @template T @param {string} title @param {() => Promise<T>} load */
function later(title, load) {
    return loaded(load, () => store.page.say('error', `${title}: ${texts.notLoaded}.`));
}

/** @template {{element: HTMLElement}} T @param {T} dialog */
function placed(dialog) {
    document.body.append(dialog.element);
    return dialog;
}

const incoming = new Incoming(store, inspection, async (plan) => {
    const dialog = await videoDialog();
    return dialog && dialog.ask(plan);
});
const drops = new Drops(receive);
const openKeys = async () => (await keysDialog())?.open();

const jobs = new Jobs({
    open: ({ id }) => inspection.open(id),
    rename: ({ id }, name) => inspection.jobs.rename(id, name),
    duplicate: ({ id, name }) => inspection.jobs.duplicate(id, texts.jobs.copy(name)),
    exportJob,
    remove: removeJob,
    makeLast: () => inspection.jobs.makeLast(),
});
const camera = new Camera(store, {
    judgeFrame: (frame) => inspection.judgeFrame(frame),
    judgeOne: (found, keeps) => inspection.judgeOne(found, keeps),
});
const cameraControls = new CameraControls({
    take: () => camera.take(),
    choose: (id) => useCamera(id),
    when: (way) => store.job.takePhotos(way),
});
const components = {
    jobs,
    welcome: new Welcome(
        {
            chooseFolder,
            choosePhotos,
            useCamera: () => useCamera(),
            loadModel,
            samples: () => inspection.addSamples(),
        },
        jobs.element,
    ),
    jobName: new JobName((name) => inspection.rename(name)),
    status: new Status({
        cancel: () => inspection.cancel(),
        goOn: () => inspection.go(),
        choosePhotos,
        leaveOutRest: () => inspection.leaveOutRest(),
    }),
    summary: new Summary({
        filter: (filter) => review.show({ filter }),
        csv: async () => (await exported())?.scores(),
        csvFormat: async () => (await csvDialog())?.open(keptFormat()),
        photos: async () => (await copiesDialog())?.open(job.counts),
        heatmaps: async () => (await exported())?.heatmaps(),
        report: async (kind) => (await exported())?.report(kind),
        saveModel: async () => (await exported())?.model(),
        loadModel,
        chooseFolder,
        choosePhotos,
        learnAgain: () => inspection.learnAgain(),
        watchFolder: 'showDirectoryPicker' in window ? watchFolder : null,
        useCamera: () => useCamera(),
    }),
    cameraControls,
    watch: new Watch(
        {
            stop: () => store.job.unwatch(),
            keep: (keeping) => store.job.keepWatched(keeping),
        },
        cameraControls,
        (file) => inspection.pictures.copy(file),
    ),
    histogram: new Histogram((threshold) => inspection.judge(threshold)),
    area: new SmallestArea((share) => inspection.countFrom(share), drawArea),
    troubles: new Troubles(),
    galleryBar: new GalleryBar({
        show: (view) => review.show(view),
        showAll: () => review.showAll(),
        keys: openKeys,
    }),
    gallery: new Gallery({
        choose: (item) => store.page.set({ chosen: item.id }),
        open: (item) => openLarge(item),
        heat,
        see: (items) => inspection.thumbs.show(items),
    }),
    viewer: new Viewer(
        {
            walk: (by) => review.walk(by),
            nextDefect: () => review.walkDefects(1),
            walkOther: (by) => review.walkOther(by),
            compare,
            keys: openKeys,
            resize: () => (page.large ? closeLarge() : openLarge(null)),
            heat,
            regions: (item) => inspection.regions.peek(item),
            groups: (item) => groupsOf(item),
            show: (heatmap) => store.page.set({ heatmap }),
            layer: useLayer,
            opacity: (opacity) => store.page.set({ opacity, heatmap: opacity > 0 }),
        },
        {
            outlines,
            stage,
            regions: new RegionList((region) =>
                store.page.set({ region: page.region === region ? null : region }),
            ),
        },
    ),
    tasks: new Tasks(),
    notices: new Notices((notice) => store.page.dismiss(notice)),
    drops,
    newVersion: new NewVersion({ use: useNewer, later: () => store.device.set({ newer: false }) }),
};
const {
    welcome,
    jobName,
    status,
    summary,
    histogram,
    area,
    troubles,
    galleryBar,
    gallery,
    viewer,
    tasks,
    notices,
} = components;

histogram.element.append(area.element);
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const live = /** @type {HTMLElement} */ (document.getElementById('live'));
const backbone = button('', openSettings, { class: 'button bare chip' });
backbone.append(h('span'));
const panel = h('div', { class: 'panel' }, status.element, histogram.element, summary.element);
const jobBar = h('div', { class: 'job-bar' }, jobName.element, button(texts.bar.closeJob, leave));
const photos = h('div', { class: 'photos' }, galleryBar.element, gallery.element);
const split = h('div', { class: 'split' }, photos, viewer.element);
const bench = h('div', { class: 'bench' }, jobBar, components.watch.element, panel, split);
document.getElementById('tools')?.append(
    backbone,
    button('', openSettings, {
        class: 'button bare',
        icon: 'gear',
        'aria-label': texts.bar.settings,
        title: texts.bar.settings,
    }),
);
notices.element.append(components.newVersion.element);
main.append(welcome.element, troubles.element, bench);
/* What the large view covers; messages stay above it, within reach. */
const behind = [
    /** @type {HTMLElement} */ (document.querySelector('.bar')),
    troubles.element,
    jobBar,
    panel,
    photos,
];
document.body.append(
    h('footer', { class: 'foot' }, tasks.element, notices.element),
    drops.element,
    question.element,
    folderInput,
    photoInput,
    modelInput,
);

function show() {
    dueAt = Infinity;
    main.hidden = false;
    store.derive();
    const atStart = !welcome.element.hidden;
    const focused = main.contains(document.activeElement) ? document.activeElement : null;
    document.body.dataset.phase = job.phase;
    for (const component of [...Object.values(components), ...extras])
        try {
            component.update(state);
        } catch (error) {
            queueMicrotask(() => {
                throw error; /* is told; the others are shown all the same */
            });
        }
    bench.hidden = !welcome.element.hidden;
    jobBar.hidden = job.phase === 'start';
    panel.hidden = split.hidden = !components.watch.element.hidden;
    histogram.element.hidden = job.phase !== 'result' || !job.items.length;
    if (atStart && !bench.hidden) scrollTo(0, 0);
    for (const element of behind) element.inert = page.large;
    if (focused) refocus(focused);
    if (wantsMarking && job.phase === 'result' && job.items.length) {
        wantsMarking = false; /* where it does not come, a key tries again */
        void marking();
    }
    if (wantsGroups && job.phase === 'result' && job.counts.defect) {
        wantsGroups = false;
        void groups();
    }
    const [load] = device.backbones.loads.values();
    setText(
        /** @type {Element} */ (backbone.lastElementChild),
        [
            texts.bar.backbone(job.settings.backbone?.name ?? texts.bar.builtIn),
            load?.total && texts.bar.downloading(Math.floor((100 * load.done) / load.total)),
        ]
            .filter(Boolean)
            .join(' · '),
    );
    tell();
    shownAt = performance.now();
}

/**
 * The focus of what is no longer there, as a button of work that has ended, goes to the headline.
 * @param {Element} focused before the state was shown
 */
function refocus(focused) {
    const isThere = focused.getClientRects().length > 0 && !focused.closest('[inert]');
    const { activeElement } = document;
    if (isThere || (activeElement !== focused && activeElement !== document.body)) return;
    const headlines = [...main.querySelectorAll('h1')];
    const headline = headlines.find((each) => each.getClientRects().length > 0);
    headline?.setAttribute('tabindex', '-1');
    headline?.focus({ preventScroll: true });
}

/** The tab's title, and progress for screen readers in steps of a quarter. */
function tell() {
    const { progress, phase, counts, pausedBy } = job;
    const share = progress?.total ? progress.done / progress.total : 0;
    document.title = isBusy(job)
        ? texts.title.busy(Math.floor(share * 100))
        : phase === 'result' && counts.all
          ? `${headline(job)} · fleck`
          : 'fleck';
    const text = isBusy(job)
        ? texts.title.progress(progress?.title ?? '', Math.floor(share * 4) * 25)
        : phase === 'paused'
          ? pausedBy
          : phase === 'result' && counts.all
            ? texts.title.counts(headline(job), counts.defect, counts.look, counts.ok)
            : '';
    setText(live, text);
}

/** @param {Item|null} item null: the chosen one */
function openLarge(item) {
    store.page.set({ large: true, chosen: item?.id ?? page.chosen });
}

/** @param {import('./layer.js').Layer} layer */
function useLayer(layer) {
    keepLayer(layer);
    store.page.set({ layer, heatmap: true });
}

function closeLarge() {
    store.page.set({ large: false, spot: null });
    store.job.release();
    photos.inert = false;
    gallery.element.focus(); /* where the chosen card is the active one */
}

/** @returns {Promise<Settings>} */
async function makeSettings() {
    const [{ SettingsDialog }, { Picker }] = await Promise.all([
        import('./parts/settings.js'),
        import('./parts/backbone_picker.js'),
    ]);
    const picker = new Picker({
        download: (entry) => backbones.download(entry),
        stop: (id) => backbones.stop(id),
        remove: (id) => backbones.remove(id),
        offer: (file) => backbones.offer(file),
    });
    const dialog = new SettingsDialog((chosen, spoken) => {
        inspection.apply(chosen);
        if (spoken !== language) return useLanguage(spoken);
    }, picker);
    settings = { picker, dialog: placed(dialog) };
    extras.push(picker, dialog);
    picker.update(state);
    return settings;
}

async function openSettings() {
    const made = await settingsDialog();
    if (!made || made.dialog.element.open) return made;
    made.dialog.open(state);
    backbones.look();
    if (!device.pace && !isBusy(job)) inspection.measure();
    return made;
}

/** A second photo beside the chosen one, or in its place in turns; the same again ends it. @param {'beside'|'blink'} comparison */
async function compare(comparison) {
    if (await beside()) review.compare(comparison);
}

/** Those that these filters have, into a folder of the user's. @param {import('./state/job.js').Filter[]} filters */
async function copyPhotos(filters) {
    const folder = await pickFolder({ id: 'copies', mode: 'readwrite' });
    if (folder) return (await exported())?.photos(filters, folder);
}

/** The chosen photo, where it can be marked. */
const markable = () =>
    job.phase === 'result' &&
    job.items.find(({ id, score }) => id === page.chosen && score !== null);

/** The spot that is chosen, or that of the region; null: none is. @param {Item} item @returns {import('./state/job.js').Spot|null} */
function spotOf(item, number = page.region) {
    const { width, height } = item;
    const region = number !== null && inspection.regions.peek(item)?.[number];
    return region && width ? { x: region.peakX / width, y: region.peakY / height } : page.spot;
}

/** The chosen photo, or the spot that is chosen on it. @param {'good'|'defect'} value */
async function mark(value) {
    const item = markable();
    if (!item) return;
    const spot = spotOf(item);
    await marking();
    return (await marks())?.mark(item, value, spot);
}

/** Why the spot that is chosen is hot, or else the hottest one. */
async function explain() {
    const item = markable();
    if (!item) return;
    const spot = spotOf(item) ?? spotOf(item, 0);
    const [dialog, found] = await Promise.all([
        evidenceDialog(),
        marks().then((each) => each?.explain(item, spot)),
    ]);
    if (found) dialog?.open(found);
}

/** What the marks say. */
async function reviewMarks() {
    const [dialog, said] = await Promise.all([
        marksDialog(),
        marks().then((each) => each?.review()),
    ]);
    if (said) dialog?.open(said, job.threshold);
}

/** Opens the photo whose mark would tell most. */
async function useful() {
    if (job.phase !== 'result' || !job.items.length) return;
    const item = await (await marks())?.useful();
    if (item) openLarge(item);
}

/** The good photo that is most like the chosen one is seen beside it. */
async function near() {
    const item = markable();
    const like = item && (await (await marks())?.nearest(item));
    if (like) store.page.set({ nearest: { of: item.id, id: like.id } });
}

/** The area of interest, over the photo that is chosen. */
async function drawArea() {
    const dialog = await areaDialog();
    inspection.interest.begin();
    const folder = job.items.filter(({ fresh }) => !fresh);
    const photos = folder.length ? folder : [...job.items];
    const chosen = photos.find(({ id }) => id === page.chosen) ?? photos[0];
    dialog?.open(photos, chosen, job.drawn, job.shape?.frameShare ?? 1);
}

/** Back to the start page. */
async function leave() {
    if (await mayClose()) return inspection.leave();
}

/** New photos in a folder of the user's are judged as they come. */
async function watchFolder() {
    const folder = await pickFolder({ id: 'watch' });
    if (folder) return watch(folder, store, (found, keeps) => inspection.judgeOne(found, keeps));
}

/** null: the user wants none. @param {{id: string, mode?: string}} wanted */
async function pickFolder(wanted) {
    const picking = /** @type {any} */ (window).showDirectoryPicker(wanted);
    return picking.catch((/** @type {Error} */ error) => {
        if (error.name !== 'AbortError') throw error;
        return null;
    });
}

/**
 * What a camera sees is judged; before anything is learnt, its photos are what is learnt from.
 * @param {string} [id] none: the one that the browser chooses
 */
async function useCamera(id) {
    let opened;
    try {
        /* many devices give one camera at a time */
        if (id) job.watch?.camera?.stream.getTracks().forEach((track) => track.stop());
        opened = await openCamera(job.shape, id);
    } catch (error) {
        store.job.unwatch();
        return store.page.say('error', texts.camera.notUsed(why(error)));
    }
    const taken = await camera.watch(opened, () => cameraControls.grab());
    if (taken.length) return incoming.take(Promise.resolve({ photos: taken, troubles: [] }));
}

/** In place of the job that is open. @param {File} file */
async function openModel(file) {
    if (await mayClose()) return inspection.loadModel(file);
}

/** Photos that a camera took for a job that has not begun: nothing keeps them yet. */
const hasTaken = () => !job.learned && Boolean(job.watch?.camera && job.watch.photos);

/** Whether the job that is open may be closed: it is kept, or the user was asked. */
async function mayClose() {
    if (!hasTaken() && (job.kept || !isOpen(job))) return true;
    return question.ask(texts.jobs.closeTitle, texts.jobs.closeText, [
        { label: texts.close, value: true, kind: 'danger' },
    ]);
}

/** The page anew, in another language; where a job is open, when it is loaded next. @param {Language} name */
function useLanguage(name) {
    const { languageLater, languageNotKept } = texts.settings;
    if (!remember(name)) store.page.say('error', languageNotKept);
    else if (isOpen(job) || isBusy(job) || hasTaken())
        store.page.say('note', languageLater(LANGUAGES[name]));
    else location.reload();
}

/** The page anew, in its newer version. */
async function useNewer() {
    if (!(await mayClose())) return;
    await inspection.written();
    if (!(await version.use())) store.page.say('note', texts.version.openElsewhere);
}

/** @param {import('./state/device.js').KeptJob} kept */
async function removeJob({ id, name, photos }) {
    const sure = await question.ask(texts.jobs.deleteTitle(name), texts.jobs.deleteText(photos), [
        { label: texts.jobs.deleteIt, value: true, kind: 'danger' },
    ]);
    if (sure) return inspection.jobs.remove(id);
}

/** What photos are for that are dropped on a job that has learnt from a folder. @returns {Promise<Use|null>} null: nothing */
async function use() {
    if (!job.learned || job.loadedModel) return 'judge';
    /** @type {import('./parts/question.js').Answer<Use>[]} */
    const answers = [
        { label: texts.use.begin, value: 'begin' },
        { label: texts.use.learn, value: 'learn' },
        { label: texts.use.judge, value: 'judge', kind: 'primary' },
    ];
    const chosen = await question.ask(texts.use.title, texts.use.text(job.name), answers);
    return chosen === 'begin' && !(await mayClose()) ? null : chosen;
}

/** @param {import('./state/device.js').KeptJob} kept */
async function exportJob({ id, name }) {
    try {
        const file = await during(texts.jobs.exporting(name), (step) =>
            inspection.jobs.write(id, step),
        );
        if (file) download(file, `${fileName(name)}.fleck-job.zip`);
    } catch (error) {
        store.page.say('error', texts.jobs.notExported(name, why(error)));
    }
}

listen([photos, viewer.element], () => job.phase !== 'start', {
    nextDefect: () => review.walkDefects(1),
    previousDefect: () => review.walkDefects(-1),
    beside: () => compare('beside'),
    blink: () => compare('blink'),
    alternate: async () => page.comparison === 'blink' && (await beside())?.alternate(),
    heatmap: () => store.page.set({ heatmap: !page.heatmap }),
    good: () => mark('good'),
    defect: () => mark('defect'),
    undo: async () => job.phase === 'result' && (await marks())?.undo(),
    useful,
    why: explain,
    search: () => page.large || galleryBar.focus(),
    help: openKeys,
    close: () => page.large && closeLarge(),
});

/** A model, a backbone, or anything else. @param {DataTransfer} transfer @param {boolean} pasted */
async function receive(transfer, pasted) {
    const nameOf = pasted ? pastedNames(new Date()) : undefined;
    const [first, ...others] = transfer.items;
    const alone = !others.length && !first?.webkitGetAsEntry()?.isDirectory;
    const file = alone ? first?.getAsFile() : null;
    const open = settings?.dialog.element.open ? settings : null;
    if (file && (open || BACKBONE_FILE.test(file.name)))
        return (open ?? (await openSettings()))?.picker.offer(file);
    open?.dialog.element.close();
    return file?.name.endsWith('.fleck')
        ? openModel(file)
        : incoming.take(fromDrop(transfer, during, nameOf), use);
}
window.addEventListener('beforeunload', (event) => {
    if (isBusy(job) || page.tasks.length || page.looking || hasTaken()) event.preventDefault();
});

/* The first picture waits, but not long, for the answer whether a folder is kept: no jump. */
main.hidden = true;
setTimeout(changed, 400);
inspection.prepare().then(() => version.keep(() => store.device.set({ newer: true })));

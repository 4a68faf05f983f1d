/** The folder's verdict in words, the filters, and what can be done next. */

import { button, h, icon, setText } from '../dom.js';
import { estimateSentence, folderSentence, frameSentence } from '../folder.js';
import { isBusy } from '../state/job.js';
import { DEFECT, WORDS } from '../verdict.js';
import { plural } from '../text.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/job.js').Filter} Filter */

/** @type {[Filter, string][]} */
const FILTERS = [
    ['all', 'All'],
    ['defect', WORDS.defect],
    ['look', WORDS.look],
    ['ok', WORDS.ok],
    ['fresh', 'New'],
];

const MANY = 0.3; /* a share of defects that no production line has */

export class Summary {
    #verdict = h('h1');
    #detail = h('p', { class: 'verdict-detail' });
    #filters;
    #learnAgain;
    #exports;
    #save;
    #heatmaps;

    /**
     * @param {object} actions
     * @param {(filter: Filter) => void} actions.filter
     * @param {() => void} actions.csv
     * @param {() => void} actions.csvFormat
     * @param {() => void} actions.heatmaps
     * @param {() => void} actions.saveModel
     * @param {() => void} actions.loadModel
     * @param {() => void} actions.chooseFolder
     * @param {() => void} actions.choosePhotos
     * @param {() => void} actions.learnAgain
     * @param {(() => void)|null} actions.watchFolder null: this browser cannot
     * @param {() => void} actions.useCamera
     */
    constructor(actions) {
        this.#filters = FILTERS.map(([name, word]) =>
            h(
                'button',
                { type: 'button', class: `filter ${name}`, onclick: () => actions.filter(name) },
                name !== 'all' && name !== 'fresh' && icon(name),
                h('span', {}, word),
                h('b'),
            ),
        );
        this.#learnAgain = button('Learn from the new photos too', actions.learnAgain);
        this.#heatmaps = button('Photos with heatmaps (ZIP)', actions.heatmaps, { class: 'item' });
        const csv = button('Scores (CSV)', actions.csv, { class: 'item' });
        const format = button('Scores for spreadsheets…', actions.csvFormat, { class: 'item' });
        this.#exports = menu('Export', 'export', [csv, format, this.#heatmaps]);
        this.#save = button('Save model', actions.saveModel);
        const folder = menu('New', 'folder', [
            button('Add photos to judge…', actions.choosePhotos, { class: 'item' }),
            button('Add a folder to judge…', actions.chooseFolder, { class: 'item' }),
            ...(actions.watchFolder
                ? [button('Watch a folder…', actions.watchFolder, { class: 'item' })]
                : []),
            button('Use a camera…', actions.useCamera, { class: 'item' }),
            button('Load a model…', actions.loadModel, { class: 'item' }),
        ]);
        this.element = h(
            'section',
            { class: 'summary', 'aria-label': 'Result' },
            h('div', { class: 'summary-words' }, this.#verdict, this.#detail),
            h(
                'div',
                { class: 'summary-tools' },
                this.#learnAgain,
                this.#exports,
                this.#save,
                folder,
            ),
            h('div', { class: 'filters', role: 'group', 'aria-label': 'Show' }, ...this.#filters),
        );
    }

    /** @param {State} state */
    update({ job, page }) {
        const { counts, phase, items, loadedModel } = job;
        this.element.hidden = phase !== 'result';
        const [verdict, detail] = words(job);
        setText(this.#verdict, verdict);
        setText(this.#detail, detail);
        this.#filters.forEach((element, i) => {
            const [name] = FILTERS[i];
            element.setAttribute('aria-pressed', String(job.filter === name));
            element.hidden = name === 'fresh' && (!counts.fresh || counts.fresh === counts.all);
            setText(
                /** @type {Element} */ (element.lastElementChild),
                counts[name].toLocaleString('en'),
            );
        });
        this.#learnAgain.hidden = !counts.fresh || (Boolean(loadedModel) && counts.fresh < 20);
        this.#exports.hidden = !items.length;
        this.#heatmaps.disabled = page.exporting;
        this.#save.disabled = isBusy(job);
    }
}

/**
 * The verdict in one sentence. The detector's word on the folder holds for its photos at the
 * default threshold; anywhere else photos are only counted.
 * @param {State['job']} job
 */
export function headline({ counts, items, threshold, folder }) {
    const clean = isClean({ items, folder });
    const number = (/** @type {number} */ count) => count.toLocaleString('en');
    if (threshold !== DEFECT)
        return (
            `${counts.defect ? number(counts.defect) : 'None'} of ${plural(counts.all, 'photo')} ` +
            `${counts.defect > 1 ? 'lie' : 'lies'} above your threshold`
        );
    const others = items.filter(({ fresh, left }) => fresh || left);
    if (clean && others.length) {
        const odd = others.filter(({ score }) => Number(score) >= DEFECT).length;
        const kind = others.length > counts.fresh ? 'other' : 'new';
        return (
            `The folder looks clean; of ${plural(others.length, `${kind} photo`)} ` +
            `${odd ? number(odd) : 'none'} ${odd > 1 ? 'look' : 'looks'} defective`
        );
    }
    return folderSentence({ photos: counts.all, defects: counts.defect, clean });
}

/**
 * Whether the photos learnt from look clean at the default threshold, whichever held when the
 * detector judged them.
 * @param {Pick<State['job'], 'items' | 'folder'>} job
 */
function isClean({ items, folder }) {
    const isFine = (/** @type {State['job']['items'][number]} */ { fresh, left, score }) =>
        fresh || left || Number(score) < DEFECT;
    return folder !== null && !folder.secondProduct && items.every(isFine);
}

/** @param {State['job']} job @returns {[string, string]} */
function words(job) {
    const { counts, items, loadedModel, threshold, folder } = job;
    if (!items.length)
        return [
            'Drop photos to judge them',
            `The model ${loadedModel ?? ''} is ready. ` +
                'Photos are scored against it as they come.',
        ];
    const verdict = headline(job);
    if (folder?.secondProduct && threshold === DEFECT)
        return [
            verdict,
            `This folder seems to show two products: ${plural(folder.secondProduct, 'photo')} ` +
                'differ from the others as a whole. Give each product a folder of its own, ' +
                "for they hide each other's defects.",
        ];
    if (
        counts.defect > MANY * counts.all &&
        counts.all >= 5 &&
        threshold === DEFECT &&
        !isClean(job)
    )
        return [
            verdict,
            'That is a lot. Is it one product, always seen from the same side? ' +
                "Photos of two products in one folder hide each other's defects.",
        ];
    if (mixedShapes(items))
        return [
            verdict,
            'The photos have different proportions. If they show different products, ' +
                'judge each product in its own folder.',
        ];
    const number = (/** @type {number} */ count) => count.toLocaleString('en');
    const more = counts.defect ? ' more' : '';
    const look = counts.look
        ? `${number(counts.look)}${more} ${counts.look === 1 ? 'deserves' : 'deserve'} a look, `
        : '';
    const few =
        items.length < 20 && !loadedModel ? ' With 20 photos or more the verdict gets firmer.' : '';
    const said = [
        `${look}${number(counts.ok)} ${counts.ok === 1 ? 'is' : 'are'} OK.${few}`,
        folder && threshold === DEFECT ? estimateSentence(folder) : '',
        frameSentence(job.shape?.frameShare ?? 1),
    ];
    return [verdict, said.filter(Boolean).join(' ')];
}

/** @param {State['job']['items']} items */
function mixedShapes(items) {
    const ratios = items.filter((item) => item.height).map((item) => item.width / item.height);
    return ratios.length > 0 && Math.max(...ratios) > 1.2 * Math.min(...ratios);
}

/**
 * @param {string} label
 * @param {import('../dom.js').IconName} name
 * @param {HTMLButtonElement[]} items
 */
function menu(label, name, items) {
    const details = h(
        'details',
        { class: 'menu' },
        h('summary', { class: 'button' }, icon(name), h('span', {}, label)),
        h('div', { class: 'menu-items' }, ...items),
    );
    details.addEventListener('click', (event) => {
        if (items.includes(/** @type {any} */ (event.target).closest('button')))
            details.open = false;
    });
    details.addEventListener('focusout', (event) => {
        const to = /** @type {Node|null} */ (event.relatedTarget);
        if (to && !details.contains(to)) details.open = false;
    });
    document.addEventListener('pointerdown', (event) => {
        if (!details.contains(/** @type {Node} */ (event.target))) details.open = false;
    });
    details.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || !details.open) return;
        event.stopPropagation();
        details.open = false;
        /** @type {HTMLElement} */ (details.firstElementChild).focus();
    });
    return details;
}

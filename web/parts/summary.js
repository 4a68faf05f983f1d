/** The folder's verdict in words, the filters, and what can be done next. */

import { button, h, icon, setText } from '../dom.js';
import { estimateSentence, folderSentence, frameSentence } from '../folder.js';
import { filters, isBusy } from '../state/job.js';
import { isNarrow } from '../state/shown.js';
import { texts } from '../texts/texts.js';
import { DEFECT, verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/job.js').Filter} Filter */

const MANY = 0.3; /* a share of defects that no production line has */

export class Summary {
    #verdict = h('h1');
    #detail = h('p', { class: 'verdict-detail' });
    #filters;
    #learnAgain;
    #exports;
    #save;
    #long; /* exports that take their time */

    /**
     * @param {object} actions
     * @param {(filter: Filter) => void} actions.filter
     * @param {() => void} actions.csv
     * @param {() => void} actions.csvFormat
     * @param {() => void} actions.photos
     * @param {() => void} actions.heatmaps
     * @param {(kind: 'report'|'regions'|'json'|'coco'|'masks') => void} actions.report
     * @param {() => void} actions.saveModel
     * @param {() => void} actions.loadModel
     * @param {() => void} actions.chooseFolder
     * @param {() => void} actions.choosePhotos
     * @param {() => void} actions.learnAgain
     * @param {(() => void)|null} actions.watchFolder null: this browser cannot
     * @param {() => void} actions.useCamera
     */
    constructor(actions) {
        const { summary } = texts;
        this.#filters = filters.map((name) =>
            h(
                'button',
                { type: 'button', class: `filter ${name}`, onclick: () => actions.filter(name) },
                (name === 'defect' || name === 'look' || name === 'ok') && icon(name),
                h('span', {}, texts.filters[name]),
                h('b'),
            ),
        );
        this.#learnAgain = button(summary.learnAgain, actions.learnAgain);
        this.#long = [
            button(summary.photos, actions.photos, { class: 'item' }),
            button(summary.heatmaps, actions.heatmaps, { class: 'item' }),
            ...Object.entries(summary.reports).map(([kind, name]) =>
                button(
                    name,
                    () => actions.report(/** @type {keyof typeof summary.reports} */ (kind)),
                    { class: 'item' },
                ),
            ),
        ];
        const csv = button(summary.csv, actions.csv, { class: 'item' });
        const format = button(summary.csvFormat, actions.csvFormat, { class: 'item' });
        this.#exports = menu(summary.export, 'export', [csv, format, ...this.#long]);
        this.#save = button(summary.save, actions.saveModel);
        const folder = menu(summary.add, 'folder', [
            button(summary.addPhotos, actions.choosePhotos, { class: 'item' }),
            button(summary.addFolder, actions.chooseFolder, { class: 'item' }),
            ...(actions.watchFolder
                ? [button(summary.watchFolder, actions.watchFolder, { class: 'item' })]
                : []),
            button(summary.useCamera, actions.useCamera, { class: 'item' }),
            button(summary.loadModel, actions.loadModel, { class: 'item' }),
        ]);
        this.element = h(
            'section',
            { class: 'summary', 'aria-label': summary.label },
            h('div', { class: 'summary-words' }, this.#verdict, this.#detail),
            h(
                'div',
                { class: 'summary-tools' },
                this.#learnAgain,
                this.#exports,
                this.#save,
                folder,
            ),
            h(
                'div',
                { class: 'filters', role: 'group', 'aria-label': summary.filters },
                ...this.#filters,
            ),
        );
    }

    /** @param {State} state */
    update({ job, page }) {
        const { counts, found, view, phase, items, loadedModel } = job;
        this.element.hidden = phase !== 'result';
        const [verdict, detail] = words(job);
        setText(this.#verdict, verdict);
        setText(this.#detail, detail);
        this.#filters.forEach((element, i) => {
            const name = filters[i];
            element.setAttribute('aria-pressed', String(view.filter === name));
            element.hidden =
                (name === 'fresh' && (!counts.fresh || counts.fresh === counts.all)) ||
                (name.endsWith('marked') && !counts.marked);
            setText(
                /** @type {Element} */ (element.lastElementChild),
                isNarrow(view)
                    ? texts.summary.found(found[name], counts[name])
                    : texts.number(counts[name]),
            );
        });
        this.#learnAgain.hidden = !counts.fresh || (Boolean(loadedModel) && counts.fresh < 20);
        this.#exports.hidden = !items.length;
        for (const each of this.#long) each.disabled = page.exporting;
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
    if (threshold !== DEFECT) return texts.summary.aboveThreshold(counts.defect, counts.all);
    const others = items.filter(({ fresh, left }) => fresh || left);
    if (clean && others.length) {
        const odd = others.filter((item) => verdictOf(item, DEFECT) === 'defect').length;
        return texts.summary.cleanBut(odd, others.length, others.length <= counts.fresh);
    }
    return folderSentence(texts, { photos: counts.all, defects: counts.defect, clean });
}

/**
 * Whether the photos learnt from look clean at the default threshold, whichever held when the
 * detector judged them.
 * @param {Pick<State['job'], 'items' | 'folder'>} job
 */
function isClean({ items, folder }) {
    const isFine = (/** @type {State['job']['items'][number]} */ item) =>
        item.fresh || item.left || verdictOf(item, DEFECT) !== 'defect';
    return folder !== null && !folder.secondProduct && items.every(isFine);
}

/** @param {State['job']} job @returns {[string, string]} */
function words(job) {
    const { counts, items, loadedModel, threshold, folder } = job;
    if (!items.length) return [texts.summary.noPhotos, texts.summary.modelReady(loadedModel ?? '')];
    const look = counts.look ? texts.summary.looks(counts.look, counts.defect > 0) : '';
    const doubt = doubts(job);
    const said = doubt
        ? [doubt]
        : [
              look + texts.summary.ok(counts.ok),
              items.length < 20 && !loadedModel && texts.summary.few,
              folder && threshold === DEFECT && estimateSentence(texts, folder),
          ];
    said.push(
        frameSentence(texts, job.shape?.frameShare ?? 1),
        job.area && texts.folder.area(job.area.share),
    );
    return [headline(job), said.filter(Boolean).join(' ')];
}

/** Why the photos may be no folder of one product. @param {State['job']} job */
function doubts(job) {
    const { counts, items, threshold, folder } = job;
    if (folder?.secondProduct && threshold === DEFECT)
        return texts.summary.twoProducts(folder.secondProduct);
    const many = counts.defect > MANY * counts.all && counts.all >= 5;
    if (many && threshold === DEFECT && !isClean(job)) return texts.summary.many;
    return mixedShapes(items) ? texts.summary.mixedShapes : '';
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

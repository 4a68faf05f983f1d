/** Above the gallery: what is searched for, in which folder, in which order, and how many that leaves. */

import { button, h, setText } from '../dom.js';
import { isNarrow, SORTS } from '../state/shown.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/shown.js').Sort} Sort */
/** @typedef {import('../state/shown.js').View} View */

export class GalleryBar {
    #search;
    #folder;
    #sort;
    #said = h('output', { class: 'hint' });
    #all;
    #folders = /** @type {readonly string[]} */ ([]);

    /**
     * @param {object} actions
     * @param {(changes: Partial<View>) => void} actions.show
     * @param {() => void} actions.showAll
     * @param {() => void} actions.keys tells which there are
     */
    constructor({ show, showAll, keys }) {
        const { search, folder, sort, sorts, all, keys: help } = texts.gallery;
        this.#search = h('input', {
            type: 'search',
            placeholder: search,
            'aria-label': search,
            oninput: () => show({ search: this.#search.value }),
        });
        this.#folder = h('select', {
            'aria-label': folder,
            onchange: () => show({ folder: this.#folder.value }),
        });
        this.#sort = h(
            'select',
            {
                'aria-label': sort,
                onchange: () => show({ sort: /** @type {Sort} */ (this.#sort.value) }),
            },
            ...Object.keys(SORTS).map((value) =>
                h('option', { value }, sorts[/** @type {Sort} */ (value)]),
            ),
        );
        this.#all = button(all, () => {
            showAll();
            this.focus(); /* the button goes */
        });
        this.element = h(
            'div',
            { class: 'gallery-bar' },
            this.#search,
            this.#folder,
            this.#sort,
            button('?', keys, { class: 'button bare', 'aria-label': help, title: help }),
            this.#said,
            this.#all,
        );
    }

    /** On the search. */
    focus() {
        this.#search.focus();
    }

    /** @param {State} state */
    update({ job: { view, folders, shown, items, phase } }) {
        this.element.hidden = phase === 'start' || !items.length;
        if (this.#search.value !== view.search) this.#search.value = view.search;
        this.#sort.value = view.sort;
        if (folders.join('\n') !== this.#folders.join('\n')) {
            this.#folders = folders;
            this.#folder.replaceChildren(
                h('option', { value: '' }, texts.gallery.anyFolder),
                ...folders.map((value) => h('option', { value }, value)),
            );
        }
        this.#folder.hidden = !folders.length;
        this.#folder.value = folders.includes(view.folder) ? view.folder : '';
        const isPart = isNarrow(view) || view.filter !== 'all';
        setText(this.#said, isPart ? texts.gallery.shown(shown.length, items.length) : '');
        this.#all.hidden = !isPart;
    }
}

/** Which photos are taken along, and whereto. */

import { button, h } from '../dom.js';
import { filters } from '../state/job.js';
import { more } from '../texts/more.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/job.js').Filter} Filter */

export class CopiesDialog {
    #choices = h('fieldset', { class: 'choices' });
    #buttons;

    /**
     * @param {object} actions
     * @param {(filters: Filter[]) => void} actions.zip
     * @param {((filters: Filter[]) => void)|null} actions.copy into a folder; null: this browser cannot
     */
    constructor({ zip, copy }) {
        const copies = { ...texts.copies, ...more.copies };
        const then = (/** @type {(filters: Filter[]) => void} */ act) => () => {
            const chosen = this.#chosen;
            this.element.close();
            act(chosen);
        };
        this.#buttons = [
            ...(copy ? [button(copies.copy, then(copy))] : []),
            button(copies.zip, then(zip), { class: 'button primary' }),
        ];
        this.#choices.addEventListener('change', () => this.#enable());
        this.element = h(
            'dialog',
            { class: 'copies', 'aria-labelledby': 'copies' },
            h('h2', { id: 'copies' }, copies.title),
            h('p', {}, copies.about),
            this.#choices,
            h(
                'div',
                { class: 'dialog-buttons' },
                button(texts.cancel, () => this.element.close()),
                ...this.#buttons,
            ),
        );
    }

    /** @returns {Filter[]} */
    get #chosen() {
        const boxes = [...this.#choices.querySelectorAll('input')];
        return boxes.filter((box) => box.checked).map((box) => /** @type {Filter} */ (box.value));
    }

    #enable() {
        for (const each of this.#buttons) each.disabled = !this.#chosen.length;
    }

    /** @param {Readonly<Record<Filter, number>>} counts of the photos that each filter has */
    open(counts) {
        const there = filters.filter((name) => name !== 'all' && counts[name]);
        this.#choices.replaceChildren(
            h('legend', { class: 'unseen' }, texts.copies.title),
            ...there.map((value) =>
                h(
                    'label',
                    { class: 'switch' },
                    h('input', { type: 'checkbox', value, checked: value === 'defect' }),
                    h('span', {}, more.copies.of(texts.filters[value], counts[value])),
                ),
            ),
        );
        this.#enable();
        this.element.showModal();
    }
}

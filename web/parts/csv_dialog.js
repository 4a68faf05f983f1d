/** How the table of scores is written: for programs, or for the spreadsheets of a language. */

import { button, h } from '../dom.js';
import { more } from '../texts/more.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../files/csv.js').Format} Format */

export class CsvDialog {
    #form = h('form', { method: 'dialog' });

    /** @param {(format: Format) => void} write */
    constructor(write) {
        const select = (
            /** @type {string} */ name,
            /** @type {string} */ label,
            /** @type {[string, string][]} */ options,
        ) =>
            h(
                'label',
                { class: 'field' },
                h('span', {}, label),
                h(
                    'select',
                    { name },
                    ...options.map(([value, text]) => h('option', { value }, text)),
                ),
            );
        const wantsCommas = (0.5).toLocaleString().includes(',');
        const csv = { ...texts.csv, ...more.csv };
        this.#form.append(
            h('h2', {}, csv.title),
            h('p', {}, csv.about(wantsCommas)),
            select('separator', csv.separator, Object.entries(csv.separators)),
            select('decimal', csv.decimal, Object.entries(csv.decimals)),
            h('label', { class: 'switch' }, h('input', { type: 'checkbox', name: 'bom' }), csv.bom),
            h(
                'div',
                { class: 'dialog-buttons' },
                button(texts.cancel, () => this.element.close()),
                h('button', { class: 'button primary' }, csv.export),
            ),
        );
        this.element = h('dialog', { class: 'csv', 'aria-label': csv.title }, this.#form);
        this.#form.addEventListener('submit', () => {
            const data = new FormData(this.#form);
            write({
                separator: /** @type {Format['separator']} */ (data.get('separator')),
                decimal: /** @type {Format['decimal']} */ (data.get('decimal')),
                bom: data.has('bom'),
            });
        });
    }

    /** @param {Readonly<Format>} format that was chosen last */
    open({ separator, decimal, bom }) {
        const control = (/** @type {string} */ name) =>
            /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
        control('separator').value = separator;
        control('decimal').value = decimal;
        control('bom').checked = bom;
        this.element.showModal();
    }
}

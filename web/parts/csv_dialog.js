/** How the table of scores is written: for programs, or for the spreadsheets of a language. */

import { button, h } from '../dom.js';

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
        const decimalComma = (0.5).toLocaleString(navigator.language).includes(',');
        this.#form.append(
            h('h2', {}, 'Table of scores'),
            h(
                'p',
                {},
                'Programs read commas and decimal points. Spreadsheets read what is usual in ' +
                    'their language' +
                    (decimalComma
                        ? `: in yours (${navigator.language}) mostly semicolons and decimal commas.`
                        : '.'),
            ),
            select('separator', 'Between columns', [
                [',', 'Comma'],
                [';', 'Semicolon'],
                ['\t', 'Tab'],
            ]),
            select('decimal', 'Decimals', [
                ['.', 'Point, as in 0.5'],
                [',', 'Comma, as in 0,5'],
            ]),
            h(
                'label',
                { class: 'switch' },
                h('input', { type: 'checkbox', name: 'bom' }),
                'Begin with a byte order mark, by which Excel reads letters beyond A to Z',
            ),
            h(
                'div',
                { class: 'dialog-buttons' },
                button('Cancel', () => this.element.close()),
                h('button', { class: 'button primary' }, 'Export'),
            ),
        );
        this.element = h('dialog', { class: 'csv', 'aria-label': 'Table of scores' }, this.#form);
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

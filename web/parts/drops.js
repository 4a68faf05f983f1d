/** The whole window takes drops, and what is pasted, but into a text field. */

import { h, setText, TEXT_FIELD } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */

export class Drops {
    #hint = h('p');
    element = h('div', { class: 'drop-hint', hidden: true }, this.#hint);

    /** @param {(transfer: DataTransfer, pasted: boolean) => unknown} receive */
    constructor(receive) {
        document.addEventListener('dragover', (event) => {
            if (!event.dataTransfer?.types.includes('Files')) return;
            event.preventDefault();
            this.element.hidden = false;
        });
        document.addEventListener('dragleave', (event) => {
            if (!event.relatedTarget) this.element.hidden = true;
        });
        document.addEventListener('drop', (event) => {
            this.element.hidden = true;
            const transfer = event.dataTransfer;
            if (!transfer?.types.includes('Files')) return;
            event.preventDefault();
            return receive(transfer, false);
        });
        document.addEventListener('paste', (event) => {
            const transfer = event.clipboardData;
            const target = /** @type {HTMLElement} */ (event.target);
            if (!transfer?.types.includes('Files') || target.matches(TEXT_FIELD)) return;
            event.preventDefault();
            return receive(transfer, true);
        });
    }

    /** @param {State} state */
    update({ job: { loadedModel, items } }) {
        const { judge, add, begin } = texts.drop;
        setText(this.#hint, loadedModel ? judge : items.length ? add : begin);
    }
}

/** Short messages at the page's foot, each said once and put away by hand. */

import { button, h } from '../dom.js';
import { texts } from '../texts/texts.js';

export class Notices {
    #shown = /** @type {Map<import('../state/page.js').Notice, HTMLElement>} */ (new Map());
    #dismiss;

    /** @param {(notice: import('../state/page.js').Notice) => void} dismiss */
    constructor(dismiss) {
        this.#dismiss = dismiss;
        this.element = h('div', {
            class: 'notices',
            role: 'log',
            'aria-live': 'polite',
            'aria-label': texts.notices.label,
        });
    }

    /** @param {import('../state/store.js').State} state */
    update({ page: { notices } }) {
        for (const [notice, element] of this.#shown)
            if (!notices.includes(notice)) {
                element.remove();
                this.#shown.delete(notice);
            }
        for (const notice of notices) {
            if (this.#shown.has(notice)) continue;
            const element = h(
                'div',
                { class: `notice ${notice.kind}` },
                h('p', {}, notice.message),
                button('', () => this.#dismiss(notice), {
                    class: 'button bare',
                    icon: 'close',
                    'aria-label': texts.notices.close,
                }),
            );
            this.#shown.set(notice, element);
            this.element.append(element);
        }
    }
}

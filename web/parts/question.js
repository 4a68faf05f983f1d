/** A question that is answered before anything goes on. */

import { button, h } from '../dom.js';
import { texts } from '../texts/texts.js';

/**
 * @template T
 * @typedef {{label: string, value: T, kind?: 'primary'|'danger'}} Answer
 */

export class Question {
    #cancel = () => {};
    element = h('dialog', { class: 'question', 'aria-labelledby': 'question' });

    /**
     * @template T
     * @param {string} title
     * @param {string} text
     * @param {Answer<T>[]} answers beside Cancel
     * @returns {Promise<T|null>} null: cancelled
     */
    ask(title, text, answers) {
        this.#cancel();
        return new Promise((resolve) => {
            this.#cancel = () => resolve(null);
            const answer = (/** @type {T|null} */ value) => () => {
                resolve(value);
                this.element.close();
            };
            this.element.replaceChildren(
                h('h2', { id: 'question' }, title),
                h('p', {}, text),
                h(
                    'div',
                    { class: 'answers' },
                    button(texts.cancel, answer(null)),
                    ...answers.map(({ label, value, kind = '' }) =>
                        button(label, answer(value), {
                            class: `button ${kind}`,
                            autofocus: kind === 'primary',
                        }),
                    ),
                ),
            );
            /* an earlier one's comes late, when this one is open */
            this.element.onclose = () => this.element.open || resolve(null);
            if (!this.element.open) this.element.showModal();
        });
    }
}

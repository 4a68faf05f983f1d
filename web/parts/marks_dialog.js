/** What the marks say of the verdicts, and the threshold that they propose. */

import { button, h, setText } from '../dom.js';
import { more } from '../texts/more.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../fleck.js').Review} Review */

export class MarksDialog {
    #table = h('table');
    #words = h('div');
    #use;
    #threshold = 0;

    /** @param {(threshold: number) => void} use */
    constructor(use) {
        const { title } = more.review;
        this.#use = button('', () => {
            this.element.close();
            use(this.#threshold);
        });
        this.#use.append(h('span'));
        this.element = h(
            'dialog',
            { class: 'marks-dialog', 'aria-labelledby': 'marks-title' },
            h('h2', { id: 'marks-title' }, title),
            this.#table,
            this.#words,
            h(
                'div',
                { class: 'dialog-buttons' },
                this.#use,
                button(more.keys.close, () => this.element.close(), { autofocus: true }),
            ),
        );
    }

    /** @param {Review} review @param {number} threshold of now */
    open(review, threshold) {
        const { good, defects, goodCalled, defectsCalled } = review;
        const words = more.review;
        const row = (/** @type {string} */ name, /** @type {number[]} */ ...values) =>
            h(
                'tr',
                {},
                h('th', { scope: 'row' }, name),
                ...values.map((value) => h('td', {}, texts.number(value))),
            );
        this.#table.replaceChildren(
            h('caption', { class: 'unseen' }, words.table),
            h(
                'tr',
                {},
                h('td'),
                ...[words.called, words.notCalled].map((name) => h('th', { scope: 'col' }, name)),
            ),
            row(words.defect, defectsCalled, defects - defectsCalled),
            row(words.good, goodCalled, good - goodCalled),
        );
        this.#threshold = Math.round(100 * review.threshold) / 100 || review.threshold;
        const isProposed = good + defects > 0 && this.#threshold !== threshold;
        this.#words.replaceChildren(
            ...[
                good + defects
                    ? words.precision(review.precision, review.precisionLeast, review.precisionMost)
                    : words.none,
                good + defects &&
                    words.recall(review.recall, review.recallLeast, review.recallMost),
                words.others,
                words.hard,
                good + defects && !isProposed && words.stays(threshold),
            ].flatMap((each) => (each ? [h('p', {}, each)] : [])),
        );
        this.#use.hidden = !isProposed;
        setText(/** @type {Element} */ (this.#use.lastElementChild), words.use(this.#threshold));
        this.element.showModal();
    }
}

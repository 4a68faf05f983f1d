/** Files that could not be used, each with its reason. */

import { h, icon, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

export class Troubles {
    #title = h('span');
    #list = h('ul');

    constructor() {
        this.element = h(
            'details',
            { class: 'troubles', hidden: true },
            h('summary', {}, icon('look'), this.#title),
            this.#list,
        );
    }

    /** @param {import('../state/store.js').State} state */
    update({ job: { troubles, phase } }) {
        this.element.hidden = !troubles.length;
        const count = (/** @type {boolean} */ wanted) =>
            troubles.reduce(
                (sum, { count = 1, other = false }) => sum + (other === wanted ? count : 0),
                0,
            );
        const [skipped, others] = [count(false), count(true)];
        setText(
            this.#title,
            [
                skipped && texts.troubles.skipped(skipped),
                others &&
                    (skipped ? texts.troubles.others(others) : texts.troubles.leftOut(others)),
            ]
                .filter(Boolean)
                .join(', '),
        );
        while (this.#list.children.length > troubles.length) this.#list.lastElementChild?.remove();
        for (const { name, message } of troubles.slice(this.#list.children.length))
            this.#list.append(h('li', {}, h('b', {}, name), `: ${message}`));
        if (!troubles.length) this.element.open = false;
        this.element.classList.toggle('wide', phase === 'start');
    }
}

/** Which keys there are, and what they do. */

import { button, h } from '../dom.js';
import { more } from '../texts/more.js';

export class KeysDialog {
    constructor() {
        const { title, all } = more.keys;
        this.element = h(
            'dialog',
            { class: 'keys', 'aria-labelledby': 'keys' },
            h('h2', { id: 'keys' }, title),
            h(
                'dl',
                {},
                ...all.flatMap(([keys, does]) => [
                    h('dt', {}, ...keys.split(' ').map((key) => h('kbd', {}, key))),
                    h('dd', {}, does),
                ]),
            ),
            h(
                'div',
                { class: 'dialog-buttons' },
                button(more.keys.close, () => this.element.close(), { autofocus: true }),
            ),
        );
    }

    open() {
        this.element.showModal();
    }
}

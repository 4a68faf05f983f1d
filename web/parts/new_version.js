/** A newer version of the page, offered at its foot. */

import { button, h } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */

export class NewVersion {
    /** @param {{use: () => void, later: () => void}} actions */
    constructor({ use, later }) {
        this.element = h(
            'div',
            { class: 'new-version', hidden: true },
            h('p', {}, texts.version.newer),
            button(texts.version.use, use),
            button('', later, {
                class: 'button bare',
                icon: 'close',
                'aria-label': texts.version.later,
            }),
        );
    }

    /** Not while anything goes on: the page is loaded anew. @param {State} state */
    update({ job, page, device }) {
        const busy =
            job.progress || page.looking || page.exporting || device.backbones.loads.size > 0;
        this.element.hidden = !device.newer || Boolean(busy);
    }
}

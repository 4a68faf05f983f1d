/** The name of the job that is open, which can be changed in its place. */

import { editable, h } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */

export class JobName {
    element = h('input', {
        class: 'job-title',
        maxlength: 80,
        'aria-label': texts.jobs.nameOfThis,
        spellcheck: 'false',
    });

    /** @param {(name: string) => void} rename */
    constructor(rename) {
        const input = this.element;
        editable(input, (name) => {
            if (name) rename(name);
            else input.value = input.defaultValue;
        });
    }

    /** @param {State} state */
    update({ job: { name } }) {
        const input = this.element;
        if (input.defaultValue === name) return;
        input.defaultValue = name;
        input.value = name;
    }
}

/** The smallest area that counts, in percent of the photo, and what is not judged by it yet; beside
 * it, what leads to the area of interest. */

import { button, h, setText } from '../dom.js';
import { isUnmeasured } from '../state/job.js';
import { texts } from '../texts/texts.js';

export class SmallestArea {
    #input;
    #hint = h('span', { class: 'hint', role: 'status' });
    #share = 0;
    #draw;

    /** @param {(share: number) => void} count @param {() => void} draw the area of interest */
    constructor(count, draw) {
        const { label, unit } = texts.area;
        this.#input = h('input', {
            type: 'number',
            min: 0,
            max: 100,
            step: 'any',
            onchange: () => {
                const percent = this.#input.valueAsNumber;
                if (percent >= 0 && percent <= 100) count(percent / 100);
                else this.#show();
            },
        });
        this.#draw = button(texts.drawing.open, draw, { class: 'link' });
        this.element = h(
            'div',
            { class: 'area' },
            h('label', {}, h('span', {}, label), this.#input, h('span', {}, unit)),
            this.#draw,
            this.#hint,
        );
    }

    /** @param {import('../state/store.js').State} state */
    update({ job }) {
        if (job.smallestArea !== this.#share || !this.#input.value) {
            this.#share = job.smallestArea;
            this.#show();
        }
        this.#draw.hidden = job.loadedModel !== null; /* that is learnt with its own */
        const waiting = job.items.filter((item) => isUnmeasured(item, job)).length;
        setText(this.#hint, waiting ? texts.area.unmeasured(waiting) : '');
    }

    /** Not all that floats say: 0.07 and 100 times it are no numbers of theirs. */
    #show() {
        this.#input.value = String(Number((100 * this.#share).toPrecision(6)));
    }
}

/** The regions of the chosen photo as a list: one that is chosen is shown from near. */

import { button, h, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../fleck.js').Region} Region */

export class RegionList {
    #list = h('ol', { class: 'region-list' });
    #none = h('p', { class: 'hint' });
    #shown = /** @type {readonly Region[]|null} */ (null);
    #groups = ''; /* that are told */
    #toggle;

    /** @param {(region: number) => void} toggle by its number: it is chosen, or no longer */
    constructor(toggle) {
        this.#toggle = toggle;
        this.element = h(
            'section',
            { class: 'regions', 'aria-label': texts.viewer.regions },
            this.#none,
            this.#list,
        );
        this.#list.addEventListener('keydown', (event) => this.#key(event));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (!by) return;
        event.preventDefault();
        event.stopPropagation(); /* it would walk to another photo */
        const buttons = [...this.#list.querySelectorAll('button')];
        const at = buttons.findIndex((each) => each === document.activeElement);
        buttons[at + by]?.focus();
    }

    /**
     * @param {readonly Region[]|null} regions null: not known yet
     * @param {number|null} chosen
     * @param {readonly string[]} groups of each region; none: not known
     */
    show(regions, chosen, groups) {
        const told = groups.join('\n');
        if (regions !== this.#shown || told !== this.#groups) {
            this.#shown = regions;
            this.#groups = told;
            setText(this.#none, regions && !regions.length ? texts.viewer.noRegion : '');
            this.#list.replaceChildren(
                ...(regions ?? []).map((region, i) => this.#row(region, i, groups[i] ?? '')),
            );
        }
        for (const [i, row] of [...this.#list.children].entries())
            row.firstElementChild?.setAttribute('aria-pressed', String(i === chosen));
    }

    /** @param {Region} region @param {number} i @param {string} group */
    #row({ share, area, peak, mean, peakX, peakY }, i, group) {
        const choice = button('', () => this.#toggle(i), { class: 'button bare' });
        const [x, y] = [peakX, peakY].map(Math.floor);
        const words = texts.viewer.region(100 * share, Math.round(area), peak, mean, x, y);
        choice.append(...[...words, group].map((each) => h('span', {}, each)));
        return h('li', {}, choice);
    }
}

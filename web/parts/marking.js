/** What the user says of the chosen photo, or of the spot on it that is chosen; loaded with a result. */

import { button, h, icon, setText } from '../dom.js';
import { markOf } from '../state/shown.js';
import { more } from '../texts/more.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {'good'|'defect'} Mark */

export class Marking {
    #marks;
    #undo;
    #spots;
    #said = h('p', { class: 'unseen', role: 'status' });
    #item = /** @type {Item|null} */ (null);
    #saidOf = /** @type {Item['marks']|null} */ (null);
    #points = h('div', { class: 'spots', 'aria-hidden': 'true' });

    /**
     * @param {object} actions
     * @param {(mark: Mark) => void} actions.mark
     * @param {() => void} actions.why
     * @param {() => void} actions.undo
     * @param {() => void} actions.spot a click means a spot, or no longer
     * @param {() => void} actions.useful
     * @param {() => void} actions.review
     * @param {import('./stage.js').Stage} stage that shows the photo
     */
    constructor(actions, stage) {
        this.#marks = /** @type {const} */ (['good', 'defect']).map((value) =>
            button('', () => actions.mark(value), { value, icon: value === 'good' ? 'ok' : value }),
        );
        for (const each of this.#marks) each.append(h('span'));
        this.#undo = button(more.marks.undo, actions.undo);
        this.#spots = button(more.marks.spots, actions.spot, { class: 'button spotter' });
        this.element = h(
            'div',
            { class: 'marking', role: 'group', 'aria-label': more.marks.label },
            ...this.#marks,
            this.#spots,
            button(more.marks.why, actions.why, { class: 'button spotter' }),
            this.#undo,
            button(more.marks.useful, actions.useful),
            button(more.marks.review, actions.review),
            this.#said,
        );
        stage.over(this.#points);
    }

    /** @param {State} state */
    update({ job, page: { chosen, region, spot, spotting } }) {
        const item = job.items.find(({ id }) => id === chosen) ?? null;
        this.element.hidden = !item || job.phase !== 'result' || item.score === null;
        this.#points.hidden = !item;
        if (!item) return;
        const isSpot = spot !== null || region !== null;
        const words = isSpot ? more.marks.spot : more.marks.photo;
        for (const each of this.#marks) {
            const mark = /** @type {Mark} */ (each.value);
            setText(/** @type {Element} */ (each.lastElementChild), words[mark]);
            const isSaid = !isSpot && markOf(item) === mark;
            each.setAttribute('aria-pressed', String(isSaid));
        }
        this.#spots.setAttribute('aria-pressed', String(spotting));
        this.#undo.disabled = !job.undos;
        this.#points.parentElement?.parentElement?.classList.toggle('spotting', spotting);
        this.#points.replaceChildren(
            ...item.marks.flatMap((mark) => (mark.spot ? [point(mark.spot, mark.mark)] : [])),
            ...(spot ? [point(spot, null)] : []),
        );
        if (item === this.#item && item.marks !== this.#saidOf)
            setText(this.#said, more.marks.said[markOf(item) ?? 'none'](item.name));
        this.#item = item;
        this.#saidOf = item.marks;
    }
}

/** @param {Readonly<{x: number, y: number}>} spot @param {Mark|null} mark null: the one that is chosen */
function point({ x, y }, mark) {
    const element = h(
        'span',
        { class: mark ?? 'chosen' },
        mark && icon(mark === 'good' ? 'ok' : mark),
    );
    element.style.left = `${100 * x}%`;
    element.style.top = `${100 * y}%`;
    return element;
}

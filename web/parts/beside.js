/** A second photo in the large view: beside the first, or in its place in turns. */

import { button, h } from '../dom.js';
import { folded } from '../paths.js';
import { more } from '../texts/more.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */

const TURN_MS = 800; /* how long each is seen; far from flashing */
const STILL = matchMedia('(prefers-reduced-motion: reduce)');

export class Beside {
    #name;
    #names = h('datalist', { id: 'photo-names' });
    #alternate;
    #items = /** @type {readonly Item[]} */ ([]);
    #item = /** @type {Item|null} */ (null);
    #near;
    #asked = /** @type {number|null} */ (null); /* of which photo that was asked */
    #turns = 0; /* the timer's number, 0: none */

    /**
     * @param {object} actions
     * @param {(id: number|null) => void} actions.hold null: the most normal one
     * @param {(by: 1|-1) => void} actions.walk
     * @param {() => void} actions.near asks for the one that is most like the chosen photo
     * @param {object} within
     * @param {import('./stage.js').Stage} within.stage
     * @param {import('./outlines.js').Outlines} within.outlines
     */
    constructor({ hold, walk, near }, { stage, outlines }) {
        this.stage = stage;
        this.#near = near;
        this.outlines = outlines;
        const { name, previous, next, normal, alternate } = more.beside;
        this.#name = h('input', {
            type: 'text',
            list: 'photo-names',
            'aria-label': name,
            onfocus: () => this.#list(),
            onchange: () => {
                const meant = this.#find(this.#name.value);
                if (meant) hold(meant.id);
                this.#name.value = (meant ?? this.#item)?.name ?? '';
            },
        });
        /** @type {(label: string, icon: import('../dom.js').IconName, by: 1|-1) => HTMLElement} */
        const step = (label, icon, by) =>
            button('', () => walk(by), {
                class: 'button bare',
                icon,
                'aria-label': label,
                title: label,
            });
        this.#alternate = button(alternate, () => this.alternate());
        this.element = h(
            'div',
            { class: 'beside', role: 'group', 'aria-label': more.beside.label },
            this.#name,
            this.#names,
            step(previous, 'left', -1),
            step(next, 'right', 1),
            button(normal, () => hold(null)),
            this.#alternate,
        );
        STILL.addEventListener('change', () => this.#stand());
    }

    /** For the suggestions, which are many. */
    #list() {
        this.#names.replaceChildren(...this.#items.map(({ name }) => h('option', { value: name })));
    }

    /** The photo of this name, or the first in whose name it is. @param {string} text */
    #find(text) {
        const part = folded(text.trim());
        return part
            ? (this.#items.find(({ name }) => name === text) ??
                  this.#items.find(({ name }) => folded(name).includes(part)))
            : undefined;
    }

    /** @param {State} state @param {Item|null} item null: there is no other photo, or none is wanted */
    update({ job: { items }, page: { comparison, chosen } }, item) {
        this.#items = items.filter(({ id }) => id !== chosen);
        this.element.hidden = comparison === 'none';
        const asked = comparison === 'none' ? null : chosen;
        if (asked !== this.#asked) {
            this.#asked = asked;
            if (asked !== null) this.#near();
        }
        this.stage.element.hidden = !item;
        if (item !== this.#item && document.activeElement !== this.#name)
            this.#name.value = item?.name ?? '';
        this.#item = item;
        const blinks = comparison === 'blink' && item !== null;
        this.#alternate.hidden = !blinks;
        if (blinks === this.#isBlinking) return;
        this.#isBlinking = blinks;
        this.#turn(false);
        if (blinks && !STILL.matches) this.#turns = setInterval(() => this.#turn(), TURN_MS);
        else this.#stand();
    }

    #isBlinking = false;

    /** Shows the other of the two, and goes on only by hand. */
    alternate() {
        this.#stand();
        if (this.#isBlinking) this.#turn();
    }

    #stand() {
        clearInterval(this.#turns);
        this.#turns = 0;
    }

    /** @param {boolean} [away] whether the second photo lets the first be seen */
    #turn(away) {
        this.stage.element.classList.toggle('away', away);
    }
}

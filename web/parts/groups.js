/** Groups of regions that look alike: of each its most typical region, how many it has, and a name to
 * be typed. One that is chosen leaves only its photos in the gallery. */

import { button, editable, h, setText } from '../dom.js';
import { more } from '../texts/more.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {State['job']['groups'][number]} Group */
/**
 * @typedef {object} Actions
 * @property {() => void} see they are seen
 * @property {(group: number) => void} toggle it is chosen, or no longer
 * @property {(group: number, name: string) => void} call
 * @property {(group: Group) => Promise<ImageBitmap|null>} picture of its most typical region
 */

const MOST = 12; /* at first: the smaller ones come when they are asked for */
const SIDE = 96; /* pixels of a picture */

export class Groups {
    #list = h('ul');
    #all;
    #chips = /** @type {Chip[]} */ ([]);
    #most = MOST;
    #groups = /** @type {readonly Group[]} */ ([]);
    #actions;

    /** @param {Actions} actions */
    constructor(actions) {
        this.#actions = actions;
        this.#all = button('', () => this.#showAll(), { class: 'link' });
        this.element = h(
            'section',
            { class: 'groups', 'aria-label': more.groups.label, hidden: true },
            this.#list,
            this.#all,
        );
    }

    #showAll() {
        const first = this.#most;
        this.#most = Infinity;
        this.#show();
        this.#chips[first]?.focus(); /* the button goes */
    }

    /** @param {State} state */
    update({ job: { phase, counts, groups, view, watch } }) {
        const isSeen = phase === 'result' && !watch && (counts.defect > 0 || groups.length > 0);
        this.element.hidden = !isSeen || !groups.length;
        if (isSeen) this.#actions.see();
        if (groups !== this.#groups) {
            this.#groups = groups;
            this.#show();
        }
        for (const [i, chip] of this.#chips.entries()) chip.press(i === view.group);
    }

    #show() {
        const shown = this.#groups.slice(0, this.#most);
        while (this.#chips.length < shown.length)
            this.#chips.push(new Chip(this.#chips.length, this.#actions));
        this.#chips.length = shown.length;
        for (const [i, group] of shown.entries()) this.#chips[i].show(group);
        const elements = this.#chips.map(({ element }) => element);
        if (elements.length !== this.#list.childElementCount)
            this.#list.replaceChildren(...elements); /* those that stay keep the focus */
        this.#all.hidden = this.#groups.length <= shown.length;
        setText(this.#all, more.groups.all(this.#groups.length));
    }
}

class Chip {
    #canvas = h('canvas', { width: SIDE, height: SIDE });
    #count = h('b');
    #choice;
    #name;
    #number;
    #picture;
    #shown = '';

    /** @param {number} number @param {Actions} actions */
    constructor(number, { toggle, call, picture }) {
        this.#number = number;
        this.#picture = picture;
        const { groups } = more;
        this.#choice = button('', () => toggle(number), { class: 'button bare' });
        this.#choice.append(this.#canvas, this.#count);
        this.#name = h('input', {
            maxlength: 80,
            spellcheck: 'false',
            placeholder: groups.name(number + 1),
            'aria-label': groups.nameOf(number + 1),
        });
        editable(this.#name, (name) => call(number, name));
        this.element = h('li', {}, this.#choice, this.#name);
    }

    focus() {
        this.#choice.focus();
    }

    /** @param {Group} group */
    show(group) {
        const { size, name, typical } = group;
        const { groups } = more;
        setText(this.#count, texts.decimal(size, 0));
        this.#choice.setAttribute(
            'aria-label',
            groups.said(name || groups.name(this.#number + 1), size),
        );
        if (name !== this.#name.defaultValue) this.#name.defaultValue = this.#name.value = name;
        const shown = JSON.stringify(typical);
        if (shown === this.#shown) return;
        this.#shown = shown;
        void this.#draw(group, shown);
    }

    /** @param {Group} group @param {string} shown */
    async #draw(group, shown) {
        const picture = await this.#picture(group);
        const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
        if (shown === this.#shown) {
            context.clearRect(0, 0, SIDE, SIDE);
            if (picture) context.drawImage(picture, 0, 0, SIDE, SIDE);
        }
        picture?.close();
    }

    /** @param {boolean} isChosen */
    press(isChosen) {
        this.#choice.setAttribute('aria-pressed', String(isChosen));
    }
}

/** All photos as cards, the most suspicious first. Only the visible ones exist. */

import { h, icon, setText } from '../dom.js';
import { paintHeat } from '../overlay.js';
import { isNarrow, markOf } from '../state/shown.js';
import { texts } from '../texts/texts.js';
import { verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */

/**
 * @typedef {object} Actions
 * @property {(item: Item) => void} choose
 * @property {(item: Item) => void} open
 * @property {(item: Item) => Uint8ClampedArray|null} heat its heatmap, null: not there yet
 * @property {(items: readonly Item[]) => void} see these can be seen, and no others
 */

/** Of a card's mark. @type {Record<'good'|'defect'|'spots', import('../dom.js').IconName>} */
const ICON = { good: 'ok', defect: 'defect', spots: 'sample' };

const CARD_MIN = 156,
    GAP = 12,
    CAPTION = 52; /* pixels; style.css has the same */

export class Gallery {
    #sheet = h('div', { class: 'sheet', role: 'presentation' });
    #none = h('p', { class: 'none' });
    #cards = /** @type {Map<number, Card>} */ (new Map());
    #state = /** @type {State|null} */ (null);
    #revealed = /** @type {number|null} */ (null); /* the last chosen one */
    #columns = 1;
    #cardWidth = CARD_MIN;
    #actions;

    /** @param {Actions} actions */
    constructor(actions) {
        this.#actions = actions;
        this.element = h(
            'div',
            { class: 'gallery', role: 'listbox', tabindex: 0, 'aria-label': texts.gallery.label },
            this.#sheet,
            this.#none,
        );
        this.element.addEventListener('keydown', (event) => this.#key(event));
        new ResizeObserver(() => this.#render()).observe(this.element);
        /* On narrow screens the whole page scrolls, on wide ones the gallery does. */
        let due = 0;
        document.addEventListener(
            'scroll',
            () => {
                cancelAnimationFrame(due);
                due = requestAnimationFrame(() => this.#render());
            },
            { capture: true, passive: true },
        );
    }

    /** @param {State} state */
    update(state) {
        this.#state = state;
        this.element.hidden = state.job.phase === 'start';
        this.element.style.setProperty(
            '--heat',
            state.page.heatmap ? String(state.page.opacity) : '0',
        );
        const empty = !state.job.shown.length && state.job.items.length > 0;
        /* a list of nothing is none */
        this.element.setAttribute('role', empty ? 'group' : 'listbox');
        const { none, notFound } = texts.gallery;
        setText(this.#none, empty ? (isNarrow(state.job.view) ? notFound : none) : '');
        this.#render();
        if (state.page.chosen !== this.#revealed && state.page.chosen !== null)
            this.#reveal(state.page.chosen);
        this.#revealed = state.page.chosen;
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const state = /** @type {State} */ (this.#state);
        const [{ shown }, { chosen }] = [state.job, state.page];
        if (!shown.length || event.ctrlKey || event.metaKey || event.altKey) return;
        const at = shown.findIndex((item) => item.id === chosen);
        const page =
            this.#columns * Math.max(1, Math.floor(this.element.clientHeight / this.#rowHeight));
        /** @type {Record<string, number>} */
        const targets = {
            ArrowLeft: at - 1,
            ArrowRight: at + 1,
            ArrowUp: at - this.#columns,
            ArrowDown: at + this.#columns,
            Home: 0,
            End: shown.length - 1,
            PageUp: at - page,
            PageDown: at + page,
        };
        if (event.key === 'Enter' && at >= 0) this.#actions.open(shown[at]);
        else if (event.key in targets) {
            const target = Math.min(Math.max(targets[event.key], 0), shown.length - 1);
            this.#revealed = null; /* it may be out of sight though it is chosen already */
            this.#actions.choose(shown[target]);
        } else return;
        event.preventDefault();
    }

    get #rowHeight() {
        return this.#cardWidth + CAPTION + GAP;
    }

    #render() {
        const state = this.#state;
        const width = this.#sheet.clientWidth;
        if (!state || !width) return;
        this.#columns = Math.max(2, Math.floor((width + GAP) / (CARD_MIN + GAP)));
        this.#cardWidth = (width - GAP * (this.#columns - 1)) / this.#columns;
        const rows = Math.ceil(state.job.shown.length / this.#columns);
        this.#sheet.style.height = `${Math.max(0, rows * this.#rowHeight - GAP)}px`;

        const [top, bottom] = this.#window();
        const first = Math.max(0, Math.floor(top / this.#rowHeight) - 1) * this.#columns;
        const last = Math.min(
            state.job.shown.length,
            (Math.ceil(bottom / this.#rowHeight) + 1) * this.#columns,
        );
        const visible = state.job.shown.slice(first, last);
        this.#actions.see(visible);
        const wanted = new Set(visible); /* another job's have the same ids */
        for (const [id, card] of this.#cards)
            if (!wanted.has(card.item)) {
                card.element.remove();
                this.#cards.delete(id);
            }
        visible.forEach((item, i) => {
            let card = this.#cards.get(item.id);
            if (!card) {
                card = new Card(item, this.#actions);
                this.#cards.set(item.id, card);
                this.#sheet.append(card.element);
            }
            const at = first + i;
            card.place(
                (at % this.#columns) * (this.#cardWidth + GAP),
                Math.floor(at / this.#columns) * this.#rowHeight,
                this.#cardWidth,
            );
            card.update(state, at);
        });
        if (state.page.chosen !== null && this.#cards.has(state.page.chosen))
            this.element.setAttribute('aria-activedescendant', `photo-${state.page.chosen}`);
        else this.element.removeAttribute('aria-activedescendant');
    }

    /** The part of the sheet that can be seen: top and bottom in its own pixels. */
    #window() {
        const sheet = this.#sheet.getBoundingClientRect();
        const frame = this.element.getBoundingClientRect();
        const top = Math.max(frame.top, 0) - sheet.top;
        return [top, Math.min(frame.bottom, innerHeight) - sheet.top];
    }

    /** @param {number} id */
    #reveal(id) {
        const at = this.#state?.job.shown.findIndex((item) => item.id === id) ?? -1;
        if (at < 0) return;
        const top = Math.floor(at / this.#columns) * this.#rowHeight;
        const scroller =
            this.element.scrollHeight > this.element.clientHeight + 1
                ? this.element
                : document.scrollingElement;
        const [from, to] = this.#window();
        const margin = GAP;
        if (top - margin < from) scroller?.scrollBy(0, top - margin - from);
        else if (top + this.#rowHeight > to) scroller?.scrollBy(0, top + this.#rowHeight - to);
    }
}

/** One photo: the picture, the heatmap over its judged part, the verdict. */
class Card {
    #actions;
    #image = h('img', { alt: '', draggable: 'false', hidden: true });
    #heat = h('canvas', { class: 'heat', hidden: true });
    #verdict = h('span', { class: 'verdict' });
    #fresh = h('span', { class: 'badge', hidden: true }, texts.gallery.fresh);
    #mark = h('span', { class: 'badge mark', hidden: true });
    #marks = /** @type {Item['marks']|null} */ (null);
    #painted = /** @type {Uint8ClampedArray|null} */ (null);
    #shown = '';
    #place = '';
    #width = 0;
    #base;
    #folder;

    /** @param {Item} item @param {Actions} actions */
    constructor(item, actions) {
        this.item = item;
        this.#actions = actions;
        const path = item.name.split('/');
        this.#base = path.pop() ?? '';
        this.#folder = path.join('/');
        this.element = h(
            'div',
            {
                class: 'card',
                role: 'option',
                id: `photo-${item.id}`,
                onclick: () => actions.choose(item),
                ondblclick: () => actions.open(item),
            },
            h('div', { class: 'frame' }, this.#image, this.#heat),
            h(
                'div',
                { class: 'caption' },
                h('span', { class: 'name', title: item.name }, this.#base),
                ' ',
                this.#verdict,
            ),
            ' ',
            this.#fresh,
            this.#mark,
        );
    }

    /** @param {number} x @param {number} y @param {number} width */
    place(x, y, width) {
        const place = `${x} ${y} ${width}`;
        if (place === this.#place) return;
        const { style } = this.element;
        const isResized = width !== this.#width; /* it would fly in from beyond the page's edge */
        this.#place = place;
        this.#width = width;
        style.transition = isResized ? 'none' : '';
        style.width = `${width}px`;
        style.transform = `translate(${x}px, ${y}px)`;
    }

    /** @param {State} state @param {number} at its place in the order shown */
    update({ job: { shape, threshold, shown }, page: { chosen } }, at) {
        const { item } = this;
        if (item.thumb && this.#image.hidden) {
            this.#image.src = item.thumb;
            this.#image.hidden = false;
        }
        const verdict = verdictOf(item, threshold);
        const words = verdict
            ? `${texts.decimal(Number(item.score), 2)} ${texts.verdicts[verdict]}`
            : item.index === null
              ? texts.gallery.waiting
              : item.unusual === null
                ? texts.gallery.read
                : texts.gallery.preview;
        if (words !== this.#shown) {
            this.#shown = words;
            this.element.dataset.verdict = verdict ?? 'none';
            this.#verdict.replaceChildren(...(verdict ? [icon(verdict)] : []), h('b', {}, words));
        }
        this.#fresh.hidden = !item.fresh;
        const mark = markOf(item);
        const marked = mark && texts.gallery.marks[mark];
        if (item.marks !== this.#marks) {
            this.#marks = item.marks;
            this.#mark.hidden = !mark;
            this.#mark.replaceChildren(...(mark && marked ? [icon(ICON[mark]), marked] : []));
        }
        const said = [this.#base, words, marked, item.fresh && texts.gallery.fresh];
        const label = said.filter(Boolean).join(' ') + (this.#folder && `, ${this.#folder}`);
        this.#say('aria-label', label);
        this.#say('aria-selected', String(item.id === chosen));
        this.#say('aria-setsize', String(shown.length));
        this.#say('aria-posinset', String(at + 1));

        const levels = item.score !== null && item.width && shape ? this.#actions.heat(item) : null;
        if (levels && shape && levels !== this.#painted) {
            this.#painted = levels;
            paintHeat(this.#heat, levels);
            const longest = Math.max(item.width, item.height);
            this.#heat.style.width = `${(100 * shape.frameShare * item.width) / longest}%`;
            this.#heat.style.height = `${(100 * shape.frameShare * item.height) / longest}%`;
        }
        this.#heat.hidden = !levels;
    }

    /** Only what is new: every write has the browser look at the card anew. @param {string} name @param {string} value */
    #say(name, value) {
        if (this.element.getAttribute(name) !== value) this.element.setAttribute(name, value);
    }
}

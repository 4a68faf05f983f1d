/** The chosen photo, beside the gallery or filling the window: its verdict, its picture, its regions. */

import { button, h, icon, setText } from '../dom.js';
import { COLOURS } from '../overlay.js';
import { texts } from '../texts/texts.js';
import { verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../fleck.js').Region} Region */

export class Viewer {
    #verdict = h('p', { class: 'verdict' });
    #name = h('p', { class: 'viewer-name' });
    #layer = h(
        'select',
        { 'aria-label': texts.viewer.layer },
        ...Object.entries(texts.viewer.kinds).map(([value, name]) => h('option', { value }, name)),
    );
    #toggle;
    #opacity;
    #resize;
    #tick = h('span', { class: 'legend-tick' });
    #controls;
    #caption;
    #actions;
    #stage;
    #outlines;
    #regions;
    #item = /** @type {Item|null} */ (null);
    #near = /** @type {Region|null} */ (null); /* the region that is shown from near */

    /**
     * @param {object} actions
     * @param {(by: 1|-1) => void} actions.walk
     * @param {(large: boolean) => void} actions.large
     * @param {(on: boolean) => void} actions.show heatmap or outlines, or nothing
     * @param {(layer: import('../layer.js').Layer) => void} actions.layer
     * @param {(opacity: number) => void} actions.opacity
     * @param {(item: Item) => Uint8ClampedArray|null} actions.heat
     * @param {(item: Item) => readonly Region[]|null} actions.regions
     * @param {object} within
     * @param {import('./stage.js').Stage} within.stage
     * @param {import('./outlines.js').Outlines} within.outlines
     * @param {import('./region_list.js').RegionList} within.regions
     */
    constructor(actions, { stage, outlines, regions }) {
        this.#actions = actions;
        this.#stage = stage;
        this.#outlines = outlines;
        this.#regions = regions;
        this.#toggle = h('input', {
            type: 'checkbox',
            role: 'switch',
            onchange: () => actions.show(this.#toggle.checked),
        });
        this.#layer.addEventListener('change', () =>
            actions.layer(/** @type {import('../layer.js').Layer} */ (this.#layer.value)),
        );
        this.#opacity = h('input', {
            type: 'range',
            min: 0,
            max: 100,
            'aria-label': texts.viewer.opacity,
            oninput: () => actions.opacity(Number(this.#opacity.value) / 100),
        });
        this.#resize = button('', () => actions.large(!this.element.classList.contains('large')), {
            class: 'button bare',
            icon: 'large',
            'aria-label': texts.viewer.fill,
        });
        const bare = (
            /** @type {import('../dom.js').IconName} */ name,
            /** @type {string} */ label,
            /** @type {() => void} */ onclick,
        ) =>
            button('', onclick, {
                class: 'button bare',
                icon: name,
                'aria-label': label,
                title: label,
            });
        this.#caption = h(
            'div',
            { class: 'viewer-caption' },
            h('div', { class: 'viewer-words' }, this.#verdict, this.#name),
            bare('left', texts.viewer.previous, () => actions.walk(-1)),
            bare('right', texts.viewer.next, () => actions.walk(1)),
            this.#resize,
        );
        this.#controls = h(
            'div',
            { class: 'viewer-controls' },
            h('label', { class: 'switch' }, this.#toggle, h('span', {}, texts.viewer.show)),
            this.#layer,
            this.#opacity,
            legend(this.#tick),
        );
        this.element = h(
            'section',
            {
                class: 'viewer',
                'aria-label': texts.viewer.label,
                tabindex: -1 /* keys, after a click */,
            },
            this.#caption,
            stage.element,
            regions.element,
            this.#controls,
        );
        this.element.addEventListener('keydown', (event) => this.#key(event));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { target, key } = event;
        if (target instanceof HTMLInputElement && target.type === 'range') return;
        if (target instanceof HTMLSelectElement) return;
        if (key === 'ArrowLeft' || key === 'ArrowUp') this.#actions.walk(-1);
        else if (key === 'ArrowRight' || key === 'ArrowDown') this.#actions.walk(1);
        else if (!this.#item || !this.#stage.key(key)) return;
        event.preventDefault();
    }

    /** @param {State} state */
    update(state) {
        const { items, phase, threshold, shape } = state.job;
        const { chosen, large, heatmap, layer, opacity } = state.page;
        const item = items.find((each) => each.id === chosen) ?? null;
        this.element.hidden = phase === 'start' || !items.length;
        if (large !== this.element.classList.contains('large')) this.#resized(large);
        this.#caption.classList.toggle('invisible', !item);
        this.#controls.classList.toggle('invisible', !item);
        this.#regions.element.hidden = typeof item?.score !== 'number';
        this.#stage.show(item);
        this.#item = item;
        if (!item) return;

        const verdict = verdictOf(item, threshold);
        this.element.dataset.verdict = verdict ?? 'none';
        this.#verdict.replaceChildren(
            ...(verdict ? [icon(verdict)] : []),
            h(
                'b',
                {},
                verdict
                    ? `${texts.decimal(Number(item.score), 2)} ${texts.verdicts[verdict]}`
                    : texts.viewer.notScored,
            ),
        );
        const size = item.width ? ` · ${item.width} × ${item.height}` : '';
        setText(this.#name, item.name + size);
        this.#name.title = item.name;
        this.#stage.describe(`${item.name}${verdict ? `, ${texts.verdicts[verdict]}` : ''}`);
        this.#toggle.checked = heatmap;
        this.#layer.value = layer;
        this.#opacity.value = String(Math.round(opacity * 100));
        this.#tick.style.left = `${threshold * 100}%`;
        const levels = shape && item.score !== null ? this.#actions.heat(item) : null;
        const isHeat = heatmap && layer === 'heat';
        this.#stage.warm(levels, shape?.frameShare ?? 1, isHeat ? opacity : 0);
        this.#mark(item.score === null ? null : this.#actions.regions(item), state.page);
        this.#stage.layout();
    }

    /** @param {readonly Region[]|null} regions @param {State['page']} page */
    #mark(regions, { region, heatmap, layer }) {
        this.#regions.show(regions, region);
        this.#outlines.show(regions ?? [], region);
        this.#outlines.element.toggleAttribute('hidden', !heatmap || layer !== 'outline');
        const near = (region === null ? null : regions?.[region]) ?? null;
        if (near === this.#near) return;
        this.#near = near;
        if (near) this.#stage.approach(near);
        else if (region === null) this.#stage.fit();
    }

    /** A dialog over everything, or a part of the page. @param {boolean} large */
    #resized(large) {
        this.element.classList.toggle('large', large);
        if (large) {
            this.element.setAttribute('role', 'dialog');
            this.element.setAttribute('aria-modal', 'true');
        } else for (const name of ['role', 'aria-modal']) this.element.removeAttribute(name);
        this.#resize.setAttribute(
            'aria-label',
            large ? texts.viewer.closeLarge : texts.viewer.fill,
        );
        this.#resize.replaceChildren(icon(large ? 'close' : 'large'));
        if (large) this.#resize.focus();
    }
}

/** The colour map on the folder's scale, with the threshold's place. @param {HTMLElement} tick */
function legend(tick) {
    const canvas = h('canvas', { width: 256, height: 1 });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.putImageData(new ImageData(COLOURS, 256, 1), 0, 0);
    return h(
        'div',
        {
            class: 'legend',
            role: 'img',
            'aria-label': texts.viewer.legend,
        },
        h('div', { class: 'legend-bar' }, canvas, tick),
        h(
            'div',
            { class: 'legend-words' },
            h('span', {}, texts.viewer.normal),
            h('span', {}, texts.viewer.unusual),
        ),
    );
}

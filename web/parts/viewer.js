/** The chosen photo, beside the gallery or filling the window: its verdict, its picture, its regions. */

import { button, h, icon, setText } from '../dom.js';
import { COLOURS } from '../overlay.js';
import { texts } from '../texts/texts.js';
import { verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../fleck.js').Region} Region */

/** Which keys walk, and whereto. @type {Record<string, 1|-1>} */
const BY = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

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
    #stages;
    #compare;
    #beside = /** @type {import('./beside.js').Beside|null} */ (null);
    #item = /** @type {Item|null} */ (null);
    #near = /** @type {Region|null} */ (null); /* the region that is shown from near */

    /**
     * @param {object} actions
     * @param {(by: 1|-1) => void} actions.walk
     * @param {() => void} actions.nextDefect
     * @param {(by: 1|-1) => void} actions.walkOther
     * @param {(comparison: 'beside'|'blink') => void} actions.compare
     * @param {() => void} actions.keys
     * @param {() => void} actions.resize large, or no longer
     * @param {(on: boolean) => void} actions.show heatmap or outlines, or nothing
     * @param {(layer: import('../layer.js').Layer) => void} actions.layer
     * @param {(opacity: number) => void} actions.opacity
     * @param {(item: Item) => Uint8ClampedArray|null} actions.heat
     * @param {(item: Item) => readonly Region[]|null} actions.regions
     * @param {(item: Item) => readonly string[]} actions.groups names of its regions' groups
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
        this.#resize = button('', actions.resize, {
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
            bare('defect', texts.viewer.nextDefect, () => actions.nextDefect()),
            this.#resize,
        );
        this.#stages = h('div', { class: 'stages' }, stage.element);
        this.#compare = /** @type {const} */ (['beside', 'blink']).map((value) =>
            button(texts.viewer[value], () => actions.compare(value), { value }),
        );
        const keys = texts.gallery.keys;
        this.#controls = h(
            'div',
            { class: 'viewer-controls' },
            h('label', { class: 'switch' }, this.#toggle, h('span', {}, texts.viewer.show)),
            this.#layer,
            this.#opacity,
            h(
                'div',
                { class: 'viewer-compare' },
                ...this.#compare,
                button('?', actions.keys, {
                    class: 'button bare',
                    'aria-label': keys,
                    title: keys,
                }),
            ),
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
            this.#stages,
            regions.element,
            this.#controls,
        );
        this.element.addEventListener('keydown', (event) => this.#key(event));
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { target, key } = event;
        if (target instanceof HTMLInputElement && target.type !== 'checkbox') return;
        if (target instanceof HTMLSelectElement) return;
        const by = BY[key];
        if (by && event.shiftKey) this.#actions.walkOther(by);
        else if (by) this.#actions.walk(by);
        else if (!this.#item || !this.#stage.key(key)) return;
        event.preventDefault();
    }

    /** @param {State} state */
    update(state) {
        const { items, phase, threshold } = state.job;
        const { chosen, large, heatmap, layer, opacity } = state.page;
        const item = items.find((each) => each.id === chosen) ?? null;
        this.element.hidden = phase === 'start' || !items.length;
        if (large !== this.element.classList.contains('large')) this.#resized(large);
        this.#caption.classList.toggle('invisible', !item);
        this.#controls.classList.toggle('invisible', !item);
        this.#regions.element.hidden = typeof item?.score !== 'number';
        const isAnother = this.#stage.show(item);
        this.#item = item;
        this.#showOther(state, isAnother);
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
        this.#toggle.checked = heatmap;
        this.#layer.value = layer;
        this.#opacity.value = String(Math.round(opacity * 100));
        this.#tick.style.left = `${threshold * 100}%`;
        const { region } = state.page;
        const regions = this.#draw(this.#stage, this.#outlines, item, state, region);
        this.#regions.show(regions, region, this.#actions.groups(item));
        const near = (region === null ? null : regions?.[region]) ?? null;
        if (near === this.#near) return;
        this.#near = near;
        if (near) this.#stage.approach(near);
        else if (region === null) this.#stage.fit();
    }

    /**
     * What was found on a photo, over it.
     * @param {import('./stage.js').Stage} stage that shows it
     * @param {import('./outlines.js').Outlines} outlines
     * @param {Item} item
     * @param {State} state
     * @param {number|null} region that is chosen
     */
    #draw(stage, outlines, item, { job: { shape, threshold }, page }, region = null) {
        const { heatmap, layer, opacity } = page;
        const verdict = verdictOf(item, threshold);
        stage.describe(`${item.name}${verdict ? `, ${texts.verdicts[verdict]}` : ''}`);
        const levels = shape && item.score !== null ? this.#actions.heat(item) : null;
        const isHeat = heatmap && layer === 'heat';
        stage.warm(levels, shape?.frameShare ?? 1, isHeat ? opacity : 0);
        const regions = item.score === null ? null : this.#actions.regions(item);
        outlines.show(regions ?? [], region);
        outlines.element.toggleAttribute('hidden', !heatmap || layer !== 'outline');
        stage.layout();
        return regions;
    }

    /** More that belongs to the photo, above it. @param {HTMLElement} element */
    extend(element) {
        this.#caption.append(element);
    }

    /** What shows a second photo, once it is there. @param {import('./beside.js').Beside} beside */
    add(beside) {
        this.#beside = beside;
        this.extend(beside.element);
        this.#stages.append(beside.stage.element);
        this.#stage.onlook = () => beside.stage.follow(this.#stage.look);
        beside.stage.onlook = () => this.#stage.follow(beside.stage.look);
    }

    /** @param {State} state @param {boolean} isAnother the first photo is another than before */
    #showOther(state, isAnother) {
        const { large, comparison, other } = state.page;
        for (const each of this.#compare)
            each.setAttribute('aria-pressed', String(each.value === comparison));
        const beside = this.#beside;
        if (!beside) return;
        const isCompared = large && comparison !== 'none';
        const item = state.job.items.find(({ id }) => isCompared && id === other) ?? null;
        this.#stages.dataset.comparison = item ? comparison : 'none';
        beside.update(state, item);
        const isOther = beside.stage.show(item);
        for (const [stage, photo] of /** @type {const} */ ([
            [this.#stage, this.#item],
            [beside.stage, item],
        ]))
            stage.tag(item && photo ? tagOf(photo, state.job.threshold) : '');
        if (!item) return;
        this.#draw(beside.stage, beside.outlines, item, state);
        if (isAnother || isOther) beside.stage.follow(this.#stage.look);
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

/** @param {Item} item @param {number} threshold */
function tagOf(item, threshold) {
    const verdict = verdictOf(item, threshold);
    return [item.name.split('/').at(-1), verdict && texts.verdicts[verdict]]
        .filter(Boolean)
        .join(' · ');
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

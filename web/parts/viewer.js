/**
 * The chosen photo: beside the gallery, or filling the window. The wheel zooms
 * at the pointer, dragging moves, two fingers do both.
 */

import { button, h, icon, setText } from '../dom.js';
import { COLOURS, paintHeat } from '../overlay.js';
import { texts } from '../texts/texts.js';
import { judge } from '../verdict.js';

/** @typedef {import('../state/store.js').Item} Item */
/** @typedef {import('../state/store.js').State} State */

const ZOOM_MAX = 32;

export class Viewer {
    #image = h('img', { alt: '', draggable: 'false' });
    #heat = h('canvas', { class: 'heat' });
    #sheet = h('div', { class: 'viewer-sheet' }, this.#image, this.#heat);
    #stage = h('div', { class: 'stage' }, this.#sheet);
    #hint = h('p', { class: 'viewer-hint' }, texts.viewer.hint);
    #note = h('p', { class: 'viewer-note', role: 'status', hidden: true });
    #verdict = h('p', { class: 'verdict' });
    #name = h('p', { class: 'viewer-name' });
    #zoomText = h('output');
    #toggle;
    #opacity;
    #resize;
    #tick = h('span', { class: 'legend-tick' });
    #controls;
    #zoomBar;
    #whole;
    #caption;
    #item = /** @type {Item|null} */ (null);
    #url = '';
    #painted = /** @type {Uint8ClampedArray|null} */ (null);
    #view = { scale: 1, x: 0, y: 0 };
    #pointers = /** @type {Map<number, PointerEvent>} */ (new Map());
    #actions;

    /**
     * @param {object} actions
     * @param {(by: 1|-1) => void} actions.walk
     * @param {(large: boolean) => void} actions.large
     * @param {(on: boolean) => void} actions.heatmap
     * @param {(opacity: number) => void} actions.opacity
     * @param {(item: Item) => Uint8ClampedArray|null} actions.heat
     * @param {(item: Item) => Promise<Blob>} actions.copy what can be shown large
     */
    constructor(actions) {
        this.#actions = actions;
        this.#toggle = h('input', {
            type: 'checkbox',
            role: 'switch',
            onchange: () => actions.heatmap(this.#toggle.checked),
        });
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
            h('label', { class: 'switch' }, this.#toggle, h('span', {}, texts.viewer.heatmap)),
            this.#opacity,
            legend(this.#tick),
        );
        this.#whole = button('', () => this.#fit(), { class: 'button bare' });
        this.#whole.append(this.#zoomText);
        this.#zoomBar = h(
            'div',
            { class: 'zoom' },
            bare('minus', texts.viewer.zoomOut, () => this.#zoom(1 / 1.5)),
            this.#whole,
            bare('plus', texts.viewer.zoomIn, () => this.#zoom(1.5)),
        );
        this.element = h(
            'section',
            { class: 'viewer', 'aria-label': texts.viewer.label },
            this.#caption,
            h('div', { class: 'stage-frame' }, this.#stage, this.#hint, this.#note, this.#zoomBar),
            this.#controls,
        );
        this.element.addEventListener('keydown', (event) => this.#key(event));
        this.#stage.addEventListener(
            'wheel',
            (event) => {
                event.preventDefault();
                this.#zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event);
            },
            { passive: false },
        );
        this.#stage.addEventListener('dblclick', (event) =>
            this.#view.scale > 1 ? this.#fit() : this.#zoom(3, event),
        );
        this.#stage.addEventListener('pointerdown', (event) => {
            this.#stage.setPointerCapture(event.pointerId);
            this.#pointers.set(event.pointerId, event);
        });
        this.#stage.addEventListener('pointermove', (event) => this.#move(event));
        this.#stage.addEventListener('lostpointercapture', (event) =>
            this.#pointers.delete(event.pointerId),
        );
        new ResizeObserver(() => this.#layout()).observe(this.#stage);
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { target, key } = event;
        if (target instanceof HTMLInputElement && target.type === 'range') return;
        if (key === '+' || key === '=') this.#zoom(1.5);
        else if (key === '-') this.#zoom(1 / 1.5);
        else if (key === '0') this.#fit();
        else if (key === 'ArrowLeft' || key === 'ArrowUp') this.#actions.walk(-1);
        else if (key === 'ArrowRight' || key === 'ArrowDown') this.#actions.walk(1);
        else return;
        event.preventDefault();
    }

    /** @param {State} state */
    update(state) {
        const { items, phase, threshold, shape } = state.job;
        const { chosen, large, heatmap, opacity } = state.page;
        const item = items.find((each) => each.id === chosen) ?? null;
        this.element.hidden = phase === 'start' || !items.length;
        if (large !== this.element.classList.contains('large')) this.#resized(large);
        this.#hint.hidden = item !== null;
        this.#caption.classList.toggle('invisible', !item);
        this.#controls.classList.toggle('invisible', !item);
        this.#stage.hidden = this.#zoomBar.hidden = !item;
        if (item !== this.#item) this.#show(item);
        if (!item) return;

        const verdict = item.score === null ? null : judge(item.score, threshold);
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
        this.#image.alt = `${item.name}${verdict ? `, ${texts.verdicts[verdict]}` : ''}`;
        this.#toggle.checked = heatmap;
        this.#opacity.value = String(Math.round(opacity * 100));
        this.#tick.style.left = `${threshold * 100}%`;
        this.#heat.style.opacity = heatmap ? String(opacity) : '0';
        const levels = shape && item.score !== null ? this.#actions.heat(item) : null;
        this.#heat.hidden = !levels;
        if (levels && shape && levels !== this.#painted) {
            this.#painted = levels;
            paintHeat(this.#heat, levels);
            this.#heat.style.width = this.#heat.style.height = `${shape.frameShare * 100}%`;
        }
        this.#layout();
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

    /** @param {Item|null} item */
    #show(item) {
        this.#item = item;
        this.#painted = null;
        this.#heat.hidden = true;
        this.#note.hidden = true;
        this.#place(item?.thumb ?? null);
        this.#fit();
        if (item) this.#load(item);
    }

    /**
     * The file may have been moved or deleted after it was dropped; then the small picture stays.
     * @param {Item} item
     */
    async #load(item) {
        const copy = await this.#actions.copy(item).catch(() => null);
        if (item !== this.#item) return;
        if (copy) {
            const url = URL.createObjectURL(copy);
            this.#place(url);
            this.#url = url;
            return;
        }
        setText(this.#note, item.thumb ? texts.viewer.goneButSmall : texts.viewer.gone);
        this.#note.hidden = false;
    }

    /** Frees the photo shown so far, once another has its place. @param {string|null} url */
    #place(url) {
        if (url) this.#image.src = url;
        else this.#image.removeAttribute('src');
        if (this.#url) URL.revokeObjectURL(this.#url);
        this.#url = '';
    }

    #fit() {
        this.#view = { scale: 1, x: 0, y: 0 };
        this.#layout();
    }

    /**
     * @param {number} by
     * @param {{clientX: number, clientY: number}} [at] a point that stays where it is
     */
    #zoom(by, at) {
        const box = this.#stage.getBoundingClientRect();
        const view = this.#view;
        const x = at ? at.clientX - box.left - box.width / 2 : 0;
        const y = at ? at.clientY - box.top - box.height / 2 : 0;
        const scale = Math.min(Math.max(view.scale * by, 1), ZOOM_MAX);
        const ratio = scale / view.scale;
        this.#view = { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
        this.#layout();
    }

    /** @param {PointerEvent} event */
    #move(event) {
        const before = this.#pointers.get(event.pointerId);
        if (!before) return;
        const other = [...this.#pointers.values()].find(
            ({ pointerId }) => pointerId !== event.pointerId,
        );
        this.#pointers.set(event.pointerId, event);
        const part = other ? 2 : 1; /* each of two fingers moves by its half */
        this.#view.x += (event.clientX - before.clientX) / part;
        this.#view.y += (event.clientY - before.clientY) / part;
        if (other) this.#zoom(distance(event, other) / Math.max(distance(before, other), 1), other);
        else this.#layout();
    }

    #layout() {
        const item = this.#item;
        const { clientWidth, clientHeight } = this.#stage;
        if (!item?.width || !clientWidth) return;
        const fit = Math.min(clientWidth / item.width, clientHeight / item.height);
        const width = item.width * fit,
            height = item.height * fit;
        const view = this.#view;
        const roomX = Math.max(0, (width * view.scale - clientWidth) / 2);
        const roomY = Math.max(0, (height * view.scale - clientHeight) / 2);
        view.x = Math.min(Math.max(view.x, -roomX), roomX);
        view.y = Math.min(Math.max(view.y, -roomY), roomY);
        const style = this.#sheet.style;
        style.width = `${width}px`;
        style.height = `${height}px`;
        style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
        this.#image.classList.toggle('pixels', fit * view.scale > 4);
        const zoom = `${Math.round(view.scale * 100)} %`;
        setText(this.#zoomText, zoom);
        this.#whole.setAttribute('aria-label', texts.viewer.whole(zoom));
        this.#stage.classList.toggle('movable', view.scale > 1);
    }
}

/** @param {PointerEvent} a @param {PointerEvent} b */
function distance(a, b) {
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
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

/**
 * A photo to look at from near: the wheel zooms at the pointer, dragging moves, two fingers do both.
 * It is laid out at the size at which it is seen, so that its pixels stay sharp.
 */

import { button, h, setText } from '../dom.js';
import { paintHeat } from '../overlay.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').Item} Item */
/** scale: times the whole photo, 0: the whole; x, y: of its middle from the stage's, in shares of its sides.
 * @typedef {{scale: number, x: number, y: number}} Look */

const ZOOM_MAX = 32; /* times the whole photo, and screen pixels for one of it */
const NEAR = 4; /* CSS pixels for one of the photo: the most for a region that is chosen */
const STILL = 4; /* CSS pixels: who moves the pointer further drags */
const ROOM = 2.5; /* of the stage's side for a region's */

export class Stage {
    #image = h('img', { alt: '', draggable: 'false' });
    #heat = h('canvas', { class: 'heat' });
    #sheet = h('div', { class: 'viewer-sheet' }, this.#image, this.#heat);
    #stage;
    #hint = h('p', { class: 'viewer-hint' }, texts.viewer.hint);
    #note = h('p', { class: 'viewer-note', role: 'status', hidden: true });
    #tag = h('p', { class: 'stage-tag', hidden: true });
    /** What the user looks at has changed. @type {() => void} */
    onlook = () => {};
    /** A spot of the photo was clicked, in shares of its sides. @type {(spot: {x: number, y: number}, event: MouseEvent) => void} */
    onspot = () => {};
    #zoomText = h('output');
    #zoomBar;
    #whole;
    #outlines;
    #copy;
    #item = /** @type {Item|null} */ (null);
    #url = '';
    #painted = /** @type {Uint8ClampedArray|null} */ (null);
    /** zoom: CSS pixels for one of the photo's, 0: the whole of it; x, y: of its middle from the stage's. */
    #view = { zoom: 0, x: 0, y: 0 };
    #pointers = /** @type {Map<number, PointerEvent>} */ (new Map());

    /**
     * @param {(item: Item) => Promise<Blob>} copy what can be shown large
     * @param {import('./outlines.js').Outlines} outlines over the photo
     */
    constructor(copy, outlines) {
        this.#copy = copy;
        this.#outlines = outlines;
        this.#stage = h('div', { class: 'stage' }, this.#sheet);
        this.#stage.append(outlines.element);
        const { zoomOut, zoomIn, actual } = texts.viewer;
        /** @param {string} label @param {() => void} onclick @param {import('../dom.js').IconName} [icon] */
        const bare = (label, onclick, icon) =>
            button(icon ? '' : '1:1', onclick, {
                class: 'button bare',
                icon,
                'aria-label': label,
                title: label,
            });
        this.#whole = button('', () => this.fit(), { class: 'button bare' });
        this.#whole.append(this.#zoomText);
        this.#zoomBar = h(
            'div',
            { class: 'zoom' },
            bare(zoomOut, () => this.#zoomBy(1 / 1.5), 'minus'),
            this.#whole,
            bare(zoomIn, () => this.#zoomBy(1.5), 'plus'),
            bare(actual, () => this.#actual()),
        );
        this.element = h(
            'div',
            { class: 'stage-frame' },
            this.#stage,
            this.#hint,
            this.#note,
            this.#tag,
            this.#zoomBar,
        );
        this.#stage.addEventListener(
            'wheel',
            (event) => {
                event.preventDefault();
                this.#zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event);
            },
            { passive: false },
        );
        this.#stage.addEventListener('dblclick', (event) =>
            this.#zoom > this.#least ? this.fit() : this.#zoomBy(3, event),
        );
        let pressed = /** @type {MouseEvent} */ (new MouseEvent('pointerdown'));
        this.#stage.addEventListener('click', (event) => {
            const { left, top, width, height } = this.#sheet.getBoundingClientRect();
            const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
            const isOn = x >= 0 && x <= 1 && y >= 0 && y <= 1;
            if (isOn && distance(event, pressed) < STILL) this.onspot({ x, y }, event);
        });
        this.#stage.addEventListener('pointerdown', (event) => {
            pressed = event;
            this.#stage.setPointerCapture(event.pointerId);
            this.#pointers.set(event.pointerId, event);
        });
        this.#stage.addEventListener('pointermove', (event) => this.#move(event));
        this.#stage.addEventListener('lostpointercapture', (event) =>
            this.#pointers.delete(event.pointerId),
        );
        new ResizeObserver(() => this.layout()).observe(this.#stage);
    }

    /** Whether a key is one that zooms, which it does then. @param {string} key */
    key(key) {
        if (key === '+' || key === '=') this.#zoomBy(1.5);
        else if (key === '-') this.#zoomBy(1 / 1.5);
        else if (key === '0') this.fit();
        else if (key === '1') this.#actual();
        else return false;
        return true;
    }

    /** @param {Item|null} item @returns {boolean} whether it is another than before */
    show(item) {
        this.#hint.hidden = item !== null;
        this.#stage.hidden = this.#zoomBar.hidden = !item;
        if (item === this.#item) return false;
        this.#item = item;
        this.#painted = null;
        this.#heat.hidden = true;
        this.#note.hidden = true;
        this.#place(item?.thumb ?? null);
        this.#view = { zoom: 0, x: 0, y: 0 };
        this.layout();
        if (item) void this.#load(item);
        return true;
    }

    /** Which of several photos this is; '': it is the only one. @param {string} text */
    tag(text) {
        setText(this.#tag, text);
        this.#tag.hidden = !text;
    }

    /** Something that lies over the photo and moves with it. @param {HTMLElement} element */
    over(element) {
        this.#sheet.append(element);
    }

    /** What is said of the photo instead of seeing it. @param {string} text */
    describe(text) {
        this.#image.alt = text;
    }

    /**
     * @param {Uint8ClampedArray|null} levels [HEAT, HEAT]
     * @param {number} share of the photo's sides that they cover
     * @param {number} opacity
     */
    warm(levels, share, opacity) {
        this.#heat.style.opacity = String(opacity);
        this.#heat.hidden = !levels;
        if (!levels || levels === this.#painted) return;
        this.#painted = levels;
        paintHeat(this.#heat, levels);
        this.#heat.style.width = this.#heat.style.height = `${share * 100}%`;
    }

    /**
     * The file may have been moved or deleted after it was dropped; then the small picture stays.
     * @param {Item} item
     */
    async #load(item) {
        const copy = await this.#copy(item).catch(() => null);
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

    /** The whole photo. */
    fit() {
        this.#turn({ zoom: 0, x: 0, y: 0 });
    }

    /** @returns {Look} */
    get look() {
        const { zoom, x, y } = this.#view;
        if (!this.#item?.width) return { scale: 0, x: 0, y: 0 };
        const { width, height } = this.#item;
        const scale = zoom && zoom / this.#fitting;
        return { scale, x: x / (width * this.#zoom), y: y / (height * this.#zoom) };
    }

    /** The same of this photo as of another. @param {Look} look */
    follow({ scale, x, y }) {
        const item = this.#item;
        if (!item?.width) return;
        this.#view.zoom = scale * this.#fitting;
        this.#view.x = x * item.width * this.#zoom;
        this.#view.y = y * item.height * this.#zoom;
        this.layout();
    }

    /** @param {{zoom: number, x: number, y: number}} view that the user wants */
    #turn(view) {
        this.#view = view;
        this.layout();
        this.onlook();
    }

    /** A region and what is around it. @param {import('../fleck.js').Region} region */
    approach({ left, top, width, height }) {
        const item = this.#item;
        if (!item?.width) return;
        const { clientWidth, clientHeight } = this.#stage;
        const wide = Math.min(clientWidth / (ROOM * width), clientHeight / (ROOM * height), NEAR);
        const zoom = Math.max(wide, this.#fitting);
        this.#turn({
            zoom,
            x: (item.width / 2 - left - width / 2) * zoom,
            y: (item.height / 2 - top - height / 2) * zoom,
        });
    }

    /** A pixel of the photo for one of the screen. */
    #actual() {
        this.#zoomBy(1 / devicePixelRatio / this.#zoom);
    }

    /** At which the whole photo is seen. */
    get #fitting() {
        const { clientWidth, clientHeight } = this.#stage;
        const { width, height } = /** @type {Item} */ (this.#item);
        return Math.min(clientWidth / width, clientHeight / height);
    }

    get #zoom() {
        return this.#view.zoom || this.#fitting;
    }

    /** Of a small photo, which is enlarged to fill the stage, true pixels take less of it. */
    get #least() {
        return Math.min(this.#fitting, 1 / devicePixelRatio);
    }

    /**
     * @param {number} by
     * @param {{clientX: number, clientY: number}} [at] a point that stays where it is
     */
    #zoomBy(by, at) {
        if (!this.#item?.width) return;
        const box = this.#stage.getBoundingClientRect();
        const view = this.#view;
        const x = at ? at.clientX - box.left - box.width / 2 : 0;
        const y = at ? at.clientY - box.top - box.height / 2 : 0;
        const most = ZOOM_MAX * Math.max(this.#fitting, 1 / devicePixelRatio);
        const zoom = Math.min(Math.max(this.#zoom * by, this.#least), most);
        const ratio = zoom / this.#zoom;
        this.#turn({ zoom, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio });
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
        if (other)
            this.#zoomBy(distance(event, other) / Math.max(distance(before, other), 1), other);
        else this.#turn(this.#view);
    }

    /** Puts all to where it is seen. */
    layout() {
        const item = this.#item;
        const { clientWidth, clientHeight } = this.#stage;
        if (!item?.width || !clientWidth || !clientHeight) return;
        const [view, zoom] = [this.#view, this.#zoom];
        const width = item.width * zoom,
            height = item.height * zoom;
        const roomX = Math.max(0, (width - clientWidth) / 2);
        const roomY = Math.max(0, (height - clientHeight) / 2);
        view.x = Math.min(Math.max(view.x, -roomX), roomX);
        view.y = Math.min(Math.max(view.y, -roomY), roomY);
        /* on whole pixels of the screen, or those of the photo were mixed */
        const [left, top] = [
            (clientWidth - width) / 2 + view.x,
            (clientHeight - height) / 2 + view.y,
        ].map((at) => Math.round(at * devicePixelRatio) / devicePixelRatio);
        const style = this.#sheet.style;
        style.width = `${width}px`;
        style.height = `${height}px`;
        style.transform = `translate(${left}px, ${top}px)`;
        this.#outlines.look(-left / zoom, -top / zoom, clientWidth / zoom, clientHeight / zoom);
        this.#image.classList.toggle('pixels', zoom > 4);
        const percent = `${Math.round(100 * zoom * devicePixelRatio)} %`;
        setText(this.#zoomText, percent);
        this.#whole.setAttribute('aria-label', texts.viewer.whole(percent));
        this.#stage.classList.toggle('movable', roomX + roomY > 0);
    }
}

/** @param {MouseEvent} a @param {MouseEvent} b */
function distance(a, b) {
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

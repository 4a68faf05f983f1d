/**
 * The area of interest, drawn over a photo by pointer or by keys: polygons to include and to
 * exclude, a proposal, or a mask from a picture. What lies outside is dark; how much lies inside is
 * said. One that follows the part is seen where it lies on other photos, moved by as much as the
 * part: what is drawn there moves back to the photo that it is drawn over.
 */

import { button, h, setText } from '../dom.js';
import { HEAT } from '../fleck.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/job.js').Drawn} Drawn */
/** @typedef {import('../fleck.js').AreaLeft} AreaLeft */
/** @typedef {number[]} Point x, y in shares of the photo's width and height */
/** @typedef {{points: Point[], kind: 'include'|'exclude'}} Polygon */
/** mask: in place of polygons; open: whether the last polygon is still being drawn.
 * @typedef {{mask: Drawn|null, polygons: Polygon[], open: boolean}} Drawing */
/** @typedef {{polygon: number, corner: number}} Corner */
/** @typedef {import('../state/store.js').Item} Item */

const NEAR = 12; /* CSS pixels from a corner that are taken for it */
const STEP = 0.005; /* of the photo's side, by an arrow key; with Shift ten times as far */
const SHADE = 170; /* of 255: how dark what lies outside is */
const ZOOM = 1.25; /* by a step */
const ZOOM_MOST = 8;
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {number} share */
const rounded = (share) => Math.round(Math.min(Math.max(share, 0), 1) * 1e4) / 1e4;

/** @returns {Drawing} */
const nothing = () => ({ mask: null, polygons: [], open: false });

export class AreaDialog {
    #actions;
    #outlines;
    #drawing = nothing();
    #past = /** @type {Drawing[]} */ ([]);
    #at = /** @type {Point} */ ([0.5, 0.5]); /* of the crosshair */
    #chosen = /** @type {Corner|null} */ (null);
    #held = /** @type {Drawing|null} */ (null); /* before the corner that is chosen was moved */
    #tries = 0;
    /** of what is drawn for the user, a mask or a proposal: whether it came; null: nothing is */
    #coming = /** @type {Promise<boolean>|null} */ (null);
    #url = '';
    #photos = /** @type {readonly Item[]} */ ([]);
    #seen = 0; /* which of them */
    #over = ''; /* name of the one that is drawn over */
    #shift = /** @type {Point} */ ([0, 0]); /* of the area on the photo that is seen */
    #zoom = 1;

    #photo = h('img', { alt: '', draggable: 'false' });
    #shade = h('canvas', { width: HEAT, height: HEAT });
    #corners = h('div', { class: 'area-corners' });
    #cross = h('div', { class: 'area-cross' });
    #layer = h('div', { class: 'area-layer' });
    #name = h('span', { class: 'hint' });
    #follow = h('input', { type: 'checkbox' });
    #stage = h('div', {
        class: 'area-stage',
        tabindex: 0,
        role: 'application',
        'aria-label': texts.drawing.stage,
        'aria-describedby': 'area-keys',
    });
    #said = h('p', { class: 'area-said', role: 'status' });
    #place = h('p', { class: 'hint', 'aria-live': 'polite' });
    #kinds;
    #undo;
    #whole;
    #apply;

    /**
     * @param {object} actions
     * @param {(drawn: Drawn, on: Item) => Promise<AreaLeft>} actions.left what an area would leave
     *     of a photo; throws where it is none
     * @param {(photo: Item) => Promise<Point[]>} actions.propose throws where nothing stands out
     * @param {(file: File) => Promise<Drawn>} actions.fromPicture throws where it is no mask
     * @param {(drawn: Drawn|null) => Promise<void>} actions.use throws as left does
     * @param {(file: Blob) => Promise<Blob>} actions.copy what can be shown of a photo
     * @param {import('./outlines.js').Outlines} outlines over the photo
     */
    constructor(actions, outlines) {
        this.#actions = actions;
        this.#outlines = outlines;
        const { drawing, viewer, cancel } = texts;
        outlines.look(0, 0, 1, 1);
        this.#layer.append(/** @type {any} */ (outlines.element), this.#corners, this.#cross);
        this.#stage.append(this.#photo, this.#shade, this.#layer);
        this.#follow.addEventListener('change', () => this.#startFollowing());
        this.#kinds = /** @type {const} */ (['include', 'exclude']).map((value, i) =>
            h('input', { type: 'radio', name: 'kind', value, checked: !i }),
        );
        const input = h('input', { type: 'file', accept: 'image/*', hidden: true });
        input.addEventListener('change', () => {
            const file = input.files?.[0];
            input.value = '';
            if (file) this.#await(this.#maskOf(file));
        });
        this.#undo = button(drawing.undo, () => {
            this.#goBack();
            if (this.#undo.disabled) this.#stage.focus();
        });
        this.#whole = button(drawing.whole, () => {
            this.#change(nothing());
            this.#stage.focus(); /* the button has nothing to do any more */
        });
        this.#apply = button(drawing.apply, () => this.#use(), { class: 'button primary' });
        this.element = h(
            'dialog',
            { class: 'area-dialog', 'aria-labelledby': 'area-title' },
            h('h2', { id: 'area-title' }, drawing.title),
            h('p', { class: 'hint', id: 'area-keys' }, drawing.about),
            h(
                'fieldset',
                { class: 'area-tools' },
                h('legend', { class: 'hint' }, drawing.kind),
                ...this.#kinds.map((control, i) =>
                    h('label', { class: 'switch' }, control, drawing.kinds[i]),
                ),
                this.#undo,
                this.#whole,
                button(drawing.propose, () => this.#propose()),
                button(drawing.fromPicture, () => input.click()),
                input,
                h('label', { class: 'switch' }, this.#follow, drawing.follow),
            ),
            h('div', { class: 'area-view' }, this.#stage),
            h(
                'div',
                { class: 'area-tools' },
                ...[
                    sign('‹', viewer.previous, () => this.#turn(-1)),
                    sign('›', viewer.next, () => this.#turn(1)),
                    sign('−', drawing.smaller, () => this.#scale(1 / ZOOM)),
                    sign('+', drawing.larger, () => this.#scale(ZOOM)),
                ],
                this.#name,
            ),
            this.#said,
            this.#place,
            h(
                'div',
                { class: 'dialog-buttons' },
                button(cancel, () => this.element.close()),
                this.#apply,
            ),
        );
        this.#photo.addEventListener('load', () =>
            this.#shape(this.#photo.naturalWidth, this.#photo.naturalHeight),
        );
        this.element.addEventListener('close', () => {
            this.#coming = null;
            this.#show(null);
        });
        this.element.addEventListener('keydown', (event) => this.#dialogKey(event));
        this.#stage.addEventListener('keydown', (event) => this.#key(event));
        this.#stage.addEventListener('pointerdown', (event) => this.#press(event));
        this.#stage.addEventListener('pointermove', (event) => this.#move(event));
        this.#stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
        this.#stage.addEventListener('lostpointercapture', () => {
            if (this.#chosen) this.#take(this.#chosen); /* that was one step */
        });
    }

    /**
     * @param {readonly Item[]} photos that it can be seen on
     * @param {Item} chosen that is drawn over, unless it was drawn over another
     * @param {import('../state/store.js').DeepReadonly<Drawn>|null} drawn the area so far; null: none
     * @param {number} frameShare of the photo's sides, in the middle, that is looked at
     */
    open(photos, chosen, drawn, frameShare) {
        const over = photos.find(({ name }) => name === drawn?.follow);
        this.#photos = photos;
        this.#follow.checked = Boolean(over);
        this.#over = (over ?? chosen).name;
        this.#zoom = 1;
        this.#scale(1);
        this.#held = this.#chosen = null;
        this.#past = [];
        this.#at = [0.5, 0.5];
        this.#drawing = drawingOf(drawn);
        this.#shade.style.scale = String(frameShare);
        this.element.showModal();
        this.#see(photos.indexOf(over ?? chosen));
        this.#stage.focus();
    }

    /** Another photo under the area. @param {number} at */
    #see(at) {
        const { file, name, width, height } = this.#photos[at];
        this.#seen = at;
        this.#shape(width || 1, height || 1);
        this.#put([0, 0]);
        setText(this.#place, '');
        this.#tell();
        void this.#actions.copy(file).then(
            (copy) =>
                this.element.open && this.#photos[this.#seen].name === name && this.#show(copy),
            () => setText(this.#place, texts.viewer.gone),
        );
        this.#look();
    }

    /** @param {1|-1} by */
    #turn(by) {
        const count = this.#photos.length;
        if (!this.#follow.checked)
            this.#over = this.#photos[(this.#seen + by + count) % count].name;
        this.#see((this.#seen + by + count) % count);
    }

    /** Says which photo is seen, and which it is drawn over. */
    #tell() {
        const { name } = this.#photos[this.#seen];
        const isOther = this.#follow.checked && name !== this.#over;
        setText(this.#name, isOther ? `${name}, ${texts.drawing.over(this.#over)}` : name);
    }

    /** It is drawn over the photo that is seen, from now on. */
    #startFollowing() {
        this.#over = this.#photos[this.#seen].name;
        this.#put([0, 0]);
        this.#tell();
        this.#look();
    }

    /** What is drawn, where it lies on the photo that is seen. @param {Point} shift */
    #put(shift) {
        this.#shift = shift;
        this.#layer.style.translate = shift.map((share) => `${100 * share}%`).join(' ');
    }

    #propose() {
        const photo = this.#photos[this.#seen];
        const drawing = this.#actions.propose(photo).then((points) => {
            const polygon = { points: points.map((point) => point.map(rounded)), kind: 'include' };
            return { ...nothing(), polygons: [/** @type {Polygon} */ (polygon)] };
        });
        this.#await(drawing, photo.name);
    }

    /**
     * Takes the place of what is drawn when it is made, unless another is awaited by then.
     * @param {Promise<Drawing>} drawing
     * @param {string} [over] the photo that it is drawn over; none: the one of what is drawn
     */
    #await(drawing, over) {
        /** @type {Promise<boolean>} */
        const coming = drawing.then(
            (made) => {
                if (this.#coming !== coming) return false;
                this.#coming = null;
                if (over) {
                    this.#over = over;
                    this.#put([0, 0]);
                    this.#tell();
                }
                this.#change(made);
                return true;
            },
            (error) => {
                if (this.#coming !== coming) return false;
                this.#coming = null;
                this.#tries++;
                this.#refuse(error);
                return false;
            },
        );
        this.#coming = coming;
    }

    /* ---- zoom ---- */

    /** Zooms by a factor, about a point of the photo. @param {number} factor @param {Point} [about] */
    #scale(factor, about = this.#at) {
        const view = this.#stage.parentElement;
        const before = this.#stage.getBoundingClientRect();
        this.#zoom = Math.min(Math.max(this.#zoom * factor, 1), ZOOM_MOST);
        this.#stage.style.setProperty('--zoom', String(this.#zoom));
        const after = this.#stage.getBoundingClientRect();
        view?.scrollBy(
            about[0] * (after.width - before.width),
            about[1] * (after.height - before.height),
        );
    }

    /** @param {WheelEvent} event */
    #wheel(event) {
        if (event.shiftKey) return; /* which scrolls across */
        event.preventDefault();
        const { left, top, width, height } = this.#stage.getBoundingClientRect();
        const about = [(event.clientX - left) / width, (event.clientY - top) / height];
        this.#scale(event.deltaY < 0 ? ZOOM : 1 / ZOOM, about);
    }

    /** @param {number} width @param {number} height of the photo */
    #shape(width, height) {
        this.#stage.style.aspectRatio = `${width} / ${height}`;
        this.#stage.parentElement?.style.setProperty('--shape', String(width / height));
    }

    /** @param {Blob|null} photo */
    #show(photo) {
        URL.revokeObjectURL(this.#url);
        this.#url = photo ? URL.createObjectURL(photo) : '';
        if (photo) this.#photo.src = this.#url;
        else this.#photo.removeAttribute('src');
    }

    /** What is drawn becomes another, which can be undone. @param {Drawing} drawing */
    #change(drawing) {
        this.#drop();
        this.#past.push(this.#drawing);
        this.#become(drawing);
    }

    #goBack() {
        this.#drop();
        const before = this.#past.pop();
        if (before) this.#become(before);
    }

    /** @param {Drawing} drawing */
    #become(drawing) {
        this.#drawing = drawing;
        this.#look();
    }

    /** Shows what is drawn, and says what an area it makes. */
    #look() {
        this.#paint();
        void this.#try();
    }

    #paint() {
        const { polygons, open, mask } = this.#drawing;
        const last = polygons.length - 1;
        /* one that is drawn shows where it would go on */
        const outlines = polygons.map(({ points }, i) => ({
            outline: (open && i === last ? [...points, this.#at] : points).map(([x, y]) => ({
                x,
                y,
            })),
            holes: [],
        }));
        this.#outlines.show(
            /** @type {any} */ (outlines),
            this.#chosen?.polygon ?? (open ? last : null),
        );
        this.#corners.replaceChildren(
            ...this.#all.map((corner) => {
                const { polygon } = corner;
                const isChosen = isSame(corner, this.#chosen);
                const mark = h('span', {
                    class: `${polygons[polygon].kind} ${isChosen ? 'chosen' : ''}`,
                });
                place(mark, this.#pointOf(corner));
                return mark;
            }),
        );
        place(this.#cross, this.#at);
        this.#undo.disabled = !this.#past.length;
        this.#whole.disabled = !polygons.length && !mask;
    }

    async #try() {
        const turn = ++this.#tries;
        const drawn = this.#drawn;
        try {
            const left = drawn && (await this.#actions.left(drawn, this.#photos[this.#seen]));
            if (turn !== this.#tries) return;
            this.#put(left?.shift ? [left.shift.x, left.shift.y] : [0, 0]);
            this.#darken(left);
            const { inside, all } = texts.drawing;
            this.#say(left ? inside(left.share, left.patches) : all);
        } catch (error) {
            if (turn === this.#tries) this.#refuse(error);
        }
    }

    /** @param {string} text @param {boolean} [isRefusal] */
    #say(text, isRefusal = false) {
        setText(this.#said, text);
        this.#said.classList.toggle('trouble', isRefusal);
    }

    /** @param {unknown} error */
    #refuse(error) {
        this.#say(/** @type {Error} */ (error).message.replace(/\.?$/, '.'), true);
    }

    /** @param {AreaLeft|null} left */
    #darken(left) {
        const context = /** @type {CanvasRenderingContext2D} */ (this.#shade.getContext('2d'));
        const image = context.createImageData(HEAT, HEAT);
        left?.map.forEach((inside, i) => (image.data[4 * i + 3] = inside ? 0 : SHADE));
        context.putImageData(image, 0, 0);
    }

    async #use() {
        if (this.#coming && !(await this.#coming)) return;
        try {
            this.#close();
            await this.#actions.use(this.#drawn);
            this.element.close();
        } catch (error) {
            this.#tries++; /* what is under way says less */
            this.#refuse(error);
        }
    }

    /** As it is kept. */
    get #drawn() {
        const drawn = drawnOf(this.#drawing);
        return drawn && this.#follow.checked ? { ...drawn, follow: this.#over } : drawn;
    }

    /** @param {File} file */
    async #maskOf(file) {
        return { ...nothing(), mask: await this.#actions.fromPicture(file) };
    }

    /* ---- polygons ---- */

    /** All corners. @returns {Corner[]} */
    get #all() {
        return this.#drawing.polygons.flatMap(({ points }, polygon) =>
            points.map((_, corner) => ({ polygon, corner })),
        );
    }

    /** @param {Corner} corner */
    #pointOf({ polygon, corner }) {
        return this.#drawing.polygons[polygon].points[corner];
    }

    /** What is drawn, with a polygon replaced. @param {number} at @param {Point[]} points @returns {Drawing} */
    #with(at, points) {
        const polygons = this.#drawing.polygons.map((each, i) =>
            i === at ? { ...each, points } : each,
        );
        return { ...this.#drawing, mask: null, polygons };
    }

    /** The corner that is taken for a point, null: none. @param {Point} point @returns {Corner|null} */
    #near(point) {
        const { width, height } = this.#stage.getBoundingClientRect();
        const far = (/** @type {Corner} */ corner) => {
            const [x, y] = this.#pointOf(corner);
            return Math.hypot((x - point[0]) * width, (y - point[1]) * height);
        };
        const [nearest] = this.#all.sort((a, b) => far(a) - far(b));
        return nearest && far(nearest) <= NEAR ? nearest : null;
    }

    /** A corner is set: the next, or the first of another polygon, or the last one closes it. @param {Point} point */
    #set(point) {
        const { polygons, open } = this.#drawing;
        const last = polygons.length - 1;
        if (!open) {
            const kind = this.#kinds[0].checked ? 'include' : 'exclude';
            const next = { points: [point], kind };
            return this.#change({
                mask: null,
                polygons: [...polygons, /** @type {Polygon} */ (next)],
                open: true,
            });
        }
        const { points } = polygons[last];
        const near = this.#near(point);
        const isEnd = near?.polygon === last && [0, points.length - 1].includes(near.corner);
        if (!isEnd) this.#change(this.#with(last, [...points, point]));
        else if (points.length > 2) this.#close();
    }

    /** Ends the polygon that is being drawn. */
    #close() {
        if (this.#drawing.open) this.#change({ ...this.#drawing, open: false });
    }

    /** The corner that is chosen, or of the polygon that is being drawn the last one. */
    #delete() {
        const { polygons, open } = this.#drawing;
        const last = polygons.length - 1;
        const corner =
            this.#chosen ??
            (open ? { polygon: last, corner: polygons[last].points.length - 1 } : null);
        if (!corner) return;
        const points = polygons[corner.polygon].points.filter((_, i) => i !== corner.corner);
        const isOpen = open && corner.polygon === last;
        if (points.length >= (isOpen ? 1 : 3))
            return this.#change(this.#with(corner.polygon, points));
        this.#change({
            ...this.#drawing,
            polygons: polygons.filter((_, i) => i !== corner.polygon),
            open: open && !isOpen,
        });
    }

    /** From now on a corner is chosen, and moves. @param {Corner} corner */
    #take(corner) {
        this.#drop();
        this.#chosen = corner;
        this.#held = this.#drawing;
        this.#at = this.#pointOf(corner);
        this.#paint();
    }

    /** No corner is chosen; the one that was stays where it was moved to. */
    #drop() {
        if (this.#held && this.#held !== this.#drawing) this.#past.push(this.#held);
        this.#held = this.#chosen = null;
    }

    /** Moves the crosshair, and the corner that is chosen with it. @param {Point} point */
    #go([x, y]) {
        this.#at = [rounded(x), rounded(y)];
        if (!this.#chosen) return this.#paint();
        const { polygon, corner } = this.#chosen;
        const points = [...this.#drawing.polygons[polygon].points];
        points[corner] = this.#at;
        this.#drawing = this.#with(polygon, points);
        this.#look();
    }

    /* ---- pointer ---- */

    /** @param {PointerEvent} event @returns {Point} */
    #under({ clientX, clientY }) {
        const { left, top, width, height } = this.#stage.getBoundingClientRect();
        const [across, down] = this.#shift;
        return [
            rounded((clientX - left) / width - across),
            rounded((clientY - top) / height - down),
        ];
    }

    /** @param {PointerEvent} event */
    #press(event) {
        if (event.button) return;
        this.#drop();
        this.#at = this.#under(event);
        const near = this.#drawing.open ? null : this.#near(this.#at);
        if (!near) return this.#set(this.#at);
        this.#stage.setPointerCapture(event.pointerId);
        this.#take(near);
    }

    /** @param {PointerEvent} event */
    #move(event) {
        const isDragged = this.#stage.hasPointerCapture(event.pointerId);
        if (isDragged || this.#drawing.open) this.#go(this.#under(event));
    }

    /* ---- keys ---- */

    /** @param {KeyboardEvent} event */
    #dialogKey(event) {
        event.stopPropagation(); /* the page behind has keys of its own */
        if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            this.#goBack();
        }
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { key, shiftKey } = event;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const arrow = ARROWS[key];
        if (arrow) {
            const step = shiftKey ? 10 * STEP : STEP;
            this.#go([this.#at[0] + step * arrow[0], this.#at[1] + step * arrow[1]]);
            this.#cross.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        } else if (key === 'Enter') this.#enter();
        else if (key === 'PageDown' || key === 'PageUp') this.#walk(key === 'PageDown' ? 1 : -1);
        else if (key === 'Delete' || key === 'Backspace') this.#delete();
        else if (key === '+' || key === '-') this.#scale(key === '+' ? ZOOM : 1 / ZOOM);
        else if (key !== 'Escape' || !this.#leave()) return;
        event.preventDefault();
        const isSet = this.#chosen ? texts.drawing.corner : texts.drawing.cross;
        setText(this.#place, isSet(this.#at[0], this.#at[1]));
    }

    /** Sets a corner, or takes up or leaves one that is there. */
    #enter() {
        if (this.#chosen) return this.#release();
        const near = this.#drawing.open ? null : this.#near(this.#at);
        if (near) this.#take(near);
        else this.#set(this.#at);
    }

    #release() {
        this.#drop();
        this.#paint();
    }

    /** To the next corner. @param {1|-1} by */
    #walk(by) {
        const all = this.#all;
        if (!all.length || this.#drawing.open) return;
        const at = all.findIndex((corner) => isSame(corner, this.#chosen));
        this.#take(all[(Math.max(at, by < 0 ? 0 : -1) + by + all.length) % all.length]);
    }

    /** Whether there was a corner to leave, or a polygon not closed, which goes. */
    #leave() {
        if (this.#chosen) {
            this.#release();
            return true;
        }
        const { open, polygons } = this.#drawing;
        if (open) this.#change({ ...this.#drawing, polygons: polygons.slice(0, -1), open: false });
        return open;
    }
}

/** A button with a sign. @param {string} text @param {string} label @param {() => void} press */
const sign = (text, label, press) => button(text, press, { 'aria-label': label, title: label });

/** @param {Corner} a @param {Corner|null} b */
const isSame = (a, b) => a.polygon === b?.polygon && a.corner === b.corner;

/** @param {HTMLElement} element @param {Point} point of its middle */
function place(element, [x, y]) {
    element.style.left = `${100 * x}%`;
    element.style.top = `${100 * y}%`;
}

/** @param {import('../state/store.js').DeepReadonly<Drawn>|null} drawn @returns {Drawing} */
function drawingOf(drawn) {
    if (!drawn) return nothing();
    if ('mask' in drawn) {
        const { mask, side } = drawn;
        return { ...nothing(), mask: { mask, side } };
    }
    const polygons = /** @type {const} */ (['include', 'exclude']).flatMap((kind) =>
        drawn[kind].map((points) => ({ points: points.map((point) => [...point]), kind })),
    );
    return { ...nothing(), polygons };
}

/** What is whole of it, null: nothing. @param {Drawing} drawing @returns {Drawn|null} */
function drawnOf({ mask, polygons, open }) {
    const whole = open ? polygons.slice(0, -1) : polygons;
    if (!whole.length) return mask;
    const of = (/** @type {Polygon['kind']} */ wanted) =>
        whole.filter(({ kind }) => kind === wanted).map(({ points }) => points);
    return { include: of('include'), exclude: of('exclude') };
}

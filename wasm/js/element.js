/**
 * An element that inspects a folder of photos: a place to drop them, progress, a verdict and a
 * gallery with heatmaps. Importing this file defines it.
 *
 *     <fleck-inspector lang="en"></fleck-inspector>
 */
import { quantise, flatten } from './overlay.js';
import { textsOf } from './element_texts.js';
import { DEFECT, Detector, judge, PHOTOS_MIN } from './index.js';

/** @typedef {import('./index.js').Options} Options */
/** @typedef {import('./index.js').FolderVerdict} FolderVerdict */
/** @typedef {import('./index.js').Verdict} Verdict */
/** index: by which the element's detector knows the photo.
 * @typedef {{index: number, name: string, file: Blob, score: number, verdict: Verdict}} Inspected */
/** folder: as the detector judges it at its own threshold.
 * @typedef {{photos: Inspected[], folder: FolderVerdict}} InspectionResult */

const SIDE = 480; /* longest side of a picture in the gallery, in pixels */
const OPACITY = 0.8; /* of heatmaps */

/** @param {number} threshold */
const isThreshold = (threshold) => threshold > 0 && threshold <= 1;

const STYLE = `
:host { display: block; font: 15px/1.45 system-ui, sans-serif; color: CanvasText; --defect: light-dark(#b91c3c, #ff7d8f); --look: light-dark(#8a5000, #f0b04f); }
[hidden] { display: none !important; }
.drop { border: 2px dashed GrayText; border-radius: 10px; padding: 20px; text-align: center; }
.drop.over { border-color: Highlight; }
.drop p { margin: 0 0 10px; }
button { font: inherit; padding: 6px 16px; min-height: 36px; }
.work { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; margin-top: 12px; }
progress { flex: 1 1 160px; }
.verdict { font-size: 20px; font-weight: 600; margin: 14px 0 6px; }
.troubles { color: var(--defect); padding-left: 20px; overflow-wrap: anywhere; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; padding: 0; list-style: none; }
canvas { display: block; width: 100%; height: auto; min-height: 40px; border-radius: 6px; }
.name { overflow-wrap: anywhere; }
.defect { color: var(--defect); } .look { color: var(--look); }
`;

/** A page that is rendered on a server may import this file: there are no elements there. */
const Base = globalThis.HTMLElement ?? class {};

/**
 * Attributes, each a property of the same name too: backbone, the address of a safetensors file, by
 * default the one that comes with the package;
 * threshold, in (0, 1], 0.5 by default; method, as Options has it; lang, en or de, by default what
 * the page is written in. A threshold judges anew what was found; the others count from the next
 * photos on.
 *
 * Parts for a page's style: drop, choose, status, progress, cancel, verdict, troubles, heatmaps,
 * gallery, photo, picture.
 *
 * Events, which bubble: fleck-progress, with a Progress; fleck-result, with an InspectionResult;
 * fleck-error, with {error: Error, name?: string}: name, where one photo cannot be used, and the
 * others are.
 */
export class FleckInspector extends Base {
    static observedAttributes = ['threshold', 'lang'];

    /** @type {Detector | null} */
    #detector = null;
    /** @type {AbortController | null} of the inspection that goes on */
    #abort = null;
    /** @type {InspectionResult | null} */
    #result = null;
    /** @type {IntersectionObserver | null} */
    #seen = null;
    /** @type {Record<'drop' | 'hint' | 'choose' | 'input' | 'work' | 'status' | 'progress' |
     *     'cancel' | 'verdict' | 'troubles' | 'shown' | 'heatmaps' | 'label' | 'gallery', any>} */
    #parts;

    constructor() {
        super();
        const root = this.attachShadow({ mode: 'open' });
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
        const input = h('input', { type: 'file', multiple: true, hidden: true, accept: 'image/*' });
        const heatmaps = h('input', { type: 'checkbox', checked: true, part: 'heatmaps' });
        const label = h('span', {});
        this.#parts = {
            ...{ input, heatmaps, label },
            hint: h('p', {}),
            choose: h('button', { type: 'button', part: 'choose' }),
            drop: h('div', { className: 'drop', part: 'drop' }),
            status: h('span', { part: 'status', role: 'status' }),
            progress: h('progress', { part: 'progress' }),
            cancel: h('button', { type: 'button', part: 'cancel' }),
            work: h('div', { className: 'work' }),
            verdict: h('p', { className: 'verdict', part: 'verdict', role: 'status' }),
            troubles: h('ul', { className: 'troubles', part: 'troubles', role: 'list' }),
            shown: h('label', {}, heatmaps, ' ', label),
            gallery: h('ul', { className: 'gallery', part: 'gallery', role: 'list' }),
        };
        const { drop, hint, choose, work, status, progress, cancel, verdict, troubles } =
            this.#parts;
        const { shown, gallery } = this.#parts;
        drop.append(hint, choose, input);
        work.append(status, progress, cancel);
        root.append(drop, work, verdict, troubles, shown, gallery);
        choose.addEventListener('click', () => input.click());
        input.addEventListener('change', () => {
            void this.inspect([.../** @type {FileList} */ (input.files)]);
            input.value = ''; /* so that the same files can be chosen again */
        });
        cancel.addEventListener('click', () => this.cancel());
        heatmaps.addEventListener('change', () => this.#watch());
        for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'])
            drop.addEventListener(type, (/** @type {DragEvent} */ event) => {
                event.preventDefault();
                drop.classList.toggle('over', type === 'dragenter' || type === 'dragover');
                if (type === 'drop') void this.inspect([...(event.dataTransfer?.files ?? [])]);
            });
    }

    connectedCallback() {
        this.#show();
    }

    disconnectedCallback() {
        this.#end();
    }

    attributeChangedCallback() {
        this.#show();
    }

    get backbone() {
        return this.getAttribute('backbone') ?? '';
    }
    set backbone(address) {
        this.setAttribute('backbone', address);
    }

    get threshold() {
        return Number(this.getAttribute('threshold') ?? DEFECT);
    }
    set threshold(threshold) {
        this.setAttribute('threshold', String(threshold));
    }

    /** @returns {NonNullable<Options['method']>} */
    get method() {
        return /** @type {any} */ (this.getAttribute('method') ?? 'irmb');
    }
    set method(method) {
        this.setAttribute('method', method);
    }

    /** What was found last; null: nothing yet. @returns {InspectionResult | null} */
    get result() {
        return (
            this.#result && {
                ...this.#result,
                photos: this.#result.photos.map((photo) => ({ ...photo })),
            }
        );
    }

    /**
     * Inspects photos in place of those before, as a drop does. What fails is shown and told by
     * events.
     * @param {(File | Blob)[]} files 5 or more photos of one product
     * @returns {Promise<InspectionResult | null>} null: it failed or was cancelled
     */
    async inspect(files) {
        if (!files.length) return null;
        this.#end();
        const abort = new AbortController();
        this.#abort = abort;
        this.#show();
        try {
            const result = await this.#inspect(files, abort.signal);
            if (abort.signal.aborted) return null;
            this.#result = result;
            this.#tell('fleck-result', this.result);
            return this.result;
        } catch (error) {
            const message = /** @type {Error} */ (error).message;
            if (this.#abort === abort) {
                this.#closeDetector();
                this.#parts.verdict.textContent = abort.signal.aborted
                    ? this.#texts.cancelled
                    : message;
            }
            if (!abort.signal.aborted) this.#tell('fleck-error', { error });
            return null;
        } finally {
            if (this.#abort === abort) {
                this.#abort = null;
                this.#show();
            }
        }
    }

    /** Ends what goes on; photos and results of it are lost. */
    cancel() {
        this.#abort?.abort();
    }

    /** @param {(File | Blob)[]} files @param {AbortSignal} signal @returns {Promise<InspectionResult>} */
    async #inspect(files, signal) {
        const texts = this.#texts;
        if (!isThreshold(this.threshold)) throw new Error(texts.badThreshold);
        if (files.length < PHOTOS_MIN) throw new Error(texts.few(PHOTOS_MIN, files.length));
        const onProgress = (/** @type {any} */ progress) => {
            if (signal.aborted) return;
            this.#step(progress);
            this.#tell('fleck-progress', progress);
        };
        this.#step({ phase: 'backbone', done: 0, total: 0 });
        const detector = await Detector.create({ method: this.method });
        if (signal.aborted) detector.close();
        signal.throwIfAborted();
        this.#detector = detector;
        await detector.loadBackbone(this.backbone || undefined, {
            signal,
            onProgress: ({ done, total }) => {
                if (!signal.aborted) this.#step({ phase: 'backbone', done, total });
            },
        });
        await detector.setThreshold(this.threshold);
        const added = await detector.add(files, { signal, onProgress });
        const nameOf = (/** @type {number} */ i) =>
            /** @type {File} */ (files[i]).name ?? String(i + 1);
        /** @type {Inspected[]} */
        const photos = [];
        for (const [i, { index, error }] of added.entries()) {
            if (error) this.#refuse(nameOf(i), error);
            else if (index !== undefined)
                photos[index] = {
                    ...{ index, name: nameOf(i), file: files[i], score: 0, verdict: 'ok' },
                };
        }
        if (photos.length < PHOTOS_MIN) throw new Error(texts.few(PHOTOS_MIN, photos.length));
        await detector.train({ signal, onProgress });
        const folder = await detector.judgeFolder();
        const results = await detector.scoreFolder({ heat: false, signal, onProgress });
        const scored = photos.filter(({ index, name }) => {
            const { error } = results[index];
            if (error) this.#refuse(name, error);
            return !error;
        });
        for (const photo of scored) photo.score = results[photo.index].score ?? 0;
        scored.sort((a, b) => b.score - a.score || a.index - b.index);
        return { photos: this.#judged(scored), folder };
    }

    /** @param {Inspected[]} photos whose verdicts follow the threshold */
    #judged(photos) {
        for (const photo of photos) photo.verdict = judge(photo.score, this.threshold);
        return photos;
    }

    /** Leaves out a photo, not without a word. @param {string} name @param {Error} error */
    #refuse(name, error) {
        this.#parts.troubles.append(h('li', {}, `${name}: ${error.message}`));
        this.#tell('fleck-error', { name, error });
    }

    #end() {
        this.#abort?.abort();
        this.#abort = null;
        this.#result = null;
        this.#closeDetector();
        this.#parts.troubles.replaceChildren();
        this.#parts.verdict.textContent = '';
    }

    #closeDetector() {
        this.#detector?.close();
        this.#detector = null;
    }

    get #texts() {
        const near = /** @type {HTMLElement | null} */ (this.closest('[lang]'));
        return textsOf(near?.lang || globalThis.document.documentElement.lang);
    }

    /** @param {string} type @param {unknown} detail */
    #tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }

    /** @param {{phase: keyof ReturnType<typeof textsOf>['phases'], done: number, total: number}} progress */
    #step({ phase, done, total }) {
        const { status, progress } = this.#parts;
        const { phases, step } = this.#texts;
        const isCounted = total && phase !== 'backbone'; /* whose bytes tell nobody anything */
        const text = isCounted ? step(phases[phase], done, total) : phases[phase];
        progress.setAttribute('aria-label', phases[phase]);
        if (total) Object.assign(progress, { max: total, value: done });
        else progress.removeAttribute('value');
        status.textContent = text;
    }

    #show() {
        const texts = this.#texts;
        const { hint, choose, work, cancel, verdict, shown, label, gallery } = this.#parts;
        hint.textContent = texts.drop;
        choose.textContent = texts.choose;
        cancel.textContent = texts.cancel;
        label.textContent = texts.heatmaps;
        gallery.setAttribute('aria-label', texts.photos);
        work.hidden = !this.#abort;
        shown.hidden = gallery.hidden = !this.#result;
        gallery.replaceChildren();
        this.#seen?.disconnect();
        if (!this.#result) return;
        if (!isThreshold(this.threshold)) {
            verdict.textContent = texts.badThreshold;
            this.#tell('fleck-error', { error: new Error(texts.badThreshold) });
            return;
        }
        const photos = this.#judged(this.#result.photos);
        const defects = photos.filter((photo) => photo.verdict === 'defect').length;
        verdict.textContent = defects ? texts.defective(defects, photos.length) : texts.clean;
        for (const { name, score, verdict } of photos) {
            const said = texts.verdicts[verdict];
            const picture = h('canvas', { part: 'picture', role: 'img' });
            picture.setAttribute('aria-label', texts.picture(name, said));
            const facts = h(
                'div',
                { className: verdict },
                `${said}, ${texts.score(score.toFixed(2))}`,
            );
            const card = h('li', { part: 'photo' }, picture);
            card.append(h('div', { className: 'name' }, name), facts);
            card.dataset.verdict = verdict;
            gallery.append(card);
        }
        this.#watch();
    }

    /** Draws the pictures that are seen, and others when they are. */
    #watch() {
        const photos = this.#result?.photos ?? [];
        const cards = [...this.#parts.gallery.children];
        this.#seen?.disconnect();
        const seen = new IntersectionObserver((entries) => {
            for (const { isIntersecting, target } of entries) {
                if (!isIntersecting) continue;
                seen.unobserve(target);
                void this.#draw(photos[cards.indexOf(target)], target.firstElementChild);
            }
        });
        this.#seen = seen;
        cards.forEach((card) => seen.observe(card));
    }

    /** @param {Inspected} photo @param {any} canvas of its card */
    async #draw({ index, name, file }, canvas) {
        const detector = this.#detector;
        if (!detector?.shape) return;
        try {
            const { heat } = await detector.scoreAdded(index);
            const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(
                async () => {
                    const { data, width, height } = await detector.decode(file);
                    return createImageBitmap(new ImageData(data, width, height));
                },
            );
            const opacity = this.#parts.heatmaps.checked ? OPACITY : 0;
            const levels = quantise(/** @type {Float32Array} */ (heat));
            const picture = flatten(bitmap, levels, detector.shape.frameShare, opacity, SIDE);
            bitmap.close();
            canvas.width = picture.width;
            canvas.height = picture.height;
            canvas.getContext('2d').drawImage(picture, 0, 0);
        } catch (error) {
            if (this.#detector === detector) this.#refuse(name, /** @type {Error} */ (error));
        }
    }
}

/**
 * An element; texts become text, never markup. part and role are attributes.
 * @param {string} tag
 * @param {Record<string, unknown>} props
 * @param {...(string | Node)} children
 */
function h(tag, { part, role, ...props }, ...children) {
    const element = Object.assign(globalThis.document.createElement(tag), props);
    if (part) element.setAttribute('part', String(part));
    if (role) element.setAttribute('role', String(role));
    element.append(...children);
    return element;
}

if (globalThis.customElements && !customElements.get('fleck-inspector'))
    customElements.define('fleck-inspector', FleckInspector);

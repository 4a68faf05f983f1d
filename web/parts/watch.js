/** What is watched, a folder or a camera: the verdict on the last photo, or on what is seen, to be
 * read from afar, and how many came. */

import { button, h, icon, setText } from '../dom.js';
import { paintHeat } from '../overlay.js';
import { texts } from '../texts/texts.js';
import { verdictOf } from '../verdict.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {NonNullable<State['job']['watch']>} Watching */

const ENOUGH = 20; /* photos to learn from */

export class Watch {
    #title = h('h1');
    #counts = h('p', { class: 'watch-counts' });
    #trouble = h('p', { class: 'watch-trouble' });
    #image = h('img', { alt: '', hidden: true });
    #heat = h('canvas', { class: 'heat' });
    #word = h('b');
    #name = h('span');
    #light = h('p', { class: 'light', role: 'status' }, this.#word, this.#name);
    #video;
    #copy;
    #keep;
    #keepLabel;
    #stop;
    #shown = /** @type {Watching['last']} */ (null);
    #heated = /** @type {{heat: Uint8ClampedArray|null}|null} */ (null);
    #url = '';
    #frameShare = 1;

    /**
     * @param {object} actions
     * @param {() => void} actions.stop
     * @param {(keeping: boolean) => void} actions.keep
     * @param {{element: HTMLElement, video: HTMLVideoElement}} camera its controls, and what it sees
     * @param {(file: Blob) => Promise<Blob>} copy what an img element shows of a photo
     */
    constructor({ stop, keep }, camera, copy) {
        this.#copy = copy;
        this.#video = camera.video;
        this.#keep = h('input', {
            type: 'checkbox',
            onchange: () => keep(this.#keep.checked),
        });
        this.#keepLabel = h('label', { class: 'switch' }, this.#keep, texts.watch.keep);
        this.#stop = button(texts.watch.stop, stop, { icon: 'close' });
        this.element = h(
            'section',
            { class: 'watch' },
            h(
                'div',
                { class: 'watch-head' },
                h('div', {}, this.#title, this.#counts, this.#trouble),
                camera.element,
                this.#keepLabel,
                this.#stop,
            ),
            this.#light,
            h('div', { class: 'frame' }, this.#image, this.#video, this.#heat),
        );
        this.#image.addEventListener('load', () =>
            this.#place(this.#image.naturalWidth, this.#image.naturalHeight),
        );
        this.#video.addEventListener('resize', () =>
            this.#place(this.#video.videoWidth, this.#video.videoHeight),
        );
    }

    /** @param {State} state */
    update({ job, page }) {
        const { watch, shape, threshold, phase, learned } = job;
        const isAtRest = phase === 'result' || (phase === 'start' && Boolean(watch?.camera));
        this.element.hidden = !watch || !isAtRest;
        if (!watch) return this.#show(null);
        const { camera, name, photos, defects, skipped, others, trouble, last, keeping } = watch;
        const awaited = watch.looked ? texts.watch.waiting : texts.watch.looking;
        this.#frameShare = shape?.frameShare ?? 1;
        this.element.setAttribute('aria-label', camera ? texts.watch.camera : texts.watch.folder);
        setText(this.#title, camera ? texts.watch.camera : texts.watch.watching(name));
        const found = learned ? `, ${texts.defects(defects)}` : '';
        setText(this.#counts, texts.photos(photos) + found);
        setText(
            this.#trouble,
            [
                skipped && texts.watch.skipped(skipped, trouble),
                others && texts.watch.others(others),
                last?.note && `${last.note}.`,
            ]
                .filter(Boolean)
                .join(' '),
        );
        this.#keep.checked = keeping;
        this.#keepLabel.hidden = !learned;
        setText(
            /** @type {Element} */ (this.#stop.lastElementChild),
            learned ? texts.watch.stop : photos ? texts.watch.learn : texts.watch.closeCamera,
        );
        const seen = camera ? camera.seen : last;
        const score = seen?.score ?? null;
        const verdict = seen && verdictOf(seen, threshold);
        this.#light.dataset.verdict = verdict ?? 'none';
        this.#light.setAttribute('aria-live', camera ? 'off' : 'polite'); /* scores change often */
        const none = learned ? awaited : texts.watch.takePhotos(ENOUGH);
        const word = verdict ? texts.verdicts[verdict] : none;
        if (this.#word.textContent !== word)
            this.#word.replaceChildren(verdict ? icon(verdict) : '', word);
        const from = camera ? texts.watch.rate(camera.rate) : last?.name;
        setText(this.#name, score === null ? '' : `${texts.decimal(score, 2)} · ${from}`);
        this.#heat.style.opacity = page.heatmap ? String(page.opacity) : '0';
        this.#show(camera ? null : last);
        this.#warm(seen);
    }

    /** @param {Watching['last']} last */
    #show(last) {
        if (last === this.#shown) return;
        this.#shown = last;
        URL.revokeObjectURL(this.#url);
        this.#image.hidden = !last;
        if (last) void this.#load(last);
    }

    /** @param {NonNullable<Watching['last']>} last */
    async #load(last) {
        const picture = await this.#copy(last.file).catch(() => last.file);
        if (last !== this.#shown) return;
        this.#url = URL.createObjectURL(picture);
        this.#image.src = this.#url;
    }

    /** @param {{heat: Uint8ClampedArray|null}|null} seen */
    #warm(seen) {
        if (seen === this.#heated) return;
        this.#heated = seen;
        this.#heat.hidden = !seen?.heat;
        if (seen?.heat) paintHeat(this.#heat, seen.heat);
    }

    /** The heatmap over the part of the photo that is judged. @param {number} width @param {number} height */
    #place(width, height) {
        const share = (100 * this.#frameShare) / Math.max(width, height, 1);
        this.#heat.style.width = `${share * width}%`;
        this.#heat.style.height = `${share * height}%`;
    }
}

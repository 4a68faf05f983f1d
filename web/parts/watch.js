/** A folder that is watched: the verdict on its last photo, to be seen from afar, and how many came. */

import { button, h, icon, setText } from '../dom.js';
import { paintHeat } from '../overlay.js';
import { isBusy } from '../state/job.js';
import { plural } from '../text.js';
import { judge, WORDS } from '../verdict.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {NonNullable<State['job']['watch']>} Watching */

export class Watch {
    #title = h('h1');
    #counts = h('p', { class: 'watch-counts' });
    #trouble = h('p', { class: 'watch-trouble' });
    #image = h('img', { alt: '' });
    #heat = h('canvas', { class: 'heat' });
    #word = h('b');
    #name = h('span');
    #light = h('p', { class: 'light', role: 'status' }, this.#word, this.#name);
    #keep;
    #shown = /** @type {Watching['last']} */ (null);
    #url = '';
    #frameShare = 1;

    /**
     * @param {object} actions
     * @param {() => void} actions.stop
     * @param {(keeping: boolean) => void} actions.keep
     */
    constructor({ stop, keep }) {
        this.#keep = h('input', {
            type: 'checkbox',
            onchange: () => keep(this.#keep.checked),
        });
        this.element = h(
            'section',
            { class: 'watch', 'aria-label': 'Watched folder' },
            h(
                'div',
                { class: 'watch-head' },
                h('div', {}, this.#title, this.#counts, this.#trouble),
                h('label', { class: 'switch' }, this.#keep, 'Keep the photos in this job'),
                button('Stop watching', stop, { icon: 'close' }),
            ),
            this.#light,
            h('div', { class: 'frame' }, this.#image, this.#heat),
        );
        this.#image.addEventListener('load', () => this.#place());
    }

    /** @param {State} state */
    update({ job, page }) {
        const { watch, shape, threshold, progress } = job;
        this.element.hidden = !watch;
        if (!watch) return this.#show(null);
        const { folder, photos, defects, skipped, others, trouble, last, keeping } = watch;
        this.#frameShare = shape?.frameShare ?? 1;
        setText(this.#title, `Watching ${folder}`);
        setText(this.#counts, `${plural(photos, 'photo')}, ${plural(defects, 'defect')}`);
        setText(
            this.#trouble,
            [
                skipped && `${plural(skipped, 'file')} could not be judged, the last: ${trouble}.`,
                others && `${plural(others, 'other file')} left out.`,
                last?.note && `${last.note}.`,
            ]
                .filter(Boolean)
                .join(' '),
        );
        this.#keep.checked = keeping;
        const verdict = last && judge(last.score, threshold);
        this.#light.dataset.verdict = verdict ?? 'none';
        const word = verdict ? WORDS[verdict] : 'Waiting for the first photo';
        const light = isBusy(job) ? `${progress?.title}…` : word;
        if (this.#word.textContent !== light)
            this.#word.replaceChildren(verdict ? icon(verdict) : '', light);
        setText(this.#name, last ? `${last.score.toFixed(2)} · ${last.name}` : '');
        this.#heat.style.opacity = page.heatmap ? String(page.opacity) : '0';
        this.#show(last);
    }

    /** @param {Watching['last']} last */
    #show(last) {
        if (last === this.#shown) return;
        this.#shown = last;
        URL.revokeObjectURL(this.#url);
        this.#heat.hidden = !last?.heat;
        this.#image.hidden = !last;
        if (!last) return;
        this.#url = URL.createObjectURL(last.file);
        this.#image.src = this.#url;
        if (last.heat) paintHeat(this.#heat, last.heat);
    }

    /** The heatmap over the part of the photo that was judged. */
    #place() {
        const { naturalWidth: width, naturalHeight: height } = this.#image;
        const share = (100 * this.#frameShare) / Math.max(width, height, 1);
        this.#heat.style.width = `${share * width}%`;
        this.#heat.style.height = `${share * height}%`;
    }
}

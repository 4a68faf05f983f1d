/** How many photos are taken of videos, and how far that is. */

import { button, h, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../files/video.js').Plan} Plan */
/** @typedef {import('../files/video.js').Taken} Taken */

/* s between two photos; the first that gives no more than ENOUGH is proposed */
const USUAL = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
const ENOUGH = 100;
const LEAST = 0.04;

export class VideoDialog {
    element = h('dialog', { class: 'video', 'aria-labelledby': 'video-title' });
    /** the answer to what was asked last */
    #last = /** @type {Promise<unknown>} */ (Promise.resolve());

    /**
     * Asks, after what was asked before has its answer, and has the photos taken.
     * @param {Plan} plan
     * @returns {Promise<Taken|null>} null: none are wanted
     */
    ask(plan) {
        /** @type {Promise<Taken|null>} */
        const answer = this.#last.then(
            () =>
                new Promise((resolve, reject) => {
                    this.#ask(plan, (every) => this.#take(plan, every).then(resolve, reject));
                    this.element.oncancel = null;
                    /* that of the one before may come late, when this one is open */
                    this.element.onclose = () => this.element.open || resolve(null);
                    this.element.showModal();
                }),
        );
        this.#last = answer.catch(() => {});
        return answer;
    }

    /** @param {Plan} plan @param {(every: number) => void} begin */
    #ask({ names, seconds, count, most }, begin) {
        const every = h('input', { type: 'number', min: LEAST, step: 'any', required: true });
        const amount = h('p', { class: 'hint', role: 'status' });
        const look = () => {
            const photos = every.valueAsNumber >= LEAST ? count(every.valueAsNumber) : null;
            const tooMany = photos && photos > most ? texts.video.tooMany(photos, most) : '';
            every.setCustomValidity(tooMany);
            setText(amount, tooMany || (photos ? texts.photos(photos) : ''));
        };
        every.addEventListener('input', look);
        const usual = USUAL.find((each) => count(each) <= Math.min(ENOUGH, most));
        every.value = String(usual ?? USUAL.at(-1));
        look();
        const form = h(
            'form',
            { method: 'dialog' },
            h('h2', { id: 'video-title' }, texts.video.title),
            h('p', {}, texts.video.about(names[0], names.length - 1, seconds)),
            h('label', { class: 'field' }, h('span', {}, texts.video.every), every),
            amount,
            h(
                'div',
                { class: 'dialog-buttons' },
                button(texts.cancel, () => this.element.close()),
                h('button', { class: 'button primary' }, texts.video.take),
            ),
        );
        form.addEventListener('submit', (event) => {
            event.preventDefault(); /* it stays open, and shows how far the work is */
            begin(every.valueAsNumber);
        });
        this.element.replaceChildren(form);
    }

    /** @param {Plan} plan @param {number} every */
    async #take({ take }, every) {
        const abort = new AbortController();
        const amount = h('p', { class: 'hint' });
        const meter = h('progress', { max: 1, 'aria-labelledby': 'video-title' });
        const stop = button(texts.video.stop, () => abort.abort());
        this.element.replaceChildren(
            h('h2', { id: 'video-title' }, texts.video.taking),
            meter,
            amount,
            h('div', { class: 'dialog-buttons' }, stop),
        );
        stop.focus();
        this.element.oncancel = (event) => {
            event.preventDefault();
            abort.abort();
        };
        this.element.onclose = () => abort.abort(); /* a second Escape is never refused */
        const report = (/** @type {number} */ done, /** @type {number} */ total) => {
            meter.value = done / total;
            setText(amount, texts.status.done(done, total));
        };
        try {
            return await take(every, { signal: abort.signal, report });
        } finally {
            this.element.close();
        }
    }
}

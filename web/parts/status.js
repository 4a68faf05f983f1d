/** What is going on, how long it still takes, and how to stop it or go on. */

import { button, h, setText } from '../dom.js';
import { isBusy } from '../state/job.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */

const STEPS = /** @type {const} */ (['reading', 'learning', 'scoring']);

export class Status {
    #title = h('h1');
    #detail = h('p', { class: 'status-detail' });
    #preview = h('p', { class: 'status-preview' }, texts.status.preview);
    #fill = h('div', { class: 'meter-fill' });
    #meter = h(
        'div',
        { class: 'meter', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 },
        this.#fill,
    );
    #steps = STEPS.map((name) => h('li', {}, texts.status.steps[name]));
    #cancel;
    #goOn;
    #leaveOut;
    #addMore;

    /**
     * @param {object} actions
     * @param {() => void} actions.cancel
     * @param {() => void} actions.goOn
     * @param {() => void} actions.leaveOutRest
     * @param {() => void} actions.choosePhotos
     */
    constructor({ cancel, goOn, leaveOutRest, choosePhotos }) {
        this.#cancel = button(texts.cancel, cancel, { icon: 'close' });
        this.#goOn = button(texts.status.goOn, goOn, { class: 'button primary', icon: 'right' });
        this.#leaveOut = button('', leaveOutRest);
        this.#leaveOut.append(h('span'));
        this.#addMore = button(texts.status.addPhotos, choosePhotos, { icon: 'plus' });
        this.element = h(
            'section',
            { class: 'status', 'aria-label': texts.status.label },
            h(
                'div',
                { class: 'status-head' },
                h('div', {}, this.#title, this.#detail, this.#preview),
                h(
                    'div',
                    { class: 'status-buttons' },
                    this.#cancel,
                    this.#goOn,
                    this.#leaveOut,
                    this.#addMore,
                ),
            ),
            this.#meter,
            h('ol', { class: 'steps', 'aria-hidden': 'true' }, ...this.#steps),
        );
    }

    /** @param {State} state */
    update({ job }) {
        const { phase, progress, pausedBy, items, learned } = job;
        const busy = isBusy(job);
        this.element.hidden = !busy && phase !== 'paused';
        if (this.element.hidden) return;

        const unread = items.filter((item) => !item.fresh && item.index === null).length;
        const unscored = items.filter((item) => item.fresh && item.score === null).length;
        const read = items.length - unread - unscored;
        setText(this.#title, busy ? (progress?.title ?? '') : pausedBy);
        setText(
            this.#detail,
            busy
                ? this.#amount(job)
                : unread
                  ? texts.status.read(read, items.length)
                  : unscored
                    ? texts.status.notScored(unscored, items.length)
                    : texts.status.read(items.length, items.length),
        );

        this.#preview.hidden =
            !busy || !items.some(({ score, unusual }) => score === null && unusual !== null);

        const share = progress?.total ? progress.done / progress.total : 0;
        this.#meter.classList.toggle('waiting', busy && !progress?.total);
        this.#fill.style.transform = `scaleX(${share})`;
        if (busy) this.#meter.setAttribute('aria-valuenow', String(Math.round(share * 100)));
        this.#meter.setAttribute('aria-label', progress?.title ?? texts.status.stopped);
        this.#meter.hidden = !busy;
        const at = STEPS.findIndex((name) => name === phase);
        this.#steps.forEach((step, i) => {
            step.className = i < at ? 'done' : i === at ? 'now' : '';
            step.hidden = !busy || (i < 2 && learned && phase === 'scoring' && unscored > 0);
        });

        const enough = read >= 5 || learned;
        this.#cancel.hidden = !busy;
        this.#goOn.hidden = busy || (!unread && !unscored && read < 5);
        this.#leaveOut.hidden = busy || !enough || !(unread + unscored);
        setText(
            /** @type {Element} */ (this.#leaveOut.lastElementChild),
            learned ? texts.status.leaveOut(unread + unscored) : texts.status.learnFrom(read),
        );
        this.#addMore.hidden = busy;
        this.#addMore.classList.toggle('primary', this.#goOn.hidden);
    }

    /** @param {State['job']} job */
    #amount({ progress, phase }) {
        if (!progress?.total) return texts.gettingReady;
        const { done, total, secondsLeft } = progress;
        const amount =
            phase === 'learning'
                ? `${Math.floor((done / total) * 100)} %`
                : texts.status.done(done, total);
        return secondsLeft === null ? amount : `${amount} · ${texts.timeLeft(secondsLeft)}`;
    }
}

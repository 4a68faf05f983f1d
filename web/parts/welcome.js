/** The empty page: what to do, what fits, and the jobs that are kept. */

import { button, h, icon, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */

export class Welcome {
    #drop;
    #busy;
    #open;
    #fatal;
    #fatalText;
    #model;

    /**
     * @param {object} actions
     * @param {() => void} actions.chooseFolder
     * @param {() => void} actions.choosePhotos
     * @param {() => void} actions.useCamera
     * @param {() => void} actions.samples
     * @param {() => void} actions.loadModel
     * @param {HTMLElement} jobs
     */
    constructor({ chooseFolder, choosePhotos, useCamera, samples, loadModel }, jobs) {
        const { welcome } = texts;
        this.#open = h(
            'div',
            { class: 'start-buttons' },
            button(welcome.chooseFolder, chooseFolder, { class: 'button primary', icon: 'folder' }),
            button(welcome.choosePhotos, choosePhotos, { icon: 'photos' }),
            button(welcome.useCamera, useCamera, { icon: 'camera' }),
            button(welcome.samples, samples, { icon: 'sample' }),
        );
        this.#busy = h('p', { class: 'start-busy', hidden: true });
        this.#drop = h(
            'div',
            { class: 'drop' },
            icon('folder'),
            h('p', { class: 'drop-title' }, welcome.drop),
            this.#open,
            this.#busy,
        );
        this.#fatalText = h('p');
        this.#fatal = h(
            'section',
            { class: 'fatal', role: 'alert', hidden: true },
            icon('defect'),
            h('div', {}, h('h2', {}, welcome.fatal), this.#fatalText),
        );
        this.#model = h(
            'p',
            { class: 'start-model' },
            `${welcome.kinds} `,
            button(welcome.loadModel, loadModel, { class: 'link' }),
        );
        this.element = h(
            'div',
            { class: 'start' },
            h('h1', {}, welcome.title),
            h('p', { class: 'lead' }, welcome.lead),
            this.#fatal,
            jobs,
            this.#drop,
            h(
                'ul',
                { class: 'facts' },
                ...welcome.facts.map(([title, text]) =>
                    h('li', {}, h('h2', {}, title), h('p', {}, text)),
                ),
            ),
            this.#model,
        );
    }

    /** @param {State} state */
    update({ job, page, device }) {
        const { phase, progress } = job;
        const { fatal } = device;
        this.element.hidden = phase !== 'start' || job.watch !== null;
        const busy = page.looking ? texts.welcome.looking : progress ? `${progress.title}…` : '';
        this.#busy.hidden = !busy;
        setText(this.#busy, busy);
        this.#open.hidden = Boolean(busy);
        this.#drop.hidden = this.#model.hidden = Boolean(fatal);
        this.#fatal.hidden = !fatal;
        setText(this.#fatalText, fatal);
    }
}

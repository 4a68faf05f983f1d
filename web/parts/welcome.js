/** The empty page: what to do, what fits, and the jobs that are kept. */

import { button, h, icon, setText } from '../dom.js';

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
        this.#open = h(
            'div',
            { class: 'start-buttons' },
            button('Choose a folder', chooseFolder, { class: 'button primary', icon: 'folder' }),
            button('Choose photos', choosePhotos, { icon: 'photos' }),
            button('Use a camera', useCamera, { icon: 'camera' }),
            button('Try the sample photos', samples, { icon: 'sample' }),
        );
        this.#busy = h('p', { class: 'start-busy', hidden: true });
        this.#drop = h(
            'div',
            { class: 'drop' },
            icon('folder'),
            h('p', { class: 'drop-title' }, 'Drop a folder of photos here'),
            this.#open,
            this.#busy,
        );
        this.#fatalText = h('p');
        this.#fatal = h(
            'section',
            { class: 'fatal', role: 'alert', hidden: true },
            icon('defect'),
            h('div', {}, h('h2', {}, 'fleck cannot run here'), this.#fatalText),
        );
        this.#model = h(
            'p',
            { class: 'start-model' },
            'PNG, JPEG, BMP, WebP, AVIF, also in a ZIP or pasted. Already have a model file? ',
            button('Load a model', loadModel, { class: 'link' }),
        );
        this.element = h(
            'div',
            { class: 'start' },
            h('h1', {}, 'Find the defects in a folder of photos'),
            h(
                'p',
                { class: 'lead' },
                'No labels, no examples of good or bad. fleck learns what most of ' +
                    'your photos have in common and shows where one differs.',
            ),
            this.#fatal,
            jobs,
            this.#drop,
            h(
                'ul',
                { class: 'facts' },
                fact(
                    'One product, one view',
                    'The same part from the same side, evenly lit. ' +
                        'Small shifts and turns are fine.',
                ),
                fact(
                    '20 photos or more',
                    'Most of them good. Some may be defective, ' + 'and nobody has to know which.',
                ),
                fact(
                    'Nothing is uploaded',
                    'Photos are read and judged inside this browser tab. ' +
                        'Your jobs are kept on this device until you delete them.',
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
        const busy = page.looking
            ? 'Looking through the files…'
            : progress
              ? `${progress.title}…`
              : '';
        this.#busy.hidden = !busy;
        setText(this.#busy, busy);
        this.#open.hidden = Boolean(busy);
        this.#drop.hidden = this.#model.hidden = Boolean(fatal);
        this.#fatal.hidden = !fatal;
        setText(this.#fatalText, fatal);
    }
}

/** @param {string} title @param {string} text */
function fact(title, text) {
    return h('li', {}, h('h2', {}, title), h('p', {}, text));
}

/** The jobs that this browser keeps: to go on with, to rename, to copy, to export, to delete. */

import { button, h, icon, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/device.js').KeptJob} KeptJob */

/**
 * @typedef {object} JobsActions
 * @property {(job: KeptJob) => void} open
 * @property {(job: KeptJob, name: string) => void} rename
 * @property {(job: KeptJob) => void} duplicate
 * @property {(job: KeptJob) => void} exportJob
 * @property {(job: KeptJob) => void} remove
 * @property {() => void} makeLast
 */

export class Jobs {
    #list = h('ul');
    #mayGo;
    #shown = /** @type {readonly KeptJob[]} */ ([]);
    #actions;

    /** @param {JobsActions} actions */
    constructor(actions) {
        this.#actions = actions;
        const ask = button(texts.jobs.makeLast, actions.makeLast, { class: 'link' });
        this.#mayGo = h('p', { class: 'hint' }, texts.jobs.mayGo, ' ', ask);
        this.element = h(
            'section',
            { class: 'jobs', hidden: true, 'aria-label': texts.jobs.label },
            h('h2', {}, texts.jobs.title),
            this.#list,
            this.#mayGo,
        );
    }

    /** @param {State} state */
    update({ device: { jobs, lasting, fatal }, job: { progress }, page: { looking } }) {
        this.element.hidden = !jobs.length || Boolean(fatal);
        this.#mayGo.hidden = lasting !== false;
        this.#list.inert = Boolean(progress) || looking;
        if (this.#shown === jobs || this.#list.querySelector('input')) return;
        const rows = [...this.#list.children];
        const at = rows.findIndex((row) => row.contains(document.activeElement));
        this.#shown = jobs;
        this.#list.replaceChildren(...jobs.map((job) => this.#row(job)));
        const next = at < 0 ? null : (this.#list.children[at] ?? this.#list.lastElementChild);
        next?.querySelector('button')?.focus();
    }

    /** @param {KeptJob} job */
    #row(job) {
        const { open, duplicate, exportJob, remove } = this.#actions;
        const words = texts.jobs.tools;
        const tool = (/** @type {string} */ word, /** @type {() => void} */ act) =>
            button(word, act, { class: 'link', 'aria-label': texts.jobs.tool(word, job.name) });
        const name = h('span', { class: 'job-name' }, job.name);
        const row = h(
            'li',
            {},
            h(
                'button',
                { type: 'button', class: 'job-open', onclick: () => open(job) },
                icon('right'),
                h('span', {}, name, ' ', h('span', { class: 'job-facts' }, facts(job))),
            ),
            h(
                'span',
                { class: 'job-tools' },
                tool(words.rename, () => this.#rename(job, row, name)),
                tool(words.duplicate, () => duplicate(job)),
                tool(words.export, () => exportJob(job)),
                tool(words.delete, () => remove(job)),
            ),
        );
        return row;
    }

    /** In the row's place. @param {KeptJob} job @param {HTMLElement} row @param {HTMLElement} name */
    #rename(job, row, name) {
        const input = nameInput(job.name, (value) => {
            form.replaceWith(row);
            setText(name, value);
            row.querySelector('button')?.focus();
            this.#actions.rename(job, value); /* also draws what came meanwhile */
        });
        const form = h('li', {}, input);
        row.replaceWith(form);
        input.focus();
        input.select();
    }
}

/**
 * An input for a job's name, which ends with Enter, with Escape as it was, or when it is left.
 * @param {string} value
 * @param {(value: string) => void} ended
 */
function nameInput(value, ended) {
    const input = h('input', { value, maxlength: 80, 'aria-label': texts.jobs.name });
    let over = false;
    const end = (/** @type {string} */ name) => {
        if (over) return;
        over = true;
        ended(name.trim() || value);
    };
    input.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault(); /* it is not for the button that gets the focus */
        end(event.key === 'Enter' ? input.value : value);
    });
    input.addEventListener('blur', () => end(input.value));
    return input;
}

/** @param {KeptJob} job */
function facts({ photos, defects, used, bytes }) {
    const what = photos
        ? `${texts.photos(photos)}, ` +
          (defects === null ? texts.jobs.unfinished : texts.defects(defects))
        : texts.jobs.model;
    return `${what} · ${texts.stamp(new Date(used))} · ${texts.megabytes(bytes)}`;
}

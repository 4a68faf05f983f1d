/** Backbone, method and language, in a dialog. Nothing changes before "Apply". */

import { button, h, setText } from '../dom.js';
import { defaultSettings } from '../state/job.js';
import { LANGUAGES, language, texts } from '../texts/texts.js';

/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */
/** @typedef {import('./backbone_picker.js').Picker} Picker */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../state/store.js').State} State */

/** Tiles that can be chosen, by columns and rows. */
const TILES = ['2x2', '3x3', '4x4', '6x6'];

/** @param {string} name @returns {Settings['tiles']} */
function tilesOf(name) {
    const [columns, rows] = name.split('x').map(Number);
    return name === 'auto' ? 'auto' : { columns, rows };
}

/** @param {Settings['tiles']} [tiles] none: of a folder that was kept before there were any */
const nameOf = (tiles = 'auto') => (tiles === 'auto' ? tiles : `${tiles.columns}x${tiles.rows}`);

export class SettingsDialog {
    #form;
    #about = h('p', { class: 'about' });
    #again = h('p', { class: 'hint' });
    #before = /** @type {Settings} */ (defaultSettings());
    #picker;

    /**
     * @param {(settings: Settings, language: import('../texts/texts.js').Language) => void} apply
     * @param {Picker} picker of the backbone
     */
    constructor(apply, picker) {
        this.#picker = picker;
        const choice = (
            /** @type {string} */ name,
            /** @type {string} */ value,
            /** @type {string[]} */ [title, text],
        ) =>
            h(
                'label',
                { class: 'choice' },
                h('input', { type: 'radio', name, value }),
                h('span', {}, h('b', {}, title), h('span', { class: 'hint' }, text)),
            );
        this.#form = h(
            'form',
            { method: 'dialog' },
            h('h2', {}, texts.settings.title),
            h(
                'label',
                { class: 'field' },
                h('span', {}, texts.settings.language),
                h(
                    'select',
                    { name: 'language' },
                    ...Object.entries(LANGUAGES).map(([value, name]) =>
                        h('option', { value, lang: value }, name),
                    ),
                ),
            ),
            picker.element,
            h(
                'fieldset',
                {},
                h('legend', {}, texts.settings.part),
                choice('preset', 'fit', texts.settings.fit),
                choice('preset', 'funad', texts.settings.centre),
            ),
            h(
                'label',
                { class: 'field' },
                h('span', {}, texts.settings.tiles),
                h(
                    'select',
                    { name: 'tiles' },
                    h('option', { value: 'auto' }, texts.settings.tilesAuto),
                    h('option', { value: '1x1' }, texts.settings.tilesNone),
                    ...TILES.map((value) =>
                        h('option', { value }, texts.settings.tilesOf(Number(value[0]))),
                    ),
                ),
            ),
            h(
                'fieldset',
                {},
                h('legend', {}, texts.settings.method),
                ...Object.entries(texts.settings.methods).map(([value, words]) =>
                    choice('method', value, words),
                ),
            ),
            h(
                'label',
                { class: 'field' },
                h('span', {}, texts.settings.seed),
                h('input', {
                    type: 'number',
                    name: 'seed',
                    min: 0,
                    max: 4294967295,
                    step: 1,
                    required: true,
                }),
            ),
            this.#about,
            this.#again,
            h(
                'div',
                { class: 'dialog-buttons' },
                button(texts.cancel, () => this.element.close()),
                h('button', { class: 'button primary', value: 'apply' }, texts.settings.apply),
            ),
        );
        this.element = h(
            'dialog',
            { class: 'settings', 'aria-label': texts.settings.title },
            this.#form,
        );
        this.#form.addEventListener('submit', (event) => {
            if (picker.reading) return this.#submitAfter(event, picker.reading);
            if (!picker.ready()) return event.preventDefault();
            const data = new FormData(this.#form);
            apply(
                {
                    ...this.#before,
                    method: /** @type {Settings['method']} */ (data.get('method')),
                    preset: /** @type {Settings['preset']} */ (data.get('preset')),
                    tiles: tilesOf(String(data.get('tiles'))),
                    seed: Number(data.get('seed')),
                    backbone: picker.value,
                },
                /** @type {import('../texts/texts.js').Language} */ (data.get('language')),
            );
        });
    }

    /** @param {SubmitEvent} event @param {Promise<boolean>} reading of a backbone's file */
    async #submitAfter(event, reading) {
        event.preventDefault();
        if ((await reading) && this.element.open) this.#form.requestSubmit(event.submitter);
    }

    /** @param {string} name @param {string} value */
    #pick(name, value) {
        const controls = /** @type {NodeListOf<HTMLInputElement|HTMLSelectElement>} */ (
            this.#form.querySelectorAll('input, select')
        );
        for (const input of controls)
            if (input.name === name)
                if (input instanceof HTMLInputElement && input.type === 'radio')
                    input.checked = input.value === value;
                else input.value = value;
    }

    /** @param {State} state */
    open(state) {
        const { settings, items } = state.job;
        this.#before = settings;
        this.#picker.value = settings.backbone;
        this.#pick('preset', settings.preset);
        this.#pick('tiles', nameOf(settings.tiles));
        this.#pick('method', settings.method);
        this.#pick('seed', String(settings.seed));
        this.#pick('language', language);
        setText(this.#again, items.length ? texts.settings.again : '');
        this.update(state);
        this.element.showModal();
    }

    /** What may become known while the dialog is open. @param {State} state */
    update({ job: { shape }, device: { info, fatal } }) {
        setText(
            this.#about,
            info && shape
                ? texts.settings.about(
                      info.variant,
                      info.workers,
                      info.threads,
                      picturesOf(shape),
                      shape.patches,
                      shape.dim,
                  )
                : fatal || texts.gettingReady,
        );
    }
}

/** What the network sees of a photo. @param {FeatureShape} shape */
function picturesOf({ tiles: { columns, rows }, input }) {
    const { picture, tiled } = texts.settings;
    return columns * rows === 1 ? picture(input) : tiled(columns, rows, input);
}

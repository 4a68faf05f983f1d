/** Backbone and method, in a dialog. Nothing changes before "Apply". */

import { button, h, setText } from '../dom.js';
import { defaultSettings } from '../state/job.js';

/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */
/** @typedef {import('./backbone_picker.js').Picker} Picker */
/** @typedef {import('../state/store.js').Settings} Settings */
/** @typedef {import('../state/store.js').State} State */

/** Tiles that can be chosen, by columns and rows. */
const TILES = ['2x2', '3x3', '4x4', '6x6'];

/** @type {[Settings['method'], string, string][]} */
const METHODS = [
    ['irmb', 'Learned (FUN-AD)', 'Trains a small network on your photos. The best start.'],
    ['ensemble', 'Several memories', 'No training; mean distance to small random memories.'],
    ['knn', 'Nearest neighbour', 'No training; distance to the most alike patch of the folder.'],
    ['musc', 'Mutual scoring (MuSc)', 'No training; what few other photos show is unusual.'],
    ['mahalanobis', 'Mahalanobis', 'No training; for parts that always lie alike.'],
    ['softpatch', 'SoftPatch', 'Nearest neighbour that leaves the oddest patches out.'],
    ['l2bt', 'L2BT', 'Trains networks to tell deep features from shallow ones.'],
    ['simplenet', 'SimpleNet', 'Trains a network to tell patches from noise.'],
];

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

    /** @param {(settings: Settings) => void} apply @param {Picker} picker of the backbone */
    constructor(apply, picker) {
        this.#picker = picker;
        const choice = (
            /** @type {string} */ name,
            /** @type {string} */ value,
            /** @type {string} */ title,
            /** @type {string} */ text,
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
            h('h2', {}, 'Settings'),
            picker.element,
            h(
                'fieldset',
                {},
                h('legend', {}, 'Part of the photo'),
                choice('preset', 'fit', 'Whole frame', 'Nothing is left out.'),
                choice(
                    'preset',
                    'funad',
                    'Centre',
                    'The middle 7/8 of the frame, in finer detail.',
                ),
            ),
            h(
                'label',
                { class: 'field' },
                h('span', {}, 'Tiles that a photo becomes'),
                h(
                    'select',
                    { name: 'tiles' },
                    h('option', { value: 'auto' }, 'By the shape of the photos'),
                    h('option', { value: '1x1' }, 'None, the whole at once'),
                    ...TILES.map((value) => {
                        const side = value[0];
                        const text = `${side} × ${side}, for small defects; ${Number(side) ** 2} times the time`;
                        return h('option', { value }, text);
                    }),
                ),
            ),
            h(
                'fieldset',
                {},
                h('legend', {}, 'Method'),
                ...METHODS.map(([value, title, text]) => choice('method', value, title, text)),
            ),
            h(
                'label',
                { class: 'field' },
                h('span', {}, 'Seed of the random draws'),
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
                button('Cancel', () => this.element.close()),
                h('button', { class: 'button primary', value: 'apply' }, 'Apply'),
            ),
        );
        this.element = h('dialog', { class: 'settings', 'aria-label': 'Settings' }, this.#form);
        this.#form.addEventListener('submit', (event) => {
            if (!picker.ready()) return event.preventDefault();
            const data = new FormData(this.#form);
            apply({
                ...this.#before,
                method: /** @type {Settings['method']} */ (data.get('method')),
                preset: /** @type {Settings['preset']} */ (data.get('preset')),
                tiles: tilesOf(String(data.get('tiles'))),
                seed: Number(data.get('seed')),
                backbone: picker.value,
            });
        });
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
        setText(this.#again, items.length ? 'Your photos will be read and learned again.' : '');
        this.update(state);
        this.element.showModal();
    }

    /** What may become known while the dialog is open. @param {State} state */
    update({ job: { shape }, device: { info, fatal } }) {
        setText(
            this.#about,
            info && shape
                ? `Runs as WebAssembly “${info.variant}” with ` +
                      `${info.workers} × ${info.threads} threads. A photo becomes ` +
                      `${picturesOf(shape)}, ${shape.patches} patches of ${shape.dim} numbers.`
                : fatal || 'Getting ready…',
        );
    }
}

/** What the network sees of a photo. @param {FeatureShape} shape */
function picturesOf({ tiles: { columns, rows }, input }) {
    const size = `${input} × ${input} pixels`;
    return columns * rows === 1 ? size : `${columns} × ${rows} tiles of ${size}`;
}

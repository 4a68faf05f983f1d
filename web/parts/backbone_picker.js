/** The choice of a backbone, inside the settings: one row each, downloads, files, what is kept. */

import { button, h, setText } from '../dom.js';
import {
    BUILT_IN,
    bytesOf,
    FILE,
    hostOf,
    isOwn,
    multiplyAdds,
    sizeOf,
} from '../backbones/registry.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../backbones/registry.js').Entry} Entry */
/** @typedef {import('../state/job.js').Backbone} Backbone */
/** @typedef {import('../state/store.js').State} State */

const FILES = '.safetensors,.pth,.pt,.bin';

/**
 * @typedef {object} Actions
 * @property {(entry: Entry) => void} download
 * @property {(id: string) => void} stop
 * @property {(id: string) => void} remove
 * @property {(file: File) => Promise<Backbone|null>} offer
 */

export class Picker {
    #actions;
    #rows = h('div', { class: 'rows' });
    #file = h('input', { type: 'file', accept: FILES, hidden: true });
    #choose = button(texts.backbones.chooseFile, () => this.#file.click());
    #fileTrouble = h('p', { class: 'trouble', role: 'alert' });
    #ask = h('p', { class: 'trouble', role: 'alert' });
    #keptTitle = h('summary');
    #keptList = h('ul');
    #kept = h(
        'details',
        { class: 'kept-backbones', hidden: true },
        this.#keptTitle,
        this.#keptList,
    );
    #said = h('p', { class: 'unseen', role: 'status' });
    #shown = /** @type {Map<string, Row>} */ (new Map());
    #state = /** @type {State|null} */ (null);
    #choice = /** @type {Backbone|null} */ (null);
    #reading = /** @type {Promise<boolean>|null} */ (null);

    /** @param {Actions} actions */
    constructor(actions) {
        this.#actions = actions;
        this.#file.addEventListener('change', () => {
            const file = this.#file.files?.[0];
            this.#file.value = '';
            if (file) this.offer(file);
        });
        this.element = h(
            'fieldset',
            { class: 'picker' },
            h('legend', {}, texts.backbones.legend),
            this.#rows,
            h(
                'div',
                { class: 'drop-file' },
                h('span', {}, texts.backbones.dropFile),
                this.#choose,
                this.#file,
            ),
            this.#fileTrouble,
            this.#ask,
            this.#kept,
            this.#said,
        );
    }

    /** What is chosen. @returns {Backbone|null} null: the built-in one */
    get value() {
        return this.#choice;
    }

    /** @param {Backbone|null} choice */
    set value(choice) {
        this.#choice = choice;
        this.#reading = null;
        setText(this.#ask, '');
        if (this.#state) this.update(this.#state);
    }

    /** Of the user's own file that becomes the choice: whether it did. null: none is being read. */
    get reading() {
        return this.#reading;
    }

    /** Whether the choice is at hand; says what to do where it is not. */
    ready() {
        const row = this.#shown.get(this.#choice?.id ?? '');
        if (!row?.missing) return true;
        setText(this.#ask, texts.backbones.missing(String(this.#choice?.name)));
        row.tools.querySelector('button')?.focus();
        return false;
    }

    /**
     * The user's own file, which becomes the choice when it is read, if none is made meanwhile.
     * @param {File} file
     * @returns {Promise<boolean>} whether it did
     */
    offer(file) {
        /** @type {Promise<boolean>} */
        const reading = this.#actions.offer(file).then((own) => {
            const isLast = this.#reading === reading;
            if (isLast) this.#reading = null;
            if (isLast && own) this.value = own;
            return isLast && Boolean(own);
        });
        this.#reading = reading;
        return reading;
    }

    /** @param {State} state */
    update(state) {
        this.#state = state;
        const { entries, kept, own, hashing, troubles, loads } = state.device.backbones;
        const inUse = state.job.settings.backbone;
        const others = [own, inUse, ...kept.map(({ id, title }) => ({ id, name: title }))];
        const ids = new Set(['', ...entries.map(({ name }) => name)]);
        this.#row('', texts.backbones.builtIn);
        for (const { name, title } of entries) this.#row(name, title);
        for (const other of others) {
            if (!other || ids.has(other.id)) continue;
            ids.add(other.id);
            this.#row(other.id, other.name);
        }
        for (const id of this.#shown.keys()) if (!ids.has(id)) this.#shown.delete(id);
        const rows = Array.from(ids, (id) => /** @type {Row} */ (this.#shown.get(id)));
        if (rows.some(({ element }, i) => this.#rows.children[i] !== element))
            this.#rows.replaceChildren(...rows.map(({ element }) => element));
        for (const row of rows) row.update(state, this.#choice?.id ?? '');

        setText(
            this.#fileTrouble,
            hashing ? texts.backbones.readingFile : (troubles.get(FILE) ?? ''),
        );
        const sum = kept.reduce((bytes, { size }) => bytes + size, 0);
        setText(this.#keptTitle, texts.backbones.kept(kept.length, sum));
        const wanted = kept.map((each) => `${each.id} ${each.size}`).join('\n');
        if (this.#keptList.dataset.of !== wanted) {
            this.#keptList.dataset.of = wanted;
            const focused = this.#keptList.contains(document.activeElement);
            this.#kept.hidden = !kept.length;
            this.#keptList.replaceChildren(
                ...kept.map(({ id, title, size, whole }) =>
                    h(
                        'li',
                        {},
                        h('span', {}, texts.backbones.keptOne(title, size, whole)),
                        button(texts.backbones.delete, () => this.#actions.remove(id), {
                            'aria-label': texts.backbones.deleteOne(title),
                        }),
                    ),
                ),
            );
            if (focused) (kept.length ? this.#keptTitle : this.#choose).focus();
        }
        const [load] = loads.values();
        const quarters = load?.total ? Math.floor((4 * load.done) / load.total) * 25 : 0;
        setText(this.#said, load ? texts.backbones.said(quarters) : '');
    }

    /** @param {string} id @param {string} title */
    #row(id, title) {
        if (this.#shown.has(id)) return;
        const row = new Row(id, title, this.#actions, () => {
            this.value = id ? { id, name: title } : null;
        });
        this.#shown.set(id, row);
        this.#rows.append(row.element);
    }
}

class Row {
    #id;
    #hint = h('span', { class: 'hint' });
    #radio;
    #fill = h('div', { class: 'meter-fill' });
    #meter;
    #words = h('span', { class: 'hint' });
    #load;
    #stop;
    #elsewhere = h('span', { class: 'hint' });
    #trouble = h('p', { class: 'trouble', role: 'alert' });
    #entry = /** @type {Entry|undefined} */ (undefined);
    missing = false; /* it is not on this device yet */

    /**
     * @param {string} id
     * @param {string} title
     * @param {Actions} actions
     * @param {() => void} choose
     */
    constructor(id, title, { download, stop }, choose) {
        this.#id = id;
        this.#radio = h('input', { type: 'radio', name: 'backbone', value: id, onchange: choose });
        this.#meter = h(
            'div',
            {
                class: 'meter',
                role: 'progressbar',
                'aria-label': texts.backbones.downloadOf(title),
                'aria-valuemin': 0,
                'aria-valuemax': 100,
            },
            this.#fill,
        );
        this.#load = button('', () => this.#entry && download(this.#entry), { icon: 'export' });
        this.#load.append(h('span'));
        this.#stop = button(texts.cancel, () => stop(id), {
            icon: 'close',
            'aria-label': texts.backbones.cancelDownload(title),
        });
        this.tools = h(
            'div',
            { class: 'row-tools' },
            this.#meter,
            this.#words,
            this.#load,
            this.#stop,
            this.#elsewhere,
            this.#trouble,
        );
        this.element = h(
            'div',
            {},
            h(
                'label',
                { class: 'choice' },
                this.#radio,
                h('span', {}, h('b', {}, title), this.#hint),
            ),
            this.tools,
        );
    }

    /** @param {State} state @param {string} chosen */
    update({ job: { settings }, device: { backbones, pace } }, chosen) {
        const id = this.#id;
        const { entries, kept, own, loads, troubles } = backbones;
        const entry = (this.#entry = entries.find(({ name }) => name === id));
        const here = kept.find((each) => each.id === id);
        const load = loads.get(id);
        const at = here?.whole || own?.id === id || settings.backbone?.id === id;
        this.missing = Boolean(id && !at);
        this.#radio.checked = id === chosen;

        const size = entry ? bytesOf(entry) : (here?.size ?? 0);
        const cost = id ? entry && sizeOf(entry) : BUILT_IN;
        setText(
            this.#hint,
            [
                !id && texts.backbones.small,
                isOwn(id) && texts.backbones.own,
                entry?.licence,
                size && texts.megabytes(size),
                cost && pace && texts.backbones.pace(multiplyAdds(cost) / pace),
                here?.whole && texts.backbones.here,
            ]
                .filter(Boolean)
                .join(' · '),
        );

        const focused = this.tools.querySelector(':focus');
        const trouble = troubles.get(id) ?? '';
        const open = this.missing && id === chosen;
        const begun = here && !here.whole && here.size;
        this.tools.hidden = !open && !load && !trouble;
        this.#load.hidden = Boolean(load) || !open || !entry?.browser;
        this.#stop.hidden = this.#meter.hidden = !load;
        setText(
            /** @type {Element} */ (this.#load.lastElementChild),
            begun
                ? texts.backbones.goOn(begun, here.total || size)
                : texts.backbones.download(size),
        );
        setText(this.#words, load ? loadedWords(load) : '');
        const share = load?.total ? Math.min(1, load.done / load.total) : 0;
        this.#fill.style.transform = `scaleX(${share})`;
        this.#meter.setAttribute('aria-valuenow', String(Math.round(share * 100)));
        setText(this.#trouble, trouble);
        if (open && entry && !this.#elsewhere.childNodes.length) {
            const { address, browser } = entry;
            const { from, fromElsewhere } = texts.backbones;
            const [before, link, after] = (browser ? from : fromElsewhere)(hostOf(address));
            this.#elsewhere.append(
                before,
                h('a', { href: address, target: '_blank', rel: 'noreferrer' }, link),
                after,
            );
        }
        this.#elsewhere.hidden = !open || Boolean(load);
        if (focused?.closest('[hidden]'))
            (load ? this.#stop : open && entry?.browser ? this.#load : this.#radio).focus();
    }
}

/** @param {import('../backbones/download.js').Loaded} loaded */
function loadedWords({ done, total, secondsLeft }) {
    if (total && done >= total) return texts.backbones.checking;
    return [
        texts.backbones.loaded(done, total),
        secondsLeft !== null && texts.timeLeft(secondsLeft),
    ]
        .filter(Boolean)
        .join(' · ');
}

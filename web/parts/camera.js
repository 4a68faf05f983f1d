/** The camera: which one, when it takes photos, and what it sees. */

import { button, h } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/job.js').Camera} CameraState */

export class Camera {
    video = h('video', { muted: true, playsinline: true, hidden: true });
    #cameras;
    #way;
    #take;
    #stream = /** @type {MediaStream|null} */ (null);

    /**
     * @param {object} actions
     * @param {() => void} actions.take
     * @param {(id: string) => void} actions.choose
     * @param {(way: CameraState['way']) => void} actions.when
     */
    constructor({ take, choose, when }) {
        this.#cameras = h('select', {
            'aria-label': texts.camera.label,
            onchange: () => choose(this.#cameras.value),
        });
        this.#way = h(
            'select',
            {
                'aria-label': texts.camera.when,
                onchange: () => when(/** @type {CameraState['way']} */ (this.#way.value)),
            },
            ...Object.entries(texts.camera.ways).map(([value, words]) =>
                h('option', { value }, words),
            ),
        );
        this.#take = button(texts.camera.take, take, { class: 'button primary', icon: 'photos' });
        this.element = h('div', { class: 'camera' }, this.#cameras, this.#way, this.#take);
        this.video.muted = true; /* the attribute counts in HTML alone */
    }

    /** @param {State} state */
    update({ job: { watch } }) {
        const camera = watch?.camera ?? null;
        this.element.hidden = this.video.hidden = !camera;
        const stream = /** @type {MediaStream|null} */ (camera?.stream ?? null);
        if (stream !== this.#stream) {
            this.#stream = stream;
            this.video.srcObject = stream;
            if (camera) {
                this.video.play().catch(() => {}); /* grab() gives nothing then */
                this.#cameras.replaceChildren(
                    ...camera.all.map(({ id, label }) => h('option', { value: id }, label)),
                );
                this.#cameras.value = camera.id;
                this.#cameras.hidden = camera.all.length < 2;
                this.#take.focus();
            }
        }
        if (camera) this.#way.value = camera.way;
    }

    /** What is seen now; null where nothing is yet. */
    async grab() {
        const { video } = this;
        const isThere = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
        return isThere && video.videoWidth ? createImageBitmap(video) : null;
    }
}

/** A spot beside the places of other photos that are most like it. */

import { button, h } from '../dom.js';
import { more } from '../texts/more.js';

/** @typedef {import('../inspection/evidence.js').Evidence} Evidence */
/** @typedef {import('../inspection/evidence.js').Crop} Crop */

export class EvidenceDialog {
    #said = h('p');
    #crops = h('div', { class: 'crops' });

    constructor() {
        this.element = h(
            'dialog',
            { class: 'evidence', 'aria-labelledby': 'evidence-title' },
            h('h2', { id: 'evidence-title' }, more.evidence.title),
            this.#said,
            this.#crops,
            h(
                'div',
                { class: 'dialog-buttons' },
                button(more.keys.close, () => this.element.close(), { autofocus: true }),
            ),
        );
    }

    /** @param {Evidence} evidence */
    open({ own, similar, missing, times, nearer }) {
        const { said, gone, spot } = more.evidence;
        this.#said.textContent = [said(times, nearer), missing && gone(missing)]
            .filter(Boolean)
            .join(' ');
        this.#crops.replaceChildren(
            figure(own, spot),
            ...similar.map((each) => figure(each, each.item.name)),
        );
        this.element.showModal();
    }
}

/** @param {Crop} crop @param {string} name */
function figure({ picture, box }, name) {
    const { width, height } = picture;
    const canvas = h('canvas', { width, height, role: 'img', 'aria-label': name });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(picture, 0, 0);
    picture.close();
    /* light within dark, as outlines of regions are */
    for (const [colour, wide] of /** @type {const} */ ([
        ['#000', 4.5],
        ['#fff', 1.5],
    ])) {
        context.strokeStyle = colour;
        context.lineWidth = wide;
        context.strokeRect(box.left, box.top, box.width, box.height);
    }
    return h('figure', {}, canvas, h('figcaption', {}, name));
}

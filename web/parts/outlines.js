/** The outlines of regions over a photo: lines of the same width at every zoom, light within dark. */

/** @typedef {import('../fleck.js').Region} Region */

const SVG = 'http://www.w3.org/2000/svg';

export class Outlines {
    #drawn = /** @type {readonly Region[]} */ ([]);

    constructor() {
        this.element = document.createElementNS(SVG, 'svg');
        this.element.setAttribute('class', 'outlines');
        this.element.setAttribute('preserveAspectRatio', 'none');
        this.element.setAttribute('aria-hidden', 'true');
    }

    /** @param {readonly Region[]} regions in pixels of the photo @param {number|null} chosen */
    show(regions, chosen) {
        if (regions !== this.#drawn) {
            this.#drawn = regions;
            this.element.replaceChildren(...regions.map(drawing));
        }
        for (const [i, group] of [...this.element.children].entries())
            group.classList.toggle('chosen', i === chosen);
    }

    /**
     * The part of the photo that fills the element.
     * @param {number} left @param {number} top @param {number} width @param {number} height in its pixels
     */
    look(left, top, width, height) {
        this.element.setAttribute('viewBox', `${left} ${top} ${width} ${height}`);
    }
}

/** @param {Region} region */
function drawing({ outline, holes }) {
    const line = [outline, ...holes]
        .map((points) => `M${points.map(({ x, y }) => `${x} ${y}`).join('L')}Z`)
        .join('');
    const group = document.createElementNS(SVG, 'g');
    for (let i = 0; i < 2; i++) {
        const path = document.createElementNS(SVG, 'path');
        path.setAttribute('d', line);
        group.append(path);
    }
    return group;
}

/** How the scores spread, and the threshold on them: dragged or moved by keys. */

import { button, h, setText } from '../dom.js';
import { texts } from '../texts/texts.js';
import { DEFECT, judge, lookFrom } from '../verdict.js';

/** @typedef {import('../state/store.js').State} State */

const BINS = 40;
const SVG = 'http://www.w3.org/2000/svg';

export class Histogram {
    #bars = Array.from({ length: BINS }, () => document.createElementNS(SVG, 'rect'));
    #value = h('output', { class: 'threshold-value' });
    #slider = h(
        'div',
        {
            class: 'threshold',
            role: 'slider',
            tabindex: 0,
            'aria-label': texts.histogram.slider,
            'aria-valuemin': 0,
            'aria-valuemax': 1,
        },
        h('span', { class: 'threshold-grip', 'aria-hidden': 'true' }),
    );
    #zones = h(
        'div',
        { class: 'zones', 'aria-hidden': 'true' },
        ...['ok', 'look', 'defect'].map((name) => h('span', { class: `zone ${name}` })),
    );
    #plot;
    #reset;
    #onThreshold;
    #threshold = DEFECT;

    /** @param {(threshold: number) => void} onThreshold */
    constructor(onThreshold) {
        this.#onThreshold = onThreshold;
        const svg = document.createElementNS(SVG, 'svg');
        svg.setAttribute('viewBox', `0 0 ${BINS} 100`);
        svg.setAttribute('preserveAspectRatio', 'none');
        svg.setAttribute('aria-hidden', 'true');
        this.#bars.forEach((bar, i) => {
            bar.setAttribute('x', String(i + 0.08));
            bar.setAttribute('width', '0.84');
        });
        svg.append(...this.#bars);
        this.#plot = h('div', { class: 'plot' }, svg, this.#slider);
        this.#reset = button(texts.histogram.reset, () => onThreshold(DEFECT), { class: 'link' });
        this.element = h(
            'section',
            { class: 'histogram', 'aria-label': texts.histogram.label },
            this.#plot,
            this.#zones,
            h(
                'div',
                { class: 'axis' },
                h('span', {}, texts.histogram.normal),
                h(
                    'span',
                    { class: 'axis-middle' },
                    `${texts.histogram.threshold} `,
                    this.#value,
                    this.#reset,
                ),
                h('span', {}, texts.histogram.unusual),
            ),
        );
        this.#plot.addEventListener('pointerdown', (event) => this.#drag(event));
        this.#slider.addEventListener('keydown', (event) => this.#key(event));
    }

    /** @param {PointerEvent} event */
    #drag(event) {
        if (event.button) return;
        event.preventDefault();
        this.#slider.focus();
        this.#plot.setPointerCapture(event.pointerId);
        const move = (/** @type {PointerEvent} */ at) => {
            const box = this.#plot.getBoundingClientRect();
            this.#set((at.clientX - box.left) / box.width);
        };
        move(event);
        this.#plot.addEventListener('pointermove', move);
        const end = () => this.#plot.removeEventListener('pointermove', move);
        this.#plot.addEventListener('lostpointercapture', end, { once: true });
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const step = event.shiftKey ? 0.05 : 0.01;
        /** @type {Record<string, number>} */
        const targets = {
            ArrowLeft: this.#threshold - step,
            ArrowDown: this.#threshold - step,
            ArrowRight: this.#threshold + step,
            ArrowUp: this.#threshold + step,
            PageDown: this.#threshold - 0.1,
            PageUp: this.#threshold + 0.1,
            Home: 0,
            End: 1,
        };
        if (!(event.key in targets)) return;
        event.preventDefault();
        event.stopPropagation();
        this.#set(targets[event.key]);
    }

    /** @param {number} threshold */
    #set(threshold) {
        /* Kept at once: held keys come faster than the page is drawn. */
        this.#threshold = Math.round(Math.min(Math.max(threshold, 0.01), 1) * 100) / 100;
        this.#onThreshold(this.#threshold);
    }

    /** @param {State} state */
    update({ job: { items, threshold, counts } }) {
        this.#threshold = threshold;
        const bins = new Array(BINS).fill(0);
        for (const { score } of items)
            if (score !== null) bins[Math.min(Math.floor(score * BINS), BINS - 1)]++;
        const most = Math.max(...bins, 1);
        this.#bars.forEach((bar, i) => {
            /* The fewest stay visible beside the most. */
            const height = bins[i] ? Math.max(4, (bins[i] / most) * 100) : 0;
            bar.setAttribute('y', String(100 - height));
            bar.setAttribute('height', String(height));
            bar.setAttribute('class', judge((i + 0.5) / BINS, threshold));
        });
        const look = lookFrom(threshold);
        const widths = [look, threshold - look, 1 - threshold];
        widths.forEach((width, i) => {
            /** @type {HTMLElement} */ (this.#zones.children[i]).style.width = `${width * 100}%`;
        });
        this.#slider.style.left = `${threshold * 100}%`;
        this.#slider.setAttribute('aria-valuenow', threshold.toFixed(2));
        this.#slider.setAttribute(
            'aria-valuetext',
            texts.histogram.value(threshold, counts.ok, counts.look, counts.defect),
        );
        setText(this.#value, texts.decimal(threshold, 2));
        this.#reset.classList.toggle('invisible', threshold === DEFECT);
    }
}

/**
 * The job's area of interest: which part of its photos counts. It is kept as it was drawn, in shares
 * of a photo or as a mask, and set again wherever the detector has lost it.
 */

import { DetectorError, HEAT } from '../fleck.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../fleck.js').Detector} Detector */
/** @typedef {import('../fleck.js').Features} Features */
/** @typedef {import('../state/job.js').Drawn} Drawn */
/** @typedef {import('../state/store.js').Item} Item */
/** @template T @typedef {import('../state/store.js').DeepReadonly<T>} DeepReadonly */

const HALF = 255 / 2; /* of white: what is brighter lies inside */

/** As the detector takes it. @param {DeepReadonly<Drawn>} drawn */
export function areaOf(drawn) {
    if ('mask' in drawn) {
        const { mask, side } = drawn;
        const packed = Uint8Array.from(atob(mask), (each) => each.charCodeAt(0));
        const bits = Uint8Array.from(
            { length: side * side },
            (_, i) => (packed[i >> 3] >> (i & 7)) & 1,
        );
        return { mask: bits, width: side, height: side };
    }
    const [include, exclude] = [drawn.include, drawn.exclude].map((polygons) =>
        polygons.map((points) => points.map(([x, y]) => ({ x, y }))),
    );
    return { include, exclude };
}

/**
 * A mask over the whole photo, as it is kept. Its pixels are those of heatmaps, also where these see
 * the middle of the photo alone.
 * @param {number} frameShare that heatmaps see of a photo's sides
 * @param {(x: number, y: number) => unknown} isInside the point, in shares of the photo
 * @returns {Drawn}
 */
function drawnMask(frameShare, isInside) {
    const side = Math.round(HEAT / frameShare);
    const packed = new Uint8Array(Math.ceil((side * side) / 8));
    for (let i = 0; i < side * side; i++)
        if (isInside(((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side))
            packed[i >> 3] |= 1 << (i & 7);
    return {
        mask: btoa(packed.reduce((text, byte) => text + String.fromCharCode(byte), '')),
        side,
    };
}

/** As cli_mask_fits has it. @param {Size} mask @param {Size} photo @typedef {{width: number, height: number}} Size */
export function fits(mask, { width, height }) {
    const [a, b] = [mask.width * height, mask.height * width];
    const difference = Math.abs(a - b);
    return 2 * difference <= width + height && 50 * difference <= Math.max(a, b);
}

export class Area {
    #store;
    #source;
    #features = /** @type {WeakMap<Blob, Promise<Features>>} */ (new WeakMap());

    /**
     * @param {import('../state/store.js').Store} store
     * @param {object} source
     * @param {() => Promise<Detector>} source.open
     * @param {(drawn: Drawn|null) => void} source.keep
     * @param {import('./pictures.js').Pictures} source.pictures
     */
    constructor(store, source) {
        this.#store = store;
        this.#source = source;
    }

    get #job() {
        return this.#store.state.job;
    }

    /** The dialog opens: settings may be others than when it did before. */
    begin() {
        this.#features = new WeakMap();
    }

    /**
     * What one would leave; what it throws says why it is none.
     * @param {DeepReadonly<Drawn>} drawn
     * @param {Item} on the photo that is seen
     */
    async left(drawn, on) {
        const detector = await this.#source.open();
        const over = this.#over(drawn);
        const both = over && [over, on].map(({ file }) => this.#featuresOf(detector, file));
        const [follow, seen] = both ? await Promise.all(both) : [];
        return detector.tryArea(areaOf(drawn), { follow, on: seen });
    }

    /** What stands out on a photo; what it throws says that nothing does. @param {Item} photo @returns {Promise<number[][]>} */
    async propose({ file }) {
        const detector = await this.#source.open();
        const { include } = await detector.proposeArea(await this.#featuresOf(detector, file));
        return include[0].map(({ x, y }) => [x, y]);
    }

    /** @param {Detector} detector @param {Blob} file */
    #featuresOf(detector, file) {
        const known = this.#features.get(file) ?? detector.extract(file);
        this.#features.set(file, known);
        return known;
    }

    /** The photo that an area was drawn over, where it follows the part. @param {DeepReadonly<Drawn>|null} drawn */
    #over(drawn) {
        if (drawn?.follow === undefined) return undefined;
        const { follow } = drawn;
        const over = this.#job.items.find(({ name, fresh }) => name === follow && !fresh);
        if (!over) throw new DetectorError('argument', texts.drawing.notHere(follow));
        return over;
    }

    /**
     * Makes it the job's; what it throws says why it cannot be, and all stays as it was.
     * @param {Drawn|null} drawn null: all of the photos counts
     * @returns {Promise<boolean>} whether it is another than before, so that all is to be learnt anew
     */
    async use(drawn) {
        const { area: before, drawn: drawnBefore } = this.#job;
        const detector = await this.#source.open();
        const follow = this.#over(drawn)?.file;
        const area = await detector.setArea(drawn && areaOf(drawn), { follow });
        this.#put(drawn);
        this.#store.job.limit(area);
        return String(area?.map) !== String(before?.map) || drawn?.follow !== drawnBefore?.follow;
    }

    /** A model's becomes the job's. @param {Detector} detector that has loaded it */
    adopt({ area, shape }) {
        this.#store.job.limit(area);
        if (!area || !shape) return;
        const { frameShare } = shape;
        const at = (/** @type {number} */ share) =>
            Math.floor(((share - 0.5) / frameShare + 0.5) * HEAT);
        const mask = drawnMask(frameShare, (x, y) => {
            const [column, row] = [at(x), at(y)];
            return column >= 0 && column < HEAT && area.map[row * HEAT + column];
        });
        this.#put(area.follows ? { ...mask, follow: '' } : mask);
    }

    /** Before photos are read and learnt from. @param {Detector} detector that may have lost it */
    async settle(detector) {
        const { drawn } = this.#job;
        if (!drawn) return;
        try {
            const follow = this.#over(drawn)?.file;
            /* features follow from the tiles that suit all of them */
            const folder = this.#job.items.filter((item) => !item.fresh);
            if (follow) await detector.measure(folder.map(({ file }) => file));
            this.#store.job.limit(await detector.setArea(areaOf(drawn), { follow }));
        } catch (error) {
            /* by other settings it may leave too few patches */
            if (!(error instanceof DetectorError && error.code === 'argument')) throw error;
            this.#put(null);
            this.#store.page.say('error', texts.drawing.lost(error.message));
        }
    }

    /** @param {Drawn|null} drawn */
    #put(drawn) {
        this.#store.job.draw(drawn);
        this.#source.keep(drawn);
    }

    /**
     * A picture as a mask: what is brighter than half of white lies inside.
     * @param {File} file
     * @returns {Promise<Drawn>}
     */
    async fromPicture(file) {
        const bitmap = await this.#source.pictures.bitmap(file).catch(() => {
            throw new Error(texts.drawing.notRead(file.name));
        });
        const { width, height } = bitmap;
        const canvas = new OffscreenCanvas(width, height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.drawImage(bitmap, 0, 0);
        bitmap.close();
        await this.#check(file.name, { width, height });
        const { data } = context.getImageData(0, 0, width, height);
        return drawnMask(this.#job.shape?.frameShare ?? 1, (x, y) => {
            const at = 4 * (Math.floor(y * height) * width + Math.floor(x * width));
            const [red, green, blue, alpha] = data.subarray(at, at + 4);
            return ((0.299 * red + 0.587 * green + 0.114 * blue) * alpha) / 255 > HALF;
        });
    }

    /** Throws where a mask has another shape than most of the photos. @param {string} maskName @param {Size} mask */
    async #check(maskName, mask) {
        let [fitting, others] = [0, 0];
        let other = '';
        for (const { fresh, name, file, width, height } of this.#job.items) {
            if (fresh) continue;
            const size = width
                ? { width, height }
                : await this.#source.pictures.size(file).catch(() => null);
            if (!size) continue;
            if (fits(mask, size)) fitting++;
            else if (!others++) other = texts.drawing.sized(name, size.width, size.height);
        }
        if (others > fitting)
            throw new Error(
                texts.drawing.otherShape(
                    texts.drawing.sized(maskName, mask.width, mask.height),
                    others,
                    other,
                ),
            );
    }
}

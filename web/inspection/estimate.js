/**
 * How long the whole job still takes: one estimate for reading, learning and scoring together.
 * Before a step has begun, what it costs follows from what is known of the method; once it goes on,
 * its own pace counts more and more.
 */

/** @typedef {import('../state/job.js').Settings} Settings */
/** @typedef {import('../fleck.js').FeatureShape} FeatureShape */

/**
 * What learning costs with the built-in backbone, counted in photos read: for the folder, and for
 * each photo; and what scoring a photo of the folder costs. Of 20, 60 and 240 photos on an AMD EPYC
 * without AVX-512 (npm run bench:costs, 2026-11-29).
 * @type {Record<string, [number, number, number]>}
 */
const COSTS = {
    irmb: [30, 0.65, 0.03],
    ensemble: [1, 0.235, 0.03],
    knn: [1.5, 0.145, 0.03],
    musc: [0, 0.5, 0.03],
    mahalanobis: [3, 0.115, 0.03],
    softpatch: [0, 0.25, 0.03],
    l2bt: [37, 0.15, 0.03],
    simplenet: [77, 0.075, 0.03],
};

/** Which costs: a ViT of this width on two blocks' tokens, 784 of them. */
const WIDTH = 192,
    PATCHES = 784;

/** Of a ViT of 12 blocks, for a photo, but for a factor. @param {number} width @param {number} patches */
const costOfReading = (width, patches) => patches * width * (12 * width + 2 * patches);

/**
 * Of steps to come, counted in photos read.
 * @param {Settings['method']} method
 * @param {FeatureShape} shape
 * @param {number} photos learnt from
 */
export function costs(method, { patches, dim, tiles }, photos) {
    const count = tiles.columns * tiles.rows;
    const reading = count * costOfReading(dim / 2, patches / count);
    const features = (patches * dim) / (PATCHES * 2 * WIDTH);
    const share = (features * costOfReading(WIDTH, PATCHES)) / reading;
    const [folder, photo, score] = COSTS[method];
    return { learn: share * (folder + photo * photos), score: share * score * photos };
}

/** @param {number} units @returns {(done: number, total: number) => number} */
const evenly = (units) => (done, total) => (units * done) / total;

export class Estimate {
    #seconds = 0; /* that steps took which are over */
    #units = 0; /* that they cost */
    #step = { units: 0, next: 0, began: 0, unitsOf: evenly(0) };
    #now;

    /** @param {() => number} now in seconds */
    constructor(now = () => performance.now() / 1000) {
        this.#now = now;
    }

    /**
     * A step begins, and the one before is over.
     * @param {number} units what it costs
     * @param {number} next what those behind it cost
     * @param {(done: number, total: number) => number} [unitsOf] what is done of it costs
     */
    begin(units, next, unitsOf = evenly(units)) {
        this.#end();
        this.#step = { units, next, began: this.#now(), unitsOf };
    }

    #end() {
        const { units, began } = this.#step;
        if (!units) return;
        this.#seconds += this.#now() - began;
        this.#units += units;
    }

    /**
     * Seconds to the end of the job; null: it is too early to say.
     * @param {number} done of the step
     * @param {number} total
     */
    left(done, total) {
        const { units, began, next, unitsOf } = this.#step;
        if (!units) return null;
        const passed = this.#now() - began;
        const over = unitsOf(done, total);
        const share = over / units;
        const before = this.#units ? this.#seconds / this.#units : null;
        if (!over || passed < 1) return before === null ? null : before * (units - over + next);
        const own = passed / over;
        const pace = before === null ? own : share * own + (1 - share) * before;
        const whole = (this.#seconds + passed) / (this.#units + over);
        return pace * (units - over) + whole * next;
    }
}

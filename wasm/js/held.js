/**
 * Features on their way from the worker that made them to the detector's: they wait here until
 * the page, which gives each photo a number, says what becomes of them.
 */

/** @typedef {import('./engine.js').Features} Features */

export class Held {
    #first = 0;
    /** @type {Map<number, {features: Promise<Features>, arrive: (features: Features) => void}>} */
    #places = new Map();

    /** @param {number} number @param {Features} features */
    put(number, features) {
        if (number >= this.#first) this.#place(number).arrive(features);
    }

    /** Those of this number, as soon as they are here. @param {number} number */
    async take(number) {
        const features = await this.#place(number).features;
        this.#places.delete(number);
        return features;
    }

    /** Nobody asks for lower numbers any more, not for those either that are still made.
     * @param {number} first */
    drop(first) {
        this.#first = first;
        for (const number of this.#places.keys()) if (number < first) this.#places.delete(number);
    }

    /** @param {number} number */
    #place(number) {
        let place = this.#places.get(number);
        if (!place) {
            /** @type {(features: Features) => void} */
            let arrive = () => {};
            const features = new Promise((/** @type {typeof arrive} */ resolve) => {
                arrive = resolve;
            });
            this.#places.set(number, (place = { features, arrive }));
        }
        return place;
    }
}

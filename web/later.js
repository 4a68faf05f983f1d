/** What is loaded when it is wanted. */

/**
 * @template T
 * @param {() => Promise<T>} load
 * @param {() => void} failed
 * @returns {() => Promise<T|null>} loads it once; what did not come is tried again
 */
export function loaded(load, failed) {
    /** @type {Promise<T|null>|null} */
    let part = null;
    return () =>
        (part ??= load().catch(() => {
            part = null;
            failed();
            return null;
        }));
}

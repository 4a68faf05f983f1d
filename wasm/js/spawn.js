/**
 * Starts a browser's module worker, which may only be of the page's own origin: for a script from
 * elsewhere, one of the page's own imports it.
 * @param {string | URL} url
 * @param {WorkerOptions} [options]
 */
export function startWorker(url, options) {
    const script = isForeign(url)
        ? URL.createObjectURL(
              new Blob([`import ${JSON.stringify(String(url))}`], { type: 'text/javascript' }),
          )
        : url;
    return new Browsers(script, { ...options, type: 'module' });
}

const Browsers = globalThis.Worker;

/** @param {string | URL} url */
export const isForeign = (url) => new URL(url).origin !== globalThis.location?.origin;

/** What workers are started with: scripts, and the modules, each compiled once for all of them. */
import { FILES } from './files.js';
import { fetchFile } from './fetch.js';
import { platform } from './platform.js';

export class Sources {
    /** @type {Map<string, Promise<WebAssembly.Module>>} */
    #compiled = new Map();
    /** @type {Map<string, Promise<URL>>} */
    #scripts = new Map();
    /** @type {URL[]} */
    #copies = [];

    /**
     * A worker's script, as it may be started: only of the page's own origin, so that one from
     * elsewhere is copied.
     * @param {string} name see nameOf
     * @returns {Promise<URL>}
     */
    script(name) {
        return once(this.#scripts, name, async () => {
            const url = FILES[`${name}.js`]();
            if (platform || url.origin === globalThis.location?.origin) return url;
            const text = await (await fetchFile(url)).text();
            const copy = new URL(
                URL.createObjectURL(new Blob([text], { type: 'text/javascript' })),
            );
            this.#copies.push(copy);
            return copy;
        });
    }

    /** @param {string} name see nameOf @returns {Promise<WebAssembly.Module>} */
    compiled(name) {
        return once(this.#compiled, name, async () => {
            const url = FILES[`${name}.wasm`]();
            if (platform) return WebAssembly.compile(await platform.readFile(url));
            const response = await fetchFile(url);
            // Which browsers insist on to compile what is still coming.
            return response.headers.get('Content-Type') === 'application/wasm'
                ? WebAssembly.compileStreaming(response)
                : WebAssembly.compile(await response.arrayBuffer());
        });
    }

    /** Once the workers, and their threads, have started. */
    close() {
        for (const copy of this.#copies) URL.revokeObjectURL(String(copy));
    }
}

/**
 * @template T
 * @param {Map<string, Promise<T>>} made
 * @param {string} name
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
function once(made, name, make) {
    const promise = made.get(name) ?? make();
    made.set(name, promise);
    promise.catch(() => {}); // who awaits it is told, though it may be late
    return promise;
}

/** What workers are started with: scripts, and the modules, each compiled once for all of them. */
import { failing } from './errors.js';
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
    #files;
    #name;

    /**
     * @param {import('./options.js').Files} files
     * @param {string} name see nameOf: whose file is meant where one is given
     */
    constructor(files, name) {
        this.#files = files;
        this.#name = name;
    }

    /**
     * A worker's script, as it may be started: only of the page's own origin, so that one from
     * elsewhere is copied, as is one that has to be looked at.
     * @param {string} name see nameOf
     * @returns {Promise<URL>}
     */
    script(name) {
        return once(this.#scripts, name, async () => {
            const file = `${name}.js`;
            const url = this.#find(this.#files.workerUrl, name, file);
            const integrity = this.#files.integrity?.[file];
            if (platform || (!integrity && url.origin === globalThis.location?.origin)) return url;
            const response = await fetchFile(url, { integrity });
            const copy = this.#copy(await response.text().catch(failing('network', url)));
            return isOpaque() ? this.#copy(importing(copy)) : copy;
        });
    }

    /** @param {string} name see nameOf @returns {Promise<WebAssembly.Module>} */
    compiled(name) {
        return once(this.#compiled, name, async () => {
            const { wasmUrl, wasmBinary, wasmModule, integrity } = this.#files;
            if (name === this.#name && wasmModule) return wasmModule;
            if (name === this.#name && wasmBinary)
                return WebAssembly.compile(/** @type {BufferSource} */ (wasmBinary)).catch(
                    failing('format', 'wasmBinary'),
                );
            const file = `${name}.wasm`;
            const url = this.#find(wasmUrl, name, file);
            if (platform)
                return platform
                    .readFile(url)
                    .then(WebAssembly.compile)
                    .catch(failing('network', url));
            const response = await fetchFile(url, { integrity: integrity?.[file] });
            // Which browsers insist on to compile what is still coming.
            const isWasm = response.headers.get('Content-Type') === 'application/wasm';
            return (
                isWasm
                    ? WebAssembly.compileStreaming(response)
                    : response.arrayBuffer().then(WebAssembly.compile)
            ).catch(failing('network', url));
        });
    }

    /** @param {string} text of a script */
    #copy(text) {
        const blob = new Blob([text], { type: 'text/javascript' });
        const copy = new URL(URL.createObjectURL(blob));
        this.#copies.push(copy);
        return copy;
    }

    /**
     * @param {string | URL | undefined} given a folder, or the one file
     * @param {string} name
     * @param {string} file
     */
    #find(given, name, file) {
        const url = given && new URL(given, globalThis.document?.baseURI);
        if (url && /\/$/.test(url.pathname)) return new URL(file, url);
        return url && name === this.#name ? url : FILES[file]();
    }

    /** Once the workers, and their threads, have started. */
    close() {
        for (const copy of this.#copies) URL.revokeObjectURL(String(copy));
    }
}

/** Whether this page has no origin, as a sandboxed frame: Chromium starts no module there. */
export const isOpaque = () => globalThis.origin === 'null';

/**
 * A worker's script that is no module, imports one, and hands on what comes meanwhile.
 * @param {URL} module
 */
const importing = (module) =>
    `const early=[];onmessage=(event)=>early.push(event);` +
    `import('${module}').then(()=>early.forEach((event)=>onmessage(event)))`;

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

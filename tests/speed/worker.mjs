/**
 * The benchmarks in a module worker of page.html, as the package runs there too:
 * {url, options} is answered with any number of {line}, then {status, json} or {error}.
 */
import { runBench } from './module.mjs';

self.onmessage = async ({ data: { url, options } }) => {
    const print = (/** @type {string} */ line) => self.postMessage({ line });
    try {
        self.postMessage(await runBench(url, options, { print }));
    } catch (error) {
        self.postMessage({ error: String(error) });
    }
};

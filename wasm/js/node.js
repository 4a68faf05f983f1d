/** What node imports, by the condition of the same name: the same as browsers, on node's threads. */
import { readFile } from 'node:fs/promises';
import { cores, Worker } from './node_thread.js';
import { usePlatform } from './platform.js';

usePlatform({
    cores,
    startWorker: (script) => new Worker(script),
    readFile: async (file) => new Uint8Array(await readFile(file)),
});

export * from './index.js';

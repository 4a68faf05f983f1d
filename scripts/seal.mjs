/**
 * Seals an assembled site: writes into its page what it may load.
 *
 *     node scripts/seal.mjs FOLDER
 *
 * Whoever changes a file of the folder seals it anew. As a module: seal(folder).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { policyInPage } from './policy.mjs';

/** Replaces what is in a file; that it is not there throws. */
async function replaceIn(path, place, text) {
    const before = await readFile(path, 'utf8');
    if (!place.test(before)) throw new Error(`${path} has no ${place}`);
    await writeFile(path, before.replace(place, () => text));
}

/** @param {string} folder */
export async function seal(folder) {
    const policy = await policyInPage(folder);
    await replaceIn(
        join(folder, 'index.html'),
        /(?<=<meta http-equiv="Content-Security-Policy" content=")[^"]*/,
        policy,
    );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
    await seal(process.argv[2] ?? 'build/site');

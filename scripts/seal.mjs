/**
 * Seals an assembled site: writes into its page what it may load, and into its service worker
 * which files the page consists of, with their hashes.
 *
 *     node scripts/seal.mjs FOLDER
 *
 * Whoever changes a file of the folder seals it anew. As a module: seal(folder).
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { policyInPage } from './policy.mjs';

/** What the page never asks for: types, documents, the samples' masks, and the list itself. */
const APART =
    /\.d\.ts$|\.md$|^fleck\/(LICENSE|package\.json)$|^samples\/ground_truth\/|^offline\.js$/;

const POLICY = /(<meta http-equiv="Content-Security-Policy" content=")[^"]*/;
const LIST = /^self\.version=.*\n/;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64');

/** The files that the page consists of, with their hashes. @param {string} folder */
async function filesOf(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
        .filter((path) => !APART.test(path))
        .sort();
    const hashes = paths.map(async (path) => [path, sha256(await readFile(join(folder, path)))]);
    return Object.fromEntries(await Promise.all(hashes));
}

/** @param {string} folder */
export async function seal(folder) {
    const page = join(folder, 'index.html');
    const html = await readFile(page, 'utf8');
    if (!POLICY.test(html)) throw new Error(`${page} has no place for its policy`);
    const policy = await policyInPage(folder);
    await writeFile(
        page,
        html.replace(POLICY, (_, start) => start + policy),
    );

    const files = await filesOf(folder);
    const name = sha256(JSON.stringify(files)).slice(0, 16);
    const worker = join(folder, 'offline.js');
    const code = (await readFile(worker, 'utf8')).replace(LIST, '');
    await writeFile(worker, `self.version=${JSON.stringify({ name, files })};\n${code}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
    await seal(process.argv[2] ?? 'build/site');

/** Some of the sample photos in a folder of their own, and what the command line finds on them. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleck } from '../cli/cli.mjs';
import { SAMPLES, samplePaths } from './site.mjs';

/** Results without what `score` does not say: which regions look alike. @param {any} results */
export function ungrouped(results) {
    for (const { regions } of results.photos) for (const region of regions) delete region.group;
    return results;
}

/** What `inspect` writes of a folder as JSON. @param {string} dir for its files @param {string} folder @param {string[]} args */
export function inspectAs(dir, folder, args) {
    const out = join(dir, 'out.json');
    const { status, stderr } = fleck(
        ...['inspect', folder, '-o', join(dir, 'out'), '--no-heatmaps', '--json', out, ...args],
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(out, 'utf8'));
}

/** Nine to learn from and three with a defect. @param {string} name of the test */
export async function takeParts(name) {
    const dir = mkdtempSync(join(tmpdir(), `fleck-${name}-`));
    const folder = join(dir, 'parts');
    mkdirSync(folder);
    const paths = await samplePaths();
    const files = [
        ...paths.filter((/** @type {string} */ path) => path.includes('train/')).slice(0, 9),
        ...paths.filter((/** @type {string} */ path) => !path.includes('/good/')).slice(0, 3),
    ].map((path) => {
        const file = join(folder, path.split('/').at(-1));
        cpSync(join(SAMPLES, path), file);
        return file;
    });
    /** @type {Map<string, any>} */
    const answers = new Map();

    return {
        dir,
        folder,
        files,
        /** What `inspect` writes of these photos as JSON. @param {string[]} args */
        told(...args) {
            const key = args.join(' ');
            if (!answers.has(key)) answers.set(key, inspectAs(dir, folder, args));
            return answers.get(key);
        },
        remove: () => rmSync(dir, { recursive: true }),
    };
}

/** What axe finds on a page. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** @typedef {import('playwright-core').Page} Page */

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in the page: each violation and where it is, and how many rules found nothing wrong. */
async function violations() {
    const { violations, passes } = await /** @type {any} */ (globalThis).axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'label-content-name-mismatch': { enabled: true } },
    });
    return {
        passed: passes.length,
        found: violations.map(
            (
                /** @type {{id: string, nodes: {target: string[], failureSummary: string}[]}} */ each,
            ) =>
                `${each.id}: ${each.nodes
                    .slice(0, 3)
                    .map(({ target, failureSummary }) => `${target} (${failureSummary})`)
                    .join(' | ')}`,
        ),
    };
}

/**
 * At both widths, light and dark.
 * @param {Page} page
 * @param {string} state
 */
export async function isAccessible(page, state) {
    await page.evaluate(AXE);
    for (const width of [1280, 360])
        for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
            await page.setViewportSize({ width, height: 800 });
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            const { found, passed } = await page.evaluate(violations);
            assert.deepEqual(found, [], `${state}, ${width} wide, ${colorScheme}`);
            assert.ok(passed > 10, `${state}: ${passed} rules`);
        }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light' });
}

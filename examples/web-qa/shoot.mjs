/** Screenshots of the shop, as a test takes them of its own page. */
import { shop } from './shop.mjs';

/**
 * @param {import('playwright-core').Page} page
 * @param {{visit: number, broken?: string}[]} visits
 * @returns {Promise<{name: string, bytes: Uint8Array}[]>}
 */
export async function shoot(page, visits) {
    await page.setViewportSize({ width: 900, height: 640 });
    const shots = [];
    for (const { visit, broken } of visits) {
        await page.setContent(shop(visit, broken));
        const name = `visit-${String(visit).padStart(2, '0')}${broken ? `-${broken}` : ''}.png`;
        shots.push({ name, bytes: await page.screenshot() });
    }
    return shots;
}

/** node tests/e2e/screenshot.mjs FILE.png [light|dark]: the result of the sample run, 1280×800. */
import { reach, openSite } from './site.mjs';

const [file, scheme = 'light'] = process.argv.slice(2);
if (!file) {
    console.error('usage: node tests/e2e/screenshot.mjs FILE.png [light|dark]');
    process.exit(1);
}
const site = await openSite();
try {
    const { page, close } = await site.open({ colorScheme: scheme === 'dark' ? 'dark' : 'light' });
    await page.getByRole('button', { name: 'Try the sample photos' }).click();
    await reach(page, 'result');
    await page.waitForTimeout(1500); /* the cards have settled */
    await page.screenshot({ path: file });
    await close();
} finally {
    await site.stop();
}

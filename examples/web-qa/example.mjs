/**
 * Thirty visits of a page, one broken in each of three ways, after the package was built:
 *
 *     node examples/web-qa/example.mjs [FOLDER]
 *
 * Writes the report into FOLDER, by default out/web-qa, and ends with status 1, since three are
 * broken. In a project of your own the import is 'fleck-inspect/testing'.
 */
import { join } from 'node:path';
import { expectNoAnomaly } from '../../build/package/testing.js';
import { launch } from '../../scripts/browser.mjs';
import { shoot } from './shoot.mjs';
import { BREAKS } from './shop.mjs';

const folder = process.argv[2] ?? 'out/web-qa';
const browser = await launch();
try {
    const visits = Array.from({ length: 30 }, (_, visit) => ({
        visit,
        broken: BREAKS[[7, 16, 24].indexOf(visit)],
    }));
    const { screenshots, sureness } = await expectNoAnomaly(
        await shoot(await browser.newPage(), visits),
        {
            model: join(folder, 'shop.fleck'),
            report: join(folder, 'report.html'),
        },
    );
    console.log(`${screenshots.length} screenshots, none unlike the others. ${sureness}`);
} catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
} finally {
    await browser.close();
}

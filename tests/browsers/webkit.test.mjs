/**
 * The page in WebKit. A browser that is driven so has a private session, which keeps no photos: that
 * a folder is there after a reload cannot be seen here, only that the page says so.
 */
import { test } from 'node:test';
import { chosenPhotos, droppedPhotos, sampleJob, usesThreads, visits } from './checks.mjs';
import { until, withPage } from './site.mjs';
import { openWebkit } from './webkit.mjs';

/* WebKitGTK has shared memory by an experimental switch alone, and with it threads start at some
 * visits and hang at others. */
const skip = !process.env.FLECK_SLOW && 'skipped: FLECK_SLOW is not set';
test('WebKit, isolated: visits, threads, the sample job', { skip }, () =>
    withPage(openWebkit, {}, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, true);
        await sampleJob(tab, downloads, 'webkit');
    }));

test('WebKit without isolation: the sample job', () =>
    withPage(openWebkit, { isolation: false }, async ({ tab, downloads }) => {
        await sampleJob(tab, downloads, 'webkit-workers');
    }));

test('WebKit without isolation: workers, chosen and dropped photos', () =>
    withPage(openWebkit, { isolation: false }, async ({ tab, downloads }) => {
        await usesThreads(tab, false);
        await chosenPhotos(tab, downloads);
        await droppedPhotos(tab, downloads);
        await until(tab, 'the notice', () =>
            document.querySelector('.notices')?.textContent?.includes('cannot keep this folder'),
        );
    }));

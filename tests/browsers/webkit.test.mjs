/**
 * The page in WebKit. A browser that is driven so has a private session, which keeps no photos: that
 * a folder is there after a reload cannot be seen here, only that the page says so.
 */
import { test } from 'node:test';
import {
    chosenPhotos,
    droppedPhotos,
    sampleJob,
    usesThreads,
    visits,
    withoutNetwork,
} from './checks.mjs';
import { until, withPage } from './site.mjs';
import { openWebkit } from './webkit.mjs';

test('WebKit, isolated: visits, threads, the sample job', () =>
    withPage(openWebkit, {}, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, true);
        await sampleJob(tab, downloads, 'webkit');
    }));

/* A thread's script does not load there, from a worker, without a network. */
test('WebKit after one visit, without a network: workers, the sample job', () =>
    withPage(openWebkit, {}, ({ tab, downloads, down }) =>
        withoutNetwork(tab, downloads, down, false),
    ));

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
            document.querySelector('.notices')?.textContent?.includes('cannot keep this job'),
        );
    }));

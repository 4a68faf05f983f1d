/** The page in Debian's Firefox. */
import { test } from 'node:test';
import { sampleJob, usesThreads, visits } from './checks.mjs';
import { openFirefox } from './firefox.mjs';
import { withPage } from './site.mjs';

test('Firefox, isolated: visits, threads, the sample job', () =>
    withPage(openFirefox, {}, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, true);
        await sampleJob(tab, downloads, 'firefox');
    }));

test('Firefox without isolation: visits, workers, the sample job', () =>
    withPage(openFirefox, { isolation: false }, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, false);
        await sampleJob(tab, downloads, 'firefox-alone');
    }));

/** The page in Debian's Firefox. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
    cameraPhotos,
    droppedPhotos,
    keptPhotos,
    newVersion,
    reviewedPhotos,
    sampleJob,
    usesThreads,
    videoPhotos,
    visits,
    withoutNetwork,
} from './checks.mjs';
import { openFirefox } from './firefox.mjs';
import { press, SITE, until, withPage } from './site.mjs';

test('Firefox, isolated: visits, threads, the sample job', () =>
    withPage(openFirefox, {}, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, true);
        await sampleJob(tab, downloads, 'firefox');
    }));

test('Firefox after one visit, without a network: threads, the sample job', () =>
    withPage(openFirefox, {}, ({ tab, downloads, down }) => withoutNetwork(tab, downloads, down)));

test('Firefox reviews: an area, marks, a report, and all of it is kept', () =>
    withPage(openFirefox, {}, ({ tab, downloads }) => reviewedPhotos(tab, downloads)));

test('Firefox takes photos of a camera and of a video', () =>
    withPage(openFirefox, {}, async ({ tab, downloads }) => {
        await cameraPhotos(tab, downloads);
        await press(tab, 'Close this job');
        await videoPhotos(tab, downloads);
    }));

test('Firefox takes a new version when it is told to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-site-'));
    try {
        await cp(SITE, folder, { recursive: true });
        await withPage(openFirefox, { folder }, ({ tab }) => newVersion(tab, folder));
    } finally {
        await rm(folder, { recursive: true });
    }
});

test('Firefox without isolation: visits, workers, chosen and dropped photos, kept over a reload', () =>
    withPage(openFirefox, { isolation: false }, async ({ tab, url, downloads }) => {
        await visits(tab, url);
        await usesThreads(tab, false);
        await keptPhotos(tab, downloads);
        await droppedPhotos(tab, downloads);
    }));

test('Firefox over plain http: says what is missing, takes photos, keeps them', () =>
    withPage(openFirefox, { host: 'fleck.test' }, async ({ tab, downloads }) => {
        assert.equal(await tab.evaluate(() => isSecureContext), false);
        await until(tab, 'the notice', () =>
            document.querySelector('.notice')?.textContent?.includes('does not come by https'),
        );
        await keptPhotos(tab, downloads);
    }));

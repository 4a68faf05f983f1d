/** Starts the installed Chromium, headless and silent on the network. */
import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';

/* The popup of the address bar is a page of its own, which loads with each window and costs as much
 * as fleck's. Of several such lists Chromium takes the last, so that Playwright's are named again. */
const FEATURES_OFF = [
    'WebUIOmniboxPopup',
    'WebUIOmniboxAimPopup',
    'AcceptCHFrame',
    'AutoDeElevate',
    'AvoidUnnecessaryBeforeUnloadCheckSync',
    'DestroyProfileOnBrowserClose',
    'DialMediaRouteProvider',
    'GlobalMediaControls',
    'HttpsUpgrades',
    'LensOverlay',
    'MediaRouter',
    'OptimizationHints',
    'PaintHolding',
    'RenderDocument',
    'ThirdPartyStoragePartitioning',
    'Translate',
];
const FLAGS = [
    `--disable-features=${FEATURES_OFF.join(',')}`,
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

/** The browser's program: FLECK_CHROMIUM, or Debian's. null where there is none. */
export function findChromium() {
    const path = process.env.FLECK_CHROMIUM || '/usr/bin/chromium';
    try {
        accessSync(path, constants.X_OK);
        return path;
    } catch {
        return null;
    }
}

/** @param {string[]} flags */
function options(flags) {
    const executablePath = findChromium();
    if (!executablePath)
        throw new Error(
            'Chromium is missing: install the package chromium, or name it in FLECK_CHROMIUM',
        );
    return { executablePath, args: [...FLAGS, ...flags] };
}

/** A browser with a fresh profile of its own; close it when done. @param {string[]} [flags] */
export async function launch(flags = []) {
    return chromium.launch(options(['--disable-gpu', ...flags]));
}

/** The same, with the GPU that there is. @param {string[]} [flags] */
export async function launchWithGpu(flags = []) {
    return chromium.launch(options(flags));
}

/**
 * The pages of a browser that keeps things on disk, in a fresh profile, as a user's does: those of
 * launch() keep all in the memory of the browser's process. Close it when done.
 */
export async function launchKeeping() {
    return chromium.launchPersistentContext('', options(['--disable-gpu']));
}

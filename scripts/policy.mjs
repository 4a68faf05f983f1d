/**
 * What a page of the site may load and do, as a content security policy and other headers:
 * serve.mjs sends them, and seal.mjs writes into the page what holds on hosts that send none.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " +
    "img-src 'self' blob: data:; media-src blob:; object-src 'none'; base-uri 'none'; form-action 'none'";

/** Where a host sends those who ask it for a large file. */
const REDIRECTS = {
    'https://huggingface.co': ['https://*.huggingface.co', 'https://*.hf.co'],
};

/** What the page does not use: no script that got into it uses it either. The camera it may ask for. */
const DENIED = [
    'accelerometer',
    'autoplay',
    'clipboard-read',
    'clipboard-write',
    'display-capture',
    'encrypted-media',
    'fullscreen',
    'gamepad',
    'geolocation',
    'gyroscope',
    'hid',
    'idle-detection',
    'keyboard-map',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
    'otp-credentials',
    'payment',
    'picture-in-picture',
    'publickey-credentials-create',
    'publickey-credentials-get',
    'screen-wake-lock',
    'serial',
    'storage-access',
    'usb',
    'window-management',
    'xr-spatial-tracking',
];

/**
 * The hosts that a page may load backbones from: those of its list, and nothing else.
 * @param {string} root
 */
async function backboneHosts(root) {
    const list = await readFile(join(root, 'models/backbones.json'), 'utf8').catch(() => null);
    const { backbones } = list ? JSON.parse(list) : { backbones: [] };
    const origins = backbones
        .filter(({ browser }) => browser)
        .map(({ address }) => new URL(address).origin);
    return [...new Set(origins)].flatMap((origin) => [origin, ...(REDIRECTS[origin] ?? [])]);
}

/** @param {string} root of the site */
async function contentPolicy(root) {
    return `${SOURCES}; connect-src ${["'self'", ...(await backboneHosts(root))].join(' ')}`;
}

/**
 * What the page itself says. Only documents have scripts that strings could become: main.js makes
 * the one policy for them.
 * @param {string} root of the site
 */
export async function policyInPage(root) {
    return `${await contentPolicy(root)}; require-trusted-types-for 'script'; trusted-types default`;
}

/** @param {string} root of the site */
export async function policyHeaders(root) {
    return {
        'Content-Security-Policy': `${await contentPolicy(root)}; frame-ancestors 'none'`,
        'Permissions-Policy': ['camera=(self)', ...DENIED.map((name) => `${name}=()`)].join(', '),
    };
}

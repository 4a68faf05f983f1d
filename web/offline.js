/**
 * A service worker: holds one version of the page, whole, and gives its files whatever the network
 * does. What is not of the page goes to the network untouched. A newer version is installed beside
 * it, and waits until no page is open, or until the only one that is asks for it.
 *
 * It takes over pages at their next load, and never claims those that are open: Firefox waits
 * until each of their workers has agreed, which a thread that sleeps for work never does, and
 * meanwhile no page loads.
 */

/**
 * What the types of pages leave out.
 * @typedef {Event & {waitUntil: (work: Promise<unknown>) => void}} ExtendableEvent
 * @typedef {ExtendableEvent & {request: Request, respondWith: (response: Promise<Response>) => void}} FetchEvent
 * @typedef {ExtendableEvent & {ports: MessagePort[]}} PortEvent
 */

const worker = /** @type {any} */ (self);

/** Of this version: its name, and the hash of each file by its path. scripts/seal.mjs writes it.
 * @type {{name: string, files: Record<string, string>}} */
const version = worker.version;

const HOME = new URL('./', location.href);
const CACHES = `fleck-page ${HOME.pathname} `; /* another path of the host may have another fleck */
const CACHE = CACHES + version.name;
const OLD_CACHE = 'fleck-page';

/** As what a file is kept: what has its path and hash in another version is the same. @param {string} path */
const keyOf = (path) => new URL(`${path}?${version.files[path]}`, HOME).href;

worker.addEventListener('install', (/** @type {ExtendableEvent} */ event) =>
    event.waitUntil(install()),
);
worker.addEventListener('activate', (/** @type {ExtendableEvent} */ event) =>
    event.waitUntil(forgetOthers()),
);
worker.addEventListener('message', (/** @type {PortEvent} */ event) =>
    event.waitUntil(takeOver(event.ports[0])),
);
worker.addEventListener('fetch', (/** @type {FetchEvent} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== 'GET' || request.headers.has('range')) return;
    if (origin !== HOME.origin || !pathname.startsWith(HOME.pathname)) return;
    const path = pathname.slice(HOME.pathname.length) || 'index.html';
    if (Object.hasOwn(version.files, path)) event.respondWith(answer(path, request));
});

/** @param {string} path @param {Request} request */
async function answer(path, request) {
    const kept = await caches.match(keyOf(path), { cacheName: CACHE });
    return kept ?? fetch(request); /* the browser has lost what it kept */
}

/** All files or none. */
async function install() {
    const begun = await caches.has(CACHE); /* by a version that is in use, or cut short */
    const cache = await caches.open(CACHE);
    try {
        await Promise.all(Object.keys(version.files).map((path) => put(cache, path)));
    } catch (error) {
        if (!begun) await caches.delete(CACHE);
        throw error;
    }
}

/** @param {Cache} cache @param {string} path */
async function put(cache, path) {
    const key = keyOf(path);
    if (await cache.match(key)) return;
    /* documents and scripts bring headers that the page runs under, which may have changed */
    const kept = /^index\.html$|\.js$/.test(path) ? undefined : await caches.match(key);
    await cache.put(key, kept ?? (await load(path)));
}

/** A file as it should be: half of it, or a page to log in that comes in its place, fails. @param {string} path */
function load(path) {
    const ask = async (/** @type {RequestCache} */ cache) => {
        const response = await fetch(path === 'index.html' ? './' : path, {
            integrity: `sha256-${version.files[path]}`,
            redirect: 'error',
            cache,
        });
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        return response;
    };
    /* what the browser has of it is current, says the host: but it may be half of it */
    return ask('no-cache').catch(() => ask('reload'));
}

async function forgetOthers() {
    const names = await caches.keys();
    const others = names.filter((name) => name.startsWith(CACHES) && name !== CACHE);
    await Promise.all([OLD_CACHE, ...others].map((name) => caches.delete(name)));
}

/**
 * Takes the place of the version in use, where one page alone is open: another would get files of
 * both. The answer is whether it does.
 * @param {MessagePort} port
 */
async function takeOver(port) {
    /** @type {{url: string}[]} */
    const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const alone = pages.filter(({ url }) => url.startsWith(HOME.href)).length <= 1;
    port.postMessage(alone);
    if (alone) await worker.skipWaiting();
}

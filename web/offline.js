/**
 * A service worker: without a network the page comes from the last visit. With one it always
 * comes from where it lies, so that nothing is ever out of date.
 */

const CACHE = 'fleck-page';

/**
 * What the types of pages leave out.
 * @typedef {Event & {request: Request, respondWith: (response: Promise<Response>) => void,
 *     waitUntil: (work: Promise<unknown>) => void}} FetchEvent
 */

const worker = /** @type {any} */ (self);
worker.addEventListener('install', () => worker.skipWaiting());
/* It takes over pages at their next load, and never claims those that are open: Firefox waits
 * until each of their workers has agreed, which a thread that sleeps for work never does, and
 * meanwhile no page loads. */
worker.addEventListener('fetch', (/** @type {FetchEvent} */ event) => {
    const { request } = event;
    if (request.method === 'GET' && new URL(request.url).origin === location.origin)
        event.respondWith(answer(event));
});

/** @param {FetchEvent} event */
async function answer(event) {
    const { request } = event;
    const cache = await caches.open(CACHE);
    try {
        const response = await fetch(request);
        if (response.ok) event.waitUntil(cache.put(request, response.clone()).catch(() => {}));
        return response;
    } catch (error) {
        const kept = await cache.match(request);
        if (!kept) throw error;
        return kept;
    }
}

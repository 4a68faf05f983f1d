/** The version of the page that this browser keeps for when there is no network, and a newer one. */

export class Version {
    #registration = /** @type {ServiceWorkerRegistration|null} */ (null);

    /**
     * Keeps the page, and looks for a newer version. Without a network, or where the browser keeps
     * no pages, all stays as it is.
     * @param {() => void} onNewer it is here, whole, and waits to be used
     */
    async keep(onNewer) {
        try {
            const registration = await navigator.serviceWorker.register('offline.js');
            this.#registration = registration;
            const look = () => registration.active && registration.waiting && onNewer();
            const follow = () => registration.installing?.addEventListener('statechange', look);
            registration.addEventListener('updatefound', follow);
            follow();
            look();
            await registration.update();
        } catch {}
    }

    /**
     * Loads the page anew, in the newer version.
     * @returns {Promise<boolean>} false: other tabs show the page too, and would get files of both
     */
    async use() {
        const waiting = this.#registration?.waiting;
        if (waiting) {
            const { port1, port2 } = new MessageChannel();
            const answer = new Promise((resolve) => (port1.onmessage = resolve));
            waiting.postMessage('use', [port2]);
            const { data: takesOver } = await answer;
            if (!takesOver) return false;
            if (waiting.state === 'installed')
                await new Promise((changed) =>
                    waiting.addEventListener('statechange', changed, { once: true }),
                );
        }
        location.reload();
        return true;
    }
}

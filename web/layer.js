/** How the viewer shows where a photo is unusual; the browser keeps the choice. */

/** @typedef {'outline'|'heat'} Layer */

const KEY = 'fleck-layer';

/** @returns {Layer} outlines, if nothing was chosen */
export function keptLayer() {
    try {
        return localStorage.getItem(KEY) === 'heat' ? 'heat' : 'outline';
    } catch {
        return 'outline';
    }
}

/** @param {Layer} layer */
export function keepLayer(layer) {
    try {
        localStorage.setItem(KEY, layer);
    } catch {
        /* a browser that keeps nothing shows outlines again */
    }
}

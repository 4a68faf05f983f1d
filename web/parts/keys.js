/** Keys of the gallery and the large view; those that move in one of them are its own. */

import { TEXT_FIELD } from '../dom.js';

/**
 * @typedef {Record<'nextDefect'|'previousDefect'|'beside'|'blink'|'alternate'|'heatmap'|'search'|
 *     'good'|'defect'|'undo'|'useful'|'why'|'help'|'close', () => unknown>} Actions
 */

/** By the key, as it is written with Shift held or not. @type {Record<string, keyof Actions>} */
const KEYS = {
    n: 'nextDefect',
    N: 'previousDefect',
    c: 'beside',
    b: 'blink',
    x: 'alternate',
    ' ': 'heatmap',
    g: 'good',
    d: 'defect',
    u: 'undo',
    m: 'useful',
    e: 'why',
    '/': 'search',
    '?': 'help',
};

/**
 * Single letters do something only where the focus is among the photos or nowhere: who speaks to
 * the computer, or hits a key by mistake, does not set them off elsewhere.
 * @param {HTMLElement[]} places
 * @param {() => boolean} areThere whether there are photos
 * @param {Actions} actions
 */
export function listen(places, areThere, actions) {
    document.addEventListener('keydown', (event) => {
        const target = /** @type {HTMLElement} */ (event.target);
        if (document.querySelector('dialog[open]')) return;
        if (event.key === 'Escape') return void actions.close();
        if (!areThere()) return;
        if (
            event.ctrlKey ||
            event.metaKey ||
            event.altKey ||
            target.matches(`select, ${TEXT_FIELD}`)
        )
            return;
        const letter = event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
        const action = KEYS[letter];
        if (!action) return;
        const isHere =
            target === document.body
                ? places.some((place) => place.offsetParent)
                : places.some((place) => place.contains(target));
        /* Space presses buttons, and else is as good anywhere. */
        if (action === 'heatmap' ? target.closest('button, summary, input, a') : !isHere) return;
        event.preventDefault();
        void actions[action]();
    });
}

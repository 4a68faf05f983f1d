/** How the viewer shows where a photo is unusual; the browser keeps the choice. */

/** @typedef {'outline'|'heat'} Marks */

const KEY = 'fleck-marks';

/** @returns {Marks} outlines, if nothing was chosen */
export function keptMarks() {
    try {
        return localStorage.getItem(KEY) === 'heat' ? 'heat' : 'outline';
    } catch {
        return 'outline';
    }
}

/** @param {Marks} marks */
export function keepMarks(marks) {
    try {
        localStorage.setItem(KEY, marks);
    } catch {
        /* a browser that keeps nothing shows outlines again */
    }
}

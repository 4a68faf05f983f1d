/** Helpers that build elements. Strings always become text, never markup. */

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines on a 20×20 field, drawn with the text's colour. */
const ICONS = {
    ok: 'M10 1.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4zM6 10.3l2.8 2.8L14.2 7.4',
    look: 'M10 2.2 18.6 17.4H1.4zM10 7.8v4.2M10 14.4v.4',
    defect: 'M6.4 1.8h7.2l4.6 4.6v7.2l-4.6 4.6H6.4l-4.6-4.6V6.4zM6.8 6.8l6.4 6.4M13.2 6.8l-6.4 6.4',
    folder: 'M1.8 5.2V16h16.4V6.4H9.4L7.6 4H1.8z',
    photos: 'M2 3.4h16v13.2H2zM2 14l4.6-4.6 3.6 3.6 2.4-2.4L18 15M13.2 7.2v.2',
    camera: 'M2 5.6h4l1.4-2.2h5.2L14 5.6h4V16H2zM10 7.4a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z',
    sample: 'M10 2l2.3 5 5.4.6-4 3.7 1.1 5.4L10 14l-4.8 2.7 1.1-5.4-4-3.7 5.4-.6z',
    lock: 'M4.4 9h11.2v8.4H4.4zM6.8 9V6.2a3.2 3.2 0 0 1 6.4 0V9',
    gear:
        'M3 5.6h8.4M15.4 5.6H17M3 14.4h1.6M8.6 14.4H17M13.4 3.6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z' +
        'M6.6 12.4a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
    export: 'M10 2.4v10M6.2 8.8 10 12.6l3.8-3.8M3 13.4v3.8h14v-3.8',
    close: 'M4.6 4.6l10.8 10.8M15.4 4.6 4.6 15.4',
    left: 'M12.6 3.6 6.2 10l6.4 6.4',
    right: 'M7.4 3.6 13.8 10l-6.4 6.4',
    large: 'M12 2.6h5.4V8M17.4 2.6l-6 6M8 17.4H2.6V12M2.6 17.4l6-6',
    plus: 'M10 3.6v12.8M3.6 10h12.8',
    minus: 'M3.6 10h12.8',
    broken: 'M2 3.4h16v13.2H2zM7 7.4l6 5.2M13 7.4l-6 5.2',
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * An icon that assistive technology skips: the words beside it say the same.
 * @param {IconName} name
 */
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 20 20');
    svg.setAttribute('class', `icon icon-${name}`);
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', ICONS[name]);
    svg.append(path);
    return svg;
}

/**
 * An element with attributes, listeners (`onclick: f`) and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props] true sets an empty attribute, false and undefined none
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(props)) {
        if (value === undefined || value === false || value === null) continue;
        if (typeof value === 'function') element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? '' : String(value));
    }
    for (const child of children) if (child) element.append(child);
    return element;
}

/**
 * A button: an icon, words, or both. A lone icon needs `aria-label` in props.
 * @param {string} label
 * @param {() => void} onclick
 * @param {Record<string, any> & {icon?: IconName}} [props]
 */
export function button(label, onclick, { icon: name, ...props } = {}) {
    return h(
        'button',
        { type: 'button', class: 'button', ...props, onclick },
        name && icon(name),
        label && h('span', {}, label),
    );
}

/** What takes letters, in which keys and pasted files are none of the page's. */
export const TEXT_FIELD = 'input:not([type=range], [type=checkbox], [type=radio]), textarea';

/**
 * A text that is changed in its place: Enter and leaving it take it over, Escape does not.
 * @param {HTMLInputElement} input whose default value is the text as it is
 * @param {(text: string) => void} take
 */
export function editable(input, take) {
    input.addEventListener('change', () => take(input.value.trim()));
    input.addEventListener('keydown', ({ key }) => {
        if (key === 'Escape') input.value = input.defaultValue;
        if (key === 'Enter' || key === 'Escape') input.blur();
    });
}

/**
 * Sets text only when it differs, so that live regions stay quiet.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

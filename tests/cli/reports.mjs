// Reports, taken apart.
const DATA = /(<script type="application\/json" id="report">)([^<]*)/;

/** What stands in a report. @param {string} html */
export const dataOf = (html) => JSON.parse(html.match(DATA)?.[2] ?? '');

/** The same report with other data. @param {string} html @param {unknown} data */
export const withData = (html, data) =>
    html.replace(DATA, (_, begin) => begin + JSON.stringify(data).replaceAll('<', '\\u003c'));

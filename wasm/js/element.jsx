// What bundlers take for element.js, as index.jsx for index.js.
export * from './element.js';

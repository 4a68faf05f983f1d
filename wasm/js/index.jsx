// What bundlers take for index.js. While one develops, Vite moves modules of packages away from
// the files beside them, but for packages whose first one is JSX.
export * from './index.js';

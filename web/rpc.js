/** Calls to workers, the package's own; apart from fleck.js, since depot.js and shrink.js need nothing else of it. */
export { Caller, serve } from './fleck/rpc.js';

/** @typedef {import('./fleck/rpc.js').Task} Task */

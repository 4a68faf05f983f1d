/** Calls to workers, as those of the package go; apart from fleck.js, for depot.js needs no more. */
export { Caller, serve } from './fleck/rpc.js';

/** @typedef {import('./fleck/rpc.js').Task} Task */

/**
 * Prints a digest of a photo's features by precision i8, and whether relaxed SIMD
 * made them. Argument plain: as in a browser that lacks it.
 */
import { createHash } from 'node:crypto';
import { open, pixels } from './fixtures.mjs';

if (process.argv[2] === 'plain') {
    const { validate } = WebAssembly;
    const dot = Buffer.from([253, 147, 2]);
    WebAssembly.validate = (bytes) => !Buffer.from(bytes).includes(dot) && validate(bytes);
}
const detector = await open({ after() {} }, { precision: 'i8' });
const { patch, cls } = await detector.extract(pixels(10));
const digest = createHash('sha256').update(patch).update(cls).digest('hex');
console.log(JSON.stringify({ relaxed: detector.info.relaxed, digest }));
detector.close();

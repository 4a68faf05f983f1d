/** A backbone of finite weights that makes values of some photos that are not. */
import { parse } from './safetensors.mjs';

/**
 * fleck-tiny, but for the weight of one channel of its final norm: where that
 * channel is beyond level before it, the feature is beyond the half floats.
 * @param {Uint8Array} bytes models/fleck-tiny.safetensors
 * @param {number} channel
 * @param {number} level 1 or more, so that the weight itself is a finite half
 */
export function overflowing(bytes, channel, level) {
    const copy = Buffer.from(bytes);
    const { tensors, data } = parse(copy);
    const exponent = Math.floor(Math.log2(65504 / level));
    const fraction = Math.floor((65504 / level / 2 ** exponent - 1) * 1024);
    const [at] = tensors['norm.weight'].data_offsets;
    data.writeUInt16LE(((exponent + 15) << 10) | fraction, at + 2 * channel);
    return copy;
}

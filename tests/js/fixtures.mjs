/** What the tests of the package share. */
import { readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

export const readText = (path) => readFile(new URL(path, root), 'utf8');
export const readBytes = (path) => readFile(new URL(path, root));
export const packageFolder = new URL('build/package/', root);
export const { Detector, DetectorError, HEAT, DEFECT, LOOK } = await import(
    new URL('node.js', packageFolder)
);

export const backbone = await readBytes('models/fleck-tiny.safetensors');

/** The same photos every time: stripes, a little noise, a blot on every 11th. */
export function pixels(i, width = 96, height = 80) {
    const data = new Uint8ClampedArray(width * height * 4).fill(255);
    let state = i + 1;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            state = (state * 1103515245 + 12345) % 2147483648;
            const blot = i % 11 === 10 && (x - 40) ** 2 + (y - 44) ** 2 < 100;
            const value = blot
                ? 20
                : 120 + 50 * Math.sign(((x + 2 * y) % 16) - 7.5) + ((state >> 16) % 9);
            for (let c = 0; c < 3; c++) data[4 * (y * width + x) + c] = value + 5 * c;
        }
    }
    return { data, width, height };
}

/** Pixels as a 24-bit BMP file. */
export function bmp({ data, width, height }) {
    const row = Math.ceil((width * 3) / 4) * 4;
    const file = Buffer.alloc(54 + row * height);
    file.write('BM');
    file.writeUInt32LE(file.length, 2);
    file.writeUInt32LE(54, 10);
    file.writeUInt32LE(40, 14);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(24, 28);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const from = 4 * (y * width + x);
            const to = 54 + row * (height - 1 - y) + 3 * x;
            for (let c = 0; c < 3; c++) file[to + c] = data[from + 2 - c];
        }
    }
    return new Uint8Array(file);
}

/** A small and quick detector that closes with the test. */
export async function open(test, options = {}) {
    const detector = await Detector.create({
        input: 64,
        method: 'ensemble',
        workers: 1,
        threads: 1,
        ...options,
    });
    test.after(() => detector.close());
    await detector.loadBackbone(backbone);
    return detector;
}

export const photos = (count) =>
    Array.from({ length: count }, (_, i) => new Blob([bmp(pixels(i))]));

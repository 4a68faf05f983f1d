// What the tests of the command line tool share: the program, and photos made here.
//
// FLECK_CLI names the program (build/native/fleck otherwise). Input and photos
// are tiny: these tests are about files, words and exit codes, not about how
// good the scores are.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { png } from '../js/pictures.mjs';

export { png };

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const cli = path.resolve(process.env.FLECK_CLI ?? path.join(root, 'build/native/fleck'));
export const missing = fs.existsSync(cli) ? false : `skipped: ${cli} is not built`;
export const backbone = path.join(root, 'models/fleck-tiny.safetensors');

/** Photos to which nobody has to label anything: grey noise, red where defective. */
export const SIDE = 64;
export const quick = ['--backbone', backbone, '--input', '64', '--preset', 'fit'];

/** @param {number} x @param {number} y */
export const inDefect = (x, y) => x >= 20 && x < 36 && y >= 24 && y < 40;

/** @param {number} seed @param {boolean} [defective] */
export function photo(seed, defective = false) {
    let state = (seed * 2654435761) >>> 0;
    return png(SIDE, SIDE, (x, y) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const grey = 120 + (state >>> 28);
        return defective && inDefect(x, y) ? [230, 20, 20] : [grey, grey, grey];
    });
}

/** @param {string} file @param {Buffer} bytes */
export function put(file, bytes) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
}

/** @param {string[]} args */
export function fleck(...args) {
    const { status, stdout, stderr } = spawnSync(cli, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
}

/** Rows of a CSV by RFC 4180; anything malformed throws. @param {string} text */
export function parseCsv(text) {
    const rows = [];
    let row = [];
    const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n)/gy;
    while (field.lastIndex < text.length) {
        const at = field.lastIndex;
        const match = field.exec(text);
        assert.ok(match, `malformed CSV from character ${at}`);
        row.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1]);
        if (match[2] === ',') continue;
        rows.push(row);
        row = [];
    }
    return rows;
}

/**
 * A part, half as wide as the photo, with a pattern of its own, over noise.
 * @param {number} side of the photo
 * @param {number} seed of the noise
 * @param {number[]} [shift] by how many patches of 8 pixels it lies elsewhere
 * @param {boolean} [defective]
 */
export function movingPart(side, seed, [dx, dy] = [0, 0], defective = false) {
    let state = (seed * 2654435761) >>> 0;
    return png(side, side, (x, y) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const noise = state >>> 28;
        const [u, v] = [x - 8 * dx, y - 8 * dy].map((at) => (64 * at) / side - 16);
        if (u < 0 || u >= 32 || v < 0 || v >= 32) return [60 + noise, 70 + noise, 80 + noise];
        if (defective && u >= 16 && u < 26 && v >= 4 && v < 14) return [230, 20, 20];
        const ring = Math.hypot(u - 12, v - 20) < 8 || (u > 22 && v > 6 && v < 26);
        return ring ? [40 + noise, 40, 40] : [190 + noise, 170, 90 + 2 * u];
    });
}

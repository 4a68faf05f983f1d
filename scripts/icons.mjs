/**
 * Draws the icons that an installed page has, as PNGs beside its favicon.svg: its circles on its
 * colour to all edges, since systems cut icons to a shape of their own.
 *
 *     node scripts/icons.mjs FOLDER
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from '../web/files/bytes.js';

const SIDES = [192, 512];

/** @param {string} hex as #rrggbb */
const rgb = (hex) => hex.match(/[\da-f]{2}/g).map((each) => parseInt(each, 16));

/** The favicon's ground and circles; another element, which this cannot draw, throws. @param {string} svg */
function readFavicon(svg) {
    const circles = [];
    let side = 0;
    let ground = '';
    let fill = ''; /* of the group */
    for (const [, name, rest] of svg.matchAll(/<(\w+)([^>]*)>/g)) {
        const value = (key) => rest.match(new RegExp(` ${key}="([^"]*)"`))?.[1];
        if (name === 'svg') side = Number(value('viewBox').split(' ')[2]);
        else if (name === 'rect') ground = value('fill');
        else if (name === 'g') fill = value('fill');
        else if (name === 'circle') {
            const [cx, cy, r] = ['cx', 'cy', 'r'].map((key) => Number(value(key)));
            circles.push({ cx, cy, r, colour: rgb(value('fill') ?? fill) });
        } else throw new Error(`favicon.svg has an element ${name}`);
    }
    return { side, ground: rgb(ground), circles };
}

/** @param {ReturnType<typeof readFavicon>} favicon @param {number} side in pixels */
function draw({ side: units, ground, circles }, side) {
    const scale = side / units;
    const rows = Buffer.alloc(side * (1 + 3 * side)); /* each begins with its filter: none */
    for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
            let colour = ground;
            for (const { cx, cy, r, colour: own } of circles) {
                const inside = r * scale - Math.hypot(x + 0.5 - cx * scale, y + 0.5 - cy * scale);
                const share = Math.min(Math.max(inside + 0.5, 0), 1);
                if (share) colour = colour.map((each, i) => each + share * (own[i] - each));
            }
            rows.set(colour.map(Math.round), y * (1 + 3 * side) + 1 + 3 * x);
        }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(side, 0);
    header.writeUInt32BE(side, 4);
    header.set([8, 2], 8); /* 8 bits, RGB */
    const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')];
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

/** Of a PNG. @param {string} name @param {Buffer} body */
function chunk(name, body = Buffer.alloc(0)) {
    const named = Buffer.concat([Buffer.from(name), body]);
    const framed = Buffer.alloc(named.length + 8);
    framed.writeUInt32BE(body.length, 0);
    framed.set(named, 4);
    framed.writeUInt32BE(crc32(named), named.length + 4);
    return framed;
}

const folder = process.argv[2] ?? 'build/site';
const favicon = readFavicon(await readFile(join(folder, 'favicon.svg'), 'utf8'));
for (const side of SIDES) await writeFile(join(folder, `icon-${side}.png`), draw(favicon, side));

/**
 * node constants.mjs TYPES_H FOLDER
 *
 * What C and JavaScript both have to know stands in types.h alone: numbers, the names of an
 * enumeration's values, the fields of structures. This writes it into FOLDER as constants.js
 * with its types, and as layout.h, by which the compiler checks what was read and reckoned here.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [header, folder] = process.argv.slice(2);
const text = readFileSync(header, 'utf8')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\\\n/g, ' ');

/** @returns {never} */
const fail = (/** @type {string} */ what) => {
    throw new Error(`${header}: ${what}`);
};

/** Of wasm32: by the C type the bytes that a field takes, and what a DataView calls it. */
const KINDS = {
    int: [4, 'Int32'],
    int32_t: [4, 'Int32'],
    float: [4, 'Float32'],
    uint32_t: [4, 'Uint32'],
    uint64_t: [8, 'BigUint64'],
};
const POINTER = [4, 'Uint32'];

const js = [];
const types = [
    "export type Kind = 'Int32' | 'Float32' | 'Uint32' | 'BigUint64' | readonly string[];",
    'export type Field = readonly [at: number, kind: Kind, length?: number];',
    '/** T: what the structure is in JavaScript. */',
    'export type Structure<T> = { readonly [name in keyof T]: Field };',
];
const checks = [];
/** @param {string} condition */
const check = (condition) =>
    checks.push(`_Static_assert(${condition}, "constants.mjs reads types.h otherwise");`);

/** @type {Map<string, string>} */
const numbers = new Map();
for (const [, name, value] of text.matchAll(/^#define FLECK_(\w+) ([\d.]+)[fu]?\s*$/gm)) {
    numbers.set(`FLECK_${name}`, value);
    js.push(`export const ${name} = ${value};`);
    types.push(`export const ${name}: number;`);
    if (!value.includes('.')) check(`FLECK_${name} == ${value}`); // others are no constant expressions
}

/** By an enumeration's type the constant that has its names. @type {Map<string, string>} */
const names = new Map();
for (const [, body, type] of text.matchAll(/typedef enum \{([^}]*)\} fleck_(\w+);/g)) {
    const constant = `${type.toUpperCase()}_NAMES`;
    const listed =
        text.match(new RegExp(`^#define FLECK_${constant} (.*)$`, 'm'))?.[1].match(/\w+/g) ??
        fail(`there is no FLECK_${constant}`);
    const values = body
        .split(',')
        .map((value) => value.trim().match(/^\w+/)?.[0] ?? '')
        .filter(Boolean);
    if (values.length !== listed.length)
        fail(`FLECK_${constant}: ${values.length} are in the enum`);
    values.forEach((value, i) => {
        if (!value.toLowerCase().endsWith(`_${listed[i]}`)) fail(`${value} is no "${listed[i]}"`);
        check(`${value} == ${i}`);
    });
    names.set(`fleck_${type}`, constant);
    const list = `[${listed.map((name) => `'${name}'`).join(', ')}]`;
    js.push(`export const ${constant} = ${list};`);
    types.push(`export const ${constant}: readonly ${list};`);
}

let largest = 0;
for (const [, body, type] of text.matchAll(/typedef struct \{([^}]*)\} fleck_(\w+);/g)) {
    const fields = [];
    const fieldTypes = [];
    let at = 0;
    let align = 1;
    for (const line of body.split(';').map((part) => part.trim())) {
        if (!line) continue;
        const [, of, list] = line.match(/^(?:const )?(\w+) (.*)$/s) ?? fail(`what is ${line}?`);
        for (const declared of list.split(',')) {
            const [, star, name, square, length] =
                declared.trim().match(/^(\*?)(\w+)(\[(\w+)\])?$/) ?? fail(`what is ${declared}?`);
            const enumeration = names.get(of);
            const [size, kind] = star
                ? POINTER
                : enumeration
                  ? [4, enumeration]
                  : (KINDS[of] ?? fail(`a field of the type ${of}`));
            const count = square ? Number(numbers.get(length) ?? length) : 1;
            if (!(count > 0) || (square && size !== 4)) fail(`a list like ${declared}`);
            at = Math.ceil(at / size) * size;
            align = Math.max(align, size);
            check(`offsetof(fleck_${type}, ${name}) == ${at}`);
            const camel = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
            fields.push(
                `    ${camel}: [${at}, ${enumeration ?? `'${kind}'`}${square ? `, ${count}` : ''}],`,
            );
            const value = enumeration
                ? `(typeof ${enumeration})[number]`
                : size === 8
                  ? 'number | bigint'
                  : 'number';
            fieldTypes.push(`    ${camel}: ${value}${square ? '[]' : ''};`);
            at += size * count;
        }
    }
    const size = Math.ceil(at / align) * align;
    check(`sizeof(fleck_${type}) == ${size}`);
    largest = Math.max(largest, size);
    const constant = type.toUpperCase();
    js.push(`export const ${constant} = {`, ...fields, '};');
    js.push(`export const ${constant}_BYTES = ${size};`);
    types.push(`export const ${constant}: Structure<{`, ...fieldTypes, '}>;');
    types.push(`export const ${constant}_BYTES: number;`);
}

js.push(`export const STRUCTURE_BYTES = ${largest}; // of the largest`);
types.push('export const STRUCTURE_BYTES: number;');

const note = '/* Made of types.h by constants.mjs. */';
mkdirSync(folder, { recursive: true });
for (const [file, lines] of Object.entries({
    'constants.js': js,
    'constants.d.ts': types,
    'layout.h': checks,
}))
    writeFileSync(join(folder, file), `${[note, ...lines].join('\n')}\n`);

// What models/README.md says of the built-in backbone is so; tests/c/test_vit.c checks its tokens.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { depthOf, parse } from './safetensors.mjs';

const models = new URL('../../models/', import.meta.url);
const file = readFileSync(new URL('fleck-tiny.safetensors', models));
const card = readFileSync(new URL('README.md', models), 'utf8');

/** A row of the card's first table. @param {string} name */
function row(name) {
    const found = card.match(new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm'));
    assert.ok(found, `the card has no row "${name}"`);
    return found[1];
}

/** The number before a word of a row. @param {string} text @param {string} word */
const number = (text, word) =>
    Number(text.match(new RegExp(`([\\d,]+) ${word}`))?.[1].replaceAll(',', ''));

const { metadata, tensors } = parse(file);
const sizes = Object.values(tensors).map(({ shape }) =>
    shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1),
);

test('the file is the one that the card describes', () => {
    assert.equal(row('SHA-256'), `\`${createHash('sha256').update(file).digest('hex')}\``);
    assert.equal(number(row('size'), 'bytes'), file.length);
    assert.equal(number(row('size'), 'tensors'), sizes.length);
    assert.equal(
        number(row('size'), 'parameters'),
        sizes.reduce((a, b) => a + b),
    );
    assert.ok(Object.values(tensors).every(({ dtype }) => row('size').includes(dtype)));
    assert.ok(row('version').startsWith(metadata.model.split(' ').at(-1)));
});

test("its shapes and settings are the card's", () => {
    const [dim, , patch] = tensors['patch_embed.proj.weight'].shape;
    const depth = depthOf(tensors);
    const text = row('architecture');
    assert.ok(
        text.includes(`patch ${patch}, dim ${dim}, ${depth} blocks, ${metadata.heads} heads`),
        text,
    );
    const [hidden] = tensors['blocks.0.mlp.fc1.weight'].shape;
    assert.ok(text.includes(`MLP ${hidden / dim}× (${hidden} neurons)`), text);
    const grid = Number(metadata.input) / patch;
    assert.ok(row('input').startsWith(`${metadata.input}×${metadata.input} RGB`));
    assert.ok(row('input').includes(`${grid}×${grid} patch tokens`));
    const blocks = metadata.blocks.split(',');
    assert.ok(row('used tokens').includes(`${blocks.length * dim} numbers a patch`));
});

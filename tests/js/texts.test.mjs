/** What the page says: the same in each language, and nowhere else in web/. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { de as deFirst } from '../../web/texts/de.js';
import { en as enFirst } from '../../web/texts/en.js';
import { de as deMore } from '../../web/texts/more_de.js';
import { en as enMore } from '../../web/texts/more_en.js';

/* with what comes with the parts that say it */
const en = { ...enFirst, more: enMore };
const de = { ...deFirst, more: deMore };

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));

/**
 * All texts of a language by their path; of a function the number of its parameters.
 * @param {unknown} text
 * @param {string} path
 * @returns {[string, string|Function][]}
 */
function leaves(text, path = '') {
    if (typeof text === 'string' || typeof text === 'function') return [[path, text]];
    return Object.entries(/** @type {object} */ (text)).flatMap(([key, value]) =>
        leaves(value, `${path}.${key}`),
    );
}

test('each language has the same texts, with the same parameters', () => {
    const shape = (/** @type {unknown} */ language) =>
        Object.fromEntries(
            leaves(language).map(([path, text]) => [
                path,
                typeof text === 'function' ? text.length : 'text',
            ]),
        );
    assert.ok(Object.keys(shape(en)).length > 200);
    assert.deepEqual(shape(de), shape(en));
});

test('every text is there, and shows all that it is given', () => {
    /* what a text does not show but goes by, or shows otherwise */
    const partly = new Set(['.status.read', '.photosIn.likewise']);
    for (const [language, texts] of Object.entries({ en, de }))
        for (const [path, text] of leaves(texts)) {
            if (typeof text === 'string') {
                assert.match(text, /\S/, `${language}${path}`);
                continue;
            }
            if (path === '.stamp') continue;
            const given = Array.from({ length: text.length }, (_, i) => 3 + i);
            const said = [text(...given)].flat().join('');
            assert.doesNotMatch(said, /undefined|NaN|null|object/, `${language}${path}: ${said}`);
            if (partly.has(path)) continue;
            const shown = given.filter((value) => said.includes(String(value)));
            const english = leaves(en).find(([other]) => other === path)?.[1];
            const expected = given.filter((value) =>
                [/** @type {Function} */ (english)(...given)]
                    .flat()
                    .join('')
                    .includes(String(value)),
            );
            assert.deepEqual(shown, expected, `${language}${path}: ${said}`);
        }
});

test('numbers and their nouns are as the language has them', () => {
    assert.equal(en.photos(1), '1 photo');
    assert.equal(en.photos(1200), '1,200 photos');
    assert.equal(de.photos(1), '1 Foto');
    assert.equal(de.photos(1200), '1.200 Fotos');
    assert.equal(en.decimal(0.5, 2), '0.50');
    assert.equal(de.decimal(0.5, 2), '0,50');
    assert.equal(de.megabytes(9.2e6), '9,2 MB');
    assert.match(de.video.about('a', 0, 59.94), /^a, 59,9 s$/);
    assert.match(en.video.about('a', 1, 3599.9), /^a and 1 other, 59:59 min$/);
    assert.match(en.video.about('a', 0, 7265), /^a, 2:01:05 h$/);
    assert.equal(de.timeLeft(61), 'noch etwa 2 Minuten');
    assert.equal(de.timeLeft(60), 'noch etwa 1 Minute');
    assert.equal(de.folder.defective(1, 12), '1 von 12 Fotos sieht fehlerhaft aus');
    assert.equal(de.folder.defective(2, 12), '2 von 12 Fotos sehen fehlerhaft aus');
    assert.equal(de.folder.defective(0, 12), 'Keines von 12 Fotos sieht fehlerhaft aus');
    assert.equal(de.stamp(new Date(2026, 10, 29, 10, 15)), '29. Nov. 2026, 10:15');
    assert.equal(en.stamp(new Date(2026, 10, 29, 10, 15)), '29 Nov 2026, 10:15');
});

/* No text of the page's: names of formats, and what is said to whoever reads the code. */
const ALLOWED = [
    'camera raw', // kinds of files, which texts name
    'JPEG XL',
    'AVI LIST',
    '\0\0\0\x0cJXL ',
    'ftypcrx ',
    '\0\0\0\x16tEXtSoftware\0fleck heatmap\xc5\x5d\xb9\x3d',
    'The job cannot go from ', // it never does
    ' to ',
    'defects that fleck found', // in data, as the command line writes them
    'group ', // the same
    'bytes ', // of Content-Range
    'fleck-page ', // of caches
    'fleck ', // of locks
    'input:not([type=range], [type=checkbox], [type=radio]), textarea',
    '(prefers-reduced-motion: reduce)',
];

/** Attributes and calls whose strings nobody reads. */
const TECHNICAL = new Set(['class', 'className', 'd', 'style', 'transform']);
const CALLS = /^(querySelector(All)?|closest|matches|setAttribute|toggle|createPolicy)$/;

/** What an icon is drawn by. */
const PATH = /^M[\d.]+[ \d]/;

/** @param {ts.Node} node */
function isTechnical(node) {
    for (let at = node; at.parent; at = at.parent) {
        const { parent } = at;
        if (ts.isPropertyAssignment(parent) && parent.initializer === at)
            return TECHNICAL.has(parent.name.getText().replaceAll("'", ''));
        if (ts.isImportDeclaration(parent)) return true;
        if (ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left))
            return TECHNICAL.has(parent.left.name.text);
        if (ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression)) {
            const { name } = parent.expression;
            if (!CALLS.test(name.text)) return false;
            const [first] = parent.arguments;
            return name.text !== 'setAttribute' || !first?.getText().startsWith("'aria-label");
        }
        if (ts.isStatement(parent)) return false;
    }
    return false;
}

/** Strings of two words or more in a script that somebody may read. @param {string} code */
function sentencesIn(code) {
    const source = ts.createSourceFile('a.js', code, ts.ScriptTarget.Latest, true);
    /** @type {string[]} */
    const found = [];
    const look = (/** @type {ts.Node} */ node) => {
        const isText =
            ts.isStringLiteral(node) ||
            ts.isNoSubstitutionTemplateLiteral(node) ||
            ts.isTemplateHead(node) ||
            ts.isTemplateMiddle(node) ||
            ts.isTemplateTail(node);
        /* parts of a template have the other words in their places */
        const words = /\p{L}\S* \S*\p{L}|^ \p{L}{2,}|\p{L}{2,} $|\p{L}…/u;
        if (isText && words.test(node.text) && !PATH.test(node.text) && !isTechnical(node))
            found.push(node.text);
        ts.forEachChild(node, look);
    };
    look(source);
    return found;
}

test('sentences are found where they are, and class names are none', () => {
    const found = {
        "say('note', 'No photo is there.')": ['No photo is there.'],
        'say(`Delete ${name}?`)': ['Delete '],
        'say(`${name} is gone`)': [' is gone'],
        "button('Reading…', act, { class: 'button bare', title: 'Zoom in' })": [
            'Reading…',
            'Zoom in',
        ],
        "bar.setAttribute('aria-label', 'Fill the window')": ['Fill the window'],
        "h('div', { class: 'meter fill' }); bar.querySelector('summary .icon')": [],
        "grid.style.transform = `translate(${x}px, ${y}px) scale(2)`; import 'a b';": [],
    };
    for (const [code, sentences] of Object.entries(found))
        assert.deepEqual(sentencesIn(code), sentences, code);
});

test('no file of the page but those in texts/ has a sentence', () => {
    const files = readdirSync(WEB, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
        .map((entry) => relative(WEB, join(entry.parentPath ?? entry.path, entry.name)))
        .filter((name) => !name.startsWith('texts/'));
    assert.ok(files.length > 40);
    const found = files.flatMap((file) =>
        sentencesIn(readFileSync(join(WEB, file), 'utf8')).map((text) => ({ file, text })),
    );
    const texts = new Set(found.map(({ text }) => text));
    assert.deepEqual(
        found.filter(({ text }) => !ALLOWED.includes(text)),
        [],
    );
    assert.deepEqual(
        ALLOWED.filter((text) => !texts.has(text)),
        [],
        'what is allowed is there',
    );
});

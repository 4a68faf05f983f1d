/** Small pictures: which come first, and which have an address. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Thumbs } from '../../web/inspection/thumbs.js';

/** What was asked for, in order. @type {{name: string, answer: (thumb: any) => void}[]} */
let asked = [];

const small = () => ({ picture: new Blob(['small']), width: 4, height: 3 });
const names = () => asked.map(({ name }) => name);
const items = (/** @type {number} */ count) =>
    Array.from({ length: count }, (_, id) => ({ id, file: { name: `${id}` }, thumb: null }));

/** Answers what was asked for, one after the other, until nothing more is. */
async function answerAll() {
    for (let at = 0; at < asked.length; at++) {
        asked[at].answer(small());
        await new Promise((resume) => setTimeout(resume));
    }
}

function open() {
    const shrink = ({ name }) => new Promise((answer) => asked.push({ name, answer }));
    const made = [];
    const job = {
        picture: (item, thumb, size) => Object.assign(item, { thumb }, size),
    };
    const thumbs = new Thumbs(/** @type {any} */ (job), { shrink }, ({ id }) => made.push(id));
    return { thumbs, made };
}

beforeEach(() => (asked = []));

test('what is seen comes first, each once', async () => {
    const { thumbs, made } = open();
    const all = items(8);
    thumbs.make(all.slice(0, 4));
    thumbs.show(all.slice(4, 7));
    thumbs.show(all.slice(5, 7));
    thumbs.make(all.slice(4, 6));
    await answerAll();
    assert.deepEqual(names(), ['0', '1', '5', '6', '2', '3', '4']);
    assert.deepEqual([...made].sort(), [0, 1, 2, 3, 4, 5, 6], '7 is neither read nor seen');
});

test('only what is seen has an address, and all have a size', async () => {
    const { thumbs } = open();
    const all = items(4);
    thumbs.show(all.slice(0, 1));
    thumbs.bring(all, new Map([[3, small()]]));
    thumbs.make(all);
    await answerAll();
    assert.deepEqual(names(), ['0', '1', '2'], 'what is there is not made');
    const shown = () => all.filter(({ thumb }) => thumb).map(({ id }) => id);
    assert.deepEqual(shown(), [0]);
    assert.ok(all.every(({ width, height }) => width === 4 && height === 3));
    thumbs.show(all.slice(2));
    assert.deepEqual(shown(), [0, 2, 3]);
    thumbs.drop(all);
    assert.deepEqual(shown(), []);
});

test('what is dropped is not made, nor shown when it comes late', async () => {
    const { thumbs, made } = open();
    const all = items(4);
    thumbs.make(all);
    thumbs.show(all);
    thumbs.drop(all.slice(1));
    await answerAll();
    assert.deepEqual([names(), made], [['0', '1'], [0]]);
    assert.deepEqual(
        all.map(({ thumb }) => Boolean(thumb)),
        [true, false, false, false],
    );
});

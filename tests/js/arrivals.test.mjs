/** What counts as arrived in a watched folder, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../web/files/arrivals.js';

/** A folder as browsers give it: files by name with size and date, folders as objects in it. */
function handle(name, content) {
    return {
        kind: 'directory',
        name,
        async *entries() {
            if (content instanceof Error) throw content;
            for (const [each, value] of Object.entries(content))
                if (Array.isArray(value)) {
                    const [size, lastModified] = value;
                    const getFile = async () => ({ size, lastModified });
                    yield [each, { kind: 'file', getFile }];
                } else if (value instanceof Error && value.of === 'file')
                    yield [each, { kind: 'file', getFile: () => Promise.reject(value) }];
                else yield [each, handle(each, value)];
        },
    };
}

const error = (name, of) => Object.assign(new Error('told'), { name, of });

/** Names that arrive at each look, after which the folder becomes what the next one says. */
async function looks(...contents) {
    const folder = {};
    const arrivals = new Arrivals(handle('line', folder));
    const arrived = [];
    for (const content of contents) {
        for (const name of Object.keys(folder)) delete folder[name];
        Object.assign(folder, content);
        arrived.push((await arrivals.look()).map(({ name }) => name));
    }
    return arrived;
}

test('a file arrives when it rests for one look, once', async () => {
    const [a, b] = [[5, 1], [6, 2]]; // prettier-ignore
    assert.deepEqual(await looks({}, { a }, { a }, { a, b }, { a, b }, { a, b }), [
        [],
        [],
        ['line/a'],
        [],
        ['line/b'],
        [],
    ]);
});

test('one that is still written waits: size, date, and something in it', async () => {
    assert.deepEqual(await looks({}, { a: [1, 1] }, { a: [2, 1] }, { a: [2, 2] }, { a: [2, 2] }), [
        [],
        [],
        [],
        [],
        ['line/a'],
    ]);
    assert.deepEqual(await looks({}, { a: [0, 1] }, { a: [0, 1] }, { a: [9, 1] }, { a: [9, 1] }), [
        [],
        [],
        [],
        [],
        ['line/a'],
    ]);
});

test('those that are there at first are none, until they are written over', async () => {
    const old = { a: [5, 1], b: [5, 1] };
    assert.deepEqual(await looks(old, old, { ...old, a: [5, 2] }, { ...old, a: [5, 2] }), [
        [],
        [],
        [],
        ['line/a'],
    ]);
    assert.deepEqual(await looks({ a: [5, 1] }, {}, { a: [5, 1] }, { a: [5, 1] }), [
        [],
        [],
        [],
        ['line/a'],
    ]);
});

test('subfolders are looked into, hidden ones are not, the oldest comes first', async () => {
    const content = {
        new: [1, 30],
        day: { shift: { old: [1, 10] } },
        other: [1, 20],
        '.hidden': [1, 1],
        '@eaDir': { x: [1, 1] },
    };
    assert.deepEqual(await looks({}, content, content), [
        [],
        [],
        ['line/day/shift/old', 'line/other', 'line/new'],
    ]);
});

test('what goes while it is looked at is left for later, the folder itself is told', async () => {
    const gone = { a: [1, 1], b: error('NotFoundError', 'file'), c: error('NotFoundError') };
    const locked = { ...gone, b: error('NotReadableError', 'file') };
    assert.deepEqual(await looks({}, gone, locked, { ...gone, b: [1, 1] }, { b: [1, 1] }), [
        [],
        [],
        ['line/a'],
        [],
        ['line/b'],
    ]);
    for (const name of ['NotFoundError', 'NotAllowedError'])
        await assert.rejects(new Arrivals(handle('line', error(name))).look(), { name });
    const inside = handle('line', { d: error('NotAllowedError') });
    await assert.rejects(new Arrivals(inside).look(), { name: 'NotAllowedError' });
});

test('a folder of very many files is not watched', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`${i}`, [1, 1]]));
    await assert.rejects(looks(many), { message: 'it has more than 20,000 files' });
    delete many[0];
    await looks(many);
});

/** The page's state, web/state: a job goes from phase to phase only as its table says. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/* The modules of the page as they are, the package beside them as on the site. */
const site = mkdtempSync(join(tmpdir(), 'fleck-state-'));
after(() => rmSync(site, { recursive: true }));
writeFileSync(join(site, 'package.json'), '{"type": "module"}');
for (const each of ['state', 'fleck.js', 'layer.js', 'paths.js', 'verdict.js'])
    cpSync(join(ROOT, 'web', each), join(site, each), { recursive: true });
cpSync(join(ROOT, 'build/package'), join(site, 'fleck'), { recursive: true });
const { Store } = await import(pathToFileURL(join(site, 'state/store.js')).href);

const progress = { title: 'Work', done: 0, total: 1, secondsLeft: null };
const item = { id: 0, name: 'a.png', score: null, marks: [], groups: [] };

/** How a job that has just begun comes to a phase. */
const WAYS = {
    start: () => {},
    reading: (job) => job.begin('reading', 'Work'),
    learning: (job) => {
        WAYS.reading(job);
        job.report('learning', progress);
    },
    scoring: (job) => {
        WAYS.reading(job);
        job.report('scoring', progress);
    },
    paused: (job) => {
        job.add([{ ...item }]);
        job.pause('Stopped.');
    },
    result: (job) => {
        job.learn(null);
        job.end();
    },
};

/** The one step of the page's to a phase. */
const STEPS = {
    start: (job) => job.renew(),
    reading: (job) => job.begin('reading', 'More'),
    learning: (job) => job.report('learning', progress),
    scoring: (job) => job.report('scoring', progress),
    paused: (job) => {
        job.add([{ ...item, id: 1 }]);
        job.pause('Stopped.');
    },
    result: (job) => {
        job.learn(null);
        job.end();
    },
};

/* Learning and scoring come of reading alone: what was stopped, is over or is new is read first,
 * and what is over can be stopped no more. A photo stops a page that has none yet. */
const FORBIDDEN = {
    start: ['learning', 'scoring'],
    paused: ['learning', 'scoring', 'result'],
    result: ['learning', 'scoring', 'paused'],
};

for (const [from, way] of Object.entries(WAYS))
    test(`from ${from} the job goes where it may, and nowhere else`, () => {
        for (const [to, step] of Object.entries(STEPS)) {
            let told = 0;
            const tell = () => told++;
            const { state, job } = new Store({ changed: tell, progressed: tell, pictured() {} });
            way(job);
            assert.equal(state.job.phase, from);
            const before = { ...state.job };
            told = 0;
            if (!FORBIDDEN[from]?.includes(to)) {
                step(job);
                assert.equal(state.job.phase, to);
                assert.ok(told > 0, 'whoever shows the state hears of it');
                continue;
            }
            assert.throws(() => step(job), {
                message: `The job cannot go from ${from} to ${to}`,
            });
            for (const field of ['phase', 'progress', 'pausedBy', 'troubles'])
                assert.equal(state.job[field], before[field], `${to}: ${field} stays as it was`);
        }
    });

test('a group that is chosen leaves its photos, until what was learnt is of no use', () => {
    const { state, job } = storeOf([0.9, 0.8, 0.1]);
    const shown = () => {
        job.derive();
        return state.job.shown.map(({ id }) => id);
    };
    const [first] = /** @type {any[]} */ ([{ size: 2, name: '', typical: {} }]);
    job.group([first], new Map([[1, [0, 0]]]), null);
    assert.deepEqual(shown(), [0, 1, 2]);
    job.show({ group: 0 });
    assert.deepEqual(shown(), [1]);
    assert.equal(state.job.counts.all, 3);
    assert.equal(state.job.found.all, 1);
    const named = { ...first, name: 'Scratch' };
    job.nameGroups([{ name: 'Scratch', regions: [] }], [named]);
    assert.equal(state.job.groups[0].name, 'Scratch');
    job.unlearn();
    assert.deepEqual(shown(), [0, 1, 2]);
    assert.deepEqual(state.job.groups, []);
    assert.equal(state.job.groupNames.length, 1, 'names stay');
});

test('a photo whose verdict depends on its regions waits for them, judged by its score', async () => {
    const { derived, isUnmeasured } = await import(pathToFileURL(join(site, 'state/job.js')).href);
    const { wholeView } = await import(pathToFileURL(join(site, 'state/shown.js')).href);
    const { verdictOf } = await import(pathToFileURL(join(site, 'verdict.js')).href);
    const { state, job } = new Store({ changed() {}, progressed() {}, pictured() {} });
    const photo = { ...item, calledUpTo: null };
    job.add([photo]);
    assert.equal(verdictOf(photo, 0.5), null, 'not scored');
    job.score(photo, Math.fround(0.7));
    assert.equal(isUnmeasured(photo, state.job), false, 'all regions count');
    assert.equal(verdictOf(photo, 0.7), 'defect');
    job.countFrom(0.01);
    assert.equal(isUnmeasured(photo, state.job), true);
    assert.equal(isUnmeasured(photo, { ...state.job, threshold: 0.71 }), false, 'below it');
    assert.equal(verdictOf(photo, 0.5), 'defect');
    job.measured(photo, Math.fround(0.6));
    assert.equal(isUnmeasured(photo, state.job), false);
    for (const [threshold, verdict] of [
        [0.6, 'defect'],
        [0.61, 'look'],
        [0.7, 'look'],
        [1, 'look'],
    ]) {
        assert.equal(verdictOf(photo, threshold), verdict, `at ${threshold}`);
        assert.equal(derived([photo], threshold, wholeView()).counts[verdict], 1);
    }
    job.countFrom(0.02);
    assert.equal(photo.calledUpTo, null, 'it is measured anew');
    job.measured(photo, 0.5);
    job.score(photo, 0.9);
    assert.equal(photo.calledUpTo, null, 'another model, other regions');
});

test('another photo is seen beside the chosen one: the most normal, or the one that is held', () => {
    const { state, job, page, derive } = storeOf([0.9, 0.2, 0.1, null]);
    const other = () => {
        derive();
        return state.page.other;
    };
    page.set({ chosen: 0 });
    assert.equal(other(), null, 'no comparison');
    page.set({ comparison: 'beside' });
    assert.equal(other(), 2);
    page.set({ nearest: { of: 0, id: 1 } });
    assert.equal(other(), 1, 'the detector knows a better one');
    page.set({ nearest: { of: 0, id: 9 } });
    assert.equal(other(), 2, 'that one is gone');
    page.set({ chosen: 2 });
    assert.equal(other(), 1, 'not itself');
    page.set({ held: 3 });
    assert.equal(other(), 3);
    page.set({ chosen: 3 });
    assert.equal(other(), 2);
    job.remove(new Set(state.job.items.slice(0, 3)));
    assert.equal(other(), null, 'there is no other');
    page.renew();
    assert.equal(state.page.comparison, 'none');
});

test('what is looked for is counted beside what there is, and a folder that is gone hides nothing', () => {
    const { state, job, derive } = storeOf([0.9, 0.8, 0.1]);
    job.show({ filter: 'defect', folder: 'd1', search: 'D' });
    derive();
    const none = { fresh: 0, marked: 0 };
    assert.deepEqual(state.job.counts, { ...none, all: 3, defect: 2, look: 0, ok: 1, unmarked: 3 });
    assert.deepEqual(state.job.found, { ...none, all: 1, defect: 1, look: 0, ok: 0, unmarked: 1 });
    assert.deepEqual(state.job.folders, ['d0', 'd1', 'd2']);
    assert.deepEqual(
        state.job.shown.map(({ id }) => id),
        [1],
    );
    job.remove(new Set([state.job.items[1]]));
    derive();
    assert.equal(state.job.shown.length, 1, 'the other defect');
    job.unlearn();
    assert.equal(state.job.view.filter, 'all', 'there are no verdicts to go by');
    job.renew();
    assert.equal(state.job.view.search, '');
});

test('photos stay where they are shown while their scores change, until they are let go', () => {
    const { state, job, derive } = storeOf([0.9, 0.8, 0.1]);
    const shown = () => {
        derive();
        return state.job.shown.map(({ id }) => id);
    };
    job.show({ filter: 'defect' });
    assert.deepEqual(shown(), [0, 1]);
    job.hold();
    const [first, second] = state.job.items;
    job.mark(first, [{ mark: 'good', spot: null }], 1);
    job.score(first, 0.1);
    assert.deepEqual(shown(), [0, 1], 'under the pointer');
    assert.deepEqual(
        [state.job.counts.defect, state.job.counts.marked, state.job.undos],
        [1, 1, 1],
    );
    job.remove(new Set([second]));
    assert.deepEqual(shown(), [0], 'what is gone is not shown');
    job.release();
    assert.deepEqual(shown(), []);
    job.hold();
    job.show({ filter: 'marked' });
    assert.deepEqual(shown(), [0], 'another view is another order');
    job.renew();
    assert.equal(state.job.undos, 0);
});

/** A result of photos with these scores, each in a folder. @param {(number|null)[]} scores */
function storeOf(scores) {
    const store = new Store({ changed() {}, progressed() {}, pictured() {} });
    store.job.add(
        scores.map((score, id) => ({ ...item, id, name: `d${id}/a.png`, score, calledUpTo: null })),
    );
    WAYS.result(store.job);
    return { ...store, derive: () => store.derive() };
}

test('what is learnt anew leaves no scores, and photos as they were read', () => {
    const { state, job } = new Store({ changed() {}, progressed() {}, pictured() {} });
    job.add([{ ...item, index: 3, fresh: false, score: 0.5, calledUpTo: 0.5, unusual: 1 }]);
    job.learn(null);
    job.unscore();
    const [{ index, score, calledUpTo, unusual }] = state.job.items;
    assert.deepEqual([index, score, calledUpTo, unusual], [3, null, null, null]);
    assert.equal(state.job.learned, false);
});

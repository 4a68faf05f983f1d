/** English. */

import { numbersOf } from './numbers.js';

const { decimal, count } = numbersOf('en-GB');
/** @param {number} value @param {string} noun */
const plural = (value, noun) => count(value, noun, `${noun}s`);
const photos = (/** @type {number} */ value) => plural(value, 'photo');

const percent = (/** @type {number} */ share) => `${decimal(100 * share, 0)} %`;
/** @param {number} share @param {number} least @param {number} most */
const range = (share, least, most) => `${percent(share)} (${percent(least)} to ${percent(most)})`;

export const en = {
    marks: {
        label: 'Marks',
        photo: { good: 'Good', defect: 'Defect' },
        spot: { good: 'This spot is good', defect: 'This spot is a defect' },
        undo: 'Undo',
        spots: 'Choose a spot',
        useful: 'Most useful next',
        review: 'What your marks say…',
        why: 'Why?',
        follow: 'Scores follow your marks',
        said: {
            good: (/** @type {string} */ name) => `${name} is marked good.`,
            defect: (/** @type {string} */ name) => `${name} is marked a defect.`,
            spots: (/** @type {string} */ name) => `Spots of ${name} are marked.`,
            none: (/** @type {string} */ name) => `${name} has no mark.`,
        },
        noneLeft: 'Every photo is marked.',
        notMarked: (/** @type {string} */ name, /** @type {string} */ why) =>
            `${name} was not marked: ${why}`,
        notTaught: (/** @type {number} */ marks, /** @type {string} */ why) =>
            `${plural(marks, 'mark')} of this job could not be made again: ${why}`,
        inModel: (/** @type {number} */ marks) =>
            `This model has ${plural(marks, 'mark')} in it, which count here too.`,
    },

    review: {
        title: 'What your marks say',
        table: 'Your marks, and what fleck says of the same by the others',
        called: 'fleck: a defect',
        notCalled: 'fleck: none',
        defect: 'You: a defect',
        good: 'You: good',
        none: 'Nothing is marked yet.',
        precision: (
            /** @type {number} */ share,
            /** @type {number} */ least,
            /** @type {number} */ most,
        ) => `Precision: of what fleck calls a defect ${range(share, least, most)} is one.`,
        recall: (
            /** @type {number} */ share,
            /** @type {number} */ least,
            /** @type {number} */ most,
        ) => `Recall: of your defects fleck calls ${range(share, least, most)}.`,
        others:
            'What fleck says of each is by all other marks, as if you had not made this one. ' +
            'In brackets: between which shares the true one lies, in 19 cases of 20.',
        hard: 'Marked photos are hard ones on purpose: of all photos, fleck is right more often.',
        stays: (/** @type {number} */ threshold) =>
            `Your marks propose the threshold that is set, ${decimal(threshold, 2)}.`,
        use: (/** @type {number} */ threshold) => `Use the threshold ${decimal(threshold, 2)}`,
    },

    groups: {
        label: 'Groups of regions that look alike',
        find: 'Looking for regions that look alike',
        notFound: (/** @type {string} */ why) => `Which regions look alike cannot be told: ${why}`,
        name: (/** @type {number} */ group) => `Group ${decimal(group, 0)}`,
        nameOf: (/** @type {number} */ group) => `Name of group ${decimal(group, 0)}`,
        said: (/** @type {string} */ name, /** @type {number} */ regions) =>
            `${name}, ${plural(regions, 'region')}`,
        all: (/** @type {number} */ groups) => `Show all ${decimal(groups, 0)} groups`,
    },

    evidence: {
        title: 'Why this spot',
        spot: 'This spot',
        choose: 'Choose a region or a spot first.',
        notTold: (/** @type {string} */ why) => `Why that spot is so cannot be told: ${why}`,
        said: (/** @type {number} */ times, /** @type {number} */ nearer) =>
            `A third of the other photos have something within ${decimal(times, 1)} times the ` +
            `usual distance of it; ${percent(nearer)} of all places are nearer to theirs.`,
        gone: (/** @type {number} */ value) =>
            `${photos(value)} of them cannot be shown: the file was moved, changed or deleted.`,
    },

    keys: {
        title: 'Keys',
        close: 'Close',
        /** Keys between spaces, and what they do. */
        all: [
            ['← →', 'Previous and next photo'],
            ['N', 'Next photo with a defect; with Shift the one before'],
            ['Enter', 'Large view'],
            ['Esc', 'Back to the gallery'],
            ['Space', 'Outlines or heatmap on and off'],
            ['+ − 0 1', 'In the large view: larger, smaller, all of it, true pixels'],
            ['C', 'A second photo beside it'],
            ['B', 'The two blink in turns'],
            ['X', 'The other of the two, by hand'],
            ['Shift ← →', 'Another second photo'],
            ['G', 'Mark it good, or take that back'],
            ['D', 'Mark it a defect, or take that back'],
            ['U', 'Undo the last mark'],
            ['M', 'The photo that is most useful to mark next'],
            ['E', 'Why: the most similar places of other photos'],
            ['/', 'Search names'],
            ['?', 'This list'],
        ],
    },

    copies: {
        about: 'The files as they are, in the folders that they came from.',
        of: (/** @type {string} */ name, /** @type {number} */ value) =>
            `${name}: ${photos(value)}`,
        copy: 'Copy into a folder…',
        zip: 'Download a ZIP',
    },

    csv: {
        about: (/** @type {boolean} */ wantsCommas) =>
            'Programs read commas and decimal points. Spreadsheets read what is usual in their ' +
            `language${wantsCommas ? ': in yours mostly semicolons and decimal commas.' : '.'}`,
        separator: 'Between columns',
        separators: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab' },
        decimal: 'Decimals',
        decimals: { '.': 'Point, as in 0.5', ',': 'Comma, as in 0,5' },
        bom: 'Begin with a byte order mark, by which Excel reads letters beyond A to Z',
        export: 'Export',
    },

    beside: {
        label: 'Second photo',
        name: 'Name of the second photo',
        previous: 'Second photo: previous',
        next: 'Second photo: next',
        normal: 'Most similar good one',
        alternate: 'Alternate by hand',
    },
};

/** English. */

import { numbersOf } from './numbers.js';

const { number, decimal, either, count, megabytes, stamp, length } = numbersOf('en-GB');
/** @param {number} value @param {string} noun */
const plural = (value, noun) => count(value, noun, `${noun}s`);
const photos = (/** @type {number} */ value) => plural(value, 'photo');

/** What is left out by kind. @type {Record<string, [string, string]>} */
const LEFT_OUT = {
    mask: ['mask (ground_truth)', 'masks (ground_truth)'],
    job: ['job of fleck inside a folder', 'jobs of fleck inside a folder'],
    heatmap: ['heatmap of fleck', 'heatmaps of fleck'],
    own: ['other file of fleck', 'other files of fleck'],
    zip: ['ZIP file inside a folder or another ZIP', 'ZIP files inside a folder or another ZIP'],
};

/** @param {number} seconds */
function timeLeft(seconds) {
    if (seconds < 1.5) return 'almost done';
    if (seconds < 60) return `about ${Math.ceil(seconds)} seconds left`;
    return `about ${plural(Math.ceil(seconds / 60), 'minute')} left`;
}

export const en = {
    number,
    decimal,
    megabytes,
    stamp,
    timeLeft,
    photos,

    privacy: 'On this device · nothing is uploaded',
    cancel: 'Cancel',
    close: 'Close it',
    gettingReady: 'Getting ready…',
    defects: (/** @type {number} */ value) => plural(value, 'defect'),

    verdicts: { ok: 'OK', look: 'Look', defect: 'Defect' },
    filters: {
        all: 'All',
        defect: 'Defect',
        look: 'Look',
        ok: 'OK',
        fresh: 'New',
        marked: 'Marked',
        unmarked: 'Not marked',
    },

    title: {
        busy: (/** @type {number} */ percent) => `${percent} % · fleck`,
        progress: (/** @type {string} */ work, /** @type {number} */ percent) =>
            percent ? `${work}, ${percent} percent` : work,
        counts: (
            /** @type {string} */ headline,
            /** @type {number} */ defect,
            /** @type {number} */ look,
            /** @type {number} */ ok,
        ) => `${headline}: ${defect} defect, ${look} look, ${ok} OK`,
    },

    bar: {
        settings: 'Settings',
        backbone: (/** @type {string} */ name) => `Backbone: ${name}`,
        builtIn: 'built in',
        downloading: (/** @type {number} */ percent) => `downloading ${percent} %`,
        closeJob: 'Close this job',
    },

    unforeseen: (/** @type {string} */ why) =>
        `Something went wrong: ${why} What was done is kept. Try it again, or reload the page.`,
    notLoaded: 'the part of the page that does it could not be loaded',
    noMemory: 'This browser tab has no memory left. Leave out the rest or use smaller folders.',

    drop: {
        judge: 'Drop photos to judge them',
        add: 'Drop photos to add them',
        begin: 'Drop a folder or photos',
    },

    welcome: {
        title: 'Find the defects in a folder of photos',
        lead:
            'No labels, no examples of good or bad. fleck learns what most of your photos have ' +
            'in common and shows where one differs.',
        chooseFolder: 'Choose a folder',
        choosePhotos: 'Choose photos',
        useCamera: 'Use a camera',
        samples: 'Try the sample photos',
        drop: 'Drop a folder of photos here',
        fatal: 'fleck cannot run here',
        kinds: 'PNG, JPEG, BMP, TIFF, WebP, AVIF, videos, also in a ZIP or pasted. Already have a model file?',
        loadModel: 'Load a model',
        facts: [
            [
                'One product, one view',
                'The same part from the same side, evenly lit. Small shifts and turns are fine.',
            ],
            [
                '20 photos or more',
                'Most of them good. Some may be defective, and nobody has to know which.',
            ],
            [
                'Nothing is uploaded',
                'Photos are read and judged inside this browser tab. Your jobs are kept on this ' +
                    'device until you delete them.',
            ],
        ],
        looking: 'Looking through the files…',
    },

    jobs: {
        label: 'Your jobs',
        title: 'Your jobs on this device',
        name: 'Name of the job',
        nameOfThis: 'Name of this job',
        tools: { rename: 'Rename', duplicate: 'Duplicate', export: 'Export', delete: 'Delete' },
        tool: (/** @type {string} */ word, /** @type {string} */ name) => `${word} ${name}`,
        copy: (/** @type {string} */ name) => `${name}, copy`,
        mayGo: 'The browser may delete them when this device runs out of room.',
        makeLast: 'Ask it to keep them',
        lasting: 'The browser keeps your jobs until you delete them.',
        notLasting:
            'The browser did not agree. It does so sooner for pages that are bookmarked, ' +
            'installed or used often. A job that you export as a file is safe.',
        unfinished: 'not finished',
        model: 'a model',
        samples: 'Sample photos',
        last: 'Last folder',
        closeTitle: 'Close this job?',
        closeText:
            'The browser cannot keep it: what was learnt from its photos and their scores will ' +
            'be lost. The photos themselves stay where they are.',
        deleteTitle: (/** @type {string} */ name) => `Delete ${name}?`,
        deleteText: (/** @type {number} */ value) =>
            `${value ? `The copies of ${photos(value)} and all` : 'All'} that fleck keeps of ` +
            'this job are deleted from this device. Your own files stay where they are.',
        deleteIt: 'Delete it',
        exporting: (/** @type {string} */ name) => `Exporting ${name}`,
        importing: (/** @type {string} */ name) => `Importing ${name}`,
        notExported: (/** @type {string} */ name, /** @type {string} */ why) =>
            `${name} could not be exported: ${why}`,
        notImported: (/** @type {string} */ name, /** @type {string} */ why) =>
            `${name} was not imported: ${why}`,
        imported: (/** @type {string} */ name) =>
            `${name} is now among your jobs, on the start page.`,
        noRoomForCopy: 'The browser has no room for another copy.',
        noRoom: 'the browser has no room for it',
        wasDeleted: 'it was deleted',
        keepsNone: 'this browser keeps no jobs',
        openElsewhere: 'This job is open in another tab: close it there first.',
        isGone: 'This job was deleted.',
        bringing: (/** @type {string} */ name) => `Bringing back ${name}`,
        incomplete: 'Something is missing of what was kept',
        readAgain: (/** @type {string} */ why) => `${why}: the photos of this job are read again.`,
        lost: {
            full:
                'The browser cannot keep this job or has no room for it: a reload will lose it. ' +
                'Jobs that are kept and not needed can be deleted on the start page.',
            deleted: 'This job was deleted in another tab and is not kept any longer.',
        },
    },

    jobFile: {
        damaged: 'it is damaged, or something else wrote it',
        tooMany: (/** @type {number} */ most) => `more than ${number(most)} files would be in it`,
        changed: 'it was changed meanwhile: try it again',
        otherVersion:
            'it was written by another version of fleck; the photos can be taken out of it, as ' +
            'of any ZIP',
    },

    use: {
        title: 'What are these photos for?',
        text: (/** @type {string} */ job) => `${job} has learned from its photos.`,
        begin: 'A new job',
        learn: 'Learn from them too',
        judge: 'Judge them',
    },

    work: /** @type {Record<string, string>} */ ({
        measure: 'Measuring the photos',
        features: 'Reading the photos',
        memory: 'Comparing the photos',
        learn: 'Learning what is normal',
        calibrate: 'Setting the scale',
        score: 'Scoring the photos',
        area: 'Measuring the regions',
        report: 'Writing the regions',
        samples: 'Fetching the sample photos',
    }),

    status: {
        label: 'Progress',
        steps: { reading: 'Read', learning: 'Learn', scoring: 'Score' },
        goOn: 'Continue',
        addPhotos: 'Add photos',
        stopped: 'Stopped',
        stoppedByUser: 'Stopped. What was done is kept.',
        read: (/** @type {number} */ done, /** @type {number} */ total) =>
            done === total ? `${photos(total)} read` : `${number(done)} of ${photos(total)} read`,
        notScored: (/** @type {number} */ left, /** @type {number} */ total) =>
            `${number(left)} of ${photos(total)} not scored yet`,
        done: (/** @type {number} */ done, /** @type {number} */ total) =>
            `${number(done)} of ${photos(total)}`,
        preview: 'A preview: the photos that look most unusual so far come first.',
        leaveOut: (/** @type {number} */ value) => `Leave out the other ${number(value)}`,
        learnFrom: (/** @type {number} */ value) => `Learn from these ${number(value)}`,
    },

    stopped: {
        goOn:
            'The part of fleck that reads photos stopped, or gave no sign for minutes. Continue ' +
            'starts it anew; what was read is kept.',
        again:
            'The part of fleck that reads photos stopped again and again: the job was closed. ' +
            'A smaller backbone or fewer photos need less memory.',
        watch: (/** @type {string} */ folder) =>
            `The part of fleck that reads photos stopped, and ${folder || 'the camera'} is ` +
            'watched no more: begin it again.',
        loadAgain: 'The part of fleck that reads photos stopped. Load the model again.',
    },

    summary: {
        label: 'Result',
        filters: 'Show',
        found: (/** @type {number} */ found, /** @type {number} */ all) =>
            `${number(found)} of ${number(all)}`,
        learnAgain: 'Learn from the new photos too',
        export: 'Export',
        csv: 'Scores (CSV)',
        csvFormat: 'Scores for spreadsheets…',
        photos: 'Photos by verdict…',
        heatmaps: 'Photos with heatmaps (ZIP)',
        reports: {
            report: 'Report to print (HTML)',
            regions: 'Regions (CSV)',
            json: 'Results (JSON)',
            coco: 'Regions (COCO)',
            masks: 'Masks (ZIP)',
        },
        save: 'Save model',
        add: 'New',
        addPhotos: 'Add photos to judge…',
        addFolder: 'Add a folder to judge…',
        watchFolder: 'Watch a folder…',
        useCamera: 'Use a camera…',
        loadModel: 'Load a model…',
        noPhotos: 'Drop photos to judge them',
        modelReady: (/** @type {string} */ name) =>
            `The model ${name} is ready. Photos are scored against it as they come.`,
        aboveThreshold: (/** @type {number} */ defects, /** @type {number} */ all) =>
            `${defects ? number(defects) : 'None'} of ${photos(all)} ` +
            `${defects > 1 ? 'lie' : 'lies'} above your threshold`,
        cleanBut: (
            /** @type {number} */ odd,
            /** @type {number} */ others,
            /** @type {boolean} */ areNew,
        ) =>
            `The folder looks clean; of ${plural(others, areNew ? 'new photo' : 'other photo')} ` +
            `${odd ? number(odd) : 'none'} ${odd > 1 ? 'look' : 'looks'} defective`,
        twoProducts: (/** @type {number} */ second) =>
            `This folder seems to show two products: ${photos(second)} differ from the others as ` +
            "a whole. Give each product a folder of its own, for they hide each other's defects.",
        many:
            'That is a lot. Is it one product, always seen from the same side? Photos of two ' +
            "products in one folder hide each other's defects.",
        mixedShapes:
            'The photos have different proportions. If they show different products, judge each ' +
            'product in its own folder.',
        looks: (/** @type {number} */ look, /** @type {boolean} */ areMore) =>
            `${number(look)}${areMore ? ' more' : ''} ` +
            `${either(look, 'deserves', 'deserve')} a look, `,
        ok: (/** @type {number} */ ok) => `${number(ok)} ${either(ok, 'is', 'are')} OK.`,
        few: 'With 20 photos or more the verdict gets firmer.',
    },

    csv: { title: 'Table of scores' },

    folder: {
        clean: 'This folder looks clean: no photo stands out from the rest',
        defective: (/** @type {number} */ defects, /** @type {number} */ all) =>
            `${defects ? number(defects) : 'None'} of ${photos(all)} ` +
            `${defects > 1 ? 'look' : 'looks'} defective`,
        estimate: (
            /** @type {number} */ about,
            /** @type {number} */ least,
            /** @type {number} */ most,
        ) =>
            `About ${number(about)} seem to have a defect (${number(least)} to ${number(most)}): ` +
            'see those that deserve a look.',
        frame: (/** @type {number} */ share) =>
            `Only the middle ${decimal(100 * share, 1)} % of each side was looked at.`,
        area: (/** @type {number} */ share) =>
            `Only the area of interest counts, ${decimal(100 * share, 1)} % of what is looked at.`,
    },

    histogram: {
        label: 'Scores',
        slider: 'Threshold of a defect',
        reset: 'Reset',
        normal: '0 normal',
        unusual: 'unusual 1',
        threshold: 'Threshold',
        value: (
            /** @type {number} */ threshold,
            /** @type {number} */ ok,
            /** @type {number} */ look,
            /** @type {number} */ defect,
        ) => `${decimal(threshold, 2)}: ${ok} OK, ${look} Look, ${plural(defect, 'Defect')}`,
    },

    area: {
        label: 'Smallest area that counts',
        unit: '% of a photo',
        unmeasured: (/** @type {number} */ value) =>
            `${photos(value)} not measured yet, judged by score`,
    },

    drawing: {
        open: 'Area of interest…',
        title: 'Area of interest',
        about:
            'Click corners of a polygon, and the first again to close it; drag corners to move ' +
            'them. By keys: arrows move the crosshair, with Shift further, Enter sets a corner, ' +
            'Enter on the first or twice on the last closes, Page Up and Page Down choose ' +
            'corners, Delete removes one, Escape leaves it; + and − zoom, as the wheel does.',
        stage: 'Photo to draw on',
        kind: 'The next polygon is to',
        kinds: ['include', 'exclude'],
        undo: 'Undo',
        whole: 'Whole photo',
        fromPicture: 'From a mask picture…',
        propose: 'Propose',
        follow: 'Follow the part where it moves',
        over: (/** @type {string} */ name) => `drawn over ${name}`,
        smaller: 'Zoom out',
        larger: 'Zoom in',
        notHere: (/** @type {string} */ name) =>
            `the photo whose part it follows is not here${name && `: ${name}`}`,
        apply: 'Learn from it',
        all: 'All of the photo counts.',
        inside: (/** @type {number} */ share, /** @type {number} */ patches) =>
            `${decimal(100 * share, 1)} % of what is looked at lies inside, ` +
            `${count(patches, 'patch', 'patches')}.`,
        cross: (/** @type {number} */ x, /** @type {number} */ y) =>
            `Crosshair at ${decimal(100 * x, 1)} %, ${decimal(100 * y, 1)} %`,
        corner: (/** @type {number} */ x, /** @type {number} */ y) =>
            `Corner at ${decimal(100 * x, 1)} %, ${decimal(100 * y, 1)} %`,
        lost: (/** @type {string} */ why) => `The area of interest is used no more: ${why}.`,
        notRead: (/** @type {string} */ name) => `${name} cannot be read as a picture`,
        sized: (
            /** @type {string} */ name,
            /** @type {number} */ width,
            /** @type {number} */ height,
        ) => `${name}, ${width} × ${height} pixels`,
        otherShape: (
            /** @type {string} */ mask,
            /** @type {number} */ value,
            /** @type {string} */ photo,
        ) => `The mask ${mask}, has another shape than ${photos(value)}, as ${photo}`,
    },

    gallery: {
        label: 'Photos',
        none: 'No photo has this verdict at this threshold.',
        notFound: 'No photo has all that is asked for.',
        search: 'Search names',
        folder: 'Folder',
        anyFolder: 'All folders',
        sort: 'Order',
        sorts: {
            highest: 'Highest score first',
            lowest: 'Lowest score first',
            name: 'Name, A to Z',
            nameBack: 'Name, Z to A',
            newest: 'Newest first',
            oldest: 'Oldest first',
            group: 'Group by group',
        },
        shown: (/** @type {number} */ shown, /** @type {number} */ all) =>
            `${number(shown)} of ${photos(all)}`,
        all: 'Show all',
        keys: 'Keys',
        fresh: 'New',
        marks: { good: 'Good', defect: 'Defect', spots: 'Spots' },
        waiting: 'Waiting',
        read: 'Read',
        preview: 'Preview',
    },

    viewer: {
        label: 'Chosen photo',
        hint: 'Choose a photo to see it large.',
        opacity: 'Heatmap opacity',
        fill: 'Fill the window',
        closeLarge: 'Close the large view',
        previous: 'Previous photo',
        next: 'Next photo',
        nextDefect: 'Next photo with a defect',
        beside: 'Compare',
        blink: 'Blink',
        show: 'Show',
        layer: 'What is shown over the photo',
        kinds: { outline: 'Outlines', heat: 'Heatmap' },
        zoomOut: 'Zoom out',
        zoomIn: 'Zoom in',
        actual: 'True pixels, 1:1',
        regions: 'Regions',
        noRegion: 'No region that counts',
        region: (
            /** @type {number} */ percent,
            /** @type {number} */ area,
            /** @type {number} */ peak,
            /** @type {number} */ mean,
            /** @type {number} */ x,
            /** @type {number} */ y,
        ) => [
            `${decimal(percent, 2)} %`,
            `${number(area)} px`,
            `peak ${decimal(peak, 2)}`,
            `mean ${decimal(mean, 2)}`,
            `at ${x}, ${y}`,
        ],
        whole: (/** @type {string} */ zoom) => `${zoom}, show the whole photo`,
        notScored: 'Not scored yet',
        gone: 'The file of this photo was moved, changed or deleted.',
        goneButSmall:
            'The file of this photo was moved, changed or deleted: this is its small picture.',
        legend: 'Colours of the heatmap, from normal to unusual, the same for all photos',
        normal: 'normal',
        unusual: 'unusual',
    },

    copies: { title: 'Photos to take along' },

    watch: {
        camera: 'Camera',
        folder: 'Watched folder',
        watching: (/** @type {string} */ folder) => `Watching ${folder}`,
        keep: 'Keep the photos in this job',
        stop: 'Stop watching',
        learn: 'Done: learn from these',
        closeCamera: 'Close the camera',
        skipped: (/** @type {number} */ files, /** @type {string} */ last) =>
            `${plural(files, 'file')} could not be judged, the last: ${last}.`,
        others: (/** @type {number} */ files) => `${plural(files, 'other file')} left out.`,
        looking: 'Looking at what is in it already',
        waiting: 'Waiting for the first photo',
        takePhotos: (/** @type {number} */ enough) =>
            `Take photos of good parts, ${enough} or more`,
        rate: (/** @type {number} */ rate) => `${decimal(rate, 1)} pictures a second`,
        noFolder: (/** @type {string} */ why) => `No folder is watched: ${why}`,
        noMore: (/** @type {string} */ folder, /** @type {string} */ why) =>
            `The folder ${folder} is watched no more: ${why}.`,
        why: /** @type {Record<string, string>} */ ({
            NotFoundError: 'it is no longer there',
            NotAllowedError: 'the browser may read it no longer; choose it again to go on',
        }),
    },

    camera: {
        label: 'Camera',
        when: 'When photos are taken',
        ways: {
            hand: 'Photos by hand',
            clock: 'A photo every 2 seconds',
            rest: 'A photo when the picture rests',
        },
        take: 'Take a photo',
        photo: 'camera',
        nth: (/** @type {number} */ nth) => `Camera ${nth}`,
        notUsed: (/** @type {string} */ why) => `The camera cannot be used: ${why}`,
        gone: 'The camera is no longer there.',
        noMore: (/** @type {string} */ why) => `The camera is watched no more: ${why}`,
        httpsOnly: 'browsers give it to pages over https alone, or on this machine',
        why: /** @type {Record<string, string>} */ ({
            NotAllowedError:
                'the browser does not allow it; its address bar tells how to change that',
            NotFoundError: 'there is none',
            OverconstrainedError: 'it is no longer there',
            NotReadableError: 'another program uses it',
        }),
    },

    video: {
        title: 'Photos from videos',
        about: (
            /** @type {string} */ first,
            /** @type {number} */ others,
            /** @type {number} */ seconds,
        ) => `${first}${others ? ` and ${plural(others, 'other')}` : ''}, ${length(seconds)}`,
        every: 'Seconds between two photos',
        tooMany: (/** @type {number} */ value, /** @type {number} */ most) =>
            `That would be ${photos(value)}: there is room for ${number(most)}.`,
        take: 'Take the photos',
        taking: 'Taking the photos',
        stop: 'Stop',
        stopped: 'stopped by you',
        damaged: 'it is damaged there',
        same: (/** @type {number} */ same, /** @type {number} */ all) =>
            `at ${number(same)} of ${number(all)} times it stands still, or is damaged: a ` +
            'picture is taken once',
        notDecoded: 'this browser does not read this video; MP4 (H.264) or WebM would do',
        noPictures:
            'no pictures can be read in it: there are none, or this browser does not read their ' +
            'kind; MP4 (H.264) or WebM would do',
        noEnd: 'its length cannot be found out: save it anew with another program',
    },

    troubles: {
        skipped: (/** @type {number} */ files) => `${plural(files, 'file')} skipped`,
        others: (/** @type {number} */ files) => `${plural(files, 'other')} left out`,
        leftOut: (/** @type {number} */ files) => `${plural(files, 'file')} left out`,
    },

    notices: {
        label: 'Messages',
        close: 'Close this message',
        underWay: 'Under way',
        cancel: (/** @type {string} */ title) => `Cancel: ${title}`,
    },

    version: {
        newer: 'A new version is there.',
        use: 'Use it now',
        later: 'Later',
        openElsewhere: 'fleck is open in another tab: close it there first.',
    },

    settings: {
        title: 'Settings',
        apply: 'Apply',
        language: 'Language',
        languageLater: (/** @type {string} */ name) =>
            `The page is in ${name} when it is loaded again.`,
        languageNotKept: 'This browser does not keep the language for this page.',
        part: 'Part of the photo',
        fit: ['Whole frame', 'Nothing is left out.'],
        centre: ['Centre', 'The middle 7/8 of the frame, in finer detail.'],
        tiles: 'Tiles that a photo becomes',
        tilesAuto: 'By the shape of the photos',
        tilesNone: 'None, the whole at once',
        tilesOf: (/** @type {number} */ side) =>
            `${side} × ${side}, for small defects; ${side ** 2} times the time`,
        method: 'Method',
        methods: {
            irmb: ['Learned (FUN-AD)', 'Trains a small network on your photos. The best start.'],
            ensemble: ['Several memories', 'No training; mean distance to small random memories.'],
            knn: [
                'Nearest neighbour',
                'No training; distance to the most alike patch of the folder.',
            ],
            musc: ['Mutual scoring (MuSc)', 'No training; what few other photos show is unusual.'],
            mahalanobis: ['Mahalanobis', 'No training; for parts that always lie alike.'],
            softpatch: ['SoftPatch', 'Nearest neighbour that leaves the oddest patches out.'],
            l2bt: ['L2BT', 'Trains networks to tell deep features from shallow ones.'],
            simplenet: ['SimpleNet', 'Trains a network to tell patches from noise.'],
        },
        seed: 'Seed of the random draws',
        again: 'Your photos will be read and learned again.',
        about: (
            /** @type {string} */ variant,
            /** @type {number} */ workers,
            /** @type {number} */ threads,
            /** @type {string} */ pictures,
            /** @type {number} */ patches,
            /** @type {number} */ dim,
        ) =>
            `Runs as WebAssembly “${variant}” with ${workers} × ${threads} threads. A photo ` +
            `becomes ${pictures}, ${patches} patches of ${dim} numbers.`,
        picture: (/** @type {number} */ input) => `${input} × ${input} pixels`,
        tiled: (
            /** @type {number} */ columns,
            /** @type {number} */ rows,
            /** @type {number} */ input,
        ) => `${columns} × ${rows} tiles of ${input} × ${input} pixels`,
        stay: (/** @type {string} */ why) => `${why}. The settings stay as they were.`,
        loading: (/** @type {string} */ backbone) => `Loading ${backbone}…`,
        theBuiltIn: 'the built-in backbone',
    },

    backbones: {
        legend: 'Backbone',
        builtIn: 'Built in',
        chooseFile: 'Choose a file',
        dropFile: 'Or drop a file here: safetensors, pth, pt, bin.',
        missing: (/** @type {string} */ name) =>
            `${name} is not on this device yet: download it first.`,
        readingFile: 'Reading the file…',
        kept: (/** @type {number} */ value, /** @type {number} */ bytes) =>
            `Kept on this device: ${plural(value, 'backbone')}, ${megabytes(bytes)}`,
        keptOne: (
            /** @type {string} */ title,
            /** @type {number} */ bytes,
            /** @type {boolean} */ whole,
        ) => `${title}, ${megabytes(bytes)}${whole ? '' : ', a part'}`,
        delete: 'Delete',
        deleteOne: (/** @type {string} */ title) => `Delete ${title}`,
        said: (/** @type {number} */ percent) => `Downloading, ${percent} percent`,
        downloadOf: (/** @type {string} */ title) => `Download of ${title}`,
        cancelDownload: (/** @type {string} */ title) => `Cancel the download of ${title}`,
        small: 'Small and quick; comes with the page',
        own: 'Your file',
        pace: (/** @type {number} */ seconds) =>
            `about ${
                seconds < 9.95 ? decimal(Math.max(0.1, seconds), 1) : number(Math.round(seconds))
            } s a photo`,
        here: 'kept on this device',
        goOn: (/** @type {number} */ begun, /** @type {number} */ total) =>
            `Go on: ${megabytes(begun)} of ${megabytes(total)} are here`,
        download: (/** @type {number} */ bytes) => `Download ${megabytes(bytes)}`,
        loaded: (/** @type {number} */ done, /** @type {number} */ total) =>
            total ? `${decimal(done / 1e6, 1)} of ${megabytes(total)}` : megabytes(done),
        /** Around a link. */
        from: (/** @type {string} */ host) => [
            `From ${host}. No photo is sent. Or `,
            'download the file',
            ' yourself and drop it here.',
        ],
        fromElsewhere: (/** @type {string} */ host) => [
            `${host} lets no page load it: `,
            'download the file',
            ' yourself and drop it here.',
        ],
        checking: 'Checking the file…',
        notKept: (/** @type {string} */ name, /** @type {string} */ why) =>
            `${name} is in use but not kept, a reload will ask for it: ${why}.`,
        downloaded: (/** @type {string} */ title) =>
            `${title} is downloaded and kept on this device.`,
        unreachable: 'Its files could not be reached',
        keepsNone: 'This browser keeps no files for this page, as in some private windows',
        httpsOnly:
            'Only a page that comes by https can check and keep backbones; the built-in one ' +
            'works here',
        broken: (/** @type {string} */ why) =>
            `${why}. What has come is kept: go on with it when the network is back`,
        notHere: (/** @type {string} */ title) =>
            `${title} is not kept on this device: bring it in the settings`,
        loadedElsewhere: 'Another tab or window is loading it at the moment',
        wrongHash: (
            /** @type {string} */ title,
            /** @type {string} */ expected,
            /** @type {string} */ found,
        ) =>
            `${title} is not the file that it should be, and is not used: its SHA-256 should be ` +
            `${expected} and is ${found}`,
        noRoom: 'This browser has no room left for it: delete a backbone below, or other files',
        tooLittleMemory: (/** @type {string} */ name) =>
            `${name}: this browser tab has too little memory for it`,
        theBuiltIn: 'The built-in backbone',
    },

    download: {
        noPart: (/** @type {string} */ host) => `${host} has no such part of the file`,
        answers: (/** @type {string} */ host, /** @type {number} */ status) =>
            `${host} answers ${status}`,
        otherVersion: (/** @type {string} */ host) => `${host} has another version of the file now`,
        otherSize: (
            /** @type {string} */ host,
            /** @type {number} */ offered,
            /** @type {number} */ expected,
        ) => `${host} offers ${offered} bytes, and ${expected} are expected`,
        tooMuch: (/** @type {string} */ host, /** @type {number} */ total) =>
            `${host} sends more than the ${total} bytes of the file`,
        early: (/** @type {string} */ host) => `${host} ends the file early`,
        broken: (/** @type {string} */ host) => `The connection to ${host} is broken`,
    },

    photosIn: {
        twins: 'here already, and counted once',
        allTwins: 'These photos are here already.',
        none: 'No photos were found there. PNG, JPEG, BMP, TIFF, WebP and AVIF files are read, and videos.',
        tooFew: (
            /** @type {number} */ usable,
            /** @type {number} */ least,
            /** @type {number} */ good,
        ) =>
            `${usable ? `Only ${usable}` : 'None'} of the photos could be used. fleck needs ` +
            `${least} at least and works well from ${good}: add more photos of the same product.`,
        tiles: (/** @type {number} */ columns, /** @type {number} */ rows) =>
            `Each photo is looked at as ${columns} × ${rows} tiles, which takes ` +
            `${columns * rows} times as long as the whole at once. Settings can change it.`,
        skipped: (/** @type {string} */ why) => `${why}, skipped`,
        likewise: (/** @type {string} */ note, /** @type {number} */ others) =>
            `${note}${others ? `; likewise ${plural(others, 'other')}` : ''}.`,
        drawing: 'Drawing the heatmaps',
        zipping: 'Packing the photos',
        copying: 'Copying the photos',
        copiedInto: (
            /** @type {number} */ copied,
            /** @type {number} */ all,
            /** @type {string} */ folder,
        ) => `${number(copied)} of ${photos(all)} copied into ${folder}.`,
        notCopied: (/** @type {string} */ why) => `Not all photos could be copied: ${why}`,
        notDrawn: (/** @type {string} */ names) =>
            `These photos could not be read and are missing: ${names}.`,
        notGrouped: (/** @type {string} */ name) =>
            `${name}: not exported, since looking for regions that look alike was cancelled.`,
        notMeasured: (/** @type {string} */ name) =>
            `${name}: not exported, since measuring the regions was cancelled.`,
        closedEarly: 'The job was closed before all of it was exported.',
    },

    files: {
        pasted: 'pasted',
        empty: 'the file is empty',
        pictures: (/** @type {number} */ value, /** @type {string} */ kind) =>
            plural(value, `${kind} picture`),
        notDecoded: (/** @type {string} */ names, /** @type {number} */ more) =>
            `${names}${more ? ` and ${number(more)} more` : ''}: this browser reads no such ` +
            'files; PNG, JPEG, BMP, TIFF, WebP, AVIF and GIF are read',
        leftOut: 'left out',
        /** By its kind: one of LEFT_OUT, or what it is. */
        others: (/** @type {number} */ value, /** @type {string} */ kind) =>
            count(value, ...(LEFT_OUT[kind] ?? [`${kind} file`, `${kind} files`])),
        unreadable: (/** @type {string} */ why) => `cannot be read: ${why}`,
        unpacking: (/** @type {string} */ name) => `Unpacking ${name}`,
        unpackingCancelled: 'unpacking was cancelled',
        notUnpacked: (/** @type {string} */ why) => `cannot be unpacked: ${why}`,
        notFetched: (/** @type {string} */ path, /** @type {number} */ status) =>
            `${path} could not be loaded (${status})`,
        tooMany: (/** @type {number} */ most) => `it has more than ${number(most)} files`,
    },

    zip: {
        damaged: 'it is damaged or not complete',
        overlap: 'its files overlap, as in no honest archive',
        fileDamaged: 'the file is damaged in the archive',
        encrypted: 'the file is encrypted',
        otherMethod: (/** @type {number} */ method) =>
            `the file is packed by a method that is not known here (${method})`,
        tooLarge: (/** @type {number} */ bytes) =>
            `the file is larger than ${number(bytes / 1e6)} MB, the most that is unpacked`,
        tooMuch: (/** @type {number} */ bytes, /** @type {number} */ left) =>
            `more than ${number(bytes / 1e9)} GB would come of it: ${number(left)} of its files ` +
            'were not unpacked',
        more: (/** @type {number} */ value) =>
            `${number(value)} more of its files could not be unpacked`,
    },
};

/** What the element says. */

/** @typedef {typeof en} Texts */

const en = {
    drop: 'Drop photos of one product here',
    choose: 'Choose photos',
    cancel: 'Cancel',
    heatmaps: 'Heatmaps',
    photos: 'Photos, those with the highest scores first',
    phases: {
        backbone: 'Loading the backbone',
        measure: 'Looking at the files',
        features: 'Reading photos',
        memory: 'Learning',
        learn: 'Learning',
        calibrate: 'Learning',
        score: 'Scoring',
    },
    step: (/** @type {string} */ phase, /** @type {number} */ done, /** @type {number} */ total) =>
        `${phase}: ${done} of ${total}`,
    cancelled: 'Cancelled.',
    clean: 'No photo looks defective.',
    defective: (/** @type {number} */ defects, /** @type {number} */ photos) =>
        `${defects} of ${photos} photos ${defects === 1 ? 'looks' : 'look'} defective.`,
    score: (/** @type {string} */ score) => `score ${score}`,
    verdicts: { ok: 'OK', look: 'Look', defect: 'Defect' },
    picture: (/** @type {string} */ name, /** @type {string} */ verdict) => `${name}: ${verdict}`,
    few: (/** @type {number} */ least, /** @type {number} */ photos) =>
        `${photos} ${photos === 1 ? 'photo' : 'photos'}: at least ${least} are needed.`,
    badThreshold: 'The threshold of this element must be a number above 0 and up to 1.',
};

/** @type {Texts} */
const de = {
    drop: 'Fotos eines Produkts hier ablegen',
    choose: 'Fotos wählen',
    cancel: 'Abbrechen',
    heatmaps: 'Heatmaps',
    photos: 'Fotos, die mit den höchsten Werten zuerst',
    phases: {
        backbone: 'Das Backbone wird geladen',
        measure: 'Dateien werden angesehen',
        features: 'Fotos werden gelesen',
        memory: 'Es wird gelernt',
        learn: 'Es wird gelernt',
        calibrate: 'Es wird gelernt',
        score: 'Fotos werden bewertet',
    },
    step: (phase, done, total) => `${phase}: ${done} von ${total}`,
    cancelled: 'Abgebrochen.',
    clean: 'Kein Foto sieht fehlerhaft aus.',
    defective: (defects, photos) =>
        `${defects} von ${photos} Fotos ${defects === 1 ? 'sieht' : 'sehen'} fehlerhaft aus.`,
    score: (score) => `Wert ${score.replace('.', ',')}`,
    verdicts: { ok: 'OK', look: 'Ansehen', defect: 'Defekt' },
    picture: (name, verdict) => `${name}: ${verdict}`,
    few: (least, photos) =>
        `${photos} ${photos === 1 ? 'Foto' : 'Fotos'}: mindestens ${least} sind nötig.`,
    badThreshold: 'Der Schwellwert dieses Elements muss eine Zahl über 0 und bis 1 sein.',
};

/** @param {string} language as an attribute lang names it @returns {Texts} English for others */
export const textsOf = (language) => (/^de\b/i.test(language) ? de : en);

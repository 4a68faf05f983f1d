/** German. */

import { numbersOf } from './numbers.js';

const { decimal, count } = numbersOf('de-DE');
const photos = (/** @type {number} */ value) => count(value, 'Foto', 'Fotos');
const marks = (/** @type {number} */ value) => count(value, 'Markierung', 'Markierungen');

const percent = (/** @type {number} */ share) => `${decimal(100 * share, 0)} %`;
/** @param {number} share @param {number} least @param {number} most */
const range = (share, least, most) => `${percent(share)} (${percent(least)} bis ${percent(most)})`;

/** @type {import('./more.js').More} */
export const de = {
    marks: {
        label: 'Markierungen',
        photo: { good: 'Gut', defect: 'Fehler' },
        spot: { good: 'Diese Stelle ist gut', defect: 'Diese Stelle ist ein Fehler' },
        undo: 'Zurücknehmen',
        spots: 'Stelle wählen',
        useful: 'Am nützlichsten',
        review: 'Ihre Markierungen…',
        why: 'Warum?',
        follow: 'Die Bewertungen folgen Ihren Markierungen',
        said: {
            good: (name) => `${name} ist als gut markiert.`,
            defect: (name) => `${name} ist als Fehler markiert.`,
            spots: (name) => `Stellen von ${name} sind markiert.`,
            none: (name) => `${name} hat keine Markierung.`,
        },
        noneLeft: 'Jedes Foto ist markiert.',
        notMarked: (name, why) => `${name} wurde nicht markiert: ${why}`,
        notTaught: (value, why) =>
            `${marks(value)} dieses Auftrags ließen sich nicht wiederholen: ${why}`,
        inModel: (value) => `Dieses Modell enthält ${marks(value)}, die auch hier gelten.`,
    },

    review: {
        title: 'Was Ihre Markierungen sagen',
        table: 'Ihre Markierungen, und was fleck nach den anderen von denselben sagt',
        called: 'fleck: Fehler',
        notCalled: 'fleck: keiner',
        defect: 'Sie: Fehler',
        good: 'Sie: gut',
        none: 'Noch ist nichts markiert.',
        precision: (share, least, most) =>
            `Genauigkeit: Was fleck einen Fehler nennt, ist zu ${range(share, least, most)} einer.`,
        recall: (share, least, most) =>
            `Trefferquote: Von Ihren Fehlern nennt fleck ${range(share, least, most)}.`,
        others:
            'Was fleck jeweils sagt, folgt allen anderen Markierungen, als hätten Sie diese nicht ' +
            'gemacht. In Klammern: zwischen welchen Anteilen der wahre in 19 von 20 Fällen liegt.',
        hard: 'Markiert werden mit Absicht schwierige Fotos: Von allen Fotos urteilt fleck öfter richtig.',
        stays: (threshold) =>
            `Ihre Markierungen schlagen die Schwelle vor, die gilt: ${decimal(threshold, 2)}.`,
        use: (threshold) => `Schwelle ${decimal(threshold, 2)} verwenden`,
    },

    groups: {
        label: 'Gruppen von Stellen, die sich gleichen',
        find: 'Sucht Stellen, die sich gleichen',
        notFound: (why) => `Welche Stellen sich gleichen, lässt sich nicht sagen: ${why}`,
        name: (group) => `Gruppe ${decimal(group, 0)}`,
        nameOf: (group) => `Name von Gruppe ${decimal(group, 0)}`,
        said: (name, regions) => `${name}, ${count(regions, 'Stelle', 'Stellen')}`,
        all: (groups) => `Alle ${decimal(groups, 0)} Gruppen zeigen`,
    },

    evidence: {
        title: 'Warum diese Stelle',
        spot: 'Diese Stelle',
        choose: 'Zuerst einen Bereich oder eine Stelle wählen.',
        notTold: (why) => `Warum diese Stelle so ist, lässt sich nicht sagen: ${why}`,
        said: (times, nearer) =>
            `Ein Drittel der anderen Fotos hat etwas im ${decimal(times, 1)}-Fachen des üblichen ` +
            `Abstands von ihr; ${percent(nearer)} aller Stellen sind näher an ihren.`,
        gone: (value) =>
            `${photos(value)} davon lassen sich nicht zeigen: Die Datei wurde verschoben, ` +
            'geändert oder gelöscht.',
    },

    keys: {
        title: 'Tasten',
        close: 'Schließen',
        all: [
            ['← →', 'Voriges und nächstes Foto'],
            ['N', 'Nächstes Foto mit Fehler; mit Umschalt das vorige'],
            ['Eingabe', 'Große Ansicht'],
            ['Esc', 'Zurück zur Galerie'],
            ['Leertaste', 'Umrisse oder Heatmap ein und aus'],
            ['+ − 0 1', 'In der großen Ansicht: größer, kleiner, ganz, echte Pixel'],
            ['C', 'Ein zweites Foto daneben'],
            ['B', 'Beide blinken abwechselnd'],
            ['X', 'Das andere der beiden, von Hand'],
            ['Umschalt ← →', 'Ein anderes zweites Foto'],
            ['G', 'Als gut markieren oder das zurücknehmen'],
            ['D', 'Als Fehler markieren oder das zurücknehmen'],
            ['U', 'Letzte Markierung zurücknehmen'],
            ['M', 'Das Foto, dessen Markierung am meisten nützt'],
            ['E', 'Warum: die ähnlichsten Stellen anderer Fotos'],
            ['/', 'Namen suchen'],
            ['?', 'Diese Liste'],
        ],
    },

    copies: {
        about: 'Die Dateien, wie sie sind, in den Ordnern, aus denen sie kamen.',
        of: (name, value) => `${name}: ${photos(value)}`,
        copy: 'In einen Ordner kopieren…',
        zip: 'ZIP herunterladen',
    },

    csv: {
        about: (wantsCommas) =>
            'Programme lesen Kommas zwischen den Spalten und Dezimalpunkte. ' +
            'Tabellenprogramme lesen, was in ihrer Sprache üblich ist' +
            (wantsCommas ? ': in Ihrer meist Semikolons und Dezimalkommas.' : '.'),
        separator: 'Zwischen den Spalten',
        separators: { ',': 'Komma', ';': 'Semikolon', '\t': 'Tabulator' },
        decimal: 'Dezimalzeichen',
        decimals: { '.': 'Punkt, wie in 0.5', ',': 'Komma, wie in 0,5' },
        bom: 'Mit einer Bytereihenfolge-Marke beginnen; Excel liest dann auch Umlaute richtig',
        export: 'Exportieren',
    },

    beside: {
        label: 'Zweites Foto',
        name: 'Name des zweiten Fotos',
        previous: 'Zweites Foto: voriges',
        next: 'Zweites Foto: nächstes',
        normal: 'Das ähnlichste gute',
        alternate: 'Von Hand wechseln',
    },
};

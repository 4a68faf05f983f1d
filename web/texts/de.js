/** German. */

import { numbersOf } from './numbers.js';

const { number, decimal, either, count, megabytes, stamp, length } = numbersOf('de-DE');
const photos = (/** @type {number} */ value) => count(value, 'Foto', 'Fotos');
const files = (/** @type {number} */ value) => count(value, 'Datei', 'Dateien');
const looksDefective = (/** @type {number} */ value) =>
    either(value || 1, 'sieht fehlerhaft aus', 'sehen fehlerhaft aus');

/** What is left out by kind. @type {Record<string, [string, string]>} */
const LEFT_OUT = {
    mask: ['Maske (ground_truth)', 'Masken (ground_truth)'],
    job: ['fleck-Auftrag in einem Ordner', 'fleck-Aufträge in einem Ordner'],
    heatmap: ['Heatmap von fleck', 'Heatmaps von fleck'],
    own: ['andere Datei von fleck', 'andere Dateien von fleck'],
    zip: [
        'ZIP-Datei in einem Ordner oder einer anderen ZIP-Datei',
        'ZIP-Dateien in einem Ordner oder einer anderen ZIP-Datei',
    ],
    other: ['andere Datei', 'andere Dateien'],
    text: ['Textdatei', 'Textdateien'],
    video: ['Video', 'Videos'],
};
/** Kinds of pictures that have a German name. @type {Record<string, string>} */
const PICTURES = { 'camera raw': 'Kamera-Rohdaten' };

/** @param {number} seconds */
function timeLeft(seconds) {
    if (seconds < 1.5) return 'fast fertig';
    if (seconds < 60) return `noch etwa ${count(Math.ceil(seconds), 'Sekunde', 'Sekunden')}`;
    return `noch etwa ${count(Math.ceil(seconds / 60), 'Minute', 'Minuten')}`;
}

/** @type {import('./texts.js').Texts} */
export const de = {
    number,
    decimal,
    megabytes,
    stamp,
    timeLeft,
    photos,

    privacy: 'Auf diesem Gerät · nichts wird hochgeladen',
    cancel: 'Abbrechen',
    close: 'Schließen',
    gettingReady: 'Wird vorbereitet…',
    defects: (value) => `${number(value)} Fehler`,

    verdicts: { ok: 'OK', look: 'Ansehen', defect: 'Fehler' },
    filters: {
        all: 'Alle',
        defect: 'Fehler',
        look: 'Ansehen',
        ok: 'OK',
        fresh: 'Neu',
        marked: 'Markiert',
        unmarked: 'Nicht markiert',
    },

    title: {
        busy: (percent) => `${percent} % · fleck`,
        progress: (work, percent) => (percent ? `${work}, ${percent} Prozent` : work),
        counts: (headline, defect, look, ok) =>
            `${headline}: ${defect} Fehler, ${look} ansehen, ${ok} OK`,
    },

    bar: {
        settings: 'Einstellungen',
        backbone: (name) => `Backbone: ${name}`,
        builtIn: 'eingebaut',
        downloading: (percent) => `${percent} % geladen`,
        closeJob: 'Auftrag schließen',
    },

    unforeseen: (why) =>
        `Etwas ist schiefgegangen: ${why} Alles bisher Erledigte ist gesichert. Bitte noch ` +
        'einmal versuchen oder die Seite neu laden.',
    notLoaded: 'der dafür nötige Teil der Seite konnte nicht geladen werden',
    noMemory:
        'Dieser Browser-Tab hat keinen Speicher mehr. Den Rest weglassen oder kleinere Ordner ' +
        'verwenden.',

    drop: {
        judge: 'Fotos zum Prüfen hier ablegen',
        add: 'Weitere Fotos hier ablegen',
        begin: 'Einen Ordner oder Fotos hier ablegen',
    },

    welcome: {
        title: 'Fehler in einem Ordner voller Fotos finden',
        lead:
            'Ohne Beschriftungen, ohne Beispiele für gut oder schlecht. fleck lernt, was die ' +
            'meisten Ihrer Fotos gemeinsam haben, und zeigt, wo eines abweicht.',
        chooseFolder: 'Ordner wählen',
        choosePhotos: 'Fotos wählen',
        useCamera: 'Kamera verwenden',
        samples: 'Mit Beispielfotos testen',
        drop: 'Einen Ordner mit Fotos hier ablegen',
        fatal: 'fleck läuft hier nicht',
        kinds:
            'PNG, JPEG, BMP, TIFF, WebP, AVIF, Videos, auch als ZIP oder aus der Zwischenablage. Schon eine ' +
            'Modelldatei vorhanden?',
        loadModel: 'Modell laden',
        facts: [
            [
                'Ein Produkt, eine Ansicht',
                'Dasselbe Teil von derselben Seite, gleichmäßig beleuchtet. Kleine ' +
                    'Verschiebungen und Drehungen stören nicht.',
            ],
            [
                '20 Fotos oder mehr',
                'Die meisten davon gut. Einige dürfen fehlerhaft sein, und niemand muss wissen, ' +
                    'welche.',
            ],
            [
                'Nichts wird hochgeladen',
                'Die Fotos werden in diesem Browser-Tab gelesen und geprüft. Ihre Aufträge ' +
                    'bleiben auf diesem Gerät, bis Sie sie löschen.',
            ],
        ],
        looking: 'Dateien werden durchgesehen…',
    },

    jobs: {
        label: 'Ihre Aufträge',
        title: 'Ihre Aufträge auf diesem Gerät',
        name: 'Name des Auftrags',
        nameOfThis: 'Name dieses Auftrags',
        tools: {
            rename: 'Umbenennen',
            duplicate: 'Duplizieren',
            export: 'Exportieren',
            delete: 'Löschen',
        },
        tool: (word, name) => `${word}: ${name}`,
        copy: (name) => `${name}, Kopie`,
        mayGo: 'Der Browser kann sie löschen, wenn auf diesem Gerät der Platz knapp wird.',
        makeLast: 'Um Aufbewahrung bitten',
        lasting: 'Der Browser bewahrt Ihre Aufträge auf, bis Sie sie löschen.',
        notLasting:
            'Der Browser hat nicht zugestimmt. Er tut es eher bei Seiten, die als Lesezeichen ' +
            'abgelegt, installiert oder oft besucht sind. Ein Auftrag, den Sie als Datei ' +
            'exportieren, ist sicher.',
        unfinished: 'nicht abgeschlossen',
        model: 'ein Modell',
        samples: 'Beispielfotos',
        last: 'Letzter Ordner',
        closeTitle: 'Diesen Auftrag schließen?',
        closeText:
            'Der Browser kann ihn nicht aufbewahren: Was aus den Fotos gelernt wurde und ihre ' +
            'Bewertungen gehen verloren. Die Fotos selbst bleiben, wo sie sind.',
        deleteTitle: (name) => `${name} löschen?`,
        deleteText: (value) =>
            `${value ? `Die Kopien von ${photos(value)} und alles Weitere` : 'Alles'}, was ` +
            'fleck von diesem Auftrag aufbewahrt, wird von diesem Gerät gelöscht. Ihre eigenen ' +
            'Dateien bleiben, wo sie sind.',
        deleteIt: 'Löschen',
        exporting: (name) => `${name} wird exportiert`,
        importing: (name) => `${name} wird importiert`,
        notExported: (name, why) => `${name} konnte nicht exportiert werden: ${why}`,
        notImported: (name, why) => `${name} wurde nicht importiert: ${why}`,
        imported: (name) => `${name} ist jetzt bei Ihren Aufträgen auf der Startseite.`,
        noRoomForCopy: 'Der Browser hat keinen Platz für eine weitere Kopie.',
        noRoom: 'der Browser hat keinen Platz dafür',
        wasDeleted: 'er wurde gelöscht',
        keepsNone: 'dieser Browser bewahrt keine Aufträge auf',
        openElsewhere: 'Dieser Auftrag ist in einem anderen Tab offen: zuerst dort schließen.',
        isGone: 'Dieser Auftrag wurde gelöscht.',
        bringing: (name) => `${name} wird geöffnet`,
        incomplete: 'Ein Teil des aufbewahrten Auftrags fehlt',
        readAgain: (why) => `${why}: Die Fotos dieses Auftrags werden neu eingelesen.`,
        lost: {
            full:
                'Der Browser kann diesen Auftrag nicht aufbewahren oder hat keinen Platz dafür: ' +
                'Beim Neuladen der Seite geht er verloren. Nicht mehr benötigte Aufträge lassen ' +
                'sich auf der Startseite löschen.',
            deleted:
                'Dieser Auftrag wurde in einem anderen Tab gelöscht und wird nicht mehr ' +
                'aufbewahrt.',
        },
    },

    jobFile: {
        damaged: 'die Datei ist beschädigt oder stammt nicht von fleck',
        tooMany: (most) => `sie würde mehr als ${number(most)} Dateien enthalten`,
        changed: 'er wurde währenddessen geändert; bitte noch einmal versuchen',
        otherVersion:
            'die Datei stammt von einer anderen Version von fleck; die Fotos lassen sich ' +
            'entnehmen wie aus jeder ZIP-Datei',
    },

    use: {
        title: 'Wofür sind diese Fotos?',
        text: (job) => `${job} hat schon aus eigenen Fotos gelernt.`,
        begin: 'Neuer Auftrag',
        learn: 'Auch daraus lernen',
        judge: 'Prüfen',
    },

    work: {
        measure: 'Fotos werden vermessen',
        features: 'Fotos werden eingelesen',
        memory: 'Fotos werden verglichen',
        learn: 'Der Normalzustand wird gelernt',
        calibrate: 'Die Skala wird bestimmt',
        score: 'Fotos werden bewertet',
        area: 'Stellen werden gemessen',
        report: 'Stellen werden geschrieben',
        samples: 'Beispielfotos werden geladen',
    },

    status: {
        label: 'Fortschritt',
        steps: { reading: 'Einlesen', learning: 'Lernen', scoring: 'Bewerten' },
        goOn: 'Fortsetzen',
        addPhotos: 'Fotos hinzufügen',
        stopped: 'Angehalten',
        stoppedByUser: 'Angehalten. Alles bisher Erledigte ist gesichert.',
        read: (done, total) =>
            done === total
                ? `${photos(total)} eingelesen`
                : `${number(done)} von ${photos(total)} eingelesen`,
        notScored: (left, total) => `${number(left)} von ${photos(total)} noch nicht bewertet`,
        done: (done, total) => `${number(done)} von ${photos(total)}`,
        preview: 'Eine Vorschau: Die bisher ungewöhnlichsten Fotos stehen vorn.',
        leaveOut: (value) => `Übrige ${number(value)} weglassen`,
        learnFrom: (value) => `Aus diesen ${number(value)} lernen`,
    },

    stopped: {
        goOn:
            'Der Teil von fleck, der Fotos einliest, ist stehengeblieben oder antwortet seit ' +
            'Minuten nicht. „Fortsetzen“ startet ihn neu; alles bisher Eingelesene ist gesichert.',
        again:
            'Der Teil von fleck, der Fotos einliest, bleibt immer wieder stehen: Der Auftrag ' +
            'wurde geschlossen. Ein kleinerer Backbone oder weniger Fotos brauchen weniger ' +
            'Speicher.',
        watch: (folder) =>
            'Der Teil von fleck, der Fotos einliest, ist stehengeblieben, und ' +
            `${folder || 'die Kamera'} wird nicht mehr überwacht: bitte neu beginnen.`,
        loadAgain:
            'Der Teil von fleck, der Fotos einliest, ist stehengeblieben. Bitte das Modell neu ' +
            'laden.',
    },

    summary: {
        label: 'Ergebnis',
        filters: 'Anzeigen',
        found: (found, all) => `${number(found)} von ${number(all)}`,
        learnAgain: 'Auch aus den neuen Fotos lernen',
        export: 'Exportieren',
        csv: 'Bewertungen (CSV)',
        csvFormat: 'Bewertungen für Tabellenprogramme…',
        photos: 'Fotos nach Urteil…',
        heatmaps: 'Fotos mit Heatmaps (ZIP)',
        reports: {
            report: 'Bericht zum Drucken (HTML)',
            regions: 'Stellen (CSV)',
            json: 'Ergebnisse (JSON)',
            coco: 'Stellen (COCO)',
            masks: 'Masken (ZIP)',
        },
        save: 'Modell speichern',
        add: 'Neu',
        addPhotos: 'Fotos prüfen…',
        addFolder: 'Ordner prüfen…',
        watchFolder: 'Ordner überwachen…',
        useCamera: 'Kamera verwenden…',
        loadModel: 'Modell laden…',
        noPhotos: 'Fotos zum Prüfen hier ablegen',
        modelReady: (name) =>
            `Das Modell ${name} ist bereit. Neue Fotos werden sofort damit bewertet.`,
        aboveThreshold: (defects, all) =>
            `${defects ? number(defects) : 'Keines'} von ${photos(all)} ` +
            `${either(defects || 1, 'liegt', 'liegen')} über Ihrer Schwelle`,
        cleanBut: (odd, others, areNew) =>
            `Der Ordner sieht fehlerfrei aus; von ${
                areNew
                    ? count(others, 'neuen Foto', 'neuen Fotos')
                    : count(others, 'weiteren Foto', 'weiteren Fotos')
            } ${odd ? number(odd) : 'keines'} fehlerhaft`,
        twoProducts: (second) =>
            `Dieser Ordner scheint zwei Produkte zu zeigen: ${photos(second)} ` +
            `${either(second, 'unterscheidet', 'unterscheiden')} sich als Ganzes von den ` +
            'übrigen. Für jedes Produkt einen eigenen Ordner verwenden, denn gemischt ' +
            'verdecken sie die Fehler des jeweils anderen.',
        many:
            'Das ist viel. Ist es ein einziges Produkt, immer von derselben Seite? Fotos von ' +
            'zwei Produkten in einem Ordner verdecken die Fehler des jeweils anderen.',
        mixedShapes:
            'Die Fotos haben verschiedene Seitenverhältnisse. Zeigen sie verschiedene Produkte, ' +
            'dann jedes Produkt in einem eigenen Ordner prüfen.',
        looks: (look, areMore) =>
            `${number(look)}${areMore ? either(look, ' weiteres', ' weitere') : ''} genauer ` +
            'ansehen, ',
        ok: (ok) => `${number(ok)} OK.`,
        few: 'Ab 20 Fotos wird das Urteil sicherer.',
    },

    csv: { title: 'Tabelle der Bewertungen' },

    folder: {
        clean: 'Dieser Ordner sieht fehlerfrei aus: Kein Foto weicht von den übrigen ab',
        defective: (defects, all) =>
            `${defects ? number(defects) : 'Keines'} von ${photos(all)} ` + looksDefective(defects),
        estimate: (about, least, most) =>
            `Etwa ${number(about)} scheinen einen Fehler zu haben (${number(least)} bis ` +
            `${number(most)}): auch die Fotos unter „Ansehen“ prüfen.`,
        frame: (share) =>
            `Nur die mittleren ${decimal(100 * share, 1)} % jeder Seite wurden geprüft.`,
        area: (share) =>
            `Nur der Prüfbereich zählt, ${decimal(100 * share, 1)} % dessen, was geprüft wird.`,
    },

    histogram: {
        label: 'Verteilung der Bewertungen',
        slider: 'Schwelle für Fehler',
        reset: 'Zurücksetzen',
        normal: '0 normal',
        unusual: 'auffällig 1',
        threshold: 'Schwelle',
        value: (threshold, ok, look, defect) =>
            `${decimal(threshold, 2)}: ${ok} OK, ${look} ansehen, ${defect} Fehler`,
    },

    area: {
        label: 'Kleinste Fläche, die zählt',
        unit: '% eines Fotos',
        unmeasured: (value) => `${photos(value)} noch nicht gemessen, nach Bewertung beurteilt`,
    },

    drawing: {
        open: 'Prüfbereich…',
        title: 'Prüfbereich',
        about:
            'Ecken eines Vielecks anklicken, die erste noch einmal, um es zu schließen; Ecken ' +
            'lassen sich ziehen. Mit Tasten: Pfeile bewegen das Fadenkreuz, mit Umschalt weiter, ' +
            'Eingabe setzt eine Ecke, auf der ersten oder zweimal auf der letzten schließt sie, ' +
            'Bild auf und Bild ab wählen Ecken, Entf entfernt eine, Esc verlässt sie; + und − ' +
            'vergrößern und verkleinern, wie das Mausrad.',
        stage: 'Foto zum Zeichnen',
        kind: 'Das nächste Vieleck',
        kinds: ['einschließen', 'ausschließen'],
        undo: 'Rückgängig',
        whole: 'Ganzes Foto',
        fromPicture: 'Aus einem Maskenbild…',
        propose: 'Vorschlagen',
        follow: 'Dem Teil folgen, wo es liegt',
        over: (name) => `gezeichnet über ${name}`,
        smaller: 'Verkleinern',
        larger: 'Vergrößern',
        notHere: (name) => `das Foto, dessen Teil er folgt, ist nicht da${name && `: ${name}`}`,
        apply: 'Daraus lernen',
        all: 'Das ganze Foto zählt.',
        inside: (share, patches) =>
            `${decimal(100 * share, 1)} % dessen, was geprüft wird, liegen innen, ` +
            `${number(patches)} Patches.`,
        cross: (x, y) => `Fadenkreuz bei ${decimal(100 * x, 1)} %, ${decimal(100 * y, 1)} %`,
        corner: (x, y) => `Ecke bei ${decimal(100 * x, 1)} %, ${decimal(100 * y, 1)} %`,
        lost: (why) => `Der Prüfbereich gilt nicht mehr: ${why}.`,
        notRead: (name) => `${name} ist nicht als Bild lesbar`,
        sized: (name, width, height) => `${name}, ${width} × ${height} Pixel`,
        otherShape: (mask, value, photo) =>
            `Die Maske ${mask}, hat eine andere Form als ${photos(value)}, wie ${photo}`,
    },

    gallery: {
        label: 'Fotos',
        none: 'Kein Foto hat bei dieser Schwelle dieses Urteil.',
        notFound: 'Auf kein Foto trifft alles zu.',
        search: 'Namen suchen',
        folder: 'Ordner',
        anyFolder: 'Alle Ordner',
        sort: 'Reihenfolge',
        sorts: {
            highest: 'Höchste Bewertung zuerst',
            lowest: 'Niedrigste zuerst',
            name: 'Name, A bis Z',
            nameBack: 'Name, Z bis A',
            newest: 'Neueste zuerst',
            oldest: 'Älteste zuerst',
            group: 'Gruppe für Gruppe',
        },
        shown: (shown, all) => `${number(shown)} von ${photos(all)}`,
        all: 'Alle zeigen',
        keys: 'Tasten',
        fresh: 'Neu',
        marks: { good: 'Gut', defect: 'Fehler', spots: 'Stellen' },
        waiting: 'Wartet',
        read: 'Eingelesen',
        preview: 'Vorschau',
    },

    viewer: {
        label: 'Gewähltes Foto',
        hint: 'Ein Foto wählen, um es groß zu sehen.',
        opacity: 'Deckkraft der Heatmap',
        fill: 'Fenster ausfüllen',
        closeLarge: 'Große Ansicht schließen',
        previous: 'Voriges Foto',
        next: 'Nächstes Foto',
        nextDefect: 'Nächstes Foto mit Fehler',
        beside: 'Vergleichen',
        blink: 'Blinken',
        show: 'Zeigen',
        layer: 'Was über dem Foto gezeigt wird',
        kinds: { outline: 'Umrisse', heat: 'Heatmap' },
        zoomOut: 'Verkleinern',
        zoomIn: 'Vergrößern',
        actual: 'Echte Pixel, 1:1',
        regions: 'Stellen',
        noRegion: 'Keine Stelle, die zählt',
        region: (percent, area, peak, mean, x, y) => [
            `${decimal(percent, 2)} %`,
            `${number(area)} px`,
            `höchstens ${decimal(peak, 2)}`,
            `im Mittel ${decimal(mean, 2)}`,
            `bei ${x}, ${y}`,
        ],
        whole: (zoom) => `${zoom}, ganzes Foto zeigen`,
        notScored: 'Noch nicht bewertet',
        gone: 'Die Datei dieses Fotos wurde verschoben, geändert oder gelöscht.',
        goneButSmall:
            'Die Datei dieses Fotos wurde verschoben, geändert oder gelöscht: Dies ist sein ' +
            'Vorschaubild.',
        legend: 'Farben der Heatmap, von normal bis auffällig, für alle Fotos gleich',
        normal: 'normal',
        unusual: 'auffällig',
    },

    copies: { title: 'Fotos zum Mitnehmen' },

    watch: {
        camera: 'Kamera',
        folder: 'Überwachter Ordner',
        watching: (folder) => `${folder} wird überwacht`,
        keep: 'Fotos in diesem Auftrag behalten',
        stop: 'Überwachung beenden',
        learn: 'Fertig: aus diesen lernen',
        closeCamera: 'Kamera schließen',
        skipped: (value, last) =>
            `${files(value)} ${either(value, 'konnte', 'konnten')} nicht geprüft werden, ` +
            `zuletzt: ${last}.`,
        others: (value) => `${count(value, 'andere Datei', 'andere Dateien')} ausgelassen.`,
        looking: 'Nachsehen, was schon darin ist',
        waiting: 'Warten auf das erste Foto',
        takePhotos: (enough) => `Mindestens ${enough} Fotos guter Teile aufnehmen`,
        rate: (rate) => `${decimal(rate, 1)} Bilder pro Sekunde`,
        noFolder: (why) => `Es wird kein Ordner überwacht: ${why}`,
        noMore: (folder, why) => `Der Ordner ${folder} wird nicht mehr überwacht: ${why}.`,
        why: {
            NotFoundError: 'er ist nicht mehr da',
            NotAllowedError:
                'der Browser darf ihn nicht mehr lesen; zum Fortsetzen den Ordner neu wählen',
        },
    },

    camera: {
        label: 'Kamera',
        when: 'Wann Fotos aufgenommen werden',
        ways: {
            hand: 'Fotos von Hand',
            clock: 'Alle 2 Sekunden ein Foto',
            rest: 'Ein Foto, sobald das Bild ruht',
        },
        take: 'Foto aufnehmen',
        photo: 'Kamera',
        nth: (nth) => `Kamera ${nth}`,
        notUsed: (why) => `Die Kamera kann nicht verwendet werden: ${why}`,
        gone: 'Die Kamera ist nicht mehr da.',
        noMore: (why) => `Die Kamera wird nicht mehr verwendet: ${why}`,
        httpsOnly:
            'Browser geben sie nur für Seiten frei, die über https oder von diesem Gerät kommen',
        why: {
            NotAllowedError:
                'der Browser erlaubt es nicht; in seiner Adressleiste lässt sich das ändern',
            NotFoundError: 'es gibt keine',
            OverconstrainedError: 'sie ist nicht mehr da',
            NotReadableError: 'ein anderes Programm verwendet sie',
        },
    },

    video: {
        title: 'Fotos aus Videos',
        about: (first, others, seconds) =>
            `${first}${others ? ` und ${count(others, 'weiteres', 'weitere')}` : ''}, ` +
            length(seconds),
        every: 'Sekunden zwischen zwei Fotos',
        tooMany: (value, most) => `Das wären ${photos(value)}: Platz ist für ${number(most)}.`,
        take: 'Fotos entnehmen',
        taking: 'Fotos werden entnommen',
        stop: 'Anhalten',
        stopped: 'von Ihnen angehalten',
        damaged: 'es ist dort beschädigt',
        same: (same, all) =>
            `an ${number(same)} von ${number(all)} Stellen steht es still oder ist beschädigt: ` +
            'Ein Bild wird einmal entnommen',
        notDecoded: 'Dieser Browser liest dieses Video nicht; MP4 (H.264) oder WebM ginge',
        noPictures:
            'darin sind keine Bilder lesbar: Es hat keine, oder dieser Browser liest ihre Art ' +
            'nicht; MP4 (H.264) oder WebM ginge',
        noEnd: 'seine Länge ist nicht feststellbar: mit einem anderen Programm neu speichern',
    },

    troubles: {
        skipped: (value) => `${files(value)} übersprungen`,
        others: (value) => `${count(value, 'andere', 'andere')} ausgelassen`,
        leftOut: (value) => `${files(value)} ausgelassen`,
    },

    notices: {
        label: 'Meldungen',
        close: 'Diese Meldung schließen',
        underWay: 'Laufende Vorgänge',
        cancel: (title) => `Abbrechen: ${title}`,
    },

    version: {
        newer: 'Eine neue Version ist da.',
        use: 'Jetzt verwenden',
        later: 'Später',
        openElsewhere: 'fleck ist in einem anderen Tab offen: zuerst dort schließen.',
    },

    settings: {
        title: 'Einstellungen',
        apply: 'Übernehmen',
        language: 'Sprache',
        languageLater: (name) => `Nach dem nächsten Laden der Seite gilt die Sprache ${name}.`,
        languageNotKept: 'Dieser Browser merkt sich die Sprache für diese Seite nicht.',
        part: 'Ausschnitt des Fotos',
        fit: ['Ganzes Bild', 'Nichts wird ausgelassen.'],
        centre: ['Mitte', 'Die mittleren 7/8 des Bildes, feiner aufgelöst.'],
        tiles: 'Zerlegung eines Fotos in Kacheln',
        tilesAuto: 'Nach der Form der Fotos',
        tilesNone: 'Keine, alles auf einmal',
        tilesOf: (side) => `${side} × ${side}, für kleine Fehler; ${side ** 2}-fache Zeit`,
        method: 'Verfahren',
        methods: {
            irmb: [
                'Gelernt (FUN-AD)',
                'Trainiert ein kleines Netz mit Ihren Fotos. Der beste Einstieg.',
            ],
            ensemble: [
                'Mehrere Gedächtnisse',
                'Kein Training; mittlerer Abstand zu kleinen, zufälligen Gedächtnissen.',
            ],
            knn: [
                'Nächster Nachbar',
                'Kein Training; Abstand zum ähnlichsten Bildausschnitt des Ordners.',
            ],
            musc: [
                'Gegenseitige Bewertung (MuSc)',
                'Kein Training; auffällig ist, was nur wenige andere Fotos zeigen.',
            ],
            mahalanobis: ['Mahalanobis', 'Kein Training; für Teile, die immer gleich liegen.'],
            softpatch: [
                'SoftPatch',
                'Nächster Nachbar, ohne die ungewöhnlichsten Bildausschnitte.',
            ],
            l2bt: ['L2BT', 'Trainiert Netze, tiefe von flachen Merkmalen zu unterscheiden.'],
            simplenet: [
                'SimpleNet',
                'Trainiert ein Netz, Bildausschnitte von Rauschen zu unterscheiden.',
            ],
        },
        seed: 'Startwert der Zufallszahlen',
        again: 'Ihre Fotos werden neu eingelesen und neu gelernt.',
        about: (variant, workers, threads, pictures, patches, dim) =>
            `Läuft als WebAssembly „${variant}“ mit ${workers} × ${threads} Threads. Ein Foto ` +
            `wird zu ${pictures}, ${patches} Ausschnitten mit je ${dim} Zahlen.`,
        picture: (input) => `${input} × ${input} Pixeln`,
        tiled: (columns, rows, input) =>
            `${columns} × ${rows} Kacheln mit ${input} × ${input} Pixeln`,
        stay: (why) => `${why}. Die Einstellungen bleiben, wie sie waren.`,
        loading: (backbone) => `${backbone} wird geladen…`,
        theBuiltIn: 'Der eingebaute Backbone',
    },

    backbones: {
        legend: 'Backbone',
        builtIn: 'Eingebaut',
        chooseFile: 'Datei wählen',
        dropFile: 'Oder eine Datei hier ablegen: safetensors, pth, pt, bin.',
        missing: (name) => `${name} ist noch nicht auf diesem Gerät: zuerst herunterladen.`,
        readingFile: 'Die Datei wird gelesen…',
        kept: (value, bytes) =>
            `Auf diesem Gerät: ${count(value, 'Backbone', 'Backbones')}, ${megabytes(bytes)}`,
        keptOne: (title, bytes, whole) =>
            `${title}, ${megabytes(bytes)}${whole ? '' : ', unvollständig'}`,
        delete: 'Löschen',
        deleteOne: (title) => `Löschen: ${title}`,
        said: (percent) => `Download, ${percent} Prozent`,
        downloadOf: (title) => `Download von ${title}`,
        cancelDownload: (title) => `Abbrechen: Download von ${title}`,
        small: 'Klein und schnell; gehört zur Seite',
        own: 'Ihre Datei',
        pace: (seconds) =>
            `etwa ${
                seconds < 9.95 ? decimal(Math.max(0.1, seconds), 1) : number(Math.round(seconds))
            } s pro Foto`,
        here: 'auf diesem Gerät vorhanden',
        goOn: (begun, total) => `Fortsetzen: ${megabytes(begun)} von ${megabytes(total)} vorhanden`,
        download: (bytes) => `${megabytes(bytes)} herunterladen`,
        loaded: (done, total) =>
            total ? `${decimal(done / 1e6, 1)} von ${megabytes(total)}` : megabytes(done),
        from: (host) => [
            `Von ${host}. Es wird kein Foto gesendet. Oder `,
            'die Datei herunterladen',
            ' und hier ablegen.',
        ],
        fromElsewhere: (host) => [
            `${host} lässt keine Seite darauf zugreifen: `,
            'die Datei herunterladen',
            ' und hier ablegen.',
        ],
        checking: 'Die Datei wird geprüft…',
        notKept: (name, why) =>
            `${name} wird verwendet, aber nicht aufbewahrt; nach dem Neuladen der Seite wird ` +
            `die Datei wieder gebraucht: ${why}.`,
        downloaded: (title) => `${title} ist heruntergeladen und bleibt auf diesem Gerät.`,
        unreachable: 'Die Dateien dafür waren nicht erreichbar',
        keepsNone:
            'Dieser Browser bewahrt für diese Seite keine Dateien auf, wie in manchen privaten ' +
            'Fenstern',
        httpsOnly:
            'Nur eine Seite, die über https kommt, kann Backbones prüfen und aufbewahren; der ' +
            'eingebaute funktioniert hier',
        broken: (why) =>
            `${why}. Das bisher Geladene bleibt erhalten: fortsetzen, sobald das Netz wieder da ` +
            'ist',
        notHere: (title) =>
            `${title} ist nicht auf diesem Gerät: in den Einstellungen herunterladen oder wählen`,
        loadedElsewhere: 'Ein anderer Tab oder ein anderes Fenster lädt die Datei gerade',
        wrongHash: (title, expected, found) =>
            `${title} ist nicht die erwartete Datei und wird nicht verwendet: SHA-256 müsste ` +
            `${expected} sein und ist ${found}`,
        noRoom:
            'Dieser Browser hat keinen Platz mehr dafür: unten einen Backbone oder andere ' +
            'Dateien löschen',
        tooLittleMemory: (name) => `${name}: Dieser Browser-Tab hat zu wenig Speicher dafür`,
        theBuiltIn: 'Der eingebaute Backbone',
    },

    download: {
        noPart: (host) => `${host} hat diesen Teil der Datei nicht`,
        answers: (host, status) => `${host} antwortet mit ${status}`,
        otherVersion: (host) => `${host} hat jetzt eine andere Version der Datei`,
        otherSize: (host, offered, expected) =>
            `${host} bietet ${number(offered)} Byte an, erwartet werden ${number(expected)}`,
        tooMuch: (host, total) => `${host} sendet mehr als die ${number(total)} Byte der Datei`,
        early: (host) => `${host} beendet die Datei zu früh`,
        broken: (host) => `Die Verbindung zu ${host} ist abgebrochen`,
    },

    photosIn: {
        twins: 'schon vorhanden und nur einmal gezählt',
        allTwins: 'Diese Fotos sind schon vorhanden.',
        none: 'Dort wurden keine Fotos gefunden. Gelesen werden PNG, JPEG, BMP, TIFF, WebP und AVIF, und Videos.',
        tooFew: (usable, least, good) =>
            `${usable ? `Nur ${usable}` : 'Keines'} der Fotos ` +
            `${either(usable || 1, 'war', 'waren')} brauchbar. fleck braucht mindestens ` +
            `${least} und arbeitet ab ${good} gut: weitere Fotos desselben Produkts hinzufügen.`,
        tiles: (columns, rows) =>
            `Jedes Foto wird in ${columns} × ${rows} Kacheln geprüft, das dauert ` +
            `${columns * rows}-mal so lange wie das ganze Foto auf einmal. Die Einstellungen ` +
            'können das ändern.',
        skipped: (why) => `${why}, übersprungen`,
        likewise: (note, others) =>
            `${note}${others ? `; ebenso ${count(others, 'weiteres', 'weitere')}` : ''}.`,
        drawing: 'Heatmaps werden gezeichnet',
        zipping: 'Fotos werden gepackt',
        copying: 'Fotos werden kopiert',
        copiedInto: (copied, all, folder) =>
            `${number(copied)} von ${photos(all)} in ${folder} kopiert.`,
        notCopied: (why) => `Nicht alle Fotos konnten kopiert werden: ${why}`,
        notDrawn: (names) => `Diese Fotos konnten nicht gelesen werden und fehlen: ${names}.`,
        notGrouped: (name) =>
            `${name}: nicht exportiert, weil die Suche nach Stellen, die sich gleichen, abgebrochen wurde.`,
        notMeasured: (name) =>
            `${name}: nicht exportiert, weil das Messen der Stellen abgebrochen wurde.`,
        closedEarly: 'Der Auftrag wurde geschlossen, bevor alles exportiert war.',
    },

    files: {
        pasted: 'eingefügt',
        empty: 'die Datei ist leer',
        pictures: (value, kind) =>
            `${number(value)} ${PICTURES[kind] ?? kind}-${either(value, 'Bild', 'Bilder')}`,
        notDecoded: (names, more) =>
            `${names}${more ? ` und ${number(more)} weitere` : ''}: Dieser Browser liest solche ` +
            'Dateien nicht; gelesen werden PNG, JPEG, BMP, TIFF, WebP, AVIF und GIF',
        leftOut: 'ausgelassen',
        others: (value, kind) =>
            count(value, ...(LEFT_OUT[kind] ?? [`${kind}-Datei`, `${kind}-Dateien`])),
        unreadable: (why) => `nicht lesbar: ${why}`,
        unpacking: (name) => `${name} wird entpackt`,
        unpackingCancelled: 'das Entpacken wurde abgebrochen',
        notUnpacked: (why) => `lässt sich nicht entpacken: ${why}`,
        notFetched: (path, status) => `${path} konnte nicht geladen werden (${status})`,
        tooMany: (most) => `es sind mehr als ${number(most)} Dateien darin`,
    },

    zip: {
        damaged: 'die Datei ist beschädigt oder unvollständig',
        overlap: 'die Dateien darin überlappen sich, wie in keinem gewöhnlichen Archiv',
        fileDamaged: 'die Datei ist im Archiv beschädigt',
        encrypted: 'die Datei ist verschlüsselt',
        otherMethod: (method) =>
            `die Datei ist mit einem hier unbekannten Verfahren gepackt (${method})`,
        tooLarge: (bytes) =>
            `die Datei ist größer als ${number(bytes / 1e6)} MB; mehr wird nicht entpackt`,
        tooMuch: (bytes, left) =>
            `mehr als ${number(bytes / 1e9)} GB kämen heraus: ${files(left)} daraus ` +
            `${either(left, 'wurde', 'wurden')} nicht entpackt`,
        more: (value) =>
            `${count(value, 'weitere Datei', 'weitere Dateien')} daraus ` +
            `${either(value, 'konnte', 'konnten')} nicht entpackt werden`,
    },
};

/** What the user takes along of a result: tables, pictures, data for other programs, the model. */

import { toCsv } from '../files/csv.js';
import { keptFormat } from '../files/csv_format.js';
import { download } from '../files/gather.js';
import { FILTERS, sorted } from '../state/shown.js';
import { texts } from '../texts/texts.js';
import { verdictOf } from '../verdict.js';
import { copyInto, photosZip } from './copies.js';
import { heatmapsZip } from './heatmaps_zip.js';
import { sentence, why } from './holder.js';

/** @typedef {import('../state/store.js').Item} Item */

export class Exports {
    #store;
    #inspection;

    /**
     * @param {import('../state/store.js').Store} store
     * @param {import('./inspection.js').Inspection} inspection
     */
    constructor(store, inspection) {
        this.#store = store;
        this.#inspection = inspection;
    }

    get #job() {
        return this.#store.state.job;
    }

    /** Who tells of marks; null: there are none. A loaded model may have its own. */
    async #marks() {
        const { items, loadedModel } = this.#job;
        const none = loadedModel === null && items.every(({ marks }) => !marks.length);
        return none ? null : this.#inspection.marks();
    }

    /** Photos and their verdicts as a table. */
    async scores(format = keptFormat()) {
        if (!(await this.#inspection.judgeAnew())) {
            this.#store.page.say('note', texts.photosIn.notMeasured(texts.summary.csv));
            return;
        }
        const area = await this.#inspection.area();
        const { threshold, items, shape } = this.#job;
        const marks = await this.#marks();
        const rows = [];
        for (const item of sorted(items, 'highest')) {
            const verdict = verdictOf(item, threshold);
            if (!verdict) continue;
            const [first] = (await marks?.of(item).catch(() => item.marks)) ?? [];
            const mark = first && (first.spot ? 'spots' : first.mark);
            rows.push({ file: item.name, score: Number(item.score), verdict, mark });
        }
        const [ending, type] =
            format.separator === '\t' ? ['tsv', 'tab-separated-values'] : ['csv', 'csv'];
        const table = toCsv(rows, { frame: shape?.frameShare, area: area?.share }, format);
        download(new Blob([table], { type: `text/${type}` }), `scores.${ending}`);
    }

    async heatmaps() {
        const { items, shape } = this.#job;
        const shown = sorted(items, 'highest');
        const { heats, pictures } = this.#inspection;
        const look = {
            heat: (/** @type {Item} */ item) => heats.get(item).catch(() => null),
            bitmap: (/** @type {Blob} */ file) => pictures.bitmap(file),
            isThere: () => shown.some((item) => this.#job.items.includes(item)),
            frameShare: shape?.frameShare ?? 1,
            opacity: this.#store.state.page.opacity,
        };
        const { page } = this.#store;
        await this.#alone(async () => {
            const drawn = await page.during(texts.photosIn.drawing, (step) =>
                heatmapsZip(shown, look, step),
            );
            if (drawn) {
                const { zip, missing } = drawn;
                download(zip, 'heatmaps.zip');
                if (missing.length) page.say('error', texts.photosIn.notDrawn(missing.join(', ')));
            } else if (!look.isThere()) page.say('error', texts.photosIn.closedEarly);
        });
    }

    /**
     * The photos themselves.
     * @param {import('../state/job.js').Filter[]} filters that have them
     * @param {FileSystemDirectoryHandle|null} folder of the user's; null: a ZIP
     */
    async photos(filters, folder) {
        const { items, threshold } = this.#job;
        const { page } = this.#store;
        const meant = items.filter((item) => {
            const verdict = verdictOf(item, threshold);
            return filters.some((name) => FILTERS[name](item, verdict));
        });
        let copied = 0;
        const work = async (/** @type {import('../state/page.js').Step} */ step) => {
            if (folder) return copyInto(folder, meant, step, (count) => (copied = count));
            const { zip, missing } = await photosZip(meant, step);
            download(zip, `${['photos', ...filters].join('-')}.zip`);
            return { missing };
        };
        await this.#alone(async () => {
            const { copying, zipping, copiedInto, notCopied, notDrawn } = texts.photosIn;
            try {
                const done = await page.during(folder ? copying : zipping, work);
                if (done?.missing.length) page.say('error', notDrawn(done.missing.join(', ')));
            } catch (error) {
                page.say('error', notCopied(why(error)));
            }
            if (folder) page.say('note', copiedInto(copied, meant.length, folder.name));
        });
    }

    /** Data for other programs. @param {import('./reports.js').Kind} kind */
    async report(kind) {
        const { page } = this.#store;
        const { items } = this.#job;
        const { regions, thumbs } = this.#inspection;
        const isThere = () =>
            this.#job.phase === 'result' && items.some((item) => this.#job.items.includes(item));
        const origin = () => this.#inspection.origin();
        const thumb = (/** @type {Item} */ item) => thumbs.of(item);
        await this.#alone(async () => {
            const { report } = await import('./reports.js').catch(() => {
                const name = texts.summary.reports[kind];
                throw new Error(texts.jobs.notExported(name, `${texts.notLoaded}.`));
            });
            await this.#inspection.area();
            const grouped = await (await this.#inspection.groups()).settle();
            if (grouped === 'cancelled')
                page.say('note', texts.photosIn.notGrouped(texts.summary.reports[kind]));
            else if (!grouped && !isThere()) page.say('error', texts.photosIn.closedEarly);
            if (!grouped || grouped === 'cancelled') return;
            const job = { ...this.#job };
            const source = {
                regions,
                isThere,
                origin,
                thumb,
                groupsOf: grouped.of,
                groups: job.groups,
                marks: await this.#marks(),
                judged: (/** @type {Item} */ item) =>
                    this.#inspection.judged(item, { heat: false }),
            };
            const written = await page.during(texts.work.report, (step) =>
                report(kind, job, source, step),
            );
            if (!written) return; /* it was cancelled */
            const { file, name, missing } = written;
            download(file, name);
            if (missing.length) page.say('error', texts.photosIn.notDrawn(missing.join(', ')));
        }).catch((error) => page.say('error', sentence(error)));
    }

    async model() {
        const { loadedModel } = this.#job;
        download(await this.#inspection.saveModel(), loadedModel ?? 'model.fleck');
    }

    /** One after the other. @param {() => Promise<void>} work */
    async #alone(work) {
        const { page } = this.#store;
        page.set({ exporting: true });
        try {
            await work();
        } finally {
            page.set({ exporting: false });
        }
    }
}

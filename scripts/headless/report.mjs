/** The headless run's report: one HTML file that needs nothing beside it. */

import { estimateSentence, folderSentence, frameSentence } from '../../web/folder.js';
import { en } from '../../web/texts/en.js';

/** @param {unknown} text */
function escape(text) {
    return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const MARKS = { ok: '✔', look: '?', defect: '✖' };

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  --ok: light-dark(#0d7568, #4fc3ae); --look: light-dark(#9a5b00, #f0b04f);
  --defect: light-dark(#b91c3c, #ff7d8f); --soft: light-dark(#566473, #9aaab9);
  --line: light-dark(#d5dce3, #2c3946); --surface: light-dark(#fff, #18212b);
  background: light-dark(#f3f5f7, #10161d); color: light-dark(#16202b, #e6edf3); }
body { max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 32px 0 12px; }
.soft { color: var(--soft); }
.ok { color: var(--ok); } .look { color: var(--look); } .defect { color: var(--defect); }
.counts { display: flex; gap: 24px; margin: 16px 0; font-size: 18px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 12px;
  padding: 0; margin: 0; list-style: none; }
.gallery li { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.gallery img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
  background: light-dark(#e9edf1, #0b1016); }
.gallery p { margin: 0; padding: 6px 10px 0; font-weight: 600; }
.gallery p + p { padding: 0 10px 8px; font-size: 13px; font-weight: 400; overflow-wrap: anywhere; }
table { border-collapse: collapse; } td { padding: 2px 16px 2px 0; }`;

/**
 * @param {object} run
 * @param {string} run.folder
 * @param {import('../../web/fleck.js').FolderVerdict} run.judged the whole folder
 * @param {string} run.note on what was learnt from
 * @param {{file: string, score: number, verdict: 'ok'|'look'|'defect', thumb?: string}[]} run.scores highest first
 * @param {{file: string, message: string}[]} run.troubles
 * @param {{variant: string, threads: number, workers: number}} run.info
 * @param {{input: number, patches: number, dim: number, frameShare: number}} run.shape
 * @param {{features: number, training: number, scoring: number, total: number}} run.seconds
 */
export function report({ folder, judged, note, scores, troubles, info, shape, seconds }) {
    const count = (/** @type {string} */ verdict) =>
        scores.filter((row) => row.verdict === verdict).length;
    const headline = folderSentence(en, judged);
    const verdict = (/** @type {typeof scores[0]} */ row) =>
        `<span class="${row.verdict}">${MARKS[row.verdict]} ${row.score.toFixed(2)} ${en.verdicts[row.verdict]}</span>`;
    const cards = scores
        .filter((row) => row.thumb)
        .map(
            (row) =>
                `<li><img loading="lazy" alt="${escape(row.file)}" ` +
                `src="data:image/jpeg;base64,${row.thumb}"><p>${verdict(row)}</p><p class="soft">${escape(row.file)}</p></li>`,
        );
    const rest = scores
        .filter((row) => !row.thumb)
        .map((row) => `<tr><td>${verdict(row)}</td><td>${escape(row.file)}</td></tr>`);
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(headline)} · fleck</title>
<style>${STYLE}</style>
<h1>${escape(headline)}</h1>
<p class="soft">Folder “${escape(folder)}”. ${estimateSentence(en, judged)} ${frameSentence(en, shape.frameShare)} ${escape(note)} Reading ${seconds.features.toFixed(1)} s, learning
${seconds.training.toFixed(1)} s, scoring ${seconds.scoring.toFixed(1)} s, ${seconds.total.toFixed(1)} s in all, as
WebAssembly “${escape(info.variant)}”, ${info.workers} × ${info.threads} threads; ${shape.input} × ${shape.input}
pixels, ${shape.patches} patches of ${shape.dim} numbers a photo.</p>
<p class="counts">${['defect', 'look', 'ok']
        .map((name) => {
            const key = /** @type {'ok'|'look'|'defect'} */ (name);
            return `<span class="${key}">${MARKS[key]} ${en.verdicts[key]} <b>${count(key)}</b></span>`;
        })
        .join('')}</p>
${
    troubles.length
        ? `<h2>Skipped files</h2><ul>${troubles
              .map(({ file, message }) => `<li><b>${escape(file)}</b>: ${escape(message)}</li>`)
              .join('')}</ul>`
        : ''
}
<h2>Photos, the most suspicious first</h2>
<ol class="gallery">${cards.join('\n')}</ol>
${rest.length ? `<h2>The other photos</h2><table>${rest.join('')}</table>` : ''}
</html>
`;
}

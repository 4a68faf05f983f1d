/** What TypeScript says of programs that use the package: of small ones, and of those in documents. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles a program in a folder where the package is installed.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 * @param {ts.CompilerOptions} options
 * @returns {string[]} what is wrong
 */
function compile(t, files, options) {
    const folder = mkdtempSync(join(tmpdir(), 'fleck-types-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
    symlinkSync(join(ROOT, 'build/package'), join(folder, 'node_modules/fleck-inspect'));
    for (const name of ['node', '../undici-types'])
        symlinkSync(
            join(ROOT, 'node_modules/@types', name),
            join(folder, 'node_modules/@types', name),
        );
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const program = ts.createProgram(
        Object.keys(files).map((name) => join(folder, name)),
        {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.NodeNext,
            moduleResolution: ts.ModuleResolutionKind.NodeNext,
            strict: true,
            noEmit: true,
            preserveSymlinks: true,
            skipLibCheck: false,
            types: [],
            ...options,
        },
    );
    return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
        const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
        return `${file?.fileName.replace(folder, '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
}

const SMALL = `
import { Detector, DetectorError, type Added, type FolderResult, type Result } from 'fleck-inspect';
import { latestFrame } from 'fleck-inspect/live';

const bytes = new Uint8Array(1);
const detector = await Detector.create({ method: 'irmb', workers: 2 });
const added: Added[] = await detector.add(new Set([{ name: 'a.png', bytes }]));
const result: Result = await detector.score({ bytes }, { heat: false });
const many: FolderResult[] = await detector.scoreMany([{ bytes }]);
const look = latestFrame((photo: Uint8Array) => detector.score({ bytes: photo }));
const score: number | undefined = (await look(bytes))?.score;
detector[Symbol.dispose]();
if (added[0].error instanceof DetectorError) throw added[0].error;
export { many, result, score };
`;
const COMMON = `
import { Detector } from 'fleck-inspect';
export const created: Promise<Detector> = Detector.create();
`;
const WRONG = `
import { Detector } from 'fleck-inspect';
const detector = await Detector.create();
await detector.train({ onprogress: () => {} });
const score: string = (await detector.score({ bytes: new Uint8Array(1) })).score;
export { score };
`;

for (const [name, lib, types] of [
    ['without those of browsers and node', ['lib.es2022.d.ts'], []],
    ['with those of browsers', ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], []],
    ['with those of node', ['lib.es2022.d.ts'], ['node']],
    ['with both, and the latest', ['lib.esnext.d.ts', 'lib.dom.d.ts'], ['node']],
])
    test(`its types serve ${name}`, (t) => {
        const files = { 'small.ts': SMALL, 'small.cts': COMMON, 'wrong.ts': WRONG };
        const told = compile(t, files, { lib, types });
        assert.equal(told.length, 2, told.join('\n'));
        assert.match(told[0], /^\/wrong\.ts:4: .*onprogress/s);
        assert.match(told[1], /^\/wrong\.ts:5: .*string/s);
    });

/* What the programs of documents take from around them. */
const AROUND = `
import type { Detector as D, Progress } from 'fleck-inspect';
declare global {
    const input: HTMLInputElement;
    const files: FileList;
    const video: HTMLVideoElement;
    const light: HTMLElement;
    const signal: AbortSignal;
    const onProgress: (progress: Progress) => void;
    const detector: D;
    function test(name: string, run: (has: { page: Page }) => Promise<void>): void;
    interface Page {
        goto(address: string): Promise<unknown>;
        screenshot(): Promise<Buffer>;
    }
}
export {};
`;

test('programs in documents compile', (t) => {
    /** @type {Record<string, string>} */
    const programs = {};
    for (const path of ['README.md', 'wasm/README.md']) {
        const text = readFileSync(join(ROOT, path), 'utf8');
        const js = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
        const pages = [...text.matchAll(/^```html\n(.*?)^```/gms)].flatMap(([, page]) =>
            [...page.matchAll(/<script type="module">\n?(.*?)<\/script>/gs)].map(([, code]) =>
                code.replace(/https:\/\/[^']*index\.min\.js/, 'fleck-inspect'),
            ),
        );
        for (const [i, code] of [...js, ...pages].entries())
            programs[`${path.replace(/\W/g, '_')}_${i}.mjs`] = `${code}\nexport {};\n`;
    }
    assert.ok(Object.keys(programs).length >= 6, Object.keys(programs).join());
    const options = {
        allowJs: true,
        checkJs: true,
        lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
        types: ['node'],
    };
    const files = { 'around.d.ts': AROUND, ...programs };
    assert.deepEqual(compile(t, files, options), []);
});

/** What no compiler checks of the folders' layers: src/README.md and web/README.md draw them as they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} folder @param {RegExp} ending */
const filesIn = (folder, ending) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && ending.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

test('includes in src are flat, and no two headers have one name', () => {
    const files = filesIn('src', /\.[ch]$/);
    assert.ok(files.length > 100);
    for (const file of files)
        for (const [, name] of readFileSync(file, 'utf8').matchAll(/^#include "([^"]+)"/gm))
            assert.ok(
                !name.includes('/'),
                `${file}: ${name} goes past the folders that it may use`,
            );
    const headers = files.map((file) => basename(file)).filter((name) => name.endsWith('.h'));
    assert.deepEqual(
        headers.filter((name, i) => headers.indexOf(name) !== i),
        [],
    );
});

test('src/README.md draws the arrows that the build allows', () => {
    const build = readFileSync(join(ROOT, 'src/CMakeLists.txt'), 'utf8');
    const allowed = [...build.matchAll(/fleck_folder\((\S+)([^)]*)\)/g)].map(([, folder, rest]) => {
        const words = rest.replace(/(HOT|NATIVE|WASM|WITHOUT|INNER) [^A-Z]*/g, '').split(/\s+/);
        return [
            folder,
            words
                .filter((word) => word && !/^(USES|WITHIN)$/.test(word))
                .sort()
                .join(' '),
        ];
    });
    const [map] = readFileSync(join(ROOT, 'src/README.md'), 'utf8').split(
        '\n## ',
    ); /* its first part */
    const drawn = [...map.matchAll(/^\| \[?`(\S+?)\/?`.*\| ([^|]*) \|$/gm)].map(
        ([, folder, uses]) => [
            folder,
            uses
                .split(/[,\s]+/)
                .filter((word) => word && word !== '-')
                .sort()
                .join(' '),
        ],
    );
    assert.ok(allowed.length > 10);
    assert.deepEqual(drawn.sort(), allowed.sort());
});

/* What a folder of the page may import besides its own files; web/README.md says why. */
const PAGE = {
    '.': [],
    texts: [],
    files: ['.', 'texts'],
    backbones: ['.', 'texts', 'files'],
    state: ['.'],
    parts: [
        '.',
        'texts',
        'state/job.js',
        'state/shown.js',
        'backbones/registry.js',
    ] /* and no other part */,
    inspection: ['.', 'texts', 'state/job.js', 'state/shown.js', 'files', 'backbones'],
};

/* The two that name files of the package, for their types too. */
const DOORS = { 'fleck.js': 'fleck/index.js', 'rpc.js': 'fleck/rpc.js' };

test('the page imports downwards only', () => {
    const web = join(ROOT, 'web');
    const files = filesIn('web', /\.js$/).map((file) => relative(web, file));
    assert.ok(files.length > 25);
    const wrong = [],
        others = [];
    let seen = 0;
    for (const file of files.filter((name) => name !== 'main.js')) {
        const home = dirname(file);
        assert.ok(home in PAGE, `${file}: its folder is not in the map`);
        const text = readFileSync(join(web, file), 'utf8');
        for (const [name] of text.matchAll(/(?<=')[./]+fleck\/[^']*/g))
            assert.equal(name, `./${DOORS[file]}`, `${file}: names a file of the package`);
        /* Types are named in comments, and go anywhere. */
        const code = text.replace(/\/\*[^]*?\*\//g, '');
        for (const [, name] of code.matchAll(/\b(?:from|import\(?|new URL\() ?'([^']+)'/g)) {
            if (!name.startsWith('.')) {
                others.push(`${file} imports ${name}`);
                continue;
            }
            seen++;
            const to = relative(web, join(web, home, name));
            const beside = dirname(to) === home && home !== 'parts';
            const below = PAGE[home].some((each) => each === dirname(to) || each === to);
            const allowed = DOORS[file] === to || (to !== 'main.js' && (beside || below));
            if (!allowed) wrong.push(`${file} imports ${name}`);
        }
    }
    assert.ok(seen > 50);
    assert.deepEqual(wrong, []);
    assert.deepEqual(others, ['files/unzip.js imports fflate']);
});

test('worker.js alone imports the engine, and itself is only started; other entries stay apart', () => {
    const importers = { 'engine.js': [], 'worker.js': [], 'element.js': [], 'testing.js': [] };
    for (const file of [...filesIn('wasm/js', /\.jsx?$/), ...filesIn('web', /\.js$/)]) {
        const code = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
        for (const [, name] of code.matchAll(/(?:from|import)[\s(]*'[^']*?([^'/]+)'/g))
            importers[name]?.push(basename(file));
    }
    assert.deepEqual(importers, {
        'engine.js': ['worker.js'],
        'worker.js': [],
        'element.js': ['element.jsx'],
        'testing.js': [],
    });
    const bundled = readFileSync(join(ROOT, 'build/site/fleck/index.js'), 'utf8');
    assert.ok(!bundled.includes('_fleck_create'), 'the bundle of the page has no engine either');
    for (const [, chunk] of bundled.matchAll(/from"\.\/(chunk-[^"]+)"/g))
        assert.ok(
            !readFileSync(join(ROOT, 'build/site/fleck', chunk), 'utf8').includes('_fleck_create'),
        );
});

test('web/README.md tells the same', () => {
    const map = readFileSync(join(ROOT, 'web/README.md'), 'utf8');
    const told = [...map.matchAll(/^\| \[`(\S+?)\/?`\].*\| ([^|]*) \|$/gm)].map(
        ([, folder, uses]) => [
            folder,
            [...uses.matchAll(/`(.+?)`/g)].map(([, each]) => each).sort(),
        ],
    );
    const rule = Object.entries(PAGE).map(([folder, uses]) => [folder, [...uses].sort()]);
    assert.deepEqual(told.sort(), rule.sort());
});

test('only the actions of web/state write the state', () => {
    for (const file of filesIn('web', /\.js$/).filter((name) => !name.includes('/state/')))
        assert.doesNotMatch(
            readFileSync(file, 'utf8'),
            /Object\.(assign|define\w+)\((?!new )|Reflect\.set/,
            `${file}: TypeScript does not see what this writes`,
        );
    /* Each of these lines is refused, and what reads is not. */
    const lines = {
        'state.job = state.job': 2540,
        "state.job.phase = 'result'": 2540,
        'state.job.items.push(item)': 2339,
        'state.job.items[0] = item': 2542,
        'state.job.settings.blocks.push(1)': 2339,
        "state.job.settings.backbone = { id: '', name: '' }": 2540,
        'item.score = 1': 2540,
        'state.job.shown[0].thumb = null': 2540,
        'state.job.counts.all++': 2540,
        'state.page.notices = []': 2540,
        "state.page.notices[0].kind = 'note'": 2540,
        'state.device.pace = 1': 2540,
        "state.device.backbones.loads.set('a', { done: 1, total: 1, secondsLeft: 1 })": 2339,
        'state.device.backbones.entries[0].blocks.push(1)': 2339,
        'void state.device.backbones.loads.size': 0,
        'void item.file.arrayBuffer()': 0,
    };
    const name = join(ROOT, 'web/writes.js');
    const text = `/** @param {import('./state/store.js').State} state
     * @param {import('./state/store.js').Item} item */
    export function write(state, item) {\n${Object.keys(lines).join(';\n')};\n}`;
    const { options } = ts.parseJsonConfigFileContent(
        ts.readConfigFile(join(ROOT, 'web/tsconfig.json'), ts.sys.readFile).config,
        ts.sys,
        join(ROOT, 'web'),
    );
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (file, ...rest) =>
        file === name ? ts.createSourceFile(file, text, ...rest) : getSourceFile(file, ...rest);
    const program = ts.createProgram([name], options, host);
    const source = program.getSourceFile(name);
    const found = {};
    for (const { code, start } of program.getSemanticDiagnostics(source)) {
        const { line } = source.getLineAndCharacterOfPosition(start);
        found[text.split('\n')[line].replace(/;$/, '')] ??= code;
    }
    for (const [line, code] of Object.entries(lines)) assert.equal(found[line] ?? 0, code, line);
    assert.equal(Object.keys(found).length, Object.values(lines).filter(Boolean).length);
});

/**
 * The package as others embed it: packed by npm, built into an app by bundlers that nobody has
 * configured, and fetched from another origin. Everywhere it detects, with the bits it has in node.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build as esbuild } from 'esbuild';
import { createServer as createVite, build as viteBuild } from 'vite';
import webpack from 'webpack';
import { launch } from '../../scripts/browser.mjs';
import { HAS_PRODUCTS, ROOT } from './site.mjs';

const PATIENCE = 180_000; /* ms, on a busy machine */
const ISOLATION = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Bundlers that only these tests need are large: a folder, and a run, of their own. */
const CONSUMERS = join(ROOT, 'tests/consumers');
const SLOW = { skip: !process.env.FLECK_SLOW && 'FLECK_SLOW is not set' };

const consumers = createRequire(join(CONSUMERS, 'package.json'));

let areInstalled = false;
function installConsumers() {
    if (areInstalled) return;
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: CONSUMERS });
    // The one script that has to run: it puts Bun's program in its place.
    execFileSync(process.execPath, ['install.js'], { cwd: join(CONSUMERS, 'node_modules/bun') });
    areInstalled = true;
}

/** A one-file app: photos of noise, one with a blot. PACKAGE is what it imports from. */
const APP = `
import { Detector } from 'PACKAGE';

async function detect(backbone) {
    const detector = await Detector.create({ input: 64, preset: 'fit', threads: 2, workers: 2, ...globalThis.files });
    if (backbone) await detector.loadBackbone(backbone);
    let state = 1;
    await detector.add(Array.from({ length: 12 }, (_, i) => {
        const data = new Uint8ClampedArray(64 * 64 * 4).fill(255);
        for (let at = 0; at < data.length; at++) {
            state = (state * 1103515245 + 12345) % 2147483648;
            const blot = i === 11 && at % 256 < 64 && at < 4096;
            if (at % 4 < 3) data[at] = blot ? 10 : 120 + (state >> 16) % 40;
        }
        return { data, width: 64, height: 64 };
    }));
    await detector.train();
    const results = await detector.scoreFolder({ heat: false });
    detector.close();
    return { variant: detector.info.variant, scores: results.map(({ score }) => score) };
}
`;
const IN_PAGE = `
detect()
    .then(result => { window.result = result; }, error => { window.result = { error: String(error) }; });
`;
/** The element in an app, with six photos, one with a blot; it needs no backbone of the app's. */
const ELEMENT = `
import 'fleck-inspect/element';

const element = document.createElement('fleck-inspector');
document.body.append(element);
const photo = async (_, i) => {
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext('2d');
    for (let at = 0; at < 4096; at++) {
        context.fillStyle = 'hsl(30 20% ' + (40 + (at * 7919 + i * 104729) % 12) + '%)';
        context.fillRect(at % 64, at >> 6, 1, 1);
    }
    if (i === 5) context.fillRect(20, 20, 12, 12);
    return new File([await canvas.convertToBlob()], i + '.png');
};
addEventListener('fleck-error', ({ detail }) => { window.result = String(detail.error); });
Promise.all(Array.from({ length: 6 }, photo))
    .then(files => element.inspect(files))
    .then(found => { window.result ??= found.photos.map(({ name }) => name).sort().join(); });
`;
const PAGE = '<!doctype html><title>app</title><link rel="icon" href="data:,">';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

describe("the package in other people's programs", () => {
    let folder = '';
    /** @type {number[]} */
    let scores;
    /** @type {import('playwright-core').Browser} */
    let browser;
    /** @type {(() => Promise<unknown>)[]} */
    const ends = [];

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'fleck-embed-'));
        // As a registry would hand it out.
        execFileSync('npm', [
            'pack',
            '--silent',
            '--pack-destination',
            folder,
            join(ROOT, 'build/package'),
        ]);
        const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
        const app = join(folder, 'app');
        mkdirSync(app);
        writeFileSync(
            join(app, 'package.json'),
            '{"name": "app", "private": true, "type": "module"}',
        );
        execFileSync('npm', ['install', '--offline', '--silent', join(folder, tarball)], {
            cwd: app,
        });
        writeFileSync(
            join(app, 'main.js'),
            (APP + IN_PAGE)
                .replace('PACKAGE', 'fleck-inspect')
                .replace('BACKBONE', 'fleck-tiny.safetensors'),
        );
        writeFileSync(
            join(app, 'index.html'),
            `${PAGE}<script type="module" src="./main.js"></script>`,
        );
        mkdirSync(join(app, 'public'));
        cpSync(
            join(ROOT, 'models/fleck-tiny.safetensors'),
            join(app, 'public/fleck-tiny.safetensors'),
        );

        writeFileSync(
            join(app, 'node.js'),
            `${APP.replace('PACKAGE', 'fleck-inspect')}
            import { readFileSync } from 'node:fs';
            console.log(JSON.stringify(await detect(readFileSync('public/fleck-tiny.safetensors'))));`,
        );
        const result = JSON.parse(
            execFileSync(process.execPath, ['node.js'], { cwd: app, encoding: 'utf8' }),
        );
        assert.equal(result.variant, 'threads');
        scores = result.scores;
        assert.equal(scores.length, 12);
        assert.equal(Math.max(...scores), scores[11]);
        browser = await launch();
    });
    after(async () => {
        await browser?.close();
        for (const end of ends) await end();
        rmSync(folder, { recursive: true, force: true });
    });

    /** Serves a folder. @param {string} root @param {Record<string, string>} headers */
    async function serve(root, headers = {}) {
        const server = createServer(async (request, response) => {
            const { pathname } = new URL(request.url ?? '', 'http://localhost');
            const path = pathname === '/' ? '/index.html' : pathname;
            try {
                const bytes = await readFile(join(root, path));
                const type = TYPES[/** @type {keyof typeof TYPES} */ (extname(path))];
                response.writeHead(200, {
                    'Content-Type': type ?? 'application/octet-stream',
                    ...headers,
                });
                response.end(bytes);
            } catch {
                response.writeHead(404).end();
            }
        });
        await new Promise((resume) => server.listen(0, '127.0.0.1', () => resume(null)));
        ends.push(
            () =>
                new Promise((resume) => {
                    server.close(resume);
                    server.closeAllConnections();
                }),
        );
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        return `http://127.0.0.1:${port}/`;
    }

    /** Opens an app and compares what it detects. @param {string} url @param {string} variant */
    async function check(url, variant) {
        const page = await browser.newPage();
        /** @type {string[]} */
        const errors = [];
        page.on('pageerror', (error) => errors.push(String(error)));
        page.on('console', (message) => {
            if (message.type() === 'error') errors.push(message.text());
        });
        let modules = 0;
        page.on('response', (response) => {
            if (response.url().endsWith('.wasm')) modules++;
            if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
        });
        try {
            await page.goto(url);
            await page.waitForFunction('window.result', null, { timeout: PATIENCE });
            assert.deepEqual(await page.evaluate('window.result'), { variant, scores });
            assert.deepEqual(errors, []);
            // Compiled once, for both workers; where one of them has threads, one for each.
            assert.equal(modules, variant === 'threads' ? 2 : 1);
        } catch (error) {
            throw new Error(`${errors.join('; ')}: ${error}`, { cause: error });
        } finally {
            await page.close();
        }
    }

    test('whoever only imports it, as a server that renders an app does, needs no browser', () => {
        for (const file of ['fleck-inspect', './node_modules/fleck-inspect/index.js'])
            for (const condition of ['browser', 'default'])
                execFileSync(
                    process.execPath,
                    [`--conditions=${condition}`, '--input-type=module', '-e', `import '${file}'`],
                    { cwd: join(folder, 'app') },
                );
    });

    test('CommonJS requires it', () => {
        const code = APP.replace(/^import .*$/m, "const { Detector } = require('fleck-inspect');");
        const backbone = "require('node:fs').readFileSync('public/fleck-tiny.safetensors')";
        writeFileSync(
            join(folder, 'app/main.cjs'),
            `${code} detect(${backbone}).then((found) => console.log(JSON.stringify(found)));`,
        );
        const result = execFileSync(process.execPath, ['main.cjs'], {
            cwd: join(folder, 'app'),
            encoding: 'utf8',
        });
        assert.deepEqual(JSON.parse(result), { variant: 'threads', scores });
    });

    for (const [name, ...command] of [
        ['deno', 'run', '--allow-all'],
        ['bun', 'run'],
    ])
        test(`${name} runs it`, SLOW, () => {
            installConsumers();
            const program = join(CONSUMERS, 'node_modules/.bin', name);
            const result = execFileSync(program, [...command, 'node.js'], {
                cwd: join(folder, 'app'),
                encoding: 'utf8',
                timeout: PATIENCE,
            });
            assert.deepEqual(JSON.parse(result), { variant: 'threads', scores });
        });

    test('nothing else of it can be imported', () => {
        for (const file of ['worker.js', 'index.js', 'fleck-simd.wasm'])
            assert.throws(
                () => createRequire(join(folder, 'app/main.js')).resolve(`fleck-inspect/${file}`),
                { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' },
            );
    });

    test('licences are in the package', () => {
        const read = (/** @type {string} */ name) =>
            readFileSync(join(folder, 'app/node_modules/fleck-inspect', name), 'utf8');
        assert.match(read('LICENSE'), /Apache License\s+Version 2\.0/);
        assert.match(read('NOTICE.md'), /stb_image/);
    });

    test('publint and attw find nothing wrong with it', SLOW, async () => {
        installConsumers();
        const tools = join(CONSUMERS, 'node_modules');
        const run = (/** @type {string} */ tool, /** @type {string[]} */ ...args) =>
            execFileSync(process.execPath, [join(tools, tool), ...args], { stdio: 'pipe' });
        const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
        run('publint/src/cli.js', 'run', '--strict', join(ROOT, 'build/package'));
        // Weights have no types; the element is for pages, which do not require().
        const attw = (/** @type {string[]} */ ...which) =>
            run('@arethetypeswrong/cli/dist/index.js', join(folder, tarball), ...which);
        attw('--exclude-entrypoints', 'element', 'fleck-tiny.safetensors');
        attw('--entrypoints', 'element', '--ignore-rules', 'cjs-resolves-to-esm');
    });

    test('Vite builds it', async () => {
        await viteBuild({ root: join(folder, 'app'), configFile: false, logLevel: 'error' });
        const dist = join(folder, 'app/dist');
        await check(await serve(dist), 'simd');
        await check(await serve(dist, ISOLATION), 'threads');
    });

    for (const [name, headers] of Object.entries({ simd: {}, threads: ISOLATION }))
        test(`Vite serves it while one develops, variant ${name}`, async () => {
            const vite = await createVite({
                root: join(folder, 'app'),
                configFile: false,
                logLevel: 'error',
                server: { port: 0, host: '127.0.0.1', headers, hmr: false },
            });
            ends.push(() => vite.close());
            await vite.listen();
            await check(vite.resolvedUrls?.local[0] ?? '', name);
        });

    /** Fails where webpack warns of anything but sizes. @param {import('webpack').Configuration} of */
    async function runWebpack(of) {
        const stats = await new Promise((resolve, reject) =>
            webpack({ mode: 'production', entry: './main.js', ...of }, (error, result) =>
                error ? reject(error) : resolve(result),
            ),
        );
        const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
        assert.deepEqual(errors, []);
        assert.deepEqual(
            warnings.filter(
                (/** @type {any} */ { message }) => !/size limit|limit the size/.test(message),
            ),
            [],
        );
    }

    test('webpack builds it', async () => {
        const path = join(folder, 'webpack');
        await runWebpack({ context: join(folder, 'app'), output: { path } });
        writeFileSync(join(path, 'index.html'), `${PAGE}<script src="main.js"></script>`);
        cpSync(join(ROOT, 'models/fleck-tiny.safetensors'), join(path, 'fleck-tiny.safetensors'));
        await check(await serve(path), 'simd');
        await check(await serve(path, ISOLATION), 'threads');
    });

    test('Vite and webpack build the element', async () => {
        const root = join(folder, 'element');
        mkdirSync(join(root, 'node_modules'), { recursive: true });
        cpSync(
            join(folder, 'app/node_modules/fleck-inspect'),
            join(root, 'node_modules/fleck-inspect'),
            { recursive: true },
        );
        cpSync(join(folder, 'app/package.json'), join(root, 'package.json'));
        writeFileSync(join(root, 'main.js'), ELEMENT);
        const script = '<script type="module" src="./main.js"></script>';
        writeFileSync(join(root, 'index.html'), `${PAGE}<body>${script}`);
        await viteBuild({ root, configFile: false, logLevel: 'error' });
        const path = join(folder, 'element-webpack');
        await runWebpack({ context: root, output: { path } });
        writeFileSync(join(path, 'index.html'), `${PAGE}<body>${script}`);
        for (const dist of [join(root, 'dist'), path]) {
            const page = await browser.newPage();
            try {
                await page.goto(await serve(dist));
                await page.waitForFunction('window.result', null, { timeout: PATIENCE });
                const names = [0, 1, 2, 3, 4, 5].map((i) => `${i}.png`).join();
                assert.equal(await page.evaluate('window.result'), names, dist);
            } finally {
                await page.close();
            }
        }
    });

    /** What bundlers need that leave the package's other files alone. @param {string} dist */
    function copyBeside(dist) {
        const installed = join(folder, 'app/node_modules/fleck-inspect');
        for (const name of readdirSync(installed).filter((each) => /^fleck-/.test(each)))
            cpSync(join(installed, name), join(dist, name));
    }

    /** A page around main.js of a bundler, its backbone beside it. @param {string} dist */
    async function checkBundle(dist) {
        const script = '<script type="module" src="main.js"></script>';
        if (!existsSync(join(dist, 'index.html')))
            writeFileSync(join(dist, 'index.html'), PAGE + script);
        cpSync(join(ROOT, 'models/fleck-tiny.safetensors'), join(dist, 'fleck-tiny.safetensors'));
        await check(await serve(dist), 'simd');
        await check(await serve(dist, ISOLATION), 'threads');
    }

    test('esbuild builds it, its files copied', async () => {
        const dist = join(folder, 'esbuild');
        const { warnings } = await esbuild({
            absWorkingDir: join(folder, 'app'),
            entryPoints: ['main.js'],
            bundle: true,
            format: 'esm',
            outdir: dist,
            logLevel: 'silent',
        });
        assert.deepEqual(warnings, []);
        copyBeside(dist);
        await checkBundle(dist);
    });

    test('Rollup builds it, its files copied', SLOW, async () => {
        installConsumers();
        const { rollup } = consumers('rollup');
        const { nodeResolve } = consumers('@rollup/plugin-node-resolve');
        const dist = join(folder, 'rollup');
        const bundle = await rollup({
            input: join(folder, 'app/main.js'),
            plugins: [nodeResolve()],
            onLog: (/** @type {string} */ level, /** @type {Error} */ log) => assert.fail(log),
        });
        await bundle.write({ dir: dist });
        await bundle.close();
        copyBeside(dist);
        await checkBundle(dist);
    });

    test('Parcel builds it', SLOW, async () => {
        installConsumers();
        const dist = join(folder, 'parcel');
        const parcel = join(CONSUMERS, 'node_modules/parcel/lib/bin.js');
        const options = [
            '--no-cache',
            '--no-autoinstall',
            '--public-url',
            './',
            '--dist-dir',
            dist,
        ];
        execFileSync(process.execPath, [parcel, 'build', 'index.html', ...options], {
            cwd: join(folder, 'app'),
        });
        await checkBundle(dist);
    });

    test('a page fetches it from another origin', async () => {
        const origin = await serve(join(folder, 'app/node_modules/fleck-inspect'), {
            'Access-Control-Allow-Origin': '*',
        });
        const page = join(folder, 'page');
        mkdirSync(page);
        cpSync(join(ROOT, 'models/fleck-tiny.safetensors'), join(page, 'fleck-tiny.safetensors'));
        writeFileSync(
            join(page, 'index.html'),
            `${PAGE}<script type="module">${(APP + IN_PAGE)
                .replace('PACKAGE', `${origin}index.js`)
                .replace('BACKBONE', 'fleck-tiny.safetensors')}</script>`,
        );
        await check(await serve(page), 'simd');
        await check(await serve(page, ISOLATION), 'threads');
    });

    /** Two origins: a page that imports the package from the other. */
    async function twoOrigins() {
        const installed = join(folder, 'app/node_modules/fleck-inspect');
        const origin = await serve(installed, { 'Access-Control-Allow-Origin': '*' });
        const hash = (/** @type {string} */ name) =>
            `sha384-${createHash('sha384')
                .update(readFileSync(join(installed, name)))
                .digest('base64')}`;
        const root = mkdtempSync(join(folder, 'origin-'));
        cpSync(join(ROOT, 'models/fleck-tiny.safetensors'), join(root, 'fleck-tiny.safetensors'));
        const page = await serve(root, { 'Access-Control-Allow-Origin': '*' });
        const app = APP.replace('PACKAGE', `${origin}index.min.js`);
        return { origin, hash, root, page, app };
    }

    test('from another origin: files by option, held to their hashes', async () => {
        const { origin, hash, root, page, app } = await twoOrigins();
        writeFileSync(
            join(root, 'index.html'),
            `${PAGE}<script type="module" src="${origin}index.min.js" crossorigin
                integrity="${hash('index.min.js')}"></script>
            <script type="module">${app}
            const bytes = await (await fetch('fleck-tiny.safetensors')).arrayBuffer();
            window.detectWith = async files => {
                Object.assign(globalThis, { files });
                return (await detect(bytes.slice())).scores;
            };</script>`,
        );
        const opened = await browser.newPage();
        await opened.goto(page);
        await opened.waitForFunction('window.detectWith', null, { timeout: PATIENCE });
        const wasm = `fetch('${origin}fleck-simd.wasm').then(file => file.arrayBuffer())`;
        const integrity = Object.fromEntries(
            ['fleck-simd.js', 'fleck-simd.wasm', 'fleck-relaxed.js', 'fleck-relaxed.wasm'].map(
                (name) => [name, hash(name)],
            ),
        );
        for (const files of [
            `{ wasmUrl: '${origin}' }`,
            `{ wasmUrl: '${origin}fleck-simd.wasm' }`,
            `{ wasmBinary: await ${wasm} }`,
            `{ wasmModule: await WebAssembly.compile(await ${wasm}) }`,
            `{ workerUrl: '${origin}', wasmUrl: new URL('${origin}') }`,
            `{ workerUrl: '${origin}fleck-simd.js' }`,
            `{ integrity: ${JSON.stringify(integrity)} }`,
        ])
            assert.deepEqual(
                await opened.evaluate(`(async () => detectWith(${files}))()`),
                scores,
                files,
            );
        const fault = (/** @type {string} */ files) =>
            opened.evaluate(
                `detectWith(${files}).catch(({ name, code, message }) => name + ' ' + code + ' ' + message)`,
            );
        const other = JSON.stringify(hash('index.js'));
        const module = HAS_PRODUCTS ? 'fleck-relaxed' : 'fleck-simd';
        for (const name of [`${module}.wasm`, `${module}.js`])
            assert.match(
                await fault(`{ variant: 'simd', integrity: { '${name}': ${other} } }`),
                new RegExp(`^DetectorError network ${origin}${name}: `),
            );
        assert.equal(
            await fault(`{ wasmUrl: '${page}none.wasm' }`),
            `DetectorError network ${page}none.wasm: status 404 Not Found`,
        );
        assert.match(await fault(`{ wasmModule: 1 }`), /^TypeError .*wasmModule/);
        await opened.close();
    });

    test('in a sandboxed frame, which has no origin', async () => {
        const { root, page, app } = await twoOrigins();
        writeFileSync(
            join(root, 'frame.html'),
            `${PAGE}<script type="module">${app}
            const bytes = await (await fetch('${page}fleck-tiny.safetensors')).arrayBuffer();
            detect(bytes).then(found => parent.postMessage([origin, found], '*'),
                error => parent.postMessage(String(error), '*'));</script>`,
        );
        writeFileSync(
            join(root, 'index.html'),
            `${PAGE}<script>onmessage = ({ data }) => { window.result = data; };</script>
            <iframe sandbox="allow-scripts" src="frame.html"></iframe>`,
        );
        const opened = await browser.newPage();
        await opened.goto(page);
        await opened.waitForFunction('window.result', null, { timeout: PATIENCE });
        assert.deepEqual(await opened.evaluate('window.result'), [
            'null',
            { variant: 'simd', scores },
        ]);
        await opened.close();
    });
});

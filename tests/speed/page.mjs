/**
 * The page's whole job beside the command line's, in turns, in headless Chromium:
 *
 *     npm run bench:page -- [--photos 60,500] [--rounds 1] [--folder FOLDER]
 *
 * The photos are the samples, or those of FOLDER, over and over until they are enough, each with a
 * comment of its own, so that none is another's twin. Says, for the page and for `fleck inspect`
 * with as many threads: seconds from the choice to the result, seconds of CPU of all processes
 * (which other work on the machine changes less), and their ratios; of the page also when each
 * phase began, its three longest tasks on the page's thread, the estimate of the whole at each
 * tenth, and the most memory that all its processes had together (proportional set size, looked at
 * every five seconds and at the end). Linux only.
 * Needs `npm ci --ignore-scripts`, build/native and build/site (scripts/demo.sh builds it).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchKeeping } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TICKS = 100; /* of /proc's CPU times in a second */
const LOOK_MS = 500;
const WEIGH_MS = 5000; /* the kernel walks all pages: each half second it took 7 % of the CPU */
const LIMIT_MS = 3_600_000;

const { values } = parseArgs({
    options: {
        photos: { type: 'string', default: '60,500' },
        rounds: { type: 'string', default: '1' },
        folder: { type: 'string', default: join(ROOT, 'build/site/samples') },
        site: { type: 'string', default: join(ROOT, 'build/site') },
        fleck: { type: 'string', default: join(ROOT, 'build/native/fleck') },
    },
});

/** @param {string} folder @param {number} count @param {string} to */
function multiply(folder, count, to) {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .filter((path) => !path.includes('ground_truth'))
        .map((path) => readFileSync(path));
    if (!found.length) throw new Error(`${folder} has no JPEG files`);
    for (let i = 0; i < count; i++) {
        const text = Buffer.from(`photo ${i}`);
        const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text]);
        const photo = found[i % found.length];
        const whole = Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2)]);
        writeFileSync(join(to, `${String(i).padStart(5, '0')}.jpg`), whole);
    }
}

/** All processes that this one has started, and they. @param {number} [root] */
function family(root = process.pid) {
    /** @type {Map<number, number[]>} */
    const children = new Map();
    for (const name of readdirSync('/proc')) {
        const parent = Number(statOf(Number(name))?.[1]);
        if (parent) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    }
    const all = [...(children.get(root) ?? [])];
    for (const pid of all) all.push(...(children.get(pid) ?? []));
    return all;
}

/** What stands behind the name in /proc/PID/stat. @param {number} pid */
function statOf(pid) {
    if (!pid) return null;
    try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return text.slice(text.lastIndexOf(')') + 2).split(' ');
    } catch {
        return null; /* it has ended */
    }
}

/** CPU seconds of this process's family, of those that ended in it too. */
function cpuSeconds() {
    let ticks = 0;
    for (const pid of family())
        for (const each of statOf(pid)?.slice(11, 15) ?? []) ticks += Number(each);
    return ticks / TICKS;
}

/** Bytes of memory of this process's family. */
function memoryBytes() {
    let kb = 0;
    for (const pid of family())
        try {
            const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
            kb += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
        } catch {
            /* it has ended */
        }
    return kb * 1024;
}

/** @param {string} folder of photos */
async function measureCommand(folder) {
    const out = mkdtempSync(join(tmpdir(), 'fleck-bench-'));
    const began = performance.now();
    const child = spawn(
        '/usr/bin/env',
        [
            ...['bash', '-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash'],
            ...[values.fleck, 'inspect', folder, '-o', out, '--no-heatmaps'],
            ...['--threads', String(cpus().length)],
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    const status = await new Promise((resolve) => child.on('close', resolve));
    rmSync(out, { recursive: true });
    if (status !== 0) throw new Error(`fleck inspect: ${said}`);
    const [user, system] = /** @type {string} */ (said.trim().split('\n').pop()).split(' ');
    return { seconds: (performance.now() - began) / 1000, cpu: Number(user) + Number(system) };
}

/** @param {string} folder of photos */
async function measurePage(folder) {
    const server = await serve(values.site);
    const browser = await launchKeeping();
    try {
        const page = await browser.newPage();
        await page.addInitScript(() => {
            const seen = /** @type {[number, number][]} */ ([]); /* when, how long: ms */
            const phases = /** @type {[string, number][]} */ ([]);
            Object.assign(window, { seen, phases });
            new MutationObserver(() => {
                const phase = document.body?.dataset.phase ?? '';
                if (phase !== phases.at(-1)?.[0]) phases.push([phase, Date.now()]);
            }).observe(document, { attributeFilter: ['data-phase'], subtree: true });
            new PerformanceObserver((list) => {
                for (const { startTime, duration } of list.getEntries())
                    seen.push([performance.timeOrigin + startTime, duration]);
            }).observe({ type: 'longtask' });
        });
        await page.goto(server.url);
        await page.locator('body[data-phase="start"]').waitFor();
        await page.waitForTimeout(1000);
        const files = readdirSync(folder).map((name) => join(folder, name));
        const cpuBefore = cpuSeconds();
        const began = performance.now();
        const passed = () => (performance.now() - began) / 1000;
        const beganAt = Date.now();
        await page.evaluate(() => {
            const { seen, phases } = /** @type {any} */ (window);
            seen.splice(0);
            phases.splice(0);
        });
        await page.locator('input[type="file"][accept^="image/png"]').setInputFiles(files);
        const estimates = /** @type {[number, string][]} */ ([]);
        let memory = 0;
        for (let weighed = 0; ;) {
            const { phase, said } = await page.evaluate(() => ({
                phase: document.body.dataset.phase ?? '',
                said: document.querySelector('.status-detail')?.textContent ?? '',
            }));
            if (said && said !== estimates.at(-1)?.[1]) estimates.push([passed(), said]);
            if (phase === 'result' || passed() * 1000 - weighed >= WEIGH_MS) {
                memory = Math.max(memory, memoryBytes());
                weighed = passed() * 1000;
            }
            if (phase === 'result') break;
            if (phase === 'paused' || passed() * 1000 > LIMIT_MS)
                throw new Error(`the page stands still: ${said}`);
            await page.waitForTimeout(LOOK_MS);
        }
        const cpu = cpuSeconds() - cpuBefore;
        /** @type {{seen: [number, number][], phases: [string, number][]}} */
        const { seen: tasks, phases } = await page.evaluate(() => {
            const { seen, phases } = /** @type {any} */ (window);
            return { seen, phases };
        });
        for (const phase of phases) phase[1] = (phase[1] - beganAt) / 1000;
        const seconds = /** @type {[string, number]} */ (phases.at(-1))[1];
        const longest = tasks.sort((a, b) => b[1] - a[1]).slice(0, 3);
        return {
            seconds,
            cpu,
            phases,
            estimates,
            memory,
            longest: longest.map(([at, ms]) => ({ at: (at - beganAt) / 1000, ms })),
        };
    } finally {
        await browser.close();
        await server.close();
    }
}

const [cpu] = cpus();
console.log(`${cpu.model}, ${cpus().length} threads, ${new Date().toISOString().slice(0, 10)}`);
for (const count of values.photos.split(',').map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), 'fleck-photos-'));
    try {
        multiply(values.folder, count, folder);
        for (let round = 0; round < Number(values.rounds); round++) {
            const command = await measureCommand(folder);
            const page = await measurePage(folder);
            const one = (/** @type {number} */ number) => number.toFixed(1);
            console.log(
                `${count} photos: page ${one(page.seconds)} s (CPU ${one(page.cpu)}), ` +
                    `command ${one(command.seconds)} s (CPU ${one(command.cpu)}), ` +
                    `ratio ${(page.seconds / command.seconds).toFixed(2)} ` +
                    `(CPU ${(page.cpu / command.cpu).toFixed(2)})`,
            );
            console.log(`  ${page.phases.map(([name, at]) => `${name} ${one(at)}`).join(', ')}`);
            const tasks = page.longest.map(({ at, ms }) => `${Math.round(ms)} ms at ${one(at)} s`);
            console.log(`  longest tasks ${tasks.join(', ')}`);
            console.log(`  memory ${Math.round(page.memory / 2 ** 20)} MB`);
            for (let tenth = 0; tenth < 10; tenth++) {
                const at = (tenth * page.seconds) / 10;
                const [when, said] = page.estimates.find(([then]) => then >= at) ?? [0, ''];
                console.log(`  at ${one(when)} s: ${said}`);
            }
        }
    } finally {
        rmSync(folder, { recursive: true });
    }
}

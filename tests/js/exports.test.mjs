import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DEFECT, HEAT, LOOK, packageFolder, readText } from './fixtures.mjs';

// JavaScript states itself what these return.
const NOT_EXPORTED = [
    'fleck_version',
    'fleck_options_default',
    'fleck_method_name',
    'fleck_learns_from',
    'fleck_photo_key',
    'fleck_judge',
    'fleck_judge_regions',
    'fleck_verdict_name',
    'fleck_mark_name',
    'fleck_add_marks',
];

test('exports.txt names the public functions of fleck.h', async () => {
    const header = (await readText('src/fleck.h')).replace(/\/\*.*?\*\//gs, '');
    const declared = [...header.matchAll(/\b(fleck_\w+)\s*\(/g)].map(([, name]) => name);
    const listed = (await readText('wasm/glue/exports.txt'))
        .split('\n')
        .filter((line) => /^[a-z]/.test(line));
    assert.deepEqual(
        listed.filter((name) => name.startsWith('fleck_')).sort(),
        declared.filter((name) => !NOT_EXPORTED.includes(name)).sort(),
    );
});

test('the types of the module name the same functions', async () => {
    const types = await readText('wasm/glue/module.d.ts');
    const typed = [...types.matchAll(/^ {4}_(\w+)\(/gm)].map(([, name]) => name);
    const listed = (await readText('wasm/glue/exports.txt'))
        .split('\n')
        .filter((line) => /^[a-z]/.test(line));
    assert.deepEqual(typed.sort(), listed.sort());
});

/** What constants.mjs makes of a types.h. */
async function constantsOf(header) {
    const folder = await mkdtemp(join(tmpdir(), 'fleck-constants-'));
    await writeFile(join(folder, 'types.h'), header);
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    const script = fileURLToPath(new URL('../../wasm/glue/constants.mjs', import.meta.url));
    try {
        execFileSync(process.execPath, [script, join(folder, 'types.h'), folder], {
            stdio: 'pipe',
        });
        return {
            ...(await import(pathToFileURL(join(folder, 'constants.js')).href)),
            checks: await readFile(join(folder, 'layout.h'), 'utf8'),
        };
    } finally {
        await rm(folder, { recursive: true });
    }
}

test('constants.js has the numbers, names and structures of types.h', async () => {
    const { checks, ...constants } = await constantsOf(await readText('src/base/types.h'));
    assert.deepEqual({ ...(await import(new URL('constants.js', packageFolder))) }, constants);
    assert.ok(constants.HEAT === HEAT && constants.DEFECT === DEFECT && constants.LOOK === LOOK);
    assert.equal(constants.DEFECT, 0.5);
    assert.deepEqual(constants.VERDICT_NAMES, ['ok', 'look', 'defect']);
    assert.deepEqual(constants.METHOD_NAMES.slice(6), ['softpatch', 'l2bt', 'simplenet']);
    assert.deepEqual(constants.OPTIONS.learnMost, [56, 'Uint32']);
    for (const check of [
        'sizeof(fleck_options) == 64',
        'offsetof(fleck_options, seed) == 32',
        'FLECK_ERR_KIND == 5',
        'FLECK_HEAT == 224',
    ])
        assert.ok(checks.includes(`_Static_assert(${check}, `), check);
});

test('a field more moves those behind it, and names that do not fit stop the build', async () => {
    const header = await readText('src/base/types.h');
    const insert = (text, field) =>
        text.replace('    uint64_t seed;', `    ${field}\n    uint64_t seed;`);
    const { OPTIONS, STRUCTURE_BYTES } = await constantsOf(
        insert(header, 'fleck_stage until_stage; /* new */'),
    );
    assert.deepEqual(OPTIONS.untilStage, [32, ['memory', 'learn', 'calibrate']]);
    assert.deepEqual(OPTIONS.seed, [40, 'BigUint64']);
    assert.equal(STRUCTURE_BYTES, 72);
    for (const [broken, why] of [
        [insert(header, 'double share;'), /a field of the type double/],
        [insert(header, 'uint64_t seeds[2];'), /a list like seeds/],
        [insert(header, 'uint32_t *(*callback)(void);'), /what is/],
        [header.replace('"fit", "funad"', '"funad", "fit"'), /FLECK_PRESET_FIT is no "funad"/],
        [header.replace('"fit", "funad"', '"fit"'), /FLECK_PRESET_NAMES: 2 are in the enum/],
        [header.replace('FLECK_STAGE_NAMES', 'FLECK_STAGES'), /there is no FLECK_STAGE_NAMES/],
    ])
        await assert.rejects(constantsOf(broken), why);
});

/**
 * ruff, by its build for node: what it finds in Python files, and whether they are formatted.
 *
 *     node scripts/ruff.mjs [--fix] FILE...     --fix formats them
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';

const LINE = 100;
const workspace = new Workspace(
    {
        'line-length': LINE,
        'indent-width': 4,
        lint: {
            select: ['E', 'F', 'W', 'I', 'B'],
            ignore: ['E402', 'E501', 'E741', 'B905'],
            isort: {
                'known-first-party': [
                    'backbone',
                    'beds',
                    'evaluate',
                    'golden',
                    'samples',
                    'report',
                ],
            },
        },
    },
    PositionEncoding.Utf16,
);
const fix = process.argv.includes('--fix');
let found = 0;
for (const file of process.argv.slice(2).filter((argument) => argument !== '--fix')) {
    let text = readFileSync(file, 'utf8');
    const formatted = workspace.format(text);
    if (formatted !== text && fix) writeFileSync(file, (text = formatted));
    else if (formatted !== text) {
        console.log(`${file}: not as ruff formats it`);
        found++;
    }
    for (const { code, message, start_location: at } of workspace.check(text)) {
        console.log(`${file}:${at.row}:${at.column}: ${code} ${message}`);
        found++;
    }
}
process.exit(found ? 1 : 0);

// The manual page and the completions of the command line, beside what it says itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pagesOf, wordsOf } from '../../scripts/pages.mjs';
import { cli, missing, root } from './cli.mjs';

const pages = path.join(root, 'src/cli/pages');

describe('pages', { skip: missing }, () => {
    test('they are what scripts/pages.mjs makes of --help', () => {
        const made = pagesOf(cli);
        assert.deepEqual(fs.readdirSync(pages).sort(), Object.keys(made).sort());
        for (const [name, text] of Object.entries(made))
            assert.equal(fs.readFileSync(path.join(pages, name), 'utf8'), text, name);
    });

    test('every command and option is understood, and no value runs into its help', () => {
        const { commands } = wordsOf(cli);
        assert.equal(commands.length, 11);
        for (const { name, options } of commands) {
            assert.ok(options.length >= 2, name);
            for (const option of options) {
                assert.ok(option.help[0], `${name} --${option.name}`);
                assert.match(option.value, /^[A-Z|,x]*$/, `${name} --${option.name}`);
            }
        }
    });

    /** What bash proposes at the end of a line. @param {string} line */
    const proposed = (line) => {
        const words = line.split(' ');
        const script = `. "$1"; COMP_WORDS=("\${@:2}"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _fleck
            printf '%s\\n' "\${COMPREPLY[@]}"`;
        const args = ['-c', script, 'bash', path.join(pages, 'fleck.bash'), ...words];
        return execFileSync('bash', args, { encoding: 'utf8', cwd: root }).trim().split('\n');
    };

    test('bash completes commands, options, their values and files', () => {
        assert.deepEqual(proposed('fleck ins'), ['inspect']);
        assert.deepEqual(proposed('fleck score model --fail'), ['--fail-on']);
        assert.deepEqual(proposed('fleck score model --fail-on '), ['defect', 'look']);
        assert.deepEqual(proposed('fleck train dir --method so'), ['softpatch']);
        assert.deepEqual(proposed('fleck inspect REA'), ['README.md']);
        assert.deepEqual(proposed('fleck inspect dir --seed '), ['']);
        assert.deepEqual(proposed('fleck convert in out --dtype '), ['f32', 'f16', 'i8']);
    });
});

// The manual page and the completions of the command line, from what it says itself:
//
//   node scripts/pages.mjs [PROGRAM]      PROGRAM: build/native/fleck
//
// writes src/cli/pages/. tests/cli/pages.test.mjs sees that they are as they would be written anew.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * @typedef {{short: string, name: string, value: string, help: string[]}} Option
 * @typedef {{name: string, usage: string, about: string, options: Option[]}} Command
 * @typedef {{version: string, about: string, commands: Command[], examples: string,
 *   photos: string, status: string}} Words
 */

/** What stands below a heading, up to the next. @param {string} text @param {string} heading */
const below = (text, heading) => text.split(`\n${heading}\n`)[1]?.split(/\n\n(?=\S)/)[0] ?? '';

/** @param {string} text the lines below Options @returns {Option[]} */
function optionsIn(text) {
    const options = [];
    for (const line of text.split('\n').filter(Boolean)) {
        const [, short = '', name, value = '', help] =
            /^ {2}(?:-(\w), )?--([\w-]+)(?: (\S+))? +(.*)$/.exec(line) ?? [];
        if (name) options.push({ short, name, value, help: [help] });
        else options.at(-1)?.help.push(line.trim());
    }
    return options;
}

/** @param {string} program @returns {Words} */
export function wordsOf(program) {
    const say = (/** @type {string[]} */ ...words) =>
        execFileSync(program, words, { encoding: 'utf8' });
    const help = say('--help');
    const commands = below(help, 'Commands')
        .split('\n')
        .map((line) => /^ {2}fleck ([\w-]+) (.*)$/.exec(line) ?? [])
        .map(([, name, usage]) => {
            const text = say(name, '--help');
            const [, about] = /^.*\n\n([^]*?)\n\nOptions\n/.exec(text) ?? [];
            return { name, usage, about, options: optionsIn(below(text, 'Options')) };
        });
    return {
        version: say('--version').trim(),
        about: help.split('\n\n')[0],
        commands,
        examples: below(help, 'Examples'),
        // Which kinds are read differs from build to build.
        photos: (/\n(Photos are [^]*)\n\nExit status/.exec(help)?.[1] ?? '').replace(
            /^.*/,
            'Photos are the PNG, JPEG, BMP, TIFF and, where fleck was built so, WebP, HEIC and AVIF',
        ),
        status: `${below(help, 'Exit status')}\n`,
    };
}

/** Text for roff. @param {string} text */
const roff = (text) =>
    text
        .replace(/\\/g, '\\e')
        .replace(/-/g, '\\-')
        .replace(/^(?=[.'])/gm, '\\&');

/** Lines as they are. @param {string} text */
const asIs = (text) => `.nf\n${roff(text)}\n.fi`;

/** @param {Words} words */
export function manual({ version, about, commands, examples, photos, status }) {
    const option = (/** @type {Option} */ o) =>
        `.TP\n.B ${roff(`${o.short && `-${o.short}, `}--${o.name}`)}${o.value && `\n.I ${roff(o.value)}`}`
            .replace(/\.B (.*)\n\.I (.*)/, '.BI "$1 " $2')
            .concat(`\n${o.help.map(roff).join('\n.br\n')}`);
    return [
        `.\\" Made by scripts/pages.mjs of what fleck \\-\\-help says.`,
        `.TH FLECK 1 "" "${version}" "User commands"`,
        `.SH NAME\nfleck \\- finds the defects in a folder of unlabelled product photos`,
        `.SH SYNOPSIS`,
        ...commands.map(({ name, usage }) => `.B fleck ${name}\n${roff(usage)}\n.br`),
        `.SH DESCRIPTION\n${roff(about)}`,
        `.SH PHOTOS\n${asIs(photos)}`,
        `.SH COMMANDS`,
        ...commands.flatMap(({ name, usage, about: does, options }) => [
            `.SS fleck ${name} ${roff(usage)}\n${asIs(does)}`,
            ...options.map(option),
        ]),
        `.SH EXIT STATUS\n${asIs(status.trimEnd())}`,
        `.SH EXAMPLES\n${asIs(examples)}`,
        '',
    ].join('\n');
}

/** The words that an option's help lists as its values. @param {Option} option */
const valuesOf = ({ value, help }) =>
    /^(NAME|TYPE|VERDICT)$/.test(value)
        ? help.flatMap((line) => /^([a-z][\w-]*): /.exec(line)?.[1] ?? [])
        : [];
/** @param {Option} option */
const wantsFile = ({ value }) => /FILE|DIR|OUT|MODEL/.test(value);

/** Names of the options, short ones before. @param {Option} option */
const names = ({ short, name }) => [...(short ? [`-${short}`] : []), `--${name}`];

/** @param {Words} words */
export function bash({ commands }) {
    const values = commands.flatMap(({ name, options }) =>
        options
            .filter((option) => option.value)
            .map((option) => {
                const words = valuesOf(option);
                const does = words.length
                    ? `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))`
                    : wantsFile(option)
                      ? 'COMPREPLY=($(compgen -f -- "$word"))'
                      : ':';
                return `    ${names(option)
                    .map((each) => `${name}:${each}`)
                    .join(' | ')}) ${does}; return ;;`;
            }),
    );
    return `# Completions of fleck for bash. Made by scripts/pages.mjs of what fleck --help says.
_fleck() {
    local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$word"))
        return
    fi
    case $command:$before in
${values.join('\n')}
    esac
    case $command:$word in
${commands
    .map(
        ({ name, options }) =>
            `    ${name}:-*) COMPREPLY=($(compgen -W '${options.flatMap(names).join(' ')}' -- "$word")) ;;`,
    )
    .join('\n')}
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _fleck fleck
`;
}

/** What an option is for, in short: its first line, unless that is of a value already. @param {Option} option */
const brief = ({ name, help }) => (/^[a-z][\w-]*: /.test(help[0]) ? name : help[0]);

/** @param {Words} words */
export function zsh({ commands }) {
    const quoted = (/** @type {string} */ text) => text.replace(/'/g, "'\\''");
    const escaped = (/** @type {string} */ text) => quoted(text.replace(/[[\]:\\]/g, '\\$&'));
    const spec = (/** @type {Option} */ option) => {
        const words = valuesOf(option);
        const action = words.length
            ? `:(${words.join(' ')})`
            : wantsFile(option)
              ? ':_files'
              : ': ';
        const what = `[${escaped(brief(option))}]${option.value && `:${escaped(option.value)}${action}`}`;
        const [first, second] = names(option);
        return second
            ? `        '(${first} ${second})'{${first},${second}}'${what}'`
            : `        '${first}${what}'`;
    };
    return `#compdef fleck
# Completions of fleck for zsh. Made by scripts/pages.mjs of what fleck --help says.
_fleck() {
    if (( CURRENT == 2 )); then
        compadd -- ${commands.map(({ name }) => name).join(' ')} --help --version
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
${commands
    .map(
        ({ name, options }) => `    ${name})
        _arguments -S \\
${options.map((option) => `${spec(option)} \\`).join('\n')}
        '*:file:_files' ;;`,
    )
    .join('\n')}
    esac
}
_fleck "$@"
`;
}

/** @param {Words} words */
export function fish({ commands }) {
    const quoted = (/** @type {string} */ text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
    const all = commands.map(({ name }) => name).join(' ');
    const lines = commands.flatMap(({ name, about, options }) => [
        `complete -c fleck -f -n ${quoted(`not __fish_seen_subcommand_from ${all}`)} -a ${name} ` +
            `-d ${quoted(about.split(/[:.]\s/)[0].replace(/\n/g, ' '))}`,
        ...options.map((option) => {
            const words = valuesOf(option);
            const value = words.length
                ? ` -x -a ${quoted(words.join(' '))}`
                : wantsFile(option)
                  ? ' -r -F'
                  : option.value
                    ? ' -x'
                    : '';
            return (
                `complete -c fleck -n ${quoted(`__fish_seen_subcommand_from ${name}`)}` +
                `${option.short && ` -s ${option.short}`} -l ${option.name}${value} ` +
                `-d ${quoted(brief(option))}`
            );
        }),
    ]);
    return `# Completions of fleck for fish. Made by scripts/pages.mjs of what fleck --help says.\n${lines.join('\n')}\n`;
}

/** The files of src/cli/pages by name. @param {string} program */
export function pagesOf(program) {
    const words = wordsOf(program);
    return {
        'fleck.1': manual(words),
        'fleck.bash': bash(words),
        _fleck: zsh(words),
        'fleck.fish': fish(words),
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const program = process.argv[2] ?? `${ROOT}build/native/fleck`;
    for (const [name, text] of Object.entries(pagesOf(program)))
        writeFileSync(`${ROOT}src/cli/pages/${name}`, text);
}

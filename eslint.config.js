import js from '@eslint/js';
import globals from 'globals';

export default [
    { ignores: ['build/', 'out/', 'tests/speed/peers/node_modules/'] },
    js.configs.recommended,
    {
        languageOptions: { globals: { ...globals.browser, ...globals.node } },
        rules: {
            eqeqeq: ['error', 'always', { null: 'ignore' }],
            'no-var': 'error',
            'prefer-const': 'error',
            'object-shorthand': 'error',
            'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
            'no-control-regex': 'off', // bytes of files and of terminals are what is looked for
            'no-empty': ['error', { allowEmptyCatch: true }],
        },
    },
    {
        // The page takes nothing from node.
        files: ['web/**/*.js'],
        languageOptions: { globals: { ...globals.browser, ...globals.serviceworker } },
    },
];

// What fleck writes as JSON, held to its schemas.
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { root } from './cli.mjs';

const schemaOf = (/** @type {string} */ name) =>
    JSON.parse(fs.readFileSync(path.join(root, `tests/cli/${name}.schema.json`), 'utf8'));
const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
ajv.addSchema(schemaOf('results'), 'results');

export const isResults = ajv.compile({ $ref: 'results' });
export const isLine = ajv.compile({ $ref: 'results#/$defs/line' });
export const isReport = ajv.compile(schemaOf('report'));

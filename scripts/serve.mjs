/**
 * Serves a folder on localhost with the headers that the page is made for.
 *
 *     node scripts/serve.mjs [FOLDER] [--port N] [--no-isolation]
 *
 * Port 0 takes any free one. --no-isolation leaves out the headers that allow
 * shared memory, as many hosts do. As a module: serve(folder, options).
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { policyHeaders } from './policy.mjs';

const TYPES = {
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.mjs': 'text/javascript; charset=utf-8',
    '.json': 'application/json',
    '.wasm': 'application/wasm',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
    '.jpg': 'image/jpeg',
    '.webp': 'image/webp',
    '.txt': 'text/plain; charset=utf-8',
    '.csv': 'text/csv; charset=utf-8',
    '.webmanifest': 'application/manifest+json',
};

/** What gzip makes smaller. */
const COMPRESSIBLE = /^text\/|\/(json|wasm|svg\+xml|manifest\+json)$/;

const HEADERS = {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-cache',
};

const ISOLATION = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * A regular file inside root, open, and where it lies; links may lead to elsewhere inside.
 * Whatever is amiss throws. Without O_NONBLOCK opening a pipe would wait.
 * @param {string} root  without links
 * @param {string} pathname  as it was asked for
 */
async function openInside(root, pathname) {
    const isInside = (path) => path === root || path.startsWith(root + sep);
    const named = join(root, decodeURIComponent(pathname));
    if (!isInside(named)) throw new Error('outside');
    let path = await realpath(named);
    for (;;) {
        if (!isInside(path)) throw new Error('a link leads outside');
        const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
        const info = await file.stat().catch(() => null);
        if (info?.isFile()) {
            const { size, mtimeMs } = info;
            return { file, path, size, tag: `W/"${size}-${mtimeMs}"` };
        }
        await file.close();
        if (!info?.isDirectory()) throw new Error('no file');
        path = await realpath(join(path, 'index.html'));
    }
}

/**
 * Whether to compress: never for who asks for a part, since parts are of the file as it is.
 * @param {import('node:http').IncomingHttpHeaders} headers of the request
 */
function takesGzip({ range, 'accept-encoding': accepted = '' }) {
    const codings = String(accepted).split(',');
    return !range && codings.some((each) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(each));
}

/**
 * @param {string} folder
 * @param {{port?: number, isolation?: boolean}} [options]
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function serve(folder, { port = 0, isolation = true } = {}) {
    const root = await realpath(resolve(folder));
    const headers = {
        ...HEADERS,
        ...(await policyHeaders(root)),
        ...(isolation && ISOLATION),
    };
    const server = createServer(async (request, response) => {
        const refuse = (status) => response.writeHead(status, headers).end();
        if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
        let opened;
        try {
            const { pathname } = new URL(request.url, 'http://localhost');
            opened = await openInside(root, pathname);
        } catch {
            return refuse(404);
        }
        const { file, path, size, tag } = opened;
        const type = TYPES[extname(path)] ?? 'application/octet-stream';
        const compressible = COMPRESSIBLE.test(type);
        const zipped = compressible && takesGzip(request.headers);
        const known = request.headers['if-none-match'] === tag;
        response.writeHead(known ? 304 : 200, {
            ...headers,
            ETag: tag,
            ...(compressible && { Vary: 'Accept-Encoding' }),
            ...(!known && {
                'Content-Type': type,
                ...(zipped ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': size }),
            }),
        });
        try {
            if (known || request.method === 'HEAD') response.end();
            else {
                const bytes = size ? file.createReadStream({ end: size - 1 }) : [];
                await pipeline(bytes, ...(zipped ? [createGzip()] : []), response);
            }
        } catch {
            response.destroy(); /* who asked has gone, or the file cannot be read */
        } finally {
            await file.close().catch(() => {}); /* a stream closes it, too */
        }
    });
    await new Promise((done, failed) => {
        server.once('error', failed);
        server.listen(port, '127.0.0.1', done);
    });
    return {
        url: `http://127.0.0.1:${server.address().port}/`,
        close: () =>
            new Promise((done) => {
                server.close(() => done());
                server.closeAllConnections();
            }),
    };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { port: { type: 'string', default: '8080' }, 'no-isolation': { type: 'boolean' } },
    });
    const folder = positionals[0] ?? 'build/site';
    const options = { isolation: !values['no-isolation'] };
    try {
        const server = await serve(folder, { port: Number(values.port), ...options }).catch(
            (error) => {
                if (error.code === 'EADDRINUSE') return serve(folder, options);
                throw error;
            },
        );
        console.log(`Open ${server.url} in a browser; Ctrl+C ends.`);
    } catch (error) {
        console.error(`serve.mjs: ${error.message}`);
        process.exitCode = 1;
    }
}

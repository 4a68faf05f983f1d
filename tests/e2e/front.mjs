/** A server before the site's: what comes of the site's answers is at the test's will. */
import { createServer, request as ask } from 'node:http';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {boolean} cut the connection ends before the answer does
 */
/** @typedef {(answer: Answer) => void} Change */

export async function startFront() {
    const front = {
        url: '',
        /** @type {string[]} paths that were asked for, in their order, with their query */
        asked: [],
        /** address of the site that is behind; '': nothing is, and nobody is answered */
        site: '',
        /** @type {Map<string, Change>} by path; '*': of all others */
        changes: new Map(),
        close: async () => {},
    };
    const server = createServer((request, response) => {
        const path = request.url ?? '/';
        front.asked.push(path);
        if (!front.site) return;
        const headers = { ...request.headers };
        delete headers['accept-encoding'];
        const behind = ask(
            new URL(path, front.site),
            { method: request.method, headers, agent: false },
            async (answer) => {
                const body = [];
                for await (const bytes of answer) body.push(bytes);
                const told = {
                    status: answer.statusCode ?? 500,
                    headers: answer.headers,
                    body: Buffer.concat(body),
                    cut: false,
                };
                (front.changes.get(path) ?? front.changes.get('*'))?.(told);
                if (told.cut) response.destroy();
                else response.writeHead(told.status, told.headers).end(told.body);
            },
        );
        behind.on('error', () => response.destroy()).end();
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(null)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    front.url = `http://127.0.0.1:${port}/`;
    front.close = async () => {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
    };
    return front;
}

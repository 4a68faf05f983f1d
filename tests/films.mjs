/** Small films for the tests, drawn and encoded by the browser that is tested. */

/**
 * Runs in the page: a WebM whose pictures each show their number, as white and black bars over the
 * first 24 of 32 columns, the least digit first, on a grey that goes by it too.
 * @param {object} options
 * @param {number} options.pictures
 * @param {number} [options.rate] pictures a second
 * @param {boolean} [options.tellsLength] as a recorder does not
 * @param {boolean} [options.isSilent] false: it has sound and no pictures
 * @returns {Promise<string>} in base 64
 */
export async function drawFilm({ pictures, rate = 10, tellsLength = true, isSilent = true }) {
    const [WIDTH, HEIGHT, BITS] = [160, 96, 6];
    /** @type {{time: number, isKey: boolean, bytes: Uint8Array}[]} */
    const blocks = [];
    /** @type {Uint8Array|null} */
    let about = null;
    const output = (
        /** @type {EncodedVideoChunk|EncodedAudioChunk} */ chunk,
        /** @type {any} */ more,
    ) => {
        const { description } = more?.decoderConfig ?? {};
        if (description) about = new Uint8Array(description.buffer ?? description);
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        blocks.push({
            time: Math.round(chunk.timestamp / 1000),
            isKey: chunk.type === 'key',
            bytes,
        });
    };
    const error = (/** @type {Error} */ why) => {
        throw why;
    };
    if (isSilent) {
        const encoder = new VideoEncoder({ output, error });
        encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 400_000 });
        const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        for (let i = 0; i < pictures; i++) {
            context.fillStyle = `rgb(${96 + i} 110 ${130 - i})`;
            context.fillRect(0, 0, WIDTH, HEIGHT);
            for (let bit = 0; bit < BITS; bit++) {
                context.fillStyle = (i >> bit) & 1 ? '#fff' : '#000';
                context.fillRect(20 * bit, 0, 20, HEIGHT / 2);
            }
            const frame = new VideoFrame(canvas, { timestamp: (i * 1e6) / rate });
            encoder.encode(frame, { keyFrame: i % 8 === 0 });
            frame.close();
        }
        await encoder.flush();
    } else {
        const encoder = new AudioEncoder({ output, error });
        const [sampleRate, numberOfChannels] = [48_000, 1];
        encoder.configure({ codec: 'opus', sampleRate, numberOfChannels });
        const numberOfFrames = sampleRate;
        const data = new Float32Array(numberOfFrames).map((_, i) => Math.sin(i / 20) / 4);
        const format = 'f32-planar';
        encoder.encode(
            new AudioData({
                format,
                sampleRate,
                numberOfChannels,
                numberOfFrames,
                timestamp: 0,
                data,
            }),
        );
        await encoder.flush();
    }

    /* Matroska: elements of id, size and content. */
    const sized = (/** @type {number} */ size) => [
        0x10 | (size >>> 24),
        (size >>> 16) & 255,
        (size >>> 8) & 255,
        size & 255,
    ];
    const element = (
        /** @type {string} */ id,
        /** @type {(number|Uint8Array|number[])[]} */ ...content
    ) => {
        const bytes = content.flatMap((part) =>
            typeof part === 'number' ? [part >>> 8, part & 255] : [...part],
        );
        const head = (id.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
        return [...head, ...sized(bytes.length), ...bytes];
    };
    const words = (/** @type {string} */ text) =>
        Array.from(text, (letter) => letter.charCodeAt(0));
    const float = (/** @type {number} */ value) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setFloat64(0, value);
        return bytes;
    };
    const length = isSilent ? (1000 * pictures) / rate : 1000;
    const track = isSilent
        ? [
              element('83', 1),
              element('86', words('V_VP8')),
              element('e0', element('b0', WIDTH), element('ba', HEIGHT)),
          ]
        : [
              element('83', 2),
              element('86', words('A_OPUS')),
              element('e1', element('b5', float(48_000)), element('9f', 1)),
              ...(about ? [element('63a2', about)] : []),
          ];
    /* of eight, whichever an encoder makes keys besides: Firefox takes the last of a cluster, whose
     * end nothing tells, for over as soon as it has begun */
    const clusters = Array.from({ length: Math.ceil(blocks.length / 8) }, (_, i) =>
        blocks.slice(8 * i, 8 * i + 8),
    );
    const bytes = Uint8Array.from([
        ...element(
            '1a45dfa3',
            element('4286', 1),
            element('42f7', 1),
            element('42f2', 4),
            element('42f3', 8),
            element('4282', words('webm')),
            element('4287', 2),
            element('4285', 2),
        ),
        ...element(
            '18538067',
            element(
                '1549a966',
                element('2ad7b1', [15, 66, 64]),
                ...(tellsLength ? [element('4489', float(length))] : []),
            ),
            element('1654ae6b', element('ae', element('d7', 1), element('73c5', 1), ...track)),
            ...clusters.map((cluster) =>
                element(
                    '1f43b675',
                    element('e7', cluster[0].time),
                    ...cluster.map(({ time, isKey, bytes }) =>
                        element('a3', [0x81], time - cluster[0].time, [isKey ? 0x80 : 0], bytes),
                    ),
                ),
            ),
        ),
    ]);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/**
 * Runs in the page: which pictures the photos show that the browser keeps, by their names.
 * @returns {Promise<Record<string, number>>}
 */
export async function numbersOf() {
    const done = (/** @type {IDBRequest} */ request) =>
        new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const db = await done(indexedDB.open('fleck'));
    const photos = await done(db.transaction('photos').objectStore('photos').getAll());
    db.close();
    /** @type {Record<string, number>} */
    const numbers = {};
    for (const { name, file } of photos) {
        const picture = await createImageBitmap(file);
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.drawImage(picture, 0, 0);
        const isWhite = (/** @type {number} */ bit) =>
            context.getImageData(20 * bit + 10, 20, 1, 1).data[0] > 128;
        numbers[name] = [5, 4, 3, 2, 1, 0].reduce((sum, bit) => 2 * sum + Number(isWhite(bit)), 0);
    }
    return numbers;
}

"""TIFF photos of every form that is read: those of PIL (libtiff), and those that PIL does not write.
PIL reads the pixels wherever it can; where it cannot, or reads 8 of 16 bits, they are what went in."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from . import write
from .image import encode, pattern

W, H = 21, 13
PLAIN, LZW, DEFLATE, PACKBITS, OLD_DEFLATE = 1, 5, 8, 32773, 32946
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE = range(4)


def lzw(data: bytes) -> bytes:
    """As libtiff packs: codes of 9 to 12 bits, each width left one code early."""
    out, held, count = bytearray(), 0, 0

    def put(code: int, width: int) -> None:
        nonlocal held, count
        held, count = held << width | code, count + width
        while count >= 8:
            count -= 8
            out.append(held >> count & 255)
        held &= (1 << count) - 1

    def fresh() -> dict:
        return {bytes((i,)): i for i in range(256)}

    table, width, word = fresh(), 9, b""
    put(256, width)
    for byte in data:
        longer = word + bytes((byte,))
        if longer in table:
            word = longer
            continue
        put(table[word], width)
        table[longer] = len(table) + 2
        if len(table) + 2 == 1 << width:
            width += 1
        if len(table) + 2 == 4094:
            put(256, 12)
            table, width = fresh(), 9
        word = longer[-1:]
    put(table[word], width)
    # The table grows once more, by a string that nobody needs.
    put(257, width + (len(table) + 3 == 1 << width))
    put(0, 7)
    return bytes(out)


def packbits(data: bytes) -> bytes:
    out, at = b"", 0
    while at < len(data):
        run = 1
        while run < 128 and data[at : at + run + 1] == data[at : at + 1] * (run + 1):
            run += 1
        if run > 2:
            out += bytes((257 - run, data[at]))
        else:
            run = min(3, len(data) - at)
            out += b"\x80" + bytes((run - 1,)) + data[at : at + run]
        at += run
    return out


PACK = {
    PLAIN: bytes,
    LZW: lzw,
    DEFLATE: zlib.compress,
    OLD_DEFLATE: zlib.compress,
    PACKBITS: packbits,
}


def values(block: np.ndarray, bits: int, order: str) -> bytes:
    """Rows [rows, columns, channels], each of whole bytes."""
    if bits >= 8:
        return block.astype(f"{order}u{bits // 8}").tobytes()
    flat = block.reshape(len(block), -1)
    return b"".join(
        np.packbits((row[:, None] >> np.arange(bits)[::-1] & 1).astype(np.uint8)).tobytes()
        for row in flat
    )


def blocks(pixels: np.ndarray, width: int, height: int, tiled: bool):
    """Strips, of which the last may be short, or tiles, whose rest is filled."""
    for y in range(0, pixels.shape[0], height):
        for x in range(0, pixels.shape[1], width):
            block = pixels[y : y + height, x : x + width]
            if tiled:
                rest = (height - block.shape[0], width - block.shape[1])
                block = np.pad(block, ((0, rest[0]), (0, rest[1]), (0, 0)), constant_values=1)
            yield block


def tiff(
    pixels: np.ndarray,
    bits: int = 8,
    colours: int | None = None,
    order: str = "<",
    compression: int = PLAIN,
    predictor: int = 1,
    tile: tuple = (),
    strip: int = 5,
    apart: bool = False,
    fields: dict | None = None,
    pages: int = 1,
) -> bytes:
    """pixels: [H, W, channels]. fields: more of the directory, or other than it would be: each a
    type (3: 16 bits, 4: 32) and values; None: absent."""
    channels = pixels.shape[2]
    if colours is None:
        colours = RGB if channels > 2 else BLACK_IS_ZERO
    width, height = tile or (pixels.shape[1], strip)
    planes = [pixels[..., c : c + 1] for c in range(channels)] if apart else [pixels]
    packed = []
    for plane in planes:
        for block in blocks(plane, width, height, bool(tile)):
            block = block.astype(np.int64)
            if predictor == 2:
                block[:, 1:] = (block[:, 1:] - block[:, :-1]) % (1 << bits)
            packed.append(PACK[compression](values(block, bits, order)))
    at, offsets = 8, []
    for block in packed:
        offsets.append(at)
        at += len(block)
    places, sizes = (324, 325) if tile else (273, 279)
    directory = {
        256: (3, [pixels.shape[1]]),
        257: (4, [pixels.shape[0]]),
        258: (3, [bits] * channels),
        259: (3, [compression]),
        262: (3, [colours]),
        places: (4, offsets),
        277: (3, [channels]),
        sizes: (4, [len(block) for block in packed]),
        284: (3, [2 if apart else 1]),
        317: (3, [predictor]),
        **({322: (3, [width]), 323: (3, [height])} if tile else {278: (3, [height])}),
        **(fields or {}),
    }
    entries = sorted((tag, *field) for tag, field in directory.items() if field)
    start = at + at % 2
    size = 2 + 12 * len(entries) + 4
    body, spare = b"", b""
    for tag, kind, numbers in entries:
        data = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(data) > 4:
            place = start + size + len(spare)
            spare += data
            data = struct.pack(f"{order}I", place)
        body += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + data.ljust(4, b"\0")
    # Another page has the same directory.
    again = start + size + len(spare) if pages > 1 else 0
    head = struct.pack(f"{order}H", len(entries)) + body
    return (
        (b"II*\0" if order == "<" else b"MM\0*")
        + struct.pack(f"{order}I", start)
        + b"".join(packed).ljust(start - 8, b"\0")
        + head
        + struct.pack(f"{order}I", again)
        + spare
        + (head + bytes(4) if again else b"")
    )


def deep(channels: int) -> np.ndarray:
    y, x, c = np.mgrid[:H, :W, :channels]
    return ((x * 2861 + y * 7919 + c * 15013 + x * y * 61) % 65536).astype(np.uint16)


def turned(pixels: np.ndarray) -> list:
    """As seen, by orientations from 1 on: what the first row and the first column are."""
    across = pixels.swapaxes(0, 1)
    return [
        pixels,  # the top, the left
        pixels[:, ::-1],  # the top, the right
        pixels[::-1, ::-1],  # the bottom, the right
        pixels[::-1],  # the bottom, the left
        across,  # the left, the top
        across[:, ::-1],  # the right, the top
        across[::-1, ::-1],  # the right, the bottom
        across[::-1],  # the left, the bottom
    ]


def over_grey(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What samples.c makes of transparent pixels."""
    c, a = colours.astype(int), alpha.astype(int)
    return ((c * a + 128 * (255 - a) + 127) // 255).astype(np.uint8)


def by_pil() -> dict:
    """What libtiff writes."""
    rgb = Image.fromarray(pattern(W, H))
    grey = rgb.convert("L")
    out = {}
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"):
        out[f"pil_{name}"] = encode(rgb, "TIFF", compression=name)
        out[f"pil_{name}_grey"] = encode(grey, "TIFF", compression=name)
    large = Image.fromarray(pattern(150, 90))  # LZW's codes run out, and begin again
    out["pil_lzw_large"] = encode(large, "TIFF", compression="tiff_lzw")
    out["pil_lzw_steps"] = encode(large, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    out["pil_palette"] = encode(rgb.quantize(50), "TIFF", compression="tiff_lzw")
    out["pil_bits1"] = encode(grey.convert("1"), "TIFF", compression="packbits")
    return out


def ours() -> dict:
    """What libtiff reads and PIL does not write."""
    rgb = pattern(W, H)
    grey = rgb[..., :1]
    out = {}
    for order, end in (("<", "le"), (">", "be")):
        for compression, name in ((PLAIN, "plain"), (LZW, "lzw"), (DEFLATE, "deflate")):
            for predictor in (1, 2) if compression != PLAIN else (1,):
                kind = {"order": order, "compression": compression, "predictor": predictor}
                out[f"{end}_{name}_{predictor}"] = tiff(rgb, **kind)
                out[f"{end}_{name}_{predictor}_tiles"] = tiff(rgb, tile=(16, 16), **kind)
    out["steps_unpacked"] = tiff(rgb, fields={317: (3, [2])})  # counts for LZW and Deflate alone
    out["apart"] = tiff(rgb, compression=LZW, apart=True)
    out["apart_tiles"] = tiff(rgb, compression=DEFLATE, apart=True, tile=(16, 16), predictor=2)
    out["packbits_tiles"] = tiff(grey, compression=PACKBITS, tile=(16, 16))
    out["one_strip"] = tiff(rgb, strip=60000)
    out["rows_of_one"] = tiff(grey, strip=1, compression=LZW)
    out["white_is_zero"] = tiff(grey, colours=WHITE_IS_ZERO)
    for bits in (1, 2, 4):
        few = grey >> (8 - bits)
        out[f"bits{bits}"] = tiff(few, bits, strip=4)
        out[f"bits{bits}_white"] = tiff(few, bits, colours=WHITE_IS_ZERO, compression=LZW)
    for bits in (4, 8):
        # Eight bits of each colour count; low ones that differ are left out.
        table = [((i * 37 + c * 85) % 256) * 257 for c in range(3) for i in range(1 << bits)]
        out[f"palette{bits}"] = tiff(
            grey >> (8 - bits), bits, colours=PALETTE, fields={320: (3, table)}
        )
    return out


def without_pil() -> dict:
    """Name -> file and pixels of 8 bits."""
    rgba = np.concatenate([pattern(W, H), pattern(W, H)[..., :1] // 2 + 60], -1)
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    flat = over_grey(rgb, alpha)
    grey = np.repeat(rgb[..., :1], 3, -1)
    out = {}
    extra = {338: (3, [2])}
    out["alpha"] = tiff(rgba, fields=extra), flat
    out["alpha_apart"] = tiff(rgba, fields=extra, apart=True, compression=LZW), flat
    out["alpha_grey"] = (
        tiff(rgba[..., [0, 3]], fields=extra),
        over_grey(rgba[..., :1], alpha).repeat(3, -1),
    )
    out["fourth_is_nothing"] = tiff(rgba, fields={338: (3, [0])}), rgb
    out["fourth_unsaid"] = tiff(rgba), rgb
    times = (rgb.astype(int) * alpha + 127) // 255
    back = np.minimum((times * 255 + alpha // 2) // alpha, 255)
    out["premultiplied"] = (
        tiff(np.concatenate([times, alpha], -1), fields={338: (3, [1])}),
        over_grey(back, alpha),
    )
    # Of 8 bits, as some programs write them.
    table = [(i * 37 + c * 85) % 256 for c in range(3) for i in range(256)]
    out["palette_of_bytes"] = (
        tiff(rgb[..., :1], colours=PALETTE, fields={320: (3, table)}),
        np.array(table, np.uint8).reshape(3, 256).T[rgb[..., 0]],
    )
    out["without_sizes"] = tiff(rgb, strip=H, fields={279: None}), rgb
    out["unknown_orientation"] = tiff(rgb, fields={274: (3, [9])}), rgb
    for orientation, seen in enumerate(turned(rgb), 1):
        out[f"turned{orientation}"] = tiff(rgb, fields={274: (3, [orientation])}), seen
    out["second_page"] = tiff(rgb, pages=2), rgb
    out["grey_and_more"] = tiff(rgb, colours=BLACK_IS_ZERO), grey
    return out


def wide() -> dict:
    """Name -> file and pixels of 16 bits."""
    rgb, grey = deep(3), deep(1)
    out = {}
    for order, end in (("<", "le"), (">", "be")):
        for compression, name in ((PLAIN, "plain"), (LZW, "lzw"), (DEFLATE, "deflate")):
            for predictor in (1, 2) if compression != PLAIN else (1,):
                kind = {"order": order, "compression": compression, "predictor": predictor}
                out[f"wide_{end}_{name}_{predictor}"] = tiff(rgb, 16, **kind), rgb
                out[f"wide_{end}_{name}_{predictor}_grey"] = (
                    tiff(grey, 16, tile=(16, 32), **kind),
                    grey.repeat(3, -1),
                )
    out["wide_apart"] = tiff(rgb, 16, apart=True, predictor=2, order=">", compression=LZW), rgb
    out["wide_white"] = tiff(grey, 16, colours=WHITE_IS_ZERO), 65535 - grey.repeat(3, -1)
    out["wide_of_12"] = tiff(grey // 16, 16), grey.repeat(3, -1) // 16
    return out


def refused() -> dict:
    """What is no photo that is read, or none at all; test_tiff.c has the reasons."""
    rgb = pattern(W, H)
    bomb = {256: (4, [8000]), 257: (4, [8000]), 278: (4, [8000])}
    out = {
        "jpeg": tiff(rgb, fields={259: (3, [7])}),
        "fax": tiff(rgb[..., :1] >> 7, 1, fields={259: (3, [4])}),
        "way_999": tiff(rgb, fields={259: (3, [999])}),
        "cmyk": tiff(deep(4) >> 8, colours=5),
        "float": tiff(rgb[..., :1], 32, fields={339: (3, [3])}),
        "signed": tiff(rgb, fields={339: (3, [2, 2, 2])}),
        "bits32": tiff(rgb[..., :1], 32),
        "bits_differ": tiff(rgb, fields={258: (3, [8, 16, 8])}),
        "channels5": tiff(deep(5) >> 8),
        "reversed": tiff(rgb, fields={266: (3, [2])}),
        "predictor3": tiff(rgb, compression=LZW, fields={317: (3, [3])}),
        "no_palette": tiff(rgb[..., :1], colours=PALETTE),
        "no_pixels": tiff(rgb, fields={256: (3, [0])}),
        "no_strips": tiff(rgb, fields={273: None}),
        "no_sizes": tiff(rgb, compression=LZW, fields={279: None}),
        "few_strips": tiff(rgb, fields={273: (4, [8]), 279: (4, [10])}),
        "strips_empty": tiff(rgb, fields={278: (4, [0])}),
        "strip_beyond": tiff(rgb, strip=H, fields={273: (4, [1 << 31])}),
        "strip_too_long": tiff(rgb, strip=H, fields={279: (4, [(1 << 32) - 1])}, compression=LZW),
        "strip_short": tiff(rgb, strip=H, fields={279: (4, [300])}),
        "tiles_huge": tiff(rgb, tile=(16, 16), fields={322: (4, [1 << 31]), 323: (4, [1 << 31])}),
        "tile_large": tiff(rgb, tile=(16, 16), fields={322: (4, [2048]), 323: (4, [2048])}),
        "too_large": tiff(rgb, fields={256: (4, [1 << 23]), 257: (4, [1 << 23])}),
        "beyond_all": tiff(rgb, fields={256: (4, [(1 << 32) - 1]), 257: (4, [(1 << 32) - 1])}),
        "count_huge": tiff(rgb).replace(
            struct.pack("<HHI", 258, 3, 3), struct.pack("<HHI", 258, 3, (1 << 32) - 1)
        ),
        # States 192 MB, and has 819 bytes.
        "bomb_lzw": tiff(rgb, strip=H, compression=LZW, fields=bomb),
        "bomb_deflate": tiff(rgb, strip=H, compression=DEFLATE, fields=bomb),
        "damaged_lzw": tiff(rgb, strip=H, compression=LZW),
        "damaged_deflate": tiff(rgb, strip=H, compression=DEFLATE),
        "damaged_packbits": tiff(rgb, strip=H, compression=PACKBITS),
        "raw": tiff(rgb, fields={254: (4, [1])}),
    }
    for name, at, byte in (("lzw", 100, 255), ("deflate", 100, 255), ("packbits", 1310, 128)):
        file = bytearray(out[f"damaged_{name}"])
        file[at : at + 60] = bytes((byte,)) * 60
        out[f"damaged_{name}"] = bytes(file)
    return out


def make(out: Path) -> None:
    tensors = {}

    def add(kind: str, name: str, file: bytes, pixels: np.ndarray) -> None:
        tensors[f"file.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"{kind}.{name}"] = np.ascontiguousarray(pixels)

    for name, file in {**by_pil(), **ours()}.items():
        image = Image.open(io.BytesIO(file))
        add("rgb", name, file, np.asarray(image.convert("RGB")))
    for name, (file, pixels) in without_pil().items():
        add("rgb", name, file, pixels.astype(np.uint8))
    for name, (file, pixels) in wide().items():
        if "grey" in name:  # the one form of 16 bits that PIL keeps
            read = np.asarray(Image.open(io.BytesIO(file)))
            assert (read == pixels[..., 0]).all(), name
        add("wide", name, file, pixels.astype("<u2").view(np.uint8))
    for name, file in refused().items():
        tensors[f"refused.{name}"] = np.frombuffer(file, np.uint8)
    write(out / "tiff.safetensors", tensors, needs=("numpy", "PIL"), tolerance="none")

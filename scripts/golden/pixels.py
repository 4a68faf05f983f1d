"""Photos of 16 bits and with transparent pixels, as they are seen."""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from . import write
from .image import GREY, encode, flatten, pattern, png, wide_pattern
from .photos import MASKS, H, W, bmp, rows


def alpha_of(width: int, height: int) -> np.ndarray:
    """From nothing to opaque, both of which occur."""
    x = np.arange(width * height).reshape(height, width)
    return np.uint16(np.clip(x * 65535 // max(1, width * height - 6) - 2000, 0, 65535))


def grey(most: int, width: int = 7, height: int = 5) -> np.ndarray:
    """Values up to most, which occurs."""
    values = wide_pattern(width, height)[..., 0].astype(np.uint32) % (most + 1)
    values[2, 3] = most
    return np.uint16(values)


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    return np.dstack([pixels, alpha_of(width, height)])


def keyed(pixels: np.ndarray, key: tuple) -> np.ndarray:
    """PNG's tRNS: what has that value is transparent."""
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    return np.dstack([pixels, np.uint16(np.where((pixels == key).all(-1), 0, 65535))])


def deep() -> dict:
    """Name -> bits to read it as (0: none were set), bits that it is read as then, pixels as they
    are stored, file, bits that it is measured to have, highest value that is seen."""
    colour = wide_pattern(7, 5)
    hidden = with_alpha(grey(900))
    hidden[0, 0] = (60000, 0)  # the highest value, below a transparent pixel
    bare = np.dstack([grey(900), np.zeros((5, 7), np.uint16)])  # a channel that nobody filled
    key, rgb_key = grey(4095)[1, 1], tuple(colour[3, 4])
    sbit = {n: [(b"sBIT", bytes([n]))] for n in (4, 10, 12)}
    out = {
        "grey": (0, 16, grey(65535)),
        "rgb": (0, 16, colour),
        "grey_of_12": (12, 12, grey(4095)),
        "grey_of_12_unmeasured": (0, 16, grey(4095)),
        "grey_saturated": (12, 12, grey(5000)),
        "grey_of_8": (8, 8, grey(255)),
        "grey_of_10": (10, 10, grey(1023)),
        "rgb_of_14": (14, 14, colour >> 2),
        "black": (8, 8, np.zeros((5, 7), np.uint16)),
        "sbit": (0, 12, grey(2000), sbit[12], 12),
        "sbit_set": (14, 14, grey(2000), sbit[12], 12),
        "sbit_scaled": (0, 16, grey(4095) << 4, sbit[12], 16),
        "sbit_small": (0, 8, grey(15), sbit[4], 8),
        "sbit_rgb": (0, 11, colour >> 5, [(b"sBIT", bytes([10, 11, 10]))], 11),
        "sbit_rgba": (0, 12, with_alpha(colour >> 4), [(b"sBIT", bytes([12, 12, 12, 16]))], 12),
        "grey_alpha": (0, 16, with_alpha(grey(65535))),
        "grey_alpha_of_12": (12, 12, with_alpha(grey(4095))),
        "rgba": (0, 16, with_alpha(colour)),
        "rgba_of_10": (10, 10, with_alpha(colour >> 6)),
        "hidden": (10, 10, hidden),
        "bare_alpha": (10, 10, bare),
    }
    out = {
        name: (bits, read, pixels, *(rest or ([], None)))
        for name, (bits, read, pixels, *rest) in out.items()
    }
    files = {
        name: (bits, read, pixels, png(pixels, chunks=chunks), want)
        for name, (bits, read, pixels, chunks, want) in out.items()
    }
    files["interlaced"] = (0, 16, colour, png(colour, interlaced=True), None)
    files["keyed_grey"] = (
        12,
        12,
        keyed(grey(4095), (key,)),
        png(grey(4095), chunks=[(b"tRNS", struct.pack(">H", key))]),
        None,
    )
    files["keyed_rgb"] = (
        0,
        16,
        keyed(colour, rgb_key),
        png(colour, chunks=[(b"tRNS", struct.pack(">3H", *rgb_key))]),
        None,
    )
    return files


def seen(pixels: np.ndarray, bits: int) -> np.ndarray:
    """[height, width, 3] of 16 bits: spread over their range, then over grey."""
    pixels = (pixels if pixels.ndim == 3 else pixels[..., None]).astype(object)
    channels, top = pixels.shape[2], 2**bits - 1
    colours = pixels[..., :1].repeat(3, 2) if channels < 3 else pixels[..., :3]
    out = (np.minimum(colours, top) * 65535 * 2 + top) // (2 * top)
    if channels % 2 == 0 and pixels[..., -1].any():
        alpha = pixels[..., -1:]
        out = (2 * (out * alpha + GREY * 257 * (65535 - alpha)) + 65535) // (2 * 65535)
    return out.astype(np.uint16)


def measured(pixels: np.ndarray, want: int | None) -> list:
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    channels = pixels.shape[2]
    colours = pixels[..., : channels - (channels % 2 == 0)]
    if channels % 2 == 0 and pixels[..., -1].any():
        colours = colours[pixels[..., -1] > 0]
    highest = int(colours.max())
    return [want or next(n for n in (8, 10, 12, 14, 16) if highest < 2**n), highest]


def shallow() -> dict:
    """Photos of 8 bits, as PIL pastes them on grey."""
    colour, grey8 = Image.fromarray(pattern(7, 5)), Image.fromarray(pattern(7, 5)[..., 0])
    alpha = Image.fromarray(np.uint8(alpha_of(7, 5) >> 8))
    rgba, la, opaque, empty = (colour.copy() for _ in range(4))
    rgba.putalpha(alpha)
    opaque.putalpha(255)
    empty.putalpha(0)
    la = Image.merge("LA", (grey8, alpha))
    bits = pattern(W, H).astype(np.uint32)
    argb = (
        np.uint32(alpha_of(W, H) >> 8) << 24 | bits[..., 0] << 16 | bits[..., 1] << 8 | bits[..., 2]
    )
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    palette = Image.fromarray(pattern(7, 5) // 64 * 64).quantize(16)
    return {
        "rgba": encode(rgba, "PNG"),
        "grey_alpha": encode(la, "PNG"),
        "opaque": encode(opaque, "PNG"),
        "bare_alpha": encode(empty, "PNG"),
        "palette": encode(palette, "PNG", transparency=bytes(range(0, 256, 17))),
        "keyed_grey": encode(grey8, "PNG", transparency=int(pattern(7, 5)[1, 1, 0])),
        "keyed_rgb": encode(colour, "PNG", transparency=tuple(int(c) for c in pattern(7, 5)[3, 4])),
        "bmp_v4": bmp(rows(argb, 32), 32, header=108, compression=MASKS, masks=masks),
        "bmp_v5": bmp(rows(argb, 32), 32, header=124, compression=MASKS, masks=masks),
        "bmp_unnamed": bmp(rows(argb, 32), 32),  # its fourth byte has no meaning
    }


def make(out: Path) -> None:
    tensors = {}
    for name, (bits, read, pixels, file, want) in deep().items():
        tensors[f"deep.{bits}.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"wide.{name}"] = seen(pixels, read)
        tensors[f"samples.{name}"] = np.float32(measured(pixels, want))
    for name, file in shallow().items():
        image = Image.open(io.BytesIO(file))
        tensors[f"shallow.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"rgb.{name}"] = np.asarray(
            image.convert("RGB") if name == "bare_alpha" else flatten(image)
        )
        tensors[f"rgba.{name}"] = np.asarray(image.convert("RGBA"))
    write(out / "pixels.safetensors", tensors, needs=("numpy", "PIL"), tolerance="none")

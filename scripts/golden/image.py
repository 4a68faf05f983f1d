"""Photo files as PIL decodes them, and resized photos as PIL resizes them."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from . import write

ORIENTATION = 0x112
SHARED = Path(__file__).parents[3] / "shared" / "data"
# Width, height, S, preset (0 funad, 1 fit): shrinking, growing, one side or
# none that changes, odd crop margins, photos of one pixel, extreme shapes.
RESIZES = [
    (1, 1, 16, 1),
    (1, 300, 16, 0),
    (300, 1, 16, 1),
    (33, 47, 32, 0),
    (33, 47, 32, 1),
    (47, 33, 33, 0),
    (1031, 517, 40, 0),
    (517, 1031, 24, 1),
    (20, 25, 28, 0),
    (32, 32, 28, 0),
    (32, 100, 28, 0),
    (100, 24, 24, 1),
    (13, 7, 33, 0),
    (3000, 40, 32, 0),
    (31, 2, 17, 0),
]
# Width, height of a photo, of its resized and cropped pixels, and a square of them: left, top, S,
# preset.
SQUARES = [
    (50, 125, 32, 80, 0, 0, 32, 1),
    (50, 125, 32, 80, 0, 24, 32, 1),
    (50, 125, 32, 80, 0, 48, 32, 0),
    (300, 40, 56, 16, 39, 0, 16, 0),
    (33, 47, 28, 28, 12, 12, 16, 1),
    (517, 301, 49, 28, 21, 0, 28, 0),
]
GREY = 128
REAL = (
    "mtd/good/000.jpg",
    "mtd/blowhole/000.jpg",
    "elpv/good/000.png",
    "natural/a0001.jpg",
    "natural/b0001.jpg",
    "natural/c0001.jpg",
)


def pattern(width: int, height: int) -> np.ndarray:
    """The test photo of a size, [height, width, 3]; test_image.c makes the same."""
    y, x, c = np.mgrid[:height, :width, :3].astype(np.uint32)
    return ((x * 37 + y * 101 + c * 59 + x * y * 7 + (x * x * 13 + y * y * 5) // 8) & 255).astype(
        np.uint8
    )


def wide_pattern(width: int, height: int) -> np.ndarray:
    """The same in 16 bits."""
    y, x, c = np.mgrid[:height, :width, :3].astype(np.uint32)
    return (
        (x * 37 + y * 101 + c * 59 + x * y * 7 + (x * x * 13 + y * y * 5) // 8) * 211 & 65535
    ).astype(np.uint16)


def smooth(width: int, height: int) -> np.ndarray:
    """A photo that JPEG keeps well."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    planes = [np.sin(5 * x + y), np.cos(4 * y - x), np.sin(3 * x * y + 1)]
    return np.uint8(np.round(127.5 + 110 * np.stack(planes, -1)))


def encode(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # first column and row, steps between columns and rows


def png(pixels: np.ndarray, interlaced: bool = False, chunks: list = ()) -> bytes:
    """PIL writes neither 16-bit colour nor interlaced files. chunks: name and body of others."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    height, width = pixels.shape[:2]
    bits = 8 * pixels.itemsize
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = b"".join(
        b"\0" + row.astype(f">u{pixels.itemsize}").tobytes()
        for x, y, dx, dy in passes
        for row in pixels[y::dy, x::dx]
        if row.size
    )
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.size // (width * height)]
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(chunk(*each) for each in chunks)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def exif(orientation: int, order: str) -> bytes:
    head = {">": b"MM", "<": b"II"}[order]
    entry = struct.pack(order + "HHIHH", ORIENTATION, 3, 1, orientation, 0)
    other = struct.pack(order + "HHII", 0x100, 4, 1, 9)
    return b"Exif\0\0" + head + struct.pack(order + "HIH", 42, 8, 2) + other + entry + bytes(4)


def photos() -> dict:
    """Name -> file bytes. Names start with the way they are compared."""
    colour, alpha = Image.fromarray(pattern(7, 5)), Image.fromarray(pattern(7, 5)[..., 1])
    rgba = colour.copy()
    rgba.putalpha(alpha)
    grey = Image.fromarray(pattern(9, 4)[..., 0])
    palette = Image.fromarray(pattern(6, 6) // 64 * 64).quantize(16)
    top_down = bytearray(encode(colour, "BMP"))
    struct.pack_into("<i", top_down, 22, -5)
    soft, soft_grey = Image.fromarray(smooth(37, 29)), Image.fromarray(smooth(37, 29)[..., 0])
    out = {
        "exact.png.rgb": encode(colour, "PNG"),
        "exact.png.rgba": encode(rgba, "PNG"),
        "exact.png.grey": encode(grey, "PNG"),
        "exact.png.grey_alpha": encode(rgba.convert("LA"), "PNG"),
        "exact.png.palette": encode(palette, "PNG"),
        "exact.png.palette_alpha": encode(palette, "PNG", transparency=3),
        "exact.png.grey_transparent": encode(grey, "PNG", transparency=37),
        "exact.png.bits": encode(grey.convert("1"), "PNG"),
        "exact.png.one_pixel_wide": encode(Image.fromarray(pattern(1, 11)), "PNG"),
        "exact.png.interlaced": png(pattern(9, 11), interlaced=True),
        "exact.bmp.rgb": encode(colour, "BMP"),
        "exact.bmp.rgba": encode(rgba, "BMP"),
        "exact.bmp.top_down": bytes(top_down),
        "exact.bmp.grey": encode(grey, "BMP"),
        "exact.bmp.bits": encode(grey.convert("1"), "BMP"),
        "near.jpeg.444": encode(soft, "JPEG", quality=95, subsampling=0),
        "near.jpeg.420": encode(soft, "JPEG", quality=95, subsampling=2),
        "near.jpeg.422": encode(soft, "JPEG", quality=95, subsampling=1),
        "near.jpeg.grey": encode(soft_grey, "JPEG", quality=95),
        "near.jpeg.progressive": encode(soft, "JPEG", quality=95, progressive=True),
        "near.jpeg.cmyk": encode(soft.convert("CMYK"), "JPEG", quality=95),
        "near.jpeg.one_pixel_wide": encode(
            Image.fromarray(smooth(1, 17)), "JPEG", quality=95, subsampling=0
        ),
    }
    small = Image.fromarray(pattern(3, 2))
    soft = Image.fromarray(smooth(11, 8))
    for o in range(1, 9):
        for order, name in ((">", "big"), ("<", "little")):
            out[f"exact.png.exif{o}_{name}"] = encode(small, "PNG", exif=exif(o, order))
        out[f"near.jpeg.exif{o}"] = encode(
            soft, "JPEG", quality=95, optimize=True, subsampling=0, exif=exif(o, "<>"[o % 2])
        )
    out["exact.png.exif9"] = encode(small, "PNG", exif=exif(9, ">"))
    return out


def flatten(image: Image.Image) -> Image.Image:
    """What is transparent shows mid grey."""
    image = image.convert("RGBA")
    out = Image.new("RGB", image.size, (GREY,) * 3)
    out.paste(image, mask=image)
    return out


def decode(name: str, file: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(file))
    if name.endswith("exif9"):  # no such orientation
        return np.asarray(image.convert("RGB"))
    image = ImageOps.exif_transpose(image)
    return np.asarray(flatten(image))


def resize(image: Image.Image, S: int, preset: int) -> np.ndarray:
    """torchvision's Resize((side, side)) on a PIL image, then CenterCrop(S)."""
    side = S if preset else round(S * 256 / 224)
    at = int(round((side - S) / 2.0))
    resized = image.convert("RGB").resize((side, side), Image.BILINEAR)
    return np.asarray(resized.crop((at, at, at + S, at + S)))


def square(image: Image.Image, width: int, height: int, left: int, top: int, S: int, preset: int):
    """Resize and CenterCrop to width x height, of which S x S from left, top on."""
    sides = [side if preset else round(side * 256 / 224) for side in (width, height)]
    x, y = (int(round((a - b) / 2.0)) for a, b in zip(sides, (width, height), strict=True))
    resized = image.convert("RGB").resize(sides, Image.BILINEAR)
    return np.asarray(resized.crop((x + left, y + top, x + left + S, y + top + S)))


def resize_wide(pixels: np.ndarray, S: int, preset: int) -> np.ndarray:
    """The same in 16 bits: of PIL's 32-bit integers, plane by plane."""
    side = S if preset else round(S * 256 / 224)
    at = int(round((side - S) / 2.0))
    planes = [
        np.asarray(
            Image.fromarray(np.int32(pixels[..., c]))
            .resize((side, side), Image.BILINEAR)
            .crop((at, at, at + S, at + S))
        )
        for c in range(3)
    ]
    return np.clip(np.stack(planes, -1), 0, 65535).astype(np.uint16)


def make(out: Path) -> None:
    tensors = {}
    for name, file in photos().items():
        tensors[f"file.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"rgb.{name}"] = decode(name, file)
    for width, height, *of in SQUARES:
        name = f"square.{width}x{height}." + ".".join(map(str, of))
        tensors[name] = square(Image.fromarray(pattern(width, height)), *of)
    for width, height, S, preset in RESIZES:
        tensors[f"resize.{width}x{height}.{S}.{preset}"] = resize(
            Image.fromarray(pattern(width, height)), S, preset
        )
        tensors[f"wide.{width}x{height}.{S}.{preset}"] = resize_wide(
            wide_pattern(width, height), S, preset
        )
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    std = np.array([0.229, 0.224, 0.225], np.float32)
    pixels = resize(Image.fromarray(pattern(33, 47)), 8, 0).astype(np.float32)
    tensors["normalised.33x47.8.0"] = ((pixels / np.float32(255) - mean) / std).transpose(2, 0, 1)
    for name in REAL:
        if (SHARED / name).exists():
            with Image.open(SHARED / name) as image:
                tensors[f"real.{name}"] = resize(image, 16, 1)
        else:
            print(f"skipped: no {name}")
    write(
        out / "image.safetensors",
        tensors,
        needs=("numpy", "PIL"),
        tolerance="file.exact, resize and normalised: none. wide: 2 of 65535, whose "
        "weights have 22 bits here. file.near: 10 of "
        "255, on average 0.5, since libjpeg and stb_image round and upsample chroma differently, "
        "most in the last column. real: 2 of 255, the same averaged over many pixels",
    )

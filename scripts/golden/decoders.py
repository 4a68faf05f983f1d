"""Photos of kinds that the command line reads by libwebp and libheif. Of what is kept losslessly the
pixels are those that went in; of the rest those of PIL (libwebp) and heif-convert (libheif)."""

import io
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from . import write
from .image import ORIENTATION, encode, exif, flatten, pattern, png, smooth
from .pixels import alpha_of, seen

# Of 64 and more heif-enc makes one picture, below a grid of one that is larger.
W, H = 72, 64
# Of grey that loses nothing: other colours are rounded on their way to luma and chroma.
LOSSLESS = ("-L", "-p", "chroma=444")


# ---- WebP ----


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    return chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def extended(width: int, height: int, flags: int) -> bytes:
    body = struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3]
    return chunk(b"VP8X", body + struct.pack("<I", height - 1)[:3])


def frame(x: int, y: int, width: int, height: int, still: bytes) -> bytes:
    place = (x // 2, y // 2, width - 1, height - 1, 40)
    return chunk(b"ANMF", b"".join(struct.pack("<I", n)[:3] for n in place) + bytes(1) + still)


def webps() -> dict:
    colour, soft = Image.fromarray(pattern(21, 13)), Image.fromarray(smooth(21, 13))
    clear = colour.copy()
    clear.putalpha(Image.fromarray(np.uint8(alpha_of(21, 13) >> 8)))
    empty = colour.copy()
    empty.putalpha(0)
    files = {
        "lossless": encode(colour, "WEBP", lossless=True),
        "lossy": encode(soft, "WEBP", quality=80),
        "alpha": encode(clear, "WEBP", lossless=True, exact=True),
        "alpha_lossy": encode(clear, "WEBP", quality=80),
        "bare_alpha": encode(empty, "WEBP", lossless=True, exact=True),
        "icc": encode(colour, "WEBP", lossless=True, icc_profile=bytes(200)),
    }
    for orientation in (2, 3, 6, 8):
        files[f"turned{orientation}"] = encode(
            colour, "WEBP", lossless=True, exif=exif(orientation, "<")
        )
    still = files["lossless"][12:]
    files["turned_marked"] = riff(extended(21, 13, 8), still, chunk(b"EXIF", exif(6, ">")))
    second = ImageOps.invert(colour)
    files["animated"] = encode(
        colour, "WEBP", lossless=True, save_all=True, append_images=[second], duration=40
    )
    # The first frame covers a part of the canvas, from (4, 2) on; around it nothing is.
    files["animated_part"] = riff(
        extended(30, 20, 0x12),
        chunk(b"ANIM", bytes(6)),
        frame(4, 2, 21, 13, still),
        frame(0, 0, 21, 13, still),
    )
    return files


def webp_pixels(name: str, file: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(file))
    tag = image.getexif().get(ORIENTATION)
    image = image.convert("RGBA")
    if tag:
        image.getexif()[ORIENTATION] = tag
        image = ImageOps.exif_transpose(image)
    return np.asarray(image.convert("RGB") if name == "bare_alpha" else flatten(image))


# ---- HEIC and AVIF ----


def heif(pixels: list[bytes], ending: str, *options: str) -> bytes:
    """Pictures, PNGs, in one file."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, file in enumerate(pixels):
            names.append(f"{folder}/{i}.png")
            Path(names[-1]).write_bytes(file)
        out = f"{folder}/photo.{ending}"
        subprocess.run(["heif-enc", *options, *names, "-o", out], check=True, capture_output=True)
        return Path(out).read_bytes()


def heif_pixels(file: bytes, ending: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        photo, out = Path(folder, f"photo.{ending}"), Path(folder, "photo.png")
        photo.write_bytes(file)
        subprocess.run(["heif-convert", photo, out], check=True, capture_output=True)
        return np.asarray(Image.open(out).convert("RGB"))


def grown(file: bytes, path: tuple, at: int, more: bytes) -> bytes:
    """more put in at a place; the boxes around it, of which at is in the first of each name, grow."""
    out, begin = bytearray(file), 0
    for name in path:
        begin = file.index(name, begin)
        (size,) = struct.unpack_from(">I", file, begin - 4)
        struct.pack_into(">I", out, begin - 4, size + len(more))
    out[at:at] = more
    return bytes(out)


def turned(file: bytes, angle: int) -> bytes:
    """The one photo of a file gets a box that turns it, by so many quarters to the left."""
    box = struct.pack(">I4sB", 9, b"irot", angle)
    ipco = file.index(b"ipco")
    end = ipco - 4 + struct.unpack_from(">I", file, ipco - 4)[0]
    count, at = 0, ipco + 4
    while at < end:
        count, at = count + 1, at + struct.unpack_from(">I", file, at)[0]
    file = grown(file, (b"meta", b"iprp", b"ipco"), end, box)
    ipma = file.index(b"ipma")  # 8 bytes, then of the one item its number and its boxes
    places = file[ipma + 14]
    at = ipma + 15 + places
    file = grown(file, (b"meta", b"iprp", b"ipma"), at, bytes((0x80 | count + 1,)))
    out = bytearray(file)
    out[ipma + 14] = places + 1
    iloc = file.index(b"iloc")  # of the one item the offset of its bytes
    at = iloc + (18 if file[iloc + 4] else 16)
    struct.pack_into(">I", out, at, struct.unpack_from(">I", file, at)[0] + len(box) + 1)
    return bytes(out)


def grey_of(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., :1].repeat(3, 2)


def heifs() -> tuple[dict, dict, dict]:
    """Files with their pixels: those that went in, the same of 16 bits, and those that differ a
    little, by rounding or by the version of a library."""
    soft = smooth(W, H)
    grey = grey_of(soft)
    clear = np.dstack([grey, np.uint8(alpha_of(W, H) >> 8)])
    exact, deep, near = {}, {}, {}
    for ending in ("heic", "avif"):
        plain = heif([encode(Image.fromarray(grey), "PNG")], ending, *LOSSLESS)
        exact[f"{ending}.lossless"] = plain, grey
        for angle in (1, 2):
            exact[f"{ending}.turned{angle}"] = turned(plain, angle), np.rot90(grey, angle)
        exact[f"{ending}.alpha"] = (
            heif([encode(Image.fromarray(clear), "PNG")], ending, *LOSSLESS),
            np.asarray(flatten(Image.fromarray(clear))),
        )
        exact[f"{ending}.several"] = (
            heif([encode(Image.fromarray(p), "PNG") for p in (grey, soft)], ending, *LOSSLESS),
            grey,
        )
        premultiplied = np.uint8(np.uint32(clear[..., :3]) * clear[..., 3:] // 255)
        premultiplied = Image.fromarray(np.dstack([premultiplied, clear[..., 3]]))
        near[f"{ending}.premultiplied"] = (
            heif([encode(premultiplied, "PNG")], ending, *LOSSLESS, "--premultiplied-alpha"),
            exact[f"{ending}.alpha"][1],
        )
        for name, photo in ("lossy", soft), ("odd", smooth(21, 13)):
            file = heif([encode(Image.fromarray(photo), "PNG")], ending)
            near[f"{ending}.{name}"] = file, heif_pixels(file, ending)
        # heif-enc's AV1 encoder fails at 10 bits.
        for bits in (10, 12) if ending == "heic" else (12,):
            values = np.uint16(np.uint32(grey) * (2**bits - 1) // 255)
            file = png(values << (16 - bits) | values >> (2 * bits - 16))
            file = heif([file], ending, *LOSSLESS, "-b", str(bits))
            deep[f"{ending}.deep{bits}"] = file, seen(values, bits)
    plain, _ = exact["avif.lossless"]
    exact["avif.sequence"] = plain.replace(b"miaf", b"avis", 1), grey
    return exact, deep, near


def refused(heic: bytes) -> dict:
    still = webps()["lossless"][12:]
    size = heic.index(b"ispe") + 8
    return {
        "webp.no_riff": b"RIFX" + webps()["lossless"][4:],
        "webp.large": riff(
            extended(16384, 16384, 2),
            chunk(b"ANIM", bytes(6)),
            frame(0, 0, 21, 13, still),
        ),
        "webp.other_size": riff(extended(22, 13, 0), still),
        "webp.no_pixels": riff(extended(21, 13, 0)),
        "heic.large": heic[:size] + struct.pack(">II", 30000, 30000) + heic[size + 8 :],
        "heic.beyond": heic[:size] + b"\xff" * 8 + heic[size + 8 :],
        "heic.no_size": heic[:size] + bytes(8) + heic[size + 8 :],
        "heic.other_codec": heic.replace(b"hvc1", b"xyz1"),
        "heic.no_photo": heic.replace(b"pitm", b"free"),
        "heic.head": heic[: heic.index(b"meta") - 4],
    }


def make(out: Path) -> None:
    exact, deep, near = heifs()
    tensors = {}
    for name, file in webps().items():
        tensors[f"file.webp.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"rgb.webp.{name}"] = webp_pixels(name, file)
    for name, (file, pixels) in (exact | near).items():
        tensors[f"file.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"rgb.{name}"] = pixels
    for name, (file, pixels) in deep.items():
        tensors[f"deep.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"wide.{name}"] = pixels
    for name, file in refused(exact["heic.lossless"][0]).items():
        tensors[f"refused.{name}"] = np.frombuffer(file, np.uint8)
    write(
        out / "decoders.safetensors",
        tensors,
        needs=("numpy", "PIL"),
        tolerance="none; lossy ones 3, for other versions of the libraries",
    )

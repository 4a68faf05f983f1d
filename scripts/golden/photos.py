"""Photo files of the kinds that programs and cameras write, as PIL reads them. Some of the JPEG
files are made by cjpeg and jpegtran (Debian's libjpeg-turbo-progs)."""

import io
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from . import write
from .image import encode, exif, pattern, smooth

W, H = 13, 6
RAW, RLE8, RLE4, MASKS = 0, 1, 2, 3


# ---- BMP --------------------------------------------------------------------


def rows(pixels: np.ndarray, bits: int) -> bytes:
    """Values [H, W] of so many bits, from the bottom row up, padded to 4 bytes."""
    out = b""
    for row in pixels[::-1]:
        if bits < 8:
            text = "".join(f"{v:0{bits}b}" for v in row)
            line = bytes(int(text[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(text), 8))
        else:
            line = b"".join(int(v).to_bytes(bits // 8, "little") for v in row)
        out += line + bytes(-len(line) % 4)
    return out


def bmp(
    body: bytes,
    bits: int,
    header: int = 40,
    compression: int = RAW,
    palette: bytes = b"",
    colors: int = 0,
    masks=(),
    offset: int | None = None,
    gap: int = 0,
    planes: int = 1,
    height: int = H,
) -> bytes:
    if header == 12:
        head = struct.pack("<IHHHH", 12, W, height, planes, bits)
    else:
        head = struct.pack(
            "<IiiHHIIiiII",
            40,
            W,
            height,
            planes,
            bits,
            compression,
            len(body),
            2835,
            2835,
            colors,
            0,
        )
        words = struct.pack(f"<{len(masks)}I", *masks)
        if header > 40:
            head = struct.pack("<I", header) + (head[4:] + words).ljust(header - 4, b"\0")
        elif header == 40:
            head += words
        else:
            head = struct.pack("<I", header) + head[4:header]
    start = 14 + len(head) + len(palette) + gap
    file = b"BM" + struct.pack(
        "<IHHI", start + len(body), 0, 0, start if offset is None else offset
    )
    return file + head + palette + bytes(gap) + body


def palette(count: int, entry: int = 4) -> bytes:
    return b"".join(
        bytes((i * 37 % 256, i * 91 % 256, i * 153 % 256, 0)[:entry]) for i in range(count)
    )


def run_lengths(pixels: np.ndarray, half: bool) -> bytes:
    """Runs, colours as they are, ends of rows, steps: something of everything."""
    out = b""
    for y, row in enumerate(pixels[::-1]):
        x, row = 0, [int(v) for v in row]
        while x < len(row):
            n = 1
            while x + n < len(row) and row[x + n] == row[x] and n < 255:
                n += 1
            literal = min(len(row) - x, 3 + y % 3)
            if literal >= 3 and n < 3:
                part = row[x : x + literal]
                if half:
                    part += [0] * (len(part) % 2)
                    part = [a << 4 | b for a, b in zip(part[::2], part[1::2])]
                out += bytes((0, literal)) + bytes(part) + bytes(len(part) % 2)
                x += literal
            else:
                out += bytes((n, row[x] << 4 | row[x] if half else row[x]))
                x += n
        out += b"\0\0"
    return out + b"\0\1"


def bmps() -> dict:
    colour = pattern(W, H).astype(np.uint32)
    bgr = colour[..., 0] << 16 | colour[..., 1] << 8 | colour[..., 2]
    index8 = np.minimum(pattern(W, H)[..., 0], 254) // 3
    runs8 = np.repeat(index8[:, ::4], 4, 1)[:, :W].copy()
    runs8[::2, 5:9] = index8[::2, 5:9]
    five = colour >> 3
    b555 = five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]
    b565 = five[..., 0] << 11 | (colour[..., 1] >> 2) << 5 | five[..., 2]
    rgbx = colour[..., 0] << 24 | colour[..., 1] << 16 | colour[..., 2] << 8
    xrgb = colour[..., 2] << 16 | colour[..., 1] << 8 | colour[..., 0] | 0xFF000000
    full, usual = palette(256), (0xFF0000, 0xFF00, 0xFF)
    out = {
        "bits1": bmp(rows(index8 % 2, 1), 1, palette=palette(2)),
        "bits4": bmp(rows(index8 % 16, 4), 4, palette=palette(16)),
        "bits8": bmp(rows(index8, 8), 8, palette=full),
        "bits8_few": bmp(rows(index8 % 100, 8), 8, palette=palette(100), colors=100),
        "bits8_core": bmp(rows(index8, 8), 8, header=12, palette=palette(256, 3)),
        "bits4_core": bmp(rows(index8 % 16, 4), 4, header=12, palette=palette(16, 3)),
        "bits1_core": bmp(rows(index8 % 2, 1), 1, header=12, palette=palette(2, 3)),
        "bits24_core": bmp(rows(bgr, 24), 24, header=12),
        "bits8_os2": bmp(rows(index8, 8), 8, header=64, palette=full),
        "bits8_gap": bmp(rows(index8, 8), 8, palette=full, gap=777),
        "bits8_no_offset": bmp(rows(index8, 8), 8, palette=full, offset=0),
        "bits8_offset_at_palette": bmp(rows(index8, 8), 8, palette=full, offset=54),
        "bits24": bmp(rows(bgr, 24), 24),
        "bits24_gap": bmp(rows(bgr, 24), 24, gap=3),
        "bits24_planes0": bmp(rows(bgr, 24), 24, planes=0),
        "bits24_no_offset": bmp(rows(bgr, 24), 24, offset=0),
        "bits24_palette": bmp(rows(bgr, 24), 24, palette=palette(9), colors=9),
        "bits24_top_down": bmp(rows(bgr[::-1], 24), 24, height=-H),
        "bits24_v5": bmp(rows(bgr, 24), 24, header=124),
        "bits24_masks": bmp(rows(bgr, 24), 24, compression=MASKS, masks=usual),
        "bits16": bmp(rows(b555, 16), 16),
        "bits16_555": bmp(rows(b555, 16), 16, compression=MASKS, masks=(0x7C00, 0x3E0, 0x1F)),
        "bits16_565": bmp(rows(b565, 16), 16, compression=MASKS, masks=(0xF800, 0x7E0, 0x1F)),
        "bits16_565_v4": bmp(
            rows(b565, 16), 16, header=108, compression=MASKS, masks=(0xF800, 0x7E0, 0x1F, 0)
        ),
        "bits32": bmp(rows(bgr | 0xAA000000, 32), 32),
        "bits32_masks": bmp(rows(bgr | 0xAA000000, 32), 32, compression=MASKS, masks=usual),
        "bits32_rgbx": bmp(
            rows(rgbx, 32), 32, compression=MASKS, masks=(0xFF000000, 0xFF0000, 0xFF00)
        ),
        "bits32_v4_opaque": bmp(
            rows(bgr | 0xFF000000, 32),
            32,
            header=108,
            compression=MASKS,
            masks=(*usual, 0xFF000000),
        ),
        "bits32_v5_opaque": bmp(
            rows(xrgb, 32),
            32,
            header=124,
            compression=MASKS,
            masks=(0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        ),
        "bits32_v5_no_alpha": bmp(
            rows(bgr, 32), 32, header=124, compression=MASKS, masks=(*usual, 0xFF000000)
        ),
        "bits32_masks_0": bmp(rows(bgr | 0xFF000000, 32), 32, compression=MASKS, masks=(0, 0, 0)),
        "rle8": bmp(run_lengths(runs8, False), 8, compression=RLE8, palette=full),
        "rle8_few": bmp(
            run_lengths(runs8 % 50, False), 8, compression=RLE8, palette=palette(50), colors=50
        ),
        "rle8_top_down": bmp(
            run_lengths(runs8, False), 8, compression=RLE8, palette=full, height=-H
        ),
        "rle8_v5": bmp(run_lengths(runs8, False), 8, header=124, compression=RLE8, palette=full),
        # A run over the end of its row, and a row that ends early.
        "rle8_long": bmp(
            b"\xff\7\0\0" + b"\5\3\0\0" + b"\x0d\2\0\0" * 4 + b"\0\1",
            8,
            compression=RLE8,
            palette=full,
        ),
        "rle4_runs": bmp(b"\x0d\x12\0\0" * H + b"\0\1", 4, compression=RLE4, palette=palette(16)),
    }
    return {f"bmp.{name}": file for name, file in out.items()}


def without_pil() -> dict:
    """Name -> file and pixels: what PIL refuses or gets wrong, and the format's text does not."""
    full = palette(256)
    index = np.minimum(pattern(W, H)[..., 0], 254) // 3
    colors = np.frombuffer(full, np.uint8).reshape(256, 4)[:, 2::-1]
    bgr = pattern(W, H).astype(np.uint32)
    bgr = bgr[..., 0] << 16 | bgr[..., 1] << 8 | bgr[..., 2]
    usual, out = (0xFF0000, 0xFF00, 0xFF), {}
    out["bits2"] = bmp(rows(index % 4, 2), 2, palette=palette(4)), colors[index % 4]
    out["bits4_os2_short"] = (
        bmp(rows(index % 16, 4), 4, header=16, palette=palette(16)),
        colors[index % 16],
    )
    out["bits8_index_beyond"] = (
        bmp(rows(index, 8), 8, palette=palette(20), colors=20),
        colors[index] * (index < 20)[..., None],
    )
    out["rle4"] = (
        bmp(run_lengths(index % 16, True), 4, compression=RLE4, palette=palette(16)),
        colors[index % 16],
    )
    # Three pixels, a step of 2 to the right and 1 row on, the rest of that row; 4 rows on, the end.
    stepped = np.zeros((H, W), int)
    stepped[0, :3] = 9
    stepped[1, 5:13] = 4
    out["rle8_step"] = (
        bmp(b"\3\x09\0\2\2\1\x08\4\0\2\0\4\0\1", 8, compression=RLE8, palette=full),
        colors[stepped[::-1]],
    )
    for name, header, masks in (("v2", 52, usual), ("v3", 56, (*usual, 0))):
        out[f"bits32_{name}"] = (
            bmp(rows(bgr, 32), 32, header=header, compression=MASKS, masks=masks),
            pattern(W, H),
        )
    # 3, 10 and 2 bits.
    v = pattern(W, H).astype(np.uint32)
    odd = (v[..., 0] & 7) << 4 | (v[..., 1] * 4) << 7 | (v[..., 2] & 3) << 2
    out["bits32_any_masks"] = (
        bmp(rows(odd, 32), 32, compression=MASKS, masks=(0x70, 0x3FF << 7, 0xC)),
        np.stack(
            [(v[..., 0] & 7) * 255 // 7, v[..., 1] * 4 * 255 // 1023, (v[..., 2] & 3) * 255 // 3],
            -1,
        ).astype(np.uint8),
    )
    return {f"bmp.{name}": pair for name, pair in out.items()}


# ---- JPEG -------------------------------------------------------------------


def run(*command: str, stdin: bytes) -> bytes:
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def segments(file: bytes) -> list[bytes]:
    """Marker segments, each scan with its data; the last is EOI."""
    out, at = [], 2
    while file[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        if file[at + 1] == 0xDA:
            while file[end] != 0xFF or file[end + 1] == 0 or 0xD0 <= file[end + 1] <= 0xD7:
                end += 1
        out.append(file[at:end])
        at = end
    return out + [file[at : at + 2]]


def joined(parts, between: bytes = b"") -> bytes:
    return b"\xff\xd8" + between.join(parts)


def segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


ALONE = "0; 1; 2;"  # a scan of its own for each channel
SPECTRAL = "0 1 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;"
MANY = (
    "0 1 2: 0-0, 0, 3;"
    + "0 1 2: 0-0, 3, 2; 0 1 2: 0-0, 2, 1; 0 1 2: 0-0, 1, 0;"
    + "".join(
        f"{c}: {k}-{k + 6}, 0, 2; {c}: {k}-{k + 6}, 2, 1; {c}: {k}-{k + 6}, 1, 0;"
        for c in range(3)
        for k in range(1, 64, 7)
    )
)


def jpegs(scripts: Path) -> tuple[dict, dict]:
    """Name -> file to be read like PIL does; name -> file and the one whose pixels it has."""
    photo = Image.fromarray(smooth(37, 29))
    ppm = encode(photo, "PPM")

    def cjpeg(*options: str) -> bytes:
        return run("cjpeg", "-quality", "92", *options, stdin=ppm)

    def with_scans(text: str) -> bytes:
        (scripts / "scans").write_text(text)
        return cjpeg("-scans", str(scripts / "scans"))

    plain, progressive = cjpeg(), cjpeg("-progressive")
    restarted = cjpeg("-restart", "2B")
    cmyk = encode(photo.convert("CMYK"), "JPEG", quality=92)
    ycck = cmyk.replace(b"Adobe\0d\0\0\0\0\0", b"Adobe\0d\0\0\0\0\2")
    assert ycck != cmyk
    thumbnail = b"Exif\0\0" + exif(3, ">")[6:] + encode(photo.resize((16, 12)), "JPEG")
    read = {
        "plain": plain,
        "440": cjpeg("-sample", "1x2"),
        "411": cjpeg("-sample", "4x1"),
        "410": cjpeg("-sample", "4x2"),
        "optimised": cjpeg("-optimize"),
        "restart": restarted,
        "restart_each": cjpeg("-restart", "1B"),
        "restart_rows": cjpeg("-restart", "1", "-progressive"),
        "restart_grey": cjpeg("-restart", "3B", "-grayscale"),
        "rgb": cjpeg("-rgb"),
        "scans_alone": with_scans(ALONE),
        "scans_spectral": with_scans(SPECTRAL),
        "scans_many": with_scans(MANY),
        "cmyk": cmyk,
        "cmyk_progressive": encode(photo.convert("CMYK"), "JPEG", quality=92, progressive=True),
        "ycck": ycck,
        "cmyk_without_adobe": joined(p for p in segments(cmyk) if p[1] != 0xEE),
        "without_huffman": joined(p for p in segments(plain) if p[1] != 0xC4),
        "thumbnail": joined([segment(0xE1, thumbnail)] + segments(plain)),
        "profile": encode(photo, "JPEG", quality=92, icc_profile=bytes(66000)),
        "thumbnails_behind": plain + b"\xff\xd8\xff\xe1\0\x10" + plain[2:] + b"SEFT" + bytes(99),
        "stray": joined(segments(plain), b"\xff\0"),
        "stray_more": joined(segments(plain), b"\0\x17\xff\0\xff\xff"),
        "short_segment": joined([b"\xff\xe5\0\4" + bytes(20)] + segments(plain)),
        "comments": joined(segments(progressive), segment(0xFE, b"\xff\xd9 is no end here")),
        "restart_at_end": joined(segments(restarted)[:-1] + [b"\xff\xd1", b"\xff\xd9"]),
        "zeros_before_end": joined(segments(plain)[:-1] + [bytes(300), b"\xff\xd9"]),
    }
    same = {
        "without_end": (plain[:-2], plain),
        "half_an_end": (plain[:-1], plain),
        "zeros_for_an_end": (plain[:-2] + bytes(500), plain),
        "without_end_progressive": (progressive[:-2], progressive),
        "without_end_restart": (restarted[:-2], restarted),
    }
    return (
        {f"jpeg.{name}": file for name, file in read.items()},
        {f"jpeg.{name}": pair for name, pair in same.items()},
    )


def refused() -> dict:
    """What no reader here can read, or nobody should; test_photos.c has the reasons."""
    photo = Image.fromarray(smooth(37, 29))
    ppm = encode(photo, "PPM")
    plain = run("cjpeg", stdin=ppm)
    progressive = run("cjpeg", "-progressive", stdin=ppm)
    restarted = run("cjpeg", "-restart", "1B", stdin=ppm)

    def without(file: bytes, *codes: int) -> bytes:
        return joined(p for p in segments(file) if p[1] not in codes)

    def frame(code: int, bits: int = 8) -> bytes:
        return joined(
            bytes((0xFF, code)) + p[2:4] + bytes((bits,)) + p[5:] if p[1] == 0xC0 else p
            for p in segments(plain)
        )

    parts = segments(progressive)
    dc = next(p for p in parts if p[1] == 0xDA)
    last = segments(plain)[-2]
    marks = [
        i
        for i in range(len(restarted) - 1)
        if restarted[i] == 0xFF and 0xD0 <= restarted[i + 1] <= 0xD7
    ]
    return {
        "arithmetic": run("cjpeg", "-arithmetic", stdin=ppm),
        "bits12": frame(0xC1, 12),
        "lossless": frame(0xC3),
        "hierarchical": frame(0xC5),
        "two_channels": joined(
            segment(0xC0, p[4:9] + b"\2" + p[10:16]) if p[1] == 0xC0 else p for p in segments(plain)
        ),
        "rows_missing": bmp(
            b"\x0d\2\0\0" * (H - 2) + b"\0\1", 8, compression=RLE8, palette=palette(256)
        ),
        "without_quantisation": without(plain, 0xDB),
        "without_frame": without(plain, 0xC0),
        "without_scan": without(plain, 0xDA),
        "scans_in_disorder": joined(parts[:-1] + [dc] + parts[-1:]),
        "end_too_early": joined(segments(plain)[:-2] + [last[: len(last) * 2 // 3], b"\xff\xd9"]),
        "restart_missing": restarted[: marks[2]] + restarted[marks[3] :],
        "restart_short": restarted[: marks[3] - 9] + restarted[marks[3] :],
        "restart_long": restarted[: marks[3]] + bytes(40) + restarted[marks[3] :],
        "second_picture": joined(segments(plain)[:-1] + [plain]),
    }


def pixels_of(file: bytes) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB"))


def make(out: Path) -> None:
    tensors = {}

    def add(name: str, file: bytes, pixels: np.ndarray) -> None:
        tensors[f"file.{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"rgb.{name}"] = np.ascontiguousarray(pixels, np.uint8)

    for name, file in bmps().items():
        add(name, file, pixels_of(file))
    for name, (file, pixels) in without_pil().items():
        add(name, file, pixels)
    with tempfile.TemporaryDirectory() as scripts:
        read, same = jpegs(Path(scripts))
    for name, file in read.items():
        add(name, file, pixels_of(file))
    for name, (file, whole) in same.items():
        add(name, file, pixels_of(whole))
    for name, file in refused().items():
        tensors[f"refused.{name}"] = np.frombuffer(file, np.uint8)
    write(
        out / "photos.safetensors",
        tensors,
        needs=("numpy", "PIL"),
        tolerance="bmp: none. jpeg: 10 of 255, .5 on average, for rounding and upsampling",
    )

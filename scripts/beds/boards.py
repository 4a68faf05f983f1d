"""Bare circuit boards, 3 million pixels a photo: an open or shorted track, a splash of solder or a
scratch is some pixels wide, a hundredth of the frame."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from samples.scene import expose

from .surface import walk

DEFECTS = ("open", "short", "splash", "scratch")
FORMAT = "jpg"
WIDTH, HEIGHT = 2000, 1500
MARGIN = 60  # of the drawn board around the photo
PITCH, TRACK = 26, 9  # of tracks that run side by side, and their width
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
SOLDER_MASK, COPPER = np.array([0.012, 0.060, 0.032]), np.array([0.030, 0.125, 0.055])
TIN, WHITE = np.array([0.42, 0.43, 0.42]), np.array([0.55, 0.56, 0.53])


@lru_cache(maxsize=None)
def layout():
    """The same for all boards: tracks, as lists of points, and pads, as (x, y, radius)."""
    rng = np.random.default_rng(41)
    tracks, pads = [], []
    for _ in range(26):  # buses of parallel tracks with a bend
        x, y = rng.integers(0, (WIDTH + MARGIN) // PITCH), rng.integers(0, HEIGHT // PITCH)
        count, run, turn = rng.integers(3, 8), rng.integers(8, 22), rng.choice([-1, 1])
        across = rng.random() < 0.5
        for i in range(count):
            points = [(0, i), (run - turn * i, i), (run + 6 - turn * i, i + 6 * turn)]
            points.append((run + 14, i + 6 * turn))
            points = np.array([(q, p) if across else (p, q) for p, q in points])
            points = (points + (x, y)) * PITCH
            tracks.append(points)
            pads += [(*points[0], 10), (*points[-1], 10)]
    for _ in range(9):  # rows of holes for connectors
        x, y = rng.integers(80, WIDTH - 300), rng.integers(80, HEIGHT - 80)
        pads += [(x + 34 * i, y, 14) for i in range(rng.integers(4, 10))]
    return tracks, pads


def blank():
    size = WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN
    image = Image.new("L", size)
    return image, ImageDraw.Draw(image)


@lru_cache(maxsize=None)
def drawn():
    """Copper below the solder mask, and tin, as pictures of the board."""
    tracks, pads = layout()
    copper, tin = blank(), blank()
    for points in tracks:
        copper[1].line([tuple(p) for p in points], 255, TRACK, "curve")
    for x, y, radius in pads:
        copper[1].ellipse((x - radius - 3, y - radius - 3, x + radius + 3, y + radius + 3), 255)
        tin[1].ellipse((x - radius, y - radius, x + radius, y + radius), 255)
        tin[1].ellipse((x - radius / 2, y - radius / 2, x + radius / 2, y + radius / 2), 0)
    return copper[0], tin[0]


def spot(rng):
    """A point of a track that the photo shows, and the direction across the track."""
    while True:
        points = layout()[0][rng.integers(len(layout()[0]))].astype(float)
        i = rng.integers(len(points) - 1)
        a, b = points[i : i + 2]
        at = a + (b - a) * rng.uniform(0.2, 0.8)
        if np.hypot(*(b - a)) > 60 and (MARGIN * 2 < at).all() and (at < (WIDTH, HEIGHT)).all():
            along = (b - a) / np.hypot(*(b - a))
            return at, along, np.array([-along[1], along[0]])


def harmed(harm, copper, tin, bare):
    """Draws the defect into the board's pictures."""
    copper, tin = copper.copy(), tin.copy()
    if harm.kind in ("open", "short"):
        at, along, across = spot(harm.rng)
        draw = ImageDraw.Draw(copper)
        if harm.kind == "open":
            gap = along * harm.between(2.5, 8)
            draw.line((*(at - gap), *(at + gap)), 0, TRACK + 4)
        else:
            end = at + across * PITCH * harm.rng.choice([-1, 1])
            draw.line((*at, *end), 255, round(harm.between(4, 12)))
    elif harm.kind == "splash":
        x, y = harm.rng.uniform(2 * MARGIN, (WIDTH, HEIGHT))
        radius = harm.between(4, 14)
        box = x - radius, y - radius * harm.rng.uniform(0.6, 1), x + radius, y + radius
        ImageDraw.Draw(tin).ellipse(box, 255)
    else:
        start = harm.rng.uniform(3 * MARGIN, (WIDTH - MARGIN, HEIGHT - MARGIN))
        points = walk(harm.rng, start, harm.rng.uniform(0, 7), harm.between(60, 200), 0.02)
        ImageDraw.Draw(bare).line(
            [tuple(p) for p in points],
            round(255 * harm.between(0.45, 1)),
            round(harm.between(2, 4)),
        )
    return copper, tin


def photograph(rng, camera, harm):
    turn, shift = np.radians(rng.uniform(-0.4, 0.4)), rng.uniform(-10, 10, 2)
    copper, tin = drawn()
    bare = blank()[0]  # scratches, where the laminate shows
    print_ = blank()
    face = ImageFont.truetype(FONT, 34)
    print_[1].text((WIDTH * 0.62, HEIGHT * 0.93), "FLECK MAIN REV 4", 255, face)
    print_[1].text((WIDTH * 0.12, HEIGHT * 0.93), f"S/N {rng.integers(10**6, 10**7)}", 255, face)
    if harm:
        copper, tin = harmed(harm, copper, tin, bare)
    c, s = np.cos(turn), np.sin(turn)
    left, top = MARGIN + shift
    place = (c, s, left, -s, c, top)
    copper, tin, bare, print_ = (
        np.asarray(image.transform((WIDTH, HEIGHT), Image.AFFINE, place, Image.BILINEAR), float)
        / 255
        for image in (copper, tin, bare, print_[0])
    )
    copper, tin = (ndimage.gaussian_filter(a, 0.6)[..., None] for a in (copper, tin))
    uneven = ndimage.zoom(rng.normal(0, 1, (7, 9)), (HEIGHT / 7, WIDTH / 9), order=3)[..., None]
    light = SOLDER_MASK * (1 - copper) + COPPER * copper
    light = light * (1 + 0.04 * uneven) * (1 + 0.1 * rng.normal())
    light = light * (1 - tin) + TIN * tin * (1 + 0.08 * rng.normal())
    for cover, colour in ((print_, WHITE), (bare, np.array([0.16, 0.19, 0.10]))):
        light = light * (1 - cover[..., None]) + colour * cover[..., None]
    return expose(camera, light * 1.4, 1)

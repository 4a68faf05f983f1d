"""Shape and surface of the part, a turned brass flange.

Lengths are in pixels of the finished photo; z points to the camera and is 0
on the flange's face. A part is described by arrays over the photo's (finer)
pixel grid, so defects can change any of them before the light is computed.
"""

import numpy as np
from scipy import ndimage

OUTER = 117.0  # radius of the rim
BORE = 31.0  # radius of the bore
HUB = 52.0  # outer radius of the raised hub
GROOVE = 65.0  # radius of the turned groove
HOLES = 6  # bolt holes ...
HOLE_AT = 90.0  # ... on a circle of this radius
HOLE = 9.5  # ... of this radius
THICKNESS = 15.0
CAMERA = 620.0  # distance of the camera, for what is seen of the walls

BRASS = np.array([0.80, 0.585, 0.27])

# The dot-peened type number, 5x7 dots a character.
GLYPHS = {
    "F": ("11111", "10000", "10000", "11110", "10000", "10000", "10000"),
    "K": ("10001", "10010", "10100", "11000", "10100", "10010", "10001"),
    "4": ("00010", "00110", "01010", "10010", "11111", "00010", "00010"),
    "0": ("01110", "10001", "10011", "10101", "11001", "10001", "01110"),
}
MARK = "FK40"
DOT = 1.75  # distance of the dots


class Surface:
    """What the light needs to know of every pixel of the part."""

    def __init__(self, x, y):
        self.x, self.y = x, y  # part coordinates
        self.radius = np.hypot(x, y)
        self.angle = np.arctan2(y, x)
        self.inside = None  # > 0 on metal: distance to the next edge
        self.height = None
        self.slope = np.zeros_like(x)  # turning marks: slope along the radius
        self.tint = np.ones(x.shape + (3,))  # multiplies the metal's colour
        self.matte = np.zeros_like(x)  # 0 turned finish .. 1 rough, no direction
        self.mask = np.zeros(x.shape, bool)  # where a defect is


def smoothstep(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def hole_centres(shrink=1.0):
    angles = np.arange(HOLES) * 2 * np.pi / HOLES
    return [(shrink * HOLE_AT * np.cos(a), shrink * HOLE_AT * np.sin(a)) for a in angles]


def openings(x, y, shrink=1.0):
    """Signed distance to bore and bolt holes, negative inside them. shrink < 1
    is the perspective of their far ends."""
    d = np.hypot(x, y) - BORE * shrink
    for cx, cy in hole_centres(shrink):
        d = np.minimum(d, np.hypot(x - cx, y - cy) - HOLE * shrink)
    return d


def chamfer(distance, width, depth):
    """Height lost near an edge; the smooth corner is what catches the light."""
    t = (width - distance) / width
    return depth * 0.12 * np.logaddexp(0, t / 0.12)


def peened_dots(radius=HOLE_AT):
    """Dot centres of MARK, on an arc, for the flange between two bolt holes."""
    dots = []
    pitch = 6.6 * DOT
    for c, char in enumerate(MARK):
        for row, line in enumerate(GLYPHS[char]):
            for col, bit in enumerate(line):
                if bit == "1":
                    along = (c - (len(MARK) - 1) / 2) * pitch + (col - 2) * DOT
                    r = radius - (row - 3) * DOT
                    a = -np.pi / 2 + along / radius
                    dots.append((r * np.cos(a), r * np.sin(a)))
    return dots


def turning_marks(rng, radius, angle):
    """Slope left by the lathe: fine in radius, nearly constant along the angle."""
    rows, columns = 512, 360
    noise = rng.standard_normal((rows, columns))
    fine = ndimage.gaussian_filter(noise, (0.7, 40), mode=("nearest", "wrap"))
    broken = ndimage.gaussian_filter(
        rng.standard_normal((rows, columns)), (0.7, 7), mode=("nearest", "wrap")
    )
    coarse = ndimage.gaussian_filter(
        rng.standard_normal((rows, columns)), (5, 60), mode=("nearest", "wrap")
    )
    total = sum(w * t / t.std() for w, t in ((0.75, fine), (0.45, broken), (0.35, coarse)))
    at = [radius * (rows / 128.0), (angle / (2 * np.pi) % 1.0) * columns]
    return ndimage.map_coordinates(total, at, order=1, mode="grid-wrap")


def make(rng, x, y):
    """A flawless part over part coordinates x, y."""
    s = Surface(x, y)
    holes = openings(x, y)
    s.inside = np.minimum(OUTER - s.radius, holes)
    h = 4.5 * smoothstep((HUB + 2.5 - s.radius) / 4.0)
    h -= 1.6 * np.exp(-(((s.radius - GROOVE) / 1.5) ** 2))
    h -= chamfer(OUTER - s.radius, 4.0, 3.2)
    h -= chamfer(holes, 2.4, 2.0)
    for cx, cy in peened_dots():
        near = (np.abs(x - cx) < 3) & (np.abs(y - cy) < 3)
        h[near] -= 0.45 * np.exp(-((x[near] - cx) ** 2 + (y[near] - cy) ** 2) / 0.62**2)
    s.height = h
    s.slope = 0.075 * turning_marks(rng, s.radius, s.angle)
    # A worn tool leaves the whole face a touch duller or brighter.
    s.matte += 0.06 + 0.04 * rng.random()
    return s

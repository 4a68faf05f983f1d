"""Sand-blasted levers that lie at any angle under a ring of light: teeth on one side, an arm on the
other, holes and a peened number, so that every angle looks different, and nothing else does."""

from functools import lru_cache

import numpy as np
from scipy import ndimage

from samples.defects import dent, scratch, stain
from samples.flange import chamfer, peened_dots, smoothstep
from samples.scene import direction, expose, make_cloth

from .surface import capsule, lit, noise, over, part, plane, shadow

DEFECTS = ("scratch", "missing_tooth", "stain", "dent")
FORMAT = "jpg"
WIDTH, HEIGHT = 300, 300
STEEL = np.array([0.27, 0.275, 0.29])
ROOT, TIP, TEETH = 74.0, 86.0, 15
SIZE = 1.1  # of the lever; its arm reaches 141 pixels from the middle
SPAN = 2.1  # teeth stand from -SPAN to SPAN, in radians
HALF = 110  # of the map of the peened number


@lru_cache(maxsize=None)
def number_map():
    """Depth of the peened number, two samples a pixel."""
    y, x = np.mgrid[-HALF:HALF:0.5, -HALF:HALF:0.5]
    depth = np.zeros(x.shape)
    for cx, cy in peened_dots(56.0):
        near = (np.abs(x - cx) < 3) & (np.abs(y - cy) < 3)
        depth[near] += np.exp(-((x[near] - cx) ** 2 + (y[near] - cy) ** 2) / 0.75**2)
    return depth


@lru_cache(maxsize=None)
def cloth():
    return make_cloth(np.random.default_rng(19))


def teeth(angle, missing):
    """Share of the tooth height at an angle; missing is the number of a tooth and how much of it
    has gone."""
    turn = (angle + SPAN) / (2 * SPAN) * TEETH
    tooth = smoothstep(0.5 + 1.3 * np.sin(2 * np.pi * (turn - 0.25)))
    tooth = tooth * ((turn > 0) & (turn < TEETH))
    if missing:
        tooth = tooth * np.where(np.floor(turn) == missing[0], 1 - missing[1], 1)
    return tooth


def lever(rng, x, y, missing=None):
    s = part(x, y)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    outline = ROOT + (TIP - ROOT) * teeth(angle, missing) - radius
    outline = np.maximum(outline, capsule(x, y, -40, 0, -108, 14, 20))
    holes = np.minimum(radius - 19, -capsule(x, y, 24, 40, 46, 24, 6))
    holes = np.minimum(holes, np.hypot(x + 108, y - 14) - 8)
    holes = np.minimum(holes, np.hypot(x - 48, y + 20) - 5)
    holes = np.minimum(holes, -capsule(x, y, 0, 0, 0, 24, 4))  # keyway
    s.inside = np.minimum(outline, holes)
    s.height -= chamfer(s.inside, 3.0, 2.4)
    s.height += 3 * smoothstep((33 - radius) / 3)
    at = [(y + HALF) * 2, (x + HALF) * 2]
    s.height -= 1.6 * ndimage.map_coordinates(number_map(), at, order=1, mode="constant")
    s.height += 0.10 * noise(rng, x.shape, (1.0, 0.8))
    return s


def photograph(rng, camera, harm):
    turn = rng.uniform(0, 2 * np.pi)
    qx, qy = plane(WIDTH, HEIGHT, rng, shift=5, turn=0, scale=0.005)
    c, n = np.cos(turn), np.sin(turn)
    x, y = (qx * c + qy * n) / SIZE, (-qx * n + qy * c) / SIZE
    missing = None
    if harm and harm.kind == "missing_tooth":
        missing = harm.rng.integers(1, TEETH - 1), harm.between(0.3, 1.0)
    s = lever(rng, x, y, missing)
    if harm and not missing:
        far, at = 66 * np.sqrt(harm.rng.uniform(0.15, 1)), harm.rng.uniform(0, 2 * np.pi)
        place = np.array([far * np.cos(at), far * np.sin(at)])
        if harm.kind == "scratch":
            heading = harm.rng.uniform(0, 2 * np.pi)
            end = place + harm.rng.uniform(22, 60) * np.array([np.cos(heading), np.sin(heading)])
            bend = (place + end) / 2 + harm.rng.normal(0, 6, 2)
            scratch(harm.rng, s, place, bend, end, harm.between(0.9, 1.7), harm.between(0.8, 2.3))
        elif harm.kind == "stain":
            stain(harm.rng, s, *place, harm.rng.uniform(7, 15), harm.between(0.35, 1.0))
        else:
            size = harm.rng.uniform(4.5, 9)
            dent(harm.rng, s, *place, size, 0.8 * size, at, harm.between(0.15, 0.45) * size)
    # Of the ring four lamps, which leave the height's edges all around.
    metal = sum(
        lit(s, STEEL, direction(a + rng.normal(0, 0.03), 0.9), gloss=0.06, shine=12.0, ambient=0.2)
        / 4
        for a in np.arange(4) * np.pi / 2 + 0.4
    )
    at = rng.integers(0, cloth().shape[0] - WIDTH, 2)
    felt = cloth()[at[0] : at[0] + HEIGHT, at[1] : at[1] + WIDTH]
    dark = 1 - shadow(s, 0, 0, 5)
    ground = np.array([0.045, 0.034, 0.028]) * (felt * (1 - 0.6 * dark))[..., None]
    return expose(camera, over(ground, metal, s), 1)

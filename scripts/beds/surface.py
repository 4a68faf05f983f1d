"""Materials and light that several sets share, beside those of the sample photos."""

from functools import lru_cache

import numpy as np
from scipy import ndimage

from samples.defects import smooth_noise
from samples.flange import Surface
from samples.scene import direction, dot, normalise


def plane(width, height, rng, shift=3.0, turn=1.5, scale=0.01):
    """The part's coordinates of every pixel, from the middle of the photo: parts lie a little
    beside it, by up to shift pixels, turn degrees and a share of scale."""
    dx, dy = rng.uniform(-shift, shift, 2)
    angle = np.radians(rng.uniform(-turn, turn))
    size = 1 + rng.uniform(-scale, scale)
    px, py = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
    px, py = (px - dx) / size, (py - dy) / size
    c, n = np.cos(angle), np.sin(angle)
    return px * c + py * n, -px * n + py * c


def part(x, y):
    """A surface without height that covers the whole photo."""
    s = Surface(x, y)
    s.inside = np.full(x.shape, 1e3)
    s.height = np.zeros_like(x)
    return s


def rectangle(x, y, half_width, half_height, corner):
    """Distance to the border of a rounded rectangle around the origin, positive inside."""
    qx, qy = np.abs(x) - half_width + corner, np.abs(y) - half_height + corner
    return corner - np.hypot(qx.clip(0), qy.clip(0)) - np.minimum(np.maximum(qx, qy), 0)


def capsule(x, y, ax, ay, bx, by, radius):
    """Distance to the border of a slot from a to b, positive inside."""
    dx, dy = bx - ax, by - ay
    t = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
    return radius - np.hypot(x - ax - t * dx, y - ay - t * dy)


@lru_cache(maxsize=None)
def _field(sigma):
    """Smooth noise much larger than a photo, of which photos take their pieces: they would spend
    most of their time on noise of their own."""
    seed = [int(1000 * s) for s in np.atleast_1d(sigma)]
    return smooth_noise(np.random.default_rng(seed), (1536, 1536), sigma).astype(np.float32)


def noise(rng, shape, *octaves):
    """A sum of smooth noises: (weight, sigma) each, sigma one number or one an axis."""
    total = np.zeros(shape)
    for weight, sigma in octaves:
        field = _field(sigma)
        top, left = (int(rng.integers(0, max(f - n, 0) + 1)) for f, n in zip(field.shape, shape))
        piece = field[top : top + shape[0], left : left + shape[1]]
        flip = rng.integers(0, 2, 2) * -2 + 1
        total += weight * piece[:: flip[0], :: flip[1]]
    return total


def lamp(rng, azimuth=-128, elevation=52, spread=3.0):
    """Direction of a lamp that nobody moves on purpose, in degrees."""
    return direction(
        np.radians(azimuth + rng.normal(0, spread)),
        np.radians(elevation + rng.normal(0, spread / 2)),
    )


def lit(s, colour, to_lamp, gloss=0.1, shine=20.0, ambient=0.25):
    """Light that a plastic-like surface of a colour sends to the camera, [H, W, 3], linear."""
    gy, gx = np.gradient(s.height)
    n = normalise(np.stack([-gx, -gy, np.ones_like(gx)], -1))
    falls = np.clip(dot(n, to_lamp), 0, None)
    half = normalise(to_lamp + np.array([0, 0, 1.0]))
    mirror = gloss * (1 - 0.7 * s.matte) * np.clip(dot(n, half), 0, None) ** shine
    albedo = np.asarray(colour) * s.tint
    return albedo * (ambient + (1 - ambient) * falls)[..., None] + mirror[..., None]


def over(ground, light, s):
    """The part before the ground, its edge a pixel wide."""
    cover = np.clip(0.5 + s.inside, 0, 1)[..., None]
    return ground * (1 - cover) + light * cover


def shadow(s, dx, dy, blur):
    """How much of the light reaches the ground beside a part, 0 to 1."""
    cover = ndimage.shift(np.clip(0.5 + s.inside, 0, 1), (dy, dx), order=1, mode="nearest")
    return 1 - ndimage.gaussian_filter(cover, blur)


def walk(rng, start, heading, length, wander, step=3.0):
    """Points of a crack: it keeps its direction for a while, then turns."""
    turns = ndimage.gaussian_filter1d(rng.normal(0, wander, max(int(length / step), 2)), 1)
    angles = heading + np.cumsum(turns)
    steps = step * np.stack([np.cos(angles), np.sin(angles)], 1)
    return np.asarray(start) + np.cumsum(steps, 0)


def distance_to(points, x, y, reach):
    """Distance of every pixel to a line through points, and where on it (0 to 1); far away 1e3
    and 0."""
    d, at = np.full(x.shape, 1e3), np.zeros(x.shape)
    low, high = points.min(0) - reach, points.max(0) + reach
    box = (x > low[0]) & (x < high[0]) & (y > low[1]) & (y < high[1])
    px, py = x[box], y[box]
    best, where = np.full(px.shape, 1e3), np.zeros(px.shape)
    for i, ((ax, ay), (bx, by)) in enumerate(zip(points[:-1], points[1:])):
        of = -capsule(px, py, ax, ay, bx, by, 0.0)
        nearer = of < best
        best[nearer], where[nearer] = of[nearer], i / max(len(points) - 2, 1)
    d[box], at[box] = best, where
    return d, at

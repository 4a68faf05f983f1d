"""The defects, cut into a part's surface before it is lit.

Each function changes a flange.Surface in place and sets its mask to exactly
the pixels that it touched noticeably. Sizes are in pixels of the photo.
"""

import numpy as np
from scipy import ndimage

from .flange import OUTER


def smooth_noise(rng, shape, sigma):
    n = ndimage.gaussian_filter(rng.standard_normal(shape), sigma)
    return n / n.std()


def scratch(rng, s, start, bend, end, width, depth, bare_tint=(0.9, 1.1, 1.7)):
    """A gouge along a quadratic Bezier curve: thin at both ends, its burr
    thrown up on both sides. bare_tint is what the bared metal adds to the colour."""
    t = np.linspace(0, 1, 220)[:, None]
    p = (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(bend) + t**2 * np.array(end)
    p = p + 0.25 * ndimage.gaussian_filter1d(rng.standard_normal(p.shape), 8, axis=0)
    pressure = np.clip(np.sin(np.pi * np.linspace(0.03, 0.97, len(p))), 0, 1) ** 0.5
    pressure *= 1 + 0.25 * ndimage.gaussian_filter1d(rng.standard_normal(len(p)), 5)
    low, high = p.min(0) - 8, p.max(0) + 8
    box = (s.x > low[0]) & (s.x < high[0]) & (s.y > low[1]) & (s.y < high[1])
    px, py = s.x[box][:, None], s.y[box][:, None]
    d = np.hypot(px - p[:, 0], py - p[:, 1])
    nearest = d.argmin(1)
    d = d[np.arange(len(d)), nearest] / (width * np.maximum(pressure[nearest], 0.05))
    force = np.maximum(pressure[nearest], 0)
    s.height[box] += depth * force * (0.45 * np.exp(-((d - 1.5) ** 2) / 0.3) - np.exp(-(d**2)))
    bare = np.exp(-(d**2) / 1.2) * np.minimum(force * 1.4, 1)
    s.matte[box] = np.maximum(s.matte[box], 0.85 * bare)
    s.tint[box] *= 1 + np.array(bare_tint) * bare[:, None]
    s.mask[box] |= (d < 2.0) & (s.inside[box] > 0)


def scratch_long(rng, s):
    """A long scratch over the face between groove and rim."""
    scratch(rng, s, (-55, 47), (-74, 38), (-99, 42), 1.5, 2.3)


def scratch_twice(rng, s):
    """Two strokes of the same tool across the turning marks."""
    scratch(rng, s, (58, -26), (78, -38), (94, -58), 1.4, 2.2)
    scratch(rng, s, (66, -22), (79, -30), (91, -43), 1.1, 1.6)


def dent(rng, s, x, y, long, short, turn, depth):
    """A blow: a hollow with a pushed-up rim, its floor burnished."""
    c, n = np.cos(turn), np.sin(turn)
    u = ((s.x - x) * c + (s.y - y) * n) / long
    v = (-(s.x - x) * n + (s.y - y) * c) / short
    wobble = 1 + 0.05 * smooth_noise(rng, s.x.shape, 14)
    q = np.hypot(u, v) * wobble
    hollow = np.exp(-((q * 1.2) ** 2.6))
    raised = np.exp(-(((q - 1.2) / 0.3) ** 2))
    s.height -= depth * hollow - 0.2 * depth * raised
    floor = np.exp(-((q * 1.1) ** 4))
    s.slope *= 1 - 0.7 * floor
    s.matte = np.maximum(s.matte, 0.45 * floor)
    s.mask |= (q < 1.5) & (s.inside > 0)


def dent_face(rng, s):
    """On the face, between two bolt holes."""
    dent(rng, s, 7, 84, 11.0, 9.0, 0.5, 4.6)


def dent_rim(rng, s):
    """Near the rim, between two bolt holes."""
    dent(rng, s, -88, -49, 9.5, 7.5, 2.2, 4.2)


def stain(rng, s, x=66, y=-26, size=16.5, strength=1.0):
    """A dried drop of cooling lubricant: brown film, darker where it dried last."""
    q = np.hypot((s.x - x) / 1.25, s.y - y) / size
    q = q + 0.17 * smooth_noise(rng, s.x.shape, 11) + 0.05 * smooth_noise(rng, s.x.shape, 3)
    film = np.clip((1.0 - q) / 0.10, 0, 1)
    edge = np.exp(-(((q - 0.93) / 0.06) ** 2))
    amount = film * (0.62 + 0.10 * smooth_noise(rng, s.x.shape, 5)) + 0.32 * edge * film
    s.tint *= 1 - strength * np.clip(amount, 0, 0.9)[..., None] * np.array([0.62, 0.78, 0.80])
    s.matte = np.maximum(s.matte, 0.5 * strength * film)
    s.mask |= (film > 0.1) & (s.inside > 0)


def chip(rng, s):
    """A piece broken out of the rim, with a rough, bright fracture."""
    a = 2.62
    x, y = (OUTER + 2) * np.cos(a), (OUTER + 2) * np.sin(a)
    along = -(s.x - x) * np.sin(a) + (s.y - y) * np.cos(a)
    inward = -((s.x - x) * np.cos(a) + (s.y - y) * np.sin(a))
    q = np.hypot(along / 18.0, inward / 14.0)
    q = q + 0.10 * smooth_noise(rng, s.x.shape, 7) + 0.05 * smooth_noise(rng, s.x.shape, 2.5)
    hit = (q < 1) & (s.inside > -1)
    rough = 0.9 * smooth_noise(rng, s.x.shape, 3.0) + 0.35 * smooth_noise(rng, s.x.shape, 1.2)
    floor = -10.0 * np.clip(1.08 - q, 0, 1) + 0.9 * rough
    s.height = np.where(hit, np.minimum(s.height, floor - 0.8), s.height)
    s.slope = np.where(hit, 0, s.slope)
    s.matte = np.where(hit, 1.0, s.matte)
    s.tint = np.where(hit[..., None], s.tint * np.array([1.02, 0.98, 1.05]), s.tint)
    # The deepest part is gone altogether.
    gone = q < 0.42
    s.mask |= hit & (s.inside > 0)
    s.inside = np.where(gone, np.minimum(s.inside, (q - 0.42) * 12), s.inside)

"""Covers from one mould. What is wrong with the mould is wrong with every cover: the same burr at
the same place, of the same look. With it on a good share of the photos it is easily taken for the
normal."""

import numpy as np

from samples.defects import dent
from samples.flange import smoothstep
from samples.scene import expose

from .surface import capsule, lamp, lit, noise, over, part, plane, rectangle, shadow

DEFECTS = ("burr",)
FORMAT = "jpg"
WIDTH, HEIGHT = 360, 300
GREY = np.array([0.46, 0.47, 0.45])


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=4, turn=2)
    s = part(x, y)
    holes = np.full(x.shape, 1e3)
    for cx, cy in ((-118, -84), (118, -84), (-118, 84), (118, 84)):
        holes = np.minimum(holes, np.hypot(x - cx, y - cy) - 9)
        s.height += 2.0 * smoothstep((15 - np.hypot(x - cx, y - cy)) / 2)
    holes = np.minimum(holes, -capsule(x, y, 40, -52, 84, -52, 9))
    s.inside = np.minimum(rectangle(x, y, 140, 106, 22), holes)
    s.height -= 4 * np.exp(-np.clip(s.inside, 0, None) / 3)
    s.height += 3.0 * smoothstep(rectangle(x + 48, y - 4, 52, 56, 12) / 3)  # a raised panel
    for i in range(6):  # ribs
        s.height += 2.2 * smoothstep(capsule(x, y, 44 + 13 * i, 0, 44 + 13 * i, 62, 3) / 2)
    ring = np.abs(np.hypot(x + 48, y - 4) - 26) - 2.5
    s.height -= 1.2 * smoothstep(-ring / 1.5)
    s.height += noise(rng, x.shape, (0.22, 1.0))  # eroded finish
    s.tint = s.tint * (1 + noise(rng, x.shape, (0.012, 25)))[..., None]
    if harm:
        turn = 0.6 + harm.rng.normal(0, 0.06)
        at = np.array([-8, -72]) + harm.rng.normal(0, 0.7, 2)
        dent(harm.rng, s, *at, 12.0, 7.5, turn, harm.between(-4.2, -5.0))
    to_lamp = lamp(rng, azimuth=-128, elevation=48)
    light = lit(s, GREY, to_lamp, gloss=0.10, shine=25)
    bench = np.array([0.10, 0.075, 0.06]) * (1 + noise(rng, x.shape, (0.05, 1.5)))[..., None]
    bench = bench * (0.35 + 0.65 * shadow(s, 5, 7, 4))[..., None]
    return expose(camera, over(bench, light, s), 1)

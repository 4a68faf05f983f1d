"""Two products on one line, half of the photos each: a round orange lid and a teal box cover.
Both have scratches, dirt and broken edges."""

import numpy as np

from samples.defects import scratch
from samples.flange import smoothstep
from samples.scene import expose

from .surface import lamp, lit, noise, over, part, plane, rectangle, shadow

DEFECTS = ("scratch", "dirt", "broken_edge")
FORMAT = "jpg"
WIDTH, HEIGHT = 320, 320
ORANGE, TEAL = np.array([0.62, 0.20, 0.035]), np.array([0.03, 0.26, 0.27])


def lid(s):
    radius, angle = np.hypot(s.x, s.y), np.arctan2(s.y, s.x)
    s.inside = 112 + 1.6 * np.cos(60 * angle) - radius
    s.height += 5 * smoothstep((96 - radius) / 6) - 4 * np.exp(-np.clip(s.inside, 0, None) / 3)
    s.height += 1.2 * np.cos(60 * angle) * smoothstep((radius - 98) / 4)
    for at in (30.0, 62.0):
        s.height -= 1.5 * np.exp(-(((radius - at) / 2.0) ** 2))
    s.height += 2.5 * smoothstep((9 - radius) / 3)  # the gate


def cover(s):
    s.inside = rectangle(s.x, s.y, 118, 88, 14)
    s.height -= 5 * np.exp(-np.clip(s.inside, 0, None) / 4)
    s.height += 2.5 * smoothstep(-np.abs(rectangle(s.x, s.y, 96, 66, 8)) / 2 + 2)
    for cx, cy in ((-78, -48), (78, -48), (-78, 48), (78, 48)):
        s.height += 3 * smoothstep((8 - np.hypot(s.x - cx, s.y - cy)) / 2)
    for i in range(5):
        s.height -= 2.0 * smoothstep((2.2 - np.abs(s.y - 14 * (i - 2))) / 1.5) * (np.abs(s.x) < 46)


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=4, turn=3)
    s = part(x, y)
    round_one = rng.random() < 0.5
    (lid if round_one else cover)(s)
    s.height += noise(rng, x.shape, (0.10, 1.0), (0.25, 6))
    s.tint = s.tint * (1 + noise(rng, x.shape, (0.015, 30)))[..., None]
    if harm:
        at = harm.rng.uniform(-100, 100, 2) * (1.0, 1.0 if round_one else 0.75)
        if harm.kind == "scratch":
            end = at + harm.rng.uniform(22, 60) * direction(harm.rng)
            bend = (at + end) / 2 + harm.rng.normal(0, 6, 2)
            width, depth = harm.between(0.9, 1.6), harm.between(0.8, 2.0)
            scratch(harm.rng, s, at, bend, end, width, depth, 3 * [harm.between(0.15, 0.6)])
        elif harm.kind == "dirt":
            size = harm.rng.uniform(3, 9)
            q = np.hypot(x - at[0], y - at[1]) / size + noise(harm.rng, x.shape, (0.25, 4))
            film = np.clip((1 - q) / 0.3, 0, 1)[..., None]
            s.tint *= 1 - harm.between(0.22, 0.8) * film
        else:
            broken_edge(harm, s)
    light = lit(s, ORANGE if round_one else TEAL, lamp(rng, elevation=46), gloss=0.16, shine=30)
    belt = (
        np.array([0.30, 0.30, 0.29]) * (1 + noise(rng, x.shape, (0.03, 1.2), (0.02, 20)))[..., None]
    )
    belt = belt * (0.35 + 0.65 * shadow(s, 6, 8, 5))[..., None]
    return expose(camera, over(belt, light, s), 1)


def direction(rng):
    turn = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(turn), np.sin(turn)])


def broken_edge(harm, s):
    """A bite out of the rim, with a matt fracture."""
    on_rim = np.argwhere((s.inside > 0) & (s.inside < 2))
    row, column = on_rim[harm.rng.integers(len(on_rim))]
    size = harm.between(4, 13)
    q = np.hypot(s.x - s.x[row, column], s.y - s.y[row, column]) / size
    q = q + noise(harm.rng, s.x.shape, (0.15, 4))
    fracture = np.clip((1.3 - q) / 0.15, 0, 1) * (s.inside > 0)
    s.matte = np.maximum(s.matte, fracture)
    s.tint *= 1 + 0.3 * fracture[..., None]
    s.height += 0.8 * fracture * noise(harm.rng, s.x.shape, (1.0, 1.5))
    s.inside = np.minimum(s.inside, (q - 1) * size)

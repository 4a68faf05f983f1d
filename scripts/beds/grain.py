"""Planed boards: no two alike. Knots and dark streaks belong to the wood and make a heavy tail of
good photos; gouges and dents do not."""

import numpy as np

from samples.scene import expose

from .surface import distance_to, lamp, lit, noise, part, plane, walk

DEFECTS = ("gouge", "dent")
FORMAT = "jpg"
WIDTH, HEIGHT = 400, 300
LIGHT, DARK, KNOT = (
    np.array([0.62, 0.42, 0.23]),
    np.array([0.42, 0.24, 0.11]),
    np.array([0.20, 0.10, 0.05]),
)


def board(rng, x, y):
    """A good board; most have no knot, some have several."""
    s = part(x, y)
    depth = y + rng.uniform(-400, 400) + noise(rng, x.shape, (7.0, (18, 70)), (1.2, (5, 30)))
    knots = []
    for _ in range(rng.poisson(0.7)):
        at = rng.uniform(-180, 180), rng.uniform(-130, 130)
        size = min(4 + rng.exponential(8), 30)
        knots.append((*at, size))
        q = np.hypot((x - at[0]) / 2.2, y - at[1]) / size
        depth += size * 2.2 * np.sign(y - at[1]) * np.exp(-q / 1.3)
    period = rng.uniform(9, 20)
    ring = (depth / period) % 1.0
    late = ring**3 * (
        1 - np.clip((ring - 0.93) / 0.07, 0, 1)
    )  # late wood is dark and ends abruptly
    fibre = noise(rng, x.shape, (0.05, (0.6, 18)), (0.04, (1.2, 40)))
    colour = LIGHT + (DARK - LIGHT) * (0.85 * late)[..., None]
    colour = colour * (1 + fibre)[..., None]
    if rng.random() < 0.2:  # a streak of resin or of old sap
        at, wide = rng.uniform(-130, 130), rng.exponential(5) + 2
        streak = np.exp(-(((depth - depth.mean() - at) / wide) ** 2))
        colour = (
            colour
            * (1 - 0.35 * streak * np.clip(1 + noise(rng, x.shape, (0.5, (4, 60))), 0, 1))[
                ..., None
            ]
        )
    for at_x, at_y, size in knots:
        q = np.hypot((x - at_x) / 1.15, y - at_y) / size + noise(rng, x.shape, (0.07, 6))
        inner = np.clip((1 - q) / 0.2, 0, 1)[..., None]
        rings = (0.8 + 0.3 * np.cos(q * size * 0.9))[..., None]
        colour = colour * (1 - inner) + KNOT * rings * 1.6 * inner
        edge = np.exp(-(((q - 1) / 0.12) ** 2))[..., None]
        colour = colour * (1 - 0.55 * edge)
    s.tint = colour * rng.uniform(0.88, 1.08)
    s.height = 0.25 * late + noise(rng, x.shape, (0.10, (0.7, 14)))
    return s


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=3, turn=1.0)
    s = board(rng, x, y)
    to_lamp = lamp(rng, azimuth=-100, elevation=40)
    if harm:
        at = harm.rng.uniform(-165, 165), harm.rng.uniform(-115, 115)
        if harm.kind == "gouge":
            length, width = harm.rng.uniform(25, 95), harm.rng.uniform(2.0, 4.2)
            points = walk(harm.rng, at, harm.rng.uniform(0.4, 2.7), length, 0.04)
            d, along = distance_to(points, x, y, 12)
            press = np.sin(np.pi * (0.08 + 0.84 * along)) ** 0.5
            q = d / (width * press + 1e-3)
            force = harm.between(0.35, 1.3)
            s.height -= force * width * 1.2 * np.exp(-(q**2))
            s.height += force * 0.35 * width * np.exp(-(((q - 1.5) / 0.5) ** 2))
            raw = min(force, 1) * np.exp(-(q**4))[..., None]
            s.tint = s.tint * (1 - 0.5 * raw) + 0.5 * raw * np.array([0.72, 0.55, 0.36])
            s.tint *= 1 + 0.10 * raw * noise(harm.rng, x.shape, (1.0, 0.8))[..., None]
        else:
            size = harm.rng.uniform(6, 15)
            turn = harm.rng.uniform(0, np.pi)
            u = (x - at[0]) * np.cos(turn) + (y - at[1]) * np.sin(turn)
            v = -(x - at[0]) * np.sin(turn) + (y - at[1]) * np.cos(turn)
            q = np.hypot(u / 1.5, v) / size
            s.height -= harm.between(0.16, 0.6) * size * np.exp(-(q**4))
            s.tint *= 1 - harm.between(0.05, 0.2) * np.exp(-(q**4))[..., None]
    return expose(camera, lit(s, 1.0, to_lamp, gloss=0.05, shine=8, ambient=0.35), 1)

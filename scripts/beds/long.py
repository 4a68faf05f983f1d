"""Long cast bars, photographed whole: cracks of three to six pixels and nicks at the edges, which
a square input squeezes to next to nothing."""

import numpy as np

from samples.scene import expose

from .surface import distance_to, lamp, lit, noise, over, part, plane, walk

DEFECTS = ("crack", "nick")
FORMAT = "jpg"
WIDTH, HEIGHT = 500, 1250
HALF = 185.0  # half the bar's width


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=7, turn=0.35, scale=0.006)
    s = part(x, y)
    ragged = 1.2 * noise(rng, (HEIGHT, 1), (1.0, 9))
    s.inside = HALF - np.abs(x) + ragged
    # A groove along the middle, two rows of cast pips, and the skin of the casting.
    s.height = -5.0 * np.exp(-((x / 24) ** 8))
    for row in (-118, 118):
        near = slice(WIDTH // 2 + row - 40, WIDTH // 2 + row + 40)  # spares the whole photo's time
        pitch = (y[:, near] + 40) % 130 - 65
        from_centre = np.hypot(x[:, near] - row, pitch)
        s.height[:, near] += 3.0 / (1 + np.exp((from_centre - 15) / 1.2))
    s.height -= 6 * np.exp(-np.clip(s.inside, 0, None) / 3.5)
    coarse = noise(rng, x.shape, (0.55, 2.2), (0.5, 5.0))
    s.height += coarse * (0.55 + 0.1 * rng.random())
    s.tint = s.tint * (1 + noise(rng, x.shape, (0.05, 1.2), (0.05, 30)))[..., None]
    for _ in range(rng.poisson(5)):  # scale that is allowed
        at = rng.uniform(-HALF, HALF), rng.uniform(-600, 600)
        near = (np.abs(x - at[0]) < 16) & (np.abs(y - at[1]) < 16)
        q = np.hypot(x[near] - at[0], y[near] - at[1]) / rng.uniform(2, 5)
        s.tint[near] *= 1 - 0.25 * np.exp(-(q**2))[:, None]
    slope = 1 + 0.08 * rng.normal() * (y / 600)
    if harm and harm.kind == "crack":
        at = harm.rng.uniform(-150, 150), harm.rng.uniform(-520, 520)
        length, width = harm.rng.uniform(60, 260), harm.rng.uniform(3, 6)
        points = walk(harm.rng, at, harm.rng.uniform(0, 2 * np.pi), length, 0.22, step=5)
        d, along = distance_to(points, x, y, 10)
        half = width / 2 * (0.45 + 0.55 * np.sin(np.pi * (0.05 + 0.9 * along)))
        line = np.clip(half + 0.5 - d, 0, 1)
        s.tint *= 1 - harm.between(0.25, 0.85) * line[..., None]
        s.height += 0.5 * harm.strength * np.exp(-(((d - half - 1) / 1.2) ** 2))
    elif harm:
        side, at = harm.rng.choice([-1, 1]), harm.rng.uniform(-560, 560)
        deep, tall = harm.between(5, 19) * harm.rng.uniform(0.8, 1.2), harm.rng.uniform(8, 24)
        edge = side * HALF
        q = np.hypot((x - edge) / deep, (y - at) / tall) + noise(harm.rng, x.shape, (0.12, 4))
        s.inside = np.minimum(s.inside, (q - 1) * min(deep, tall))
        fracture = np.clip((1.35 - q) / 0.2, 0, 1)
        s.tint *= (
            1 + 0.5 * (fracture * (0.6 + 0.4 * noise(harm.rng, x.shape, (1.0, 1.5))))[..., None]
        )
    light = lit(s, (0.30, 0.29, 0.27), lamp(rng, azimuth=-60, elevation=38), gloss=0.06, shine=14)
    belt = 0.035 * (1 + noise(rng, x.shape, (0.12, 1.5)))
    return expose(camera, over(belt[..., None] * np.ones(3), light * slope[..., None], s), 1)

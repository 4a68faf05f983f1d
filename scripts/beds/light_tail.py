"""Plain-woven fabric under an inspection camera: good photos are so alike that their scores have
hardly a tail."""

import numpy as np

from samples.scene import expose

from .surface import lamp, lit, noise, part, plane

DEFECTS = ("thread", "slub", "stain")
FORMAT = "png"
WIDTH, HEIGHT = 320, 320
YARN = 9.0  # pixels from one yarn to the next
WARP, WEFT = np.array([0.30, 0.34, 0.42]), np.array([0.42, 0.46, 0.52])


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=8, turn=0.5, scale=0.004)
    waver = noise(rng, x.shape, (0.35, 12))
    u, v = (x + waver) / YARN, (y + waver[::-1]) / YARN
    column, row = np.floor(u).astype(int), np.floor(v).astype(int)
    thick = 1 + 0.05 * rng.standard_normal((2, 64))
    wide = np.ones_like(x)
    missing = np.zeros_like(x)
    if harm and harm.kind in ("thread", "slub"):
        # One yarn, for some length, is not there or too thick.
        yarn = harm.rng.integers(-13, 13)
        length = harm.rng.uniform(25, 120) if harm.kind == "thread" else harm.rng.uniform(18, 50)
        along = np.abs(y - harm.rng.uniform(-120, 120)) / (length / 2)
        taper = np.clip((1 - along) * 3, 0, 1)
        if harm.kind == "thread":
            missing = harm.between(0.3, 1.0) * taper * (column == yarn)
        else:
            wide = 1 + harm.between(0.25, 1.1) * np.sqrt(taper) * np.exp(
                -(((u - yarn - 0.5) / 1.2) ** 2)
            )
    over = np.where((column + row) % 2 == 0, 1.0, -1.0)
    lift = np.abs(np.sin(np.pi * u)) * np.abs(np.sin(np.pi * v))
    warp = np.sqrt(np.abs(np.sin(np.pi * u))) * thick[0][column % 64] * wide + 0.5 * over * lift
    weft = np.sqrt(np.abs(np.sin(np.pi * v))) * thick[1][row % 64] - 0.5 * over * lift
    warp = warp * (1 - missing)
    s = part(x, y)
    s.height = 1.7 * np.maximum(warp, weft)
    on_top = np.clip(0.5 + 4 * (warp - weft), 0, 1)[..., None]
    fibres = 1 + noise(rng, x.shape, (0.05, 0.7))
    deep = 0.55 + 0.45 * np.clip(np.maximum(warp, weft), 0, 1) ** 2
    s.tint = (WARP * on_top + WEFT * (1 - on_top)) * (fibres * deep)[..., None]
    s.tint *= 1 + 0.25 * (wide - 1)[..., None]
    if harm and harm.kind == "stain":
        at = harm.rng.uniform(-115, 115, 2)
        size = harm.rng.uniform(7, 22)
        q = np.hypot(x - at[0], (y - at[1]) * 1.2) / size + noise(harm.rng, x.shape, (0.2, 7))
        film = np.clip((1 - q) / 0.35, 0, 1)
        s.tint *= 1 - harm.between(0.12, 0.55) * film[..., None] * np.array([0.7, 0.9, 1.1])
    return expose(camera, lit(s, 1.0, lamp(rng, spread=1), gloss=0.03, ambient=0.4), 1)

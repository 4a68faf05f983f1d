"""Small lenses before a dark ground, under a ring light and a window: specks, pits and hairs of
one to three patches of the backbone, among reflections that are always there."""

import numpy as np

from samples.flange import smoothstep
from samples.scene import expose

from .surface import distance_to, noise, plane, rectangle, walk

DEFECTS = ("speck", "pit", "hair")
FORMAT = "png"
WIDTH, HEIGHT = 392, 392  # 28 patches of 14 pixels
PATCH = 14.0
LENS = 138.0


def photograph(rng, camera, harm):
    x, y = plane(WIDTH, HEIGHT, rng, shift=4, turn=4)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    edge = LENS - radius
    glass = np.clip(0.5 + edge, 0, 1)
    rng_tilt = rng.normal(0, 5, 2)  # the lens lies a little askew: reflections wander
    # Ground: a velvet holder with a metal ring around the lens.
    light = 0.006 * (1 + noise(rng, x.shape, (0.4, 1.0)))[..., None] * np.array([1.0, 1.0, 1.1])
    ring = np.clip(0.5 + np.minimum(radius - LENS, LENS + 13 - radius), 0, 1)
    brushed = 0.10 + 0.08 * np.cos(2 * (angle + 0.7)) ** 8 + 0.012 * noise(rng, x.shape, (1.0, 0.8))
    light = light * (1 - ring[..., None]) + (ring * brushed)[..., None] * np.array([1, 0.98, 0.95])
    # The glass: its coating glows by the angle, brighter to the rim.
    q = np.clip(radius / LENS, 0, 1)
    hue = np.stack([0.030 + 0.035 * q**4, 0.022 + 0.010 * (1 - q), 0.045 + 0.03 * q**2], -1)
    hue = hue * (1 + 0.10 * rng.normal())
    body = hue * (0.8 + 0.3 * smoothstep(0.5 + (x * 0.5 - y) / (2 * LENS)))[..., None]
    # Reflections: a window with a cross, its ghost from the rear face, the ring light.
    wx, wy = x + 46 + rng_tilt[0], y + 50 + rng_tilt[1]
    panes = rectangle(wx * (1 + 0.001 * wy), wy, 24, 30, 7)
    bars = np.minimum(np.abs(wx), np.abs(wy)) - 2.2
    window = smoothstep(0.5 + np.minimum(panes, bars) / 2.5)
    gx, gy = x - 40 + 0.6 * rng_tilt[0], y - 44 + 0.6 * rng_tilt[1]
    ghost = smoothstep(0.5 + np.minimum(rectangle(gx, gy, 13, 16, 4), np.abs(gx) - 1.4) / 3)
    lamp = np.exp(-(((np.hypot(x - rng_tilt[0] / 2, y - rng_tilt[1] / 2) - 96) / 3.2) ** 2))
    body = body + (0.55 * window)[..., None] * np.array([0.95, 1.0, 1.0])
    body = body + (0.11 * ghost)[..., None] * np.array([0.5, 1.0, 0.6])
    body = body + (0.10 * lamp * (0.75 + 0.25 * np.cos(8 * angle)))[..., None] * np.array(
        [0.8, 0.7, 1]
    )
    if harm:
        body = body + damage(harm, x, y, body)
    light = light * (1 - glass[..., None]) + body * glass[..., None]
    for _ in range(rng.poisson(2)):  # dust on the holder is no defect
        at, far = rng.uniform(0, 2 * np.pi), rng.uniform(LENS + 18, 190)
        d = np.hypot(x - far * np.cos(at), y - far * np.sin(at))
        light = light + (0.05 * np.exp(-((d / 1.5) ** 2)))[..., None]
    return expose(camera, light, 1)


def damage(harm, x, y, body):
    """What a defect adds to the light of the glass."""
    far, at = LENS * 0.92 * np.sqrt(harm.rng.random()), harm.rng.uniform(0, 2 * np.pi)
    cx, cy = far * np.cos(at), far * np.sin(at)
    patches = harm.rng.uniform(1, 3)
    if harm.kind == "hair":
        points = walk(harm.rng, (cx, cy), harm.rng.uniform(0, 7), patches * PATCH, 0.25, step=2)
        d, _ = distance_to(points, x, y, 8)
        return (harm.between(0.03, 0.2) * np.exp(-((d / 1.2) ** 2)))[..., None] * np.ones(3)
    size = PATCH * np.sqrt(patches / np.pi)
    q = np.hypot(x - cx, y - cy) / size + noise(harm.rng, x.shape, (0.22, 3.5))
    inside = np.clip((1 - q) / 0.3, 0, 1)[..., None]
    if harm.kind == "speck":
        grain = 1 + 0.35 * noise(harm.rng, x.shape, (1.0, 1.1))
        return inside * (harm.between(0.02, 0.16) * np.clip(grain, 0, 2))[..., None]
    # A pit: dark, with a bright edge towards the light.
    edge = np.exp(-(((q - 0.9) / 0.16) ** 2)) * np.clip(0.5 - (x - cx + y - cy) / (2 * size), 0, 1)
    return (
        -0.85 * body * inside * harm.between(0.4, 1) + (harm.between(0.02, 0.14) * edge)[..., None]
    )

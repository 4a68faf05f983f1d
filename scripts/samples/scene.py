"""Light, cloth and camera: from a part's surface to the finished photo."""

import numpy as np
from scipy import ndimage

from . import flange

WIDTH, HEIGHT = 336, 320
FINE = 2  # the scene is computed on a grid this much finer
# The cloth's colour in linear light: a dark slate blue.
CLOTH = np.array([0.024, 0.031, 0.042])


def make_cloth(rng):
    """Felt, larger than a photo: fibres in all directions over a soft mottling.
    Values around 1."""
    size = 520 * FINE
    total = np.zeros((size, size))
    for angle in np.arange(0, 180, 22.5):
        fibres = ndimage.gaussian_filter(rng.standard_normal((768, 768)), (1.1, 9))
        fibres = ndimage.rotate(fibres, angle, reshape=False, order=1, mode="wrap")
        at = rng.integers(0, 768, 2)
        tile = np.tile(np.roll(fibres, at, (0, 1)), (2, 2))[:size, :size]
        total += tile / tile.std()
    total /= total.std()
    mottling = ndimage.gaussian_filter(rng.standard_normal((size, size)), 22)
    return np.clip(1 + 0.26 * total + 0.07 * mottling / mottling.std(), 0.15, None)


def normalise(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def dot(v, w):
    """Of every vector of v with w; spelt out, so that no BLAS changes the bits."""
    return v[..., 0] * w[0] + v[..., 1] * w[1] + v[..., 2] * w[2]


def lights(rng):
    """Directions (to the light), colours and powers: a window-like soft box made
    of several small lamps, and a weak fill from the other side."""
    azimuth = np.radians(-128 + rng.normal(0, 4))
    elevation = np.radians(52 + rng.normal(0, 1.5))
    out = []
    for da in (-0.20, -0.07, 0.07, 0.20):
        for de in (-0.10, 0.10):
            out.append((azimuth + da, elevation + de, np.array([1.0, 0.965, 0.91]), 1.0 / 8))
    out.append((azimuth + np.radians(118), np.radians(38), np.array([0.80, 0.90, 1.0]), 0.22))
    return azimuth, elevation, out


def direction(azimuth, elevation):
    return np.array(
        [
            np.cos(azimuth) * np.cos(elevation),
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ]
    )


def shade_metal(s, turn, lamps, fine=FINE):
    """Light reflected to the camera by the metal, [H, W, 3], linear."""
    gy, gx = np.gradient(s.height)
    gx, gy = gx * fine, gy * fine  # the grid is aligned with the photo, not with the part
    azimuth = s.angle + turn
    rx, ry = np.cos(azimuth), np.sin(azimuth)
    gx, gy = gx + s.slope * rx, gy + s.slope * ry
    n = normalise(np.stack([-gx, -gy, np.ones_like(gx)], -1))
    # Frame of the turned finish: along the marks and across them.
    along = np.stack([-ry, rx, np.zeros_like(rx)], -1)
    along = normalise(along - n * (along * n).sum(-1, keepdims=True))
    across = np.cross(n, along)
    view = np.array([0, 0, 1.0])
    smooth = 0.105 + 0.30 * s.matte
    rough = 0.42 + 0.05 * s.matte
    colour = flange.BRASS * s.tint
    # The room around: brighter above and towards the window.
    room = 0.05 + 0.10 * (n[..., 2] - 0.4) - 0.07 * (0.6 * n[..., 1] + 0.4 * n[..., 0])
    total = colour * room[..., None]
    for az, el, hue, power in lamps:
        l = direction(az, el)
        h = normalise(l + view)
        nl = np.clip(dot(n, l), 0, None)
        nh = np.clip(dot(n, h), 1e-3, None)
        e = (dot(along, h) / smooth) ** 2 + (dot(across, h) / rough) ** 2
        ward = np.exp(-e / nh**2) / (4 * np.pi * smooth * rough)
        ward = ward * np.sqrt(nl / np.clip(n[..., 2], 0.2, 1))
        diffuse = 0.20 * nl * (0.8 + 0.9 * s.matte)
        total = total + power * hue * colour * (diffuse + ward)[..., None]
    return total


def swept_disc(x, y, radius, dx, dy):
    """Signed distance to a disc swept from the origin by (dx, dy)."""
    t = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0, 1)
    return np.hypot(x - t * dx, y - t * dy) - radius


def photograph(rng, cloth, defect=None):
    """One photo, uint8 [HEIGHT, WIDTH, 3], and its mask, bool [HEIGHT, WIDTH]."""
    shift = rng.uniform(-3, 3, 2)
    turn = np.radians(rng.uniform(-3, 3))
    scale = 1 + rng.uniform(-0.012, 0.012)
    azimuth, elevation, lamps = lights(rng)
    px, py = np.meshgrid(
        (np.arange(WIDTH * FINE) + 0.5) / FINE - WIDTH / 2,
        (np.arange(HEIGHT * FINE) + 0.5) / FINE - HEIGHT / 2,
    )
    qx, qy = (px - shift[0]) / scale, (py - shift[1]) / scale
    c, n = np.cos(turn), np.sin(turn)
    x, y = qx * c + qy * n, -qx * n + qy * c

    s = flange.make(rng, x, y)
    if defect:
        defect(rng, s)
    metal = shade_metal(s, turn, lamps)

    # The cloth: in the part's shadow, darkest where they touch.
    away = -flange.THICKNESS / np.tan(elevation)
    shadow = swept_disc(qx, qy, flange.OUTER, away * np.cos(azimuth), away * np.sin(azimuth))
    lit = flange.smoothstep(0.5 + shadow / 11.0)
    near = np.exp(-np.clip(np.hypot(qx, qy) - flange.OUTER, 0, None) / 9.0)
    at = rng.integers(0, cloth.shape[0] - WIDTH * FINE, 2)
    felt = cloth[at[0] : at[0] + HEIGHT * FINE, at[1] : at[1] + WIDTH * FINE]
    felt = ndimage.gaussian_filter(felt, 0.55 * FINE)  # behind the plane of focus
    ground = CLOTH * felt[..., None] * ((0.22 + 0.9 * lit) * (1 - 0.55 * near))[..., None]

    # Through bore and holes: the far opening is smaller, the wall shows beside it.
    far = flange.openings(x, y, 1 - flange.THICKNESS / flange.CAMERA)
    wall_light = 0.10 + 0.22 * np.clip(np.cos(s.angle + turn - azimuth), 0, 1)
    wall = flange.BRASS * wall_light[..., None]
    floor = CLOTH * felt[..., None] * 0.35 * flange.smoothstep(-far / 16.0)[..., None] + 0.0015
    through = np.where((far > 0)[..., None], wall, floor)
    hollow = flange.openings(x, y) < 0
    below = np.where(hollow[..., None], through, ground)

    cover = np.clip(0.5 + s.inside * FINE * scale, 0, 1)[..., None]
    light = below * (1 - cover) + metal * cover
    mask = s.mask.reshape(HEIGHT, FINE, WIDTH, FINE).mean((1, 3)) >= 0.5
    return expose(rng, light), mask


def expose(rng, light, fine=FINE):
    """The camera: lens, exposure, white balance, noise, tone curve, 8 bits."""
    height, width = light.shape[0] // fine, light.shape[1] // fine
    light = ndimage.gaussian_filter(light, (0.62 * fine * rng.uniform(0.9, 1.25),) * 2 + (0,))
    light = light.reshape(height, fine, width, fine, 3).mean((1, 3))
    yy, xx = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = light * (1 - 0.17 * (xx**2 + yy**2))[..., None]
    balance = np.array([1 + rng.normal(0, 0.015), 1, 1 + rng.normal(0, 0.02)])
    light = light * balance * (1.35 * 2 ** rng.normal(0, 0.07))
    noise = rng.standard_normal(light.shape)
    noise = ndimage.gaussian_filter(noise, (0.5, 0.5, 0)) * 1.8
    light = light + noise * np.sqrt(0.00016 * np.clip(light, 0, None) + 0.0000035)
    light = np.clip(light, 0, None)
    value = 1.08 * (1 - np.exp(-light * (0.86 + 0.42 * light)))  # highlights roll off
    value = np.clip(value, 0, 1)
    srgb = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.clip(np.rint(srgb * 255), 0, 255).astype(np.uint8)

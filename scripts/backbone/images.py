"""Images to learn from: crops of photographs, and drawn ones that never end.

An image is float32 [3, SIDE, SIDE] of 0 to 255. All random numbers come from
the generator that is given.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

SIDE = 448
SHORT = 256  # side of the photographs' centre squares
DRAWN = 0.4  # share of images that are drawn


def read_photos(folder):
    """Centre squares, uint8 [count, SHORT, SHORT, 3]."""
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        raise SystemExit(f"{folder}: no photos")
    out = np.empty((len(files), SHORT, SHORT, 3), np.uint8)
    for i, file in enumerate(files):
        image = Image.open(file).convert("RGB")
        left, top = ((side - min(image.size)) // 2 for side in image.size)
        square = image.crop((left, top, left + min(image.size), top + min(image.size)))
        out[i] = np.asarray(square.resize((SHORT, SHORT), Image.BICUBIC))
    return out


# ---- drawn images, [SHORT, SHORT, 3] of 0 to 255 ----


def noise(random, slope, stretch=1.0):
    """A field whose amplitude falls with frequency to the power of slope, of zero mean and
    unit deviation; stretch makes grain along an axis."""
    fy, fx = np.meshgrid(np.fft.fftfreq(SHORT), np.fft.rfftfreq(SHORT), indexing="ij")
    radius = np.sqrt((fy * stretch) ** 2 + (fx / stretch) ** 2)
    radius[0, 0] = 1
    spectrum = np.fft.rfft2(random.standard_normal((SHORT, SHORT))) * radius**-slope
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, (SHORT, SHORT))
    return field / (field.std() + 1e-9)


def two_colours(random, field):
    """A field of about -2 to 2 between two colours."""
    low, high = random.uniform(0, 255, (2, 3))
    return low + (high - low) * (field[..., None] / 4 + 0.5)


def texture(random):
    """Fractal noise, often with a grain, as of brushed metal, wood, cloth or plaster."""
    stretch = math.exp(random.uniform(0, 2)) if random.random() < 0.5 else 1
    field = noise(random, random.uniform(0.3, 1.8), stretch)
    if random.random() < 0.3:  # a weave or a print
        y, x = np.mgrid[:SHORT, :SHORT] * (2 * math.pi / random.uniform(6, 60))
        field = 0.5 * field + np.sin(x + random.uniform(0, 1) * field) * np.sin(y)
    if random.random() < 0.2:  # cells
        field = np.abs(field) * 2 - 1
    return two_colours(random, np.clip(field, -2, 2))


def dead_leaves(random):
    """Discs, boxes and triangles of random sizes over each other, as scenes are made."""
    image = Image.new("RGB", (SHORT, SHORT))
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(50, 400))):
        size = min(4 / (random.random() + 0.02), 100)
        x, y = random.uniform(-20, SHORT + 20, 2)
        colour = tuple(int(c) for c in random.uniform(0, 256, 3))
        turn = random.uniform(0, 360)
        corners = int(random.choice((3, 4, 5, 6, 40)))
        draw.regular_polygon((x, y, size), corners, rotation=turn, fill=colour)
    return np.asarray(image, np.float64) + 8 * noise(random, 1)[..., None]


def turning(angle):
    """Rotations [n, 2, 2]."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)


def fractal(random):
    """The attractor of two to five random affine contractions (ferns, dust, lattices), as the
    density of points that wander about on it, before a texture."""
    maps, points, steps = int(random.integers(2, 6)), 4000, 40
    first, second = turning(random.uniform(0, 2 * math.pi, (2, maps)))
    linear = (first * random.uniform(0.2, 0.85, (maps, 1, 2))) @ second
    shift = random.uniform(-1, 1, (maps, 2))
    at, visited = np.zeros((points, 2)), []
    for step in range(steps):
        which = random.integers(0, maps, points)
        at = np.einsum("pij,pj->pi", linear[which], at) + shift[which]
        if step >= steps // 2:
            visited.append(at)
    density = np.log1p(np.histogram2d(*np.concatenate(visited).T, bins=SHORT)[0])
    share = (density / density.max())[..., None]
    return share * random.uniform(0, 255, 3) + (1 - share) * texture(random)


def part(random):
    """A product: a plate or a disc with holes, rings and print on a backing, under a lamp."""
    mask = Image.new("L", (SHORT, SHORT))
    height = Image.new("L", (SHORT, SHORT), 128)
    draw, carve = ImageDraw.Draw(mask), ImageDraw.Draw(height)
    centre = random.uniform(0.4, 0.6, 2) * SHORT
    radius, turn = random.uniform(0.25, 0.55) * SHORT, random.uniform(0, 360)
    corners = int(random.choice((4, 4, 6, 8, 60)))
    draw.regular_polygon((*centre, radius), corners, rotation=turn, fill=255)
    for _ in range(int(random.integers(0, 5))):  # rings
        at, wide = random.uniform(0.1, 0.9) * radius, int(random.integers(1, 6))
        box = [centre[0] - at, centre[1] - at, centre[0] + at, centre[1] + at]
        carve.ellipse(box, outline=int(random.integers(0, 256)), width=wide)
    holes, around, size = (
        int(random.integers(0, 9)),
        random.uniform(0.3, 0.9),
        random.uniform(2, 14),
    )
    for i in range(holes):
        angle = math.radians(turn) + 2 * math.pi * i / holes
        x = centre[0] + around * radius * math.cos(angle)
        y = centre[1] + around * radius * math.sin(angle)
        draw.ellipse([x - size, y - size, x + size, y + size], fill=0)
    for _ in range(int(random.integers(0, 12))):  # edges, slots and print
        x, y = centre + random.uniform(-0.7, 0.7, 2) * radius
        dx, dy = random.uniform(-1, 1, 2) * radius * random.choice((0.05, 0.4))
        carve.line(
            [x, y, x + dx, y + dy],
            fill=int(random.integers(0, 256)),
            width=int(random.integers(1, 5)),
        )
    inside = np.asarray(mask, np.float64)[..., None] / 255
    field = np.asarray(height, np.float64) / 255 + random.uniform(0, 0.05) * noise(random, 1.5)
    slope_y, slope_x = np.gradient(field)
    lamp = random.uniform(0, 2 * math.pi)
    shade = 1 + random.uniform(1, 4) * (math.cos(lamp) * slope_x + math.sin(lamp) * slope_y)
    body = texture(random) * 0.3 + random.uniform(40, 220, 3) * 0.7
    return inside * body * np.clip(shade, 0.2, 2)[..., None] + (1 - inside) * texture(random)


def drawn(random):
    kind = random.choice((texture, dead_leaves, fractal, part))
    return kind(random).clip(0, 255).astype(np.float32)


# ---- augmentation ----


def crop(random, square):
    """A random square of [S, S, 3] at SIDE, turned, mirrored and in other light."""
    x = torch.from_numpy(square).permute(2, 0, 1)[None].float()
    full = x.shape[2]
    side = int(full * math.sqrt(random.uniform(0.12, 1)))
    top, left = random.integers(0, full - side + 1, 2)
    x = F.interpolate(
        x[:, :, top : top + side, left : left + side],
        size=(SIDE, SIDE),
        mode="bicubic",
        align_corners=False,
    ).clamp(0, 255)[0]
    if random.random() < 0.5:
        x = x.flip(2)
    if random.random() < 0.3:
        x = x.flip(1)
    if random.random() < 0.3:
        x = x.transpose(1, 2)
    if random.random() < 0.3:  # many product photos are grey
        x = x.mean(0, keepdim=True).expand(3, -1, -1)
    if random.random() < 0.8:
        x = (x - 128) * random.uniform(0.5, 1.5) + 128 + random.uniform(-40, 40)
    if random.random() < 0.2:
        field = random.standard_normal(x.shape).astype(np.float32)
        x = x + random.uniform(0, 20) * torch.from_numpy(field)
    return x.clamp(0, 255)


def draw_batch(photos, random, size):
    """[size, 3, SIDE, SIDE] in -1 to 1."""
    out = []
    for _ in range(size):
        square = drawn(random) if random.random() < DRAWN else photos[random.integers(len(photos))]
        out.append(crop(random, square))
    return torch.stack(out) / 127.5 - 1

"""A test bed and its photos: what all sets have in common.

A set is a module with

    DEFECTS     names of its defect types
    FORMAT      "png", or "jpg" in the qualities that cameras use
    photograph(rng, camera, harm)    one photo, uint8 [H, W, 3]; harm is None or a Harm

A photo is drawn from three streams of random numbers: what is seen, the camera, the defect. So a
defective photo has an undamaged twin, and its mask is where the two differ.
"""

import zlib
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from scipy import ndimage

VISIBLE = 5  # of 255 levels: a smaller difference is no defect to anyone
LEAST = 12  # pixels that a defect covers at least
GOLDEN = 0.6180339887  # steps of this size spread evenly over 0 to 1, however many


@dataclass
class Harm:
    """What a photo suffers: strength is 0 for the faintest defect that a person sees, 1 for a
    plain one."""

    kind: str
    strength: float
    rng: np.random.Generator

    def between(self, faint, plain):
        return faint + (plain - faint) * self.strength


def load(name):
    return import_module(f"beds.{name}")


def changed(photo, twin):
    """The mask: where photo and twin differ, without the gaps that a person would not leave out."""
    differs = np.abs(photo.astype(np.int16) - twin).max(-1) >= VISIBLE
    pieces, count = ndimage.label(differs, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    differs = sizes[pieces] >= LEAST // 2
    border = 4  # so that closing sees the same beyond the frame as within
    wide = ndimage.binary_closing(np.pad(differs, border), iterations=border - 1)
    return ndimage.binary_fill_holes(wide)[border:-border, border:-border]


def draw(name, seed, number, harmed=None):
    """Photo number of a set and its mask, None where it is good; harmed counts the defective
    photos from 0. Only within the mask does a photo differ from the good one of its number."""
    bed = load(name)
    key = [seed, zlib.crc32(name.encode()), number]

    def streams():
        scene, camera, _ = np.random.SeedSequence(key).spawn(3)
        return np.random.default_rng(scene), np.random.default_rng(camera)

    twin = bed.photograph(*streams(), None)
    if harmed is None:
        return twin, None
    turn, kind = divmod(harmed, len(bed.DEFECTS))
    strength = ((turn + 0.5) * GOLDEN) % 1
    # A defect may fall where nothing shows: beside the part, or into the dark.
    for trial in range(50):
        rng = np.random.default_rng([*key, trial])
        photo = bed.photograph(*streams(), Harm(bed.DEFECTS[kind], strength, rng))
        mask = changed(photo, twin)
        if mask.sum() >= LEAST:
            return np.where(mask[..., None], photo, twin), mask
    raise RuntimeError(f"{name}: {bed.DEFECTS[kind]} of strength {strength:.2f} does not show")

"""What is learnt from marks of photos and of spots, by scikit-learn's kernel ridge regression.

patch    [n, P, D]  of n = 7 photos of 4 x 4 patches, halves
rank     [n, P]     patch scores, as map [n, P]
defect   [1]        the level where a defect begins; the photos' scale starts at 0
what     [marks, 4] photo, place of the spot or -1, 1 good or 2 a defect, how many points at most
width    [1]        h^2
strength [marks]    of what is marked, without marks
expected [marks]    the same by all other marks, each left out in turn
ranked, mapped [n, P]  the scores of the photos that have no marks, as marks change them; of the
                       others as they were

A photo's level is that of its highest rank score, as of the method knn.
"""

from pathlib import Path

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from . import write

PHOTOS, SIDE, D, DEFECT = 7, 4, 12, 2.0
NOISE, MARGIN, WANTED_MOST = 0.2, 0.3, 1.0
MARKS = ((0, -1, 1, 4), (1, -1, 2, 4), (2, 6, 2, 4), (2, 15, 1, 2), (3, -1, 2, 3))


def looks_of(patch: np.ndarray) -> np.ndarray:
    """[n, P, D] -> less the mean of the photo, of unit length."""
    x = patch - patch.mean(1, keepdims=True)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def near(place: int) -> list[int]:
    """A spot's places: its own and those around it."""
    y, x = divmod(place, SIDE)
    return [
        v * SIDE + u
        for v in range(max(y - 1, 0), min(y + 2, SIDE))
        for u in range(max(x - 1, 0), min(x + 2, SIDE))
    ]


def make(out: Path) -> None:
    rng = np.random.default_rng(11)
    places = SIDE * SIDE
    patch = rng.standard_normal((PHOTOS, places, D)).astype(np.float16).astype(np.float64)
    # some photos have something in common
    for photo, place in ((1, 5), (4, 9), (5, 2), (0, 3), (6, 3)):
        patch[photo, place] = (patch[1 if photo in (4, 5) else 0, 5] + 0.1 * photo).astype(
            np.float16
        )
    rank, scores = (
        (3 * rng.random((PHOTOS, places)) ** 2 + 1).astype(np.float32).astype(np.float64)
        for _ in range(2)
    )
    rank[3], scores[3] = 0.1 * rank[3], 0.1 * scores[3]
    for photo in (0, 1, 2, 4, 5, 6):
        scores[photo, 5 if photo != 6 else 3] += photo
    looks = looks_of(patch)
    hottest = looks[np.arange(PHOTOS), scores.argmax(1)]
    pairs = np.tril_indices(PHOTOS, -1)
    distances = np.sort((2 - 2 * hottest @ hottest.T)[pairs])
    # of an even number the mean of both in the middle, as fleck_median has it
    width = 0.25 * np.median(distances)

    points, wanted, owner, strength = [], [], [], []
    for i, (photo, place, mark, count) in enumerate(MARKS):
        own = range(places) if place < 0 else near(place)
        order = sorted(own, key=lambda p: (-scores[photo, p], p))[:count]
        level = rank[photo].max() if place < 0 else scores[photo, order[0]]
        strength.append(np.sqrt(level) / DEFECT)
        at = np.log(strength[-1])
        change = min(0, -MARGIN - at) if mark == 1 else max(0, MARGIN - at)
        for p in order:
            points.append(looks[photo, p])
            wanted.append(min(change, WANTED_MOST))
            owner.append(i)
    points, wanted, owner = np.array(points), np.array(wanted), np.array(owner)
    share = 1 / np.bincount(owner)[owner]  # of a mark that each of its points weighs

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-(1 - a @ b.T) / width)

    def learn(teach: np.ndarray) -> tuple[KernelRidge, np.ndarray]:
        ridge = KernelRidge(alpha=NOISE, kernel="precomputed")
        known = points[teach]
        return ridge.fit(kernel(known, known), wanted[teach], sample_weight=share[teach]), known

    expected = []
    for i in range(len(MARKS)):
        ridge, known = learn(owner != i)
        change = ridge.predict(kernel(points[owner == i], known)).mean()
        expected.append(strength[i] * np.exp(change))
    ridge, known = learn(owner >= 0)
    floor = min(np.exp(-MARGIN), np.exp(-max(0.0, wanted.max())))
    ranked, mapped = rank.copy(), scores.copy()
    for photo in sorted(set(range(PHOTOS)) - {m[0] for m in MARKS}):
        factor = np.exp(2 * ridge.predict(kernel(looks[photo], known)))  # of a level's square
        hot = (np.sqrt(rank[photo]) / DEFECT >= floor) | (np.sqrt(scores[photo]) / DEFECT >= floor)
        ranked[photo] = np.where(hot, rank[photo] * factor, rank[photo])
        mapped[photo] = np.where(hot, scores[photo] * factor, scores[photo])
    tensors = {
        "patch": patch,
        "rank": rank,
        "map": scores,
        "defect": [DEFECT],
        "what": MARKS,
        "width": [width],
        "strength": strength,
        "expected": expected,
        "ranked": ranked,
        "mapped": mapped,
    }
    write(
        out / "marks.safetensors",
        {name: np.asarray(t, np.float32) for name, t in tensors.items()},
        ("numpy", "sklearn"),
        tolerance="relative 1e-4",
    )

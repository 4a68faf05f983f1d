"""Golden vectors of training: from the features of a small folder to its scores.

An oracle of all of training in float64: NumPy, with PyTorch's autograd and
torch.optim.Adam for what is learnt. Only its generator's draws are the
detector's own, integer for integer. The folder has 16 photos of 7 x 7 patches,
D = 12; three have a region of odd patches. Tensors, n = 16, P = 49:
  patch            [n, P, D]   float16
  cls              [n, D]      float16
  distance_M_R     [n, P]      of the folder's patches to M memories of up to R rows
                               each, for (M, R) = (12, 1024), (3, 20), (1, 100), each
                               drawn by a generator of seed SEED
And of training with seed SEED, by method:
  raw_METHOD       [n]         photo levels, METHOD = irmb, ensemble, knn
  score_METHOD     [n]         the same, calibrated
  loss             [steps]     of the steps of learning of both rounds
  anomalous        [2]         patches labelled anomalous at first and after the first round
  normal           [2]         and normal
  trust            [1]         in the pseudo-labels
  discriminant     [n, P]      its values
  patches          [n, P]      final patch scores of irmb
  map              [n, P]      and those of its maps, smoothed
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import write

# Constants of the method, named as in src/learn/train.c, trial.c, irmb.c and model.c.
KNN_ROWS, MEMORIES, VIEW_MEMORIES, MEMORY_ROWS = 8000, 12, 10, 1024
SHARE, PHOTOS_LEAST, NEAREST_SHARE = 0.1, 5, 1 / 3
WINDOWS = (1, 3)
GRAIN_PHOTOS, ROUNDING, QUIET, QUIET_NEAREST = 16, 1 / 1024, 0.5, 1
TRIAL_SAMPLE, TRIAL_ANOMALIES, TRIAL_NORMALS, TRIAL_CONTROLS = 8192, 64, 64, 512
SHRINKAGE, TRUST_AMONG, TRUST_WITHIN = 0.01, (0.5, 0.6), (0.65, 0.8)
LEARN_STEPS = 100
ANOMALOUS, NORMAL = 128, 384
BANK_ROWS = 1024
ADAPTED, HIDDEN1, HIDDEN2 = 128, 128, 64
SLOPE = 0.2
SUSPECT_Z, BELOW = 1.6, 0.998
REACH, SPREAD_LEAST = 0.9, 0.01
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.99, 1e-8
SMOOTHNESS, NOISE = 2.5, 0.5
NET_WEIGHT, DISCRIMINANT_WEIGHT = 0.3, 0.25
LOGIT_LEAST, LOGIT_MOST = -10.0, 60.0
TOP_PERCENT = 1  # of irmb's last score 0, which is one of 49 patches as well
PEAK_SHARE = 0.5

SEED = 5
GRID, DIM, PHOTOS = 7, 12, 16
P = GRID * GRID

WORD = (1 << 64) - 1


class Generator:
    """xoshiro256++ (Blackman and Vigna), seeded by splitmix64."""

    def __init__(self, seed: int):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & WORD
            z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & WORD
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
            self.s.append(z ^ (z >> 31))

    def word(self) -> int:
        a, b, c, d = self.s
        total = (a + d) & WORD
        out = (((total << 23) & WORD | total >> 41) + a) & WORD
        c ^= a
        d ^= b
        self.s = [a ^ d, b ^ c, c ^ (b << 17) & WORD, (d << 45) & WORD | d >> 19]
        return out

    def below(self, n: int) -> int:
        return (self.word() >> 32) * n >> 32

    def uniform(self, shape: tuple) -> np.ndarray:
        count = int(np.prod(shape))
        return np.array([self.word() >> 40 for _ in range(count)]).reshape(shape) / 2.0**24

    def normal(self, count: int) -> np.ndarray:
        """Each the sum of twelve uniforms of 16 bits, all four of a word, less 6."""
        words = np.array([self.word() for _ in range(3 * count)], np.uint64)
        parts = words.astype("<u8").view("<u2").reshape(count, 12)
        return ((parts + 0.5) / 2**16).sum(1) - 6

    def permutation(self, n: int) -> list:
        """Each i is put at a random place of the list, what was there goes to the end."""
        out = []
        for i in range(n):
            j = self.below(i + 1)
            out.append(i)
            out[i], out[j] = out[j], i
        return out

    def choose(self, n: int, count: int) -> list:
        """count of the numbers below n, ascending: the start of a shuffle."""
        rest = list(range(n))
        for i in range(count):
            j = i + self.below(n - i)
            rest[i], rest[j] = rest[j], rest[i]
        return sorted(rest[:count])


# ---- distances ----


def squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances [len(a), len(b)]; exact enough in float64."""
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0)


def draw_memories(rng: Generator, n: int, memories: int, rows_max: int) -> list:
    """Of each memory the patches (photo * P + patch): of a tenth of the photos, of few photos
    more, which are dealt out in turn, or a sole memory's of all."""
    share = n if memories == 1 else max(int(SHARE * n + 0.5), min(PHOTOS_LEAST, n // 2))
    order = rng.permutation(n)
    drawn = []
    for b in range(memories):
        photos = sorted(order[(b * share + i) % n] for i in range(share))
        rows = rng.choose(share * P, min(share * P, rows_max))
        drawn.append(np.array([photos[r // P] * P + r % P for r in rows]))
    return drawn


def window_means(patch: np.ndarray, window: int, grid: tuple = (GRID, GRID)) -> np.ndarray:
    """In float32, for rows are rounded to halves afterwards: sums are exact in either."""
    reach, image = window // 2, patch.reshape(-1, *grid, patch.shape[2])
    out = np.empty(image.shape, np.float32)
    for y in range(grid[0]):
        for x in range(grid[1]):
            around = image[:, max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
            share = np.float32(1) / np.float32(around.shape[1] * around.shape[2])
            out[:, y, x] = around.sum((1, 2)).astype(np.float32) * share
    return out.reshape(patch.shape).astype(np.float64)


def as_bytes(rows: np.ndarray) -> np.ndarray:
    """Each column in even steps, 127 of which reach its greatest value; a step is a float32 of
    16 significant bits, the next above. In float32: at ties its rounding decides."""
    rows = rows.astype(np.float32)
    step = np.abs(rows).max(0) / np.float32(127)
    step = ((step.view(np.uint32) + 0xFF) & ~np.uint32(0xFF)).view(np.float32)
    return np.rint(rows / np.where(step > 0, step, 1)).astype(np.float64) * step


def memory_distances(patch: np.ndarray, memories: list) -> np.ndarray:
    """[memories, n, P], ascending, last those of memories that hold the photo: NaN; a sole
    memory leaves out the photo's rows."""
    n = len(patch)
    flat = patch.reshape(n * P, -1)
    nearest = np.full((len(memories), n, P), np.nan)
    for b, rows in enumerate(memories):
        d = squared(flat, as_bytes(flat[rows])).reshape(n, P, -1)
        own = rows[None] // P == np.arange(n)[:, None]
        if len(memories) == 1:
            d[np.broadcast_to(own[:, None], d.shape)] = np.inf
        else:
            d[own.any(1)] = np.nan
        nearest[b] = np.sqrt(d.min(2))
    return np.sort(nearest, 0)


def memory_distance(patch: np.ndarray, memories: list) -> np.ndarray:
    return np.nanmean(memory_distances(patch, memories), 0)


def nearest_third(distances: np.ndarray) -> np.ndarray:
    asked = np.isfinite(distances).sum(0)
    kept = np.maximum(1, (NEAREST_SHARE * asked + 0.5).astype(int))
    among = np.arange(len(distances))[:, None, None] < kept
    return np.where(among, distances, 0).sum(0) / kept


def grain_of(embedded: np.ndarray) -> float:
    """How far patches side by side are apart, of as many photos."""
    image = embedded[:GRAIN_PHOTOS].reshape(-1, GRID, GRID, embedded.shape[2])
    apart = np.sqrt(((image[:, :, 1:] - image[:, :, :-1]) ** 2).sum(3))
    return max(np.median(apart), ROUNDING * np.sqrt((image**2).sum(3)).max())


def usual_of(distance: np.ndarray, least: float) -> np.ndarray:
    """What is usual at each place of distances [n, P]."""
    d = np.maximum(distance, least)
    halves = np.median(d[::2], 0), np.median(d[1::2], 0)
    share = np.clip(np.cov(*halves, bias=True)[0, 1] / max(d.var(), 1e-12), 0, 1)
    usual = np.median(d, 0)
    return 1 + share * (usual / usual.mean() - 1)


# ---- scales and scores ----


@dataclass
class Robust:
    center: float
    spread: float

    @classmethod
    def of(cls, values: np.ndarray) -> "Robust":
        center = np.median(values)
        spread = 1.4826 * np.median(abs(values - center))
        return cls(center, max(spread, 1e-3 * abs(center) + 1e-6))

    def z(self, values: np.ndarray) -> np.ndarray:
        return (values - self.center) / self.spread


def learnt_z(values: np.ndarray) -> np.ndarray:
    return np.clip(Robust.of(values).z(values), LOGIT_LEAST, LOGIT_MOST)


def smooth(patches: np.ndarray) -> np.ndarray:
    edged = np.pad(patches.reshape(-1, GRID, GRID), ((0, 0), (1, 1), (1, 1)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(edged, (3, 3), axis=(1, 2))
    return windows.mean((3, 4)).reshape(-1, P)


def photo_level(patches: np.ndarray) -> np.ndarray:
    top = max(1, int(P * TOP_PERCENT / 100 + 0.5))
    return np.sqrt(np.maximum(np.sort(patches, 1)[:, -top:].mean(1), 0))


def defect_of(level: np.ndarray) -> float:
    """Where a defect begins, by levels in ascending order."""
    quarter = (len(level) - 1) // 4
    middle = level[: 2 * len(level) // 3].mean()
    spread = max(level[-1 - quarter] - level[quarter], SPREAD_LEAST * middle)
    return middle * (1 + REACH * (spread / middle) ** 0.25)


def calibrate(level: np.ndarray) -> np.ndarray:
    defect, good = np.inf, np.sort(level)
    while (limit := defect_of(good)) <= defect:
        defect, before = limit, len(good)
        good = good[good < limit]
        if len(good) == before or 2 * len(good) < len(level):
            break
    strength = level / defect
    return strength**8 / (1 + strength**8)


# ---- local-net and IRMB ----


def standardise(x: np.ndarray) -> np.ndarray:
    """By feature, over all rows; a feature that never varies becomes 0."""
    flat = x.reshape(-1, x.shape[-1])
    std = flat.std(0)
    varies = std**2 > 1e-8
    return (x - flat.mean(0)) / np.where(varies, std, 1) * varies


def layer(rng: Generator, fan_in: int, *shapes: tuple) -> list:
    bound = np.sqrt(6 / ((1 + SLOPE**2) * fan_in))
    return [
        torch.tensor(bound * (2 * rng.uniform(shape) - 1), requires_grad=True) for shape in shapes
    ]


class LocalNet:
    def __init__(self, rng: Generator, dim: int):
        self.wp, self.wc = layer(rng, 2 * dim, (ADAPTED, dim), (ADAPTED, dim))
        (self.w1,) = layer(rng, ADAPTED, (HIDDEN1, ADAPTED))
        (self.w2,) = layer(rng, HIDDEN1, (HIDDEN2, HIDDEN1))
        (self.w3,) = layer(rng, HIDDEN2, (1, HIDDEN2))
        self.b = [
            torch.zeros(width, dtype=torch.float64, requires_grad=True)
            for width in (ADAPTED, HIDDEN1, HIDDEN2, 1)
        ]
        self.adam = torch.optim.Adam(
            [self.wp, self.wc, self.w1, self.w2, self.w3, *self.b],
            lr=LEARNING_RATE,
            betas=(BETA1, BETA2),
            eps=EPSILON,
        )

    def forward(self, patch: torch.Tensor, cls: torch.Tensor) -> tuple:
        """Adapted features and logits of rows and the class tokens beside them."""
        joined = torch.cat([self.wp, self.wc], 1)
        adapted = F.leaky_relu(F.linear(torch.cat([patch, cls], 1), joined, self.b[0]), SLOPE)
        h1 = F.leaky_relu(F.linear(adapted, self.w1, self.b[1]), SLOPE)
        h2 = F.leaky_relu(F.linear(h1, self.w2, self.b[2]), SLOPE)
        return adapted, F.linear(h2, self.w3, self.b[3])[:, 0]


class Irmb:
    def __init__(self, rng: Generator, patch: np.ndarray, unusual: np.ndarray):
        self.rng = rng
        self.raw = patch.reshape(-1, patch.shape[2])
        self.patch = torch.tensor(standardise(patch).reshape(-1, patch.shape[2]))
        self.cls = torch.zeros_like(self.patch)
        self.unusual = unusual.ravel()
        self.score = self.unusual
        self.losses, self.labels = [], []
        self.label()

    def label(self) -> None:
        level = photo_level(self.score.reshape(-1, P))
        self.suspect = Robust.of(level).z(level) > SUSPECT_Z
        of_suspect = self.suspect.repeat(P)
        others = np.sort(self.score[~of_suspect])
        above = self.score > others[int(BELOW * (len(others) - 1))]
        anomalous = np.flatnonzero(above & of_suspect)
        self.normal = np.flatnonzero(~above)
        self.control = np.flatnonzero(above & ~of_suspect)
        self.groups = [anomalous[anomalous // P == i] for i in np.unique(anomalous // P)]
        self.certain = np.median(self.score[anomalous]) if len(anomalous) else 0
        self.labels.append((len(anomalous), len(self.normal)))

    def draw_batch(self) -> tuple:
        """Patches of a batch, the rows that are noised, and their noise."""
        batch, noised, noise = [], [], []
        for i in range(ANOMALOUS + NORMAL):
            labelled = self.normal
            if i < ANOMALOUS:
                labelled = self.groups[self.rng.below(len(self.groups))]
            batch.append(labelled[self.rng.below(len(labelled))])
            if i < ANOMALOUS and self.score[batch[-1]] <= self.certain:
                noised.append(i)
                noise.append(self.rng.normal(self.patch.shape[1]))
        return np.array(batch), noised, np.reshape(noise, (-1, self.patch.shape[1]))

    def mutual_pairs(self, adapted: np.ndarray, rows: np.ndarray) -> tuple:
        """Pairs of positions in rows that are each other's nearest; the lower one
        where distances are equal, as those of a patch that was drawn twice."""
        d = squared(adapted, adapted)
        np.fill_diagonal(d, 0)
        d = d[rows][:, rows]
        np.fill_diagonal(d, np.inf)
        nearest, own = d.argmin(1), np.arange(len(rows))
        first = np.flatnonzero((nearest[nearest] == own) & (own < nearest))
        return first, nearest[first]

    def learn(self) -> None:
        batch, noised, noise = self.draw_batch()
        # A patch that was drawn twice goes through the net once: then its two
        # rows are equal to the last bit.
        distinct, rows = np.unique(batch, return_inverse=True)
        adapted, logit = self.net.forward(self.patch[distinct], self.cls[distinct])
        _, logit_noised = self.net.forward(
            self.patch[batch[noised]] + NOISE * torch.tensor(noise), self.cls[batch[noised]]
        )
        first, second = self.mutual_pairs(adapted.detach().numpy(), rows)

        logit = logit[rows]
        stand_in = logit[:ANOMALOUS].index_copy(0, torch.tensor(noised), logit_noised)
        loss = F.binary_cross_entropy_with_logits(stand_in, torch.ones_like(stand_in))
        loss = loss + F.binary_cross_entropy_with_logits(
            logit[ANOMALOUS:], torch.zeros(NORMAL, dtype=logit.dtype)
        )
        if len(first):
            p = torch.sigmoid(logit)
            loss = loss + SMOOTHNESS * 0.5 * (p[first] - p[second]).abs().mean()
        self.net.adam.zero_grad()
        loss.backward()
        self.net.adam.step()
        self.losses.append(loss.item())

    def trial(self) -> None:
        """How well each suspect's anomalies are told from controls, and from normal patches of
        the same photo, by what the others' have in common; and the discriminant of all."""
        sample = self.normal[:: -(-len(self.normal) // TRIAL_SAMPLE)]
        normal = self.raw[sample[~self.suspect[sample // P]]]
        mean, dim = normal.mean(0), normal.shape[1]
        covariance = (normal - mean).T @ (normal - mean) / len(normal)
        covariance += max(SHRINKAGE * np.trace(covariance) / dim, 1e-8) * np.eye(dim)
        factor = np.linalg.inv(np.linalg.cholesky(covariance))

        def whitened(patches: np.ndarray, most: int) -> np.ndarray:
            kept = min(len(patches), most)
            chosen = patches[[i * len(patches) // kept for i in range(kept)]]
            return (self.raw[chosen] - mean) @ factor.T

        control = whitened(self.control, TRIAL_CONTROLS)
        groups = [whitened(group, TRIAL_ANOMALIES) for group in self.groups]
        own = [
            whitened(self.normal[self.normal // P == group[0] // P], TRIAL_NORMALS)
            for group in self.groups
        ]
        means = np.array([group.mean(0) for group in groups])

        def auroc(rows: np.ndarray, others: np.ndarray, direction: np.ndarray) -> float:
            above = (rows @ direction)[:, None] - (others @ direction)[None]
            return ((above > 0) + 0.5 * (above == 0)).mean()

        directions = [means.sum(0) - mean for mean in means]
        among = np.average(
            [auroc(rows, control, d) for rows, d in zip(groups, directions)],
            weights=[len(rows) for rows in groups],
        )
        within = np.mean([auroc(*each) for each in zip(groups, own, directions)])
        self.trust = min(1, max(0, (len(groups) - 2) / 6))
        for value, (low, high) in ((among, TRUST_AMONG), (within, TRUST_WITHIN)):
            self.trust *= np.clip((value - low) / (high - low), 0, 1)
        discriminant = (self.raw @ (factor.T @ means.mean(0))).reshape(-1, P)
        self.discriminant = (discriminant - discriminant.mean(1, keepdims=True)).ravel()

    def draw_bank(self) -> np.ndarray:
        """Patches of a random half of the photos that are no suspects."""
        photos = [i for i in self.rng.permutation(len(self.suspect)) if not self.suspect[i]]
        photos = photos[: (len(photos) + 1) // 2]
        bank = []
        for i, photo in enumerate(photos):
            take = min(P, (BANK_ROWS - len(bank)) // (len(photos) - i))
            bank += [photo * P + patch for patch in self.rng.permutation(P)[:take]]
        return np.array(bank)

    def rescore(self) -> np.ndarray:
        """Adapted patches; their logits are kept."""
        with torch.no_grad():
            adapted, logit = (t.numpy() for t in self.net.forward(self.patch, self.cls))
        self.logit_z = learnt_z(logit)
        return adapted

    def relabel(self, bank: np.ndarray) -> None:
        adapted = self.rescore()
        d = squared(adapted, adapted[bank])
        d[np.arange(len(adapted))[:, None] // P == bank[None] // P] = np.inf
        nearest = np.sqrt(d.min(1))
        self.score = (self.unusual + self.logit_z + Robust.of(nearest).z(nearest)) / 3
        self.label()

    def run(self) -> None:
        self.trial()
        self.net = LocalNet(self.rng, self.patch.shape[1])
        for _ in range(LEARN_STEPS):
            self.learn()
        self.relabel(self.draw_bank())
        for _ in range(LEARN_STEPS):
            self.learn()
        self.rescore()

    def fuse(self, unusual: np.ndarray, linear: float) -> np.ndarray:
        learnt = NET_WEIGHT * self.logit_z + linear * learnt_z(self.discriminant)
        return unusual + self.trust * learnt.reshape(-1, P)


# ---- the folder ----


def folder() -> tuple:
    """Patches that depend on their place in the frame and on the photo, with noise;
    in three photos a region is odd, in directions that have something in common.
    One feature is the same everywhere."""
    rng = np.random.default_rng(54)
    place = rng.standard_normal((P, 4)) @ rng.standard_normal((4, DIM))
    light = rng.standard_normal((PHOTOS, 2)) @ rng.standard_normal((2, DIM))
    patch = place[None] + 0.3 * light[:, None] + 0.5 * rng.standard_normal((PHOTOS, P, DIM))
    common = rng.standard_normal(DIM)
    for photo, corner in ((3, 8), (9, 25), (14, 30)):
        region = [corner, corner + 1, corner + GRID, corner + GRID + 1]
        odd = common + rng.standard_normal(DIM)
        patch[photo, region] += 9 * odd / np.linalg.norm(odd)
    cls = patch.mean(1) + 0.1 * rng.standard_normal((PHOTOS, DIM))
    patch[..., -1] = 0.5
    return patch.astype(np.float16), cls.astype(np.float16)


def make(out: Path) -> None:
    patch16, cls16 = folder()
    patch = patch16.astype(np.float64)
    tensors = {"patch": patch16, "cls": cls16}
    for memories, rows in ((MEMORIES, MEMORY_ROWS), (3, 20), (1, 100)):
        drawn = draw_memories(Generator(SEED), PHOTOS, memories, rows)
        tensors[f"distance_{memories}_{rows}"] = memory_distance(patch, drawn)

    def scores(method: str, patches: np.ndarray) -> None:
        tensors[f"raw_{method}"] = level = photo_level(patches)
        tensors[f"score_{method}"] = calibrate(level)

    rng = Generator(SEED)
    distance = memory_distance(patch, draw_memories(rng, PHOTOS, 1, KNN_ROWS))
    scores("knn", Robust.of(distance).z(distance))

    rng = Generator(SEED)
    distance = memory_distance(patch, draw_memories(rng, PHOTOS, MEMORIES, MEMORY_ROWS))
    scores("ensemble", Robust.of(distance).z(distance))

    rng = Generator(SEED)
    unusual, places = 0, 0
    for window in WINDOWS:
        embedded = window_means(patch, window)
        to = memory_distances(embedded, draw_memories(rng, PHOTOS, VIEW_MEMORIES, MEMORY_ROWS))
        distance = np.nanmean(to, 0)
        nearest = nearest_third(to)
        grain = grain_of(embedded)
        distance = distance / usual_of(distance, QUIET * grain)
        nearest = nearest / usual_of(nearest, QUIET_NEAREST * grain)
        unusual = unusual + Robust.of(distance).z(distance) / len(WINDOWS)
        if window > 1:
            places = Robust.of(nearest).z(nearest)
    irmb = Irmb(rng, patch, unusual)
    irmb.run()
    patches = irmb.fuse(unusual, DISCRIMINANT_WEIGHT)
    tensors["map"] = smooth(irmb.fuse(places, 0))
    peak = np.sqrt(np.maximum(tensors["map"].max(1), 0))
    level = (1 - PEAK_SHARE) * photo_level(patches) + PEAK_SHARE * peak
    tensors["raw_irmb"], tensors["score_irmb"] = level, calibrate(level)
    tensors["trust"] = np.array([irmb.trust])
    tensors["discriminant"] = irmb.discriminant.reshape(-1, P)
    tensors["loss"] = np.array(irmb.losses)
    tensors["anomalous"], tensors["normal"] = np.array(irmb.labels, np.float64).T
    tensors["patches"] = patches
    write(
        out / "train.safetensors",
        {
            name: t if t.dtype == np.float16 else np.asarray(t, np.float32)
            for name, t in tensors.items()
        },
        ("numpy", "torch"),
        tolerance="distances relative 1e-5; the first ten losses 1e-4; later quantities as "
        "tests/c/test_train.c explains",
    )

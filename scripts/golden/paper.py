"""Golden vectors of FUN-AD as published: from the features of a folder to its scores.

An oracle in float64: PyTorch's layers, autograd and RMSprop, every distance
computed. Only its generator's draws are the detector's own. The folder has 70
photos of 3 x 3 patches, D = 6, of which every twelfth has odd patches; it has two
batches an epoch and drops six photos. Tensors, n = 70, P = 9:
  patch          [n, P, D]  float16
  cls            [n, D]     float16
  moved_NAME                each parameter's way from where it began, of Wp, Wc, b0, W1,
                            b1, b2, W3, b3, and W2_first, the first 16 rows of W2
And of ITERATIONS iterations with seed SEED:
  loss           [ITERATIONS]
  bank_photos, anomalous, ambiguous, pairs   the same: what each iteration counted
  logit          [n, P]     of the net after the last one
  raw            [n]        photo scores: the highest logit
  map_every7     [32, 32]   rows and columns 0, 7, 14, ... of photo ODD's map
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import write
from .heatmap import heatmap
from .train import Generator, squared

# Constants of the method, named as in src/learn/paper.c.
BATCH, HIDDEN1, HIDDEN2 = 32, 1024, 128
SLOPE = 0.2
LEARNING_RATE, MOMENTUM, SMOOTHING, EPSILON = 2e-5, 0.2, 0.99, 1e-8
NORMAL_BELOW, SAME = 0.5, 1e-2
ANOMALOUS_ABOVE, AMBIGUOUS_BELOW = 0.5, 0.9
SMOOTHNESS = 2.5

SEED, ITERATIONS = 7, 20
GRID, DIM, PHOTOS, ODD = 3, 6, 70, 12
P = GRID * GRID

# No decision may hang on what float32 cannot tell apart.
MARGIN = 1e-5


def decide(values: np.ndarray, threshold: float) -> np.ndarray:
    assert abs(values - threshold).min() > MARGIN, "choose another seed: a value is on the border"
    return values > threshold


def normalise(x: np.ndarray) -> np.ndarray:
    return (x - x.min()) / (x.max() - x.min())


class LocalNet(nn.Module):
    def __init__(self, rng: Generator, dim: int):
        super().__init__()
        double = torch.float64
        self.adaptor = nn.Linear(2 * dim, 2 * dim, dtype=double)
        self.hidden1 = nn.Linear(2 * dim, HIDDEN1, dtype=double)
        self.hidden2 = nn.Linear(HIDDEN1, HIDDEN2, dtype=double)
        self.score = nn.Linear(HIDDEN2, 1, dtype=double)
        # PyTorch's default ranges, the detector's draws; its first matrix stands in two halves.
        for layer in (self.adaptor, self.hidden1, self.hidden2, self.score):
            bound = 1 / np.sqrt(layer.in_features)
            halves = 2 if layer is self.adaptor else 1
            shape = (layer.out_features, layer.in_features // halves)
            weight = np.hstack([rng.uniform(shape) for _ in range(halves)])
            bias = rng.uniform((layer.out_features,))
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(bound * (2 * weight - 1)))
                layer.bias.copy_(torch.from_numpy(bound * (2 * bias - 1)))

    def forward(self, x: torch.Tensor) -> tuple:
        """Rows of patch and class token side by side -> adapted features, logits."""

        def relu(y: torch.Tensor) -> torch.Tensor:
            return nn.functional.leaky_relu(y, SLOPE)

        adapted = relu(self.adaptor(x))
        return adapted, self.score(relu(self.hidden2(relu(self.hidden1(adapted)))))[..., 0]

    def named(self) -> dict:
        wp, wc = self.adaptor.weight.split(DIM, 1)
        named = {
            "Wp": wp,
            "Wc": wc,
            "b0": self.adaptor.bias,
            "W1": self.hidden1.weight,
            "b1": self.hidden1.bias,
            "W2_first": self.hidden2.weight[:16],
            "b2": self.hidden2.bias,
            "W3": self.score.weight,
            "b3": self.score.bias,
        }
        return {name: value.detach().numpy().copy() for name, value in named.items()}


class Paper:
    def __init__(self, rng: Generator, patch: np.ndarray, cls: np.ndarray):
        self.rng = rng
        tokens = np.broadcast_to(cls[:, None], patch.shape)
        self.x = torch.from_numpy(np.concatenate([patch, tokens], 2))  # [n, P, 2 D]
        self.net = LocalNet(rng, patch.shape[2])
        self.optimiser = torch.optim.RMSprop(
            self.net.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, alpha=SMOOTHING, eps=EPSILON
        )
        self.seen = {
            name: [] for name in ("loss", "bank_photos", "anomalous", "ambiguous", "pairs")
        }

    def bank(self) -> np.ndarray:
        """All adapted patches of a random half of the photos that look normal."""
        with torch.no_grad():
            adapted, logit = self.net(self.x)
        score = normalise(torch.sigmoid(logit).amax(1).numpy())
        abnormal = decide(score, NORMAL_BELOW)
        photos = [i for i in self.rng.permutation(len(score)) if not abnormal[i]]
        photos = photos[: max(1, len(photos) // 2)]
        self.seen["bank_photos"].append(len(photos))
        return adapted[photos].numpy().reshape(len(photos) * P, -1)

    def distances(self, adapted: np.ndarray) -> np.ndarray:
        """Of each patch to the bank without itself, normalised."""
        nearest = np.sort(squared(adapted, self.bank()), 1)[:, :2]
        nearest = nearest * decide(nearest, SAME)
        return normalise(np.where(nearest[:, 0] > 0, nearest[:, 0], nearest[:, 1]))

    def noised(self, x: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
        """x [B, P, 2 D] as rows, with noise on those named."""
        deviation = x.std(0).amax(0)
        out = x.reshape(-1, x.shape[2]).clone()
        for row in rows:
            out[row] += deviation * torch.from_numpy(self.rng.normal(x.shape[2]))
        return out

    def step(self, photos: list) -> None:
        x = self.x[photos]
        adapted, logit = self.net(x.reshape(-1, x.shape[2]))
        rows = adapted.detach().numpy()
        d = self.distances(rows)
        label = decide(d, ANOMALOUS_ABOVE)
        ambiguous = np.flatnonzero(label & ~decide(d, AMBIGUOUS_BELOW))
        score = torch.sigmoid(self.net(self.noised(x, ambiguous))[1])
        entropy = nn.functional.binary_cross_entropy
        loss = entropy(score[label], torch.ones(label.sum(), dtype=score.dtype))
        loss = loss + entropy(score[~label], torch.zeros((~label).sum(), dtype=score.dtype))

        between = squared(rows, rows)
        np.fill_diagonal(between, np.inf)
        nearest, own = between.argmin(1), np.arange(len(rows))
        first = np.flatnonzero((nearest[nearest] == own) & (own < nearest))
        p = torch.sigmoid(logit)
        loss = loss + SMOOTHNESS * 0.5 * (p[first] - p[nearest[first]]).abs().mean()

        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        for name, value in (
            ("loss", loss.item()),
            ("anomalous", label.sum()),
            ("ambiguous", len(ambiguous)),
            ("pairs", len(first)),
        ):
            self.seen[name].append(value)

    def run(self) -> None:
        while len(self.seen["loss"]) < ITERATIONS:
            order = self.rng.permutation(len(self.x))
            for at in range(0, len(order) - BATCH + 1, BATCH):
                self.step(order[at : at + BATCH])


def folder() -> tuple:
    """Patches that depend on their place in the frame and on the photo, with noise."""
    rng = np.random.default_rng(16)
    place = 2 * rng.standard_normal((P, DIM))
    light = rng.standard_normal((PHOTOS, DIM))
    patch = place[None] + 0.5 * light[:, None] + 0.6 * rng.standard_normal((PHOTOS, P, DIM))
    for photo in range(0, PHOTOS, ODD):
        patch[photo, [4, 5]] += 4 * rng.standard_normal(DIM)
    cls = patch.mean(1) + 0.2 * rng.standard_normal((PHOTOS, DIM))
    return patch.astype(np.float16), cls.astype(np.float16)


def make(out: Path) -> None:
    patch16, cls16 = folder()
    paper = Paper(Generator(SEED), patch16.astype(np.float64), cls16.astype(np.float64))
    began = paper.net.named()
    paper.run()
    tensors = {f"moved_{name}": value - began[name] for name, value in paper.net.named().items()}
    tensors |= {name: np.array(values, np.float64) for name, values in paper.seen.items()}
    with torch.no_grad():
        logit = paper.net(paper.x)[1]
    tensors["logit"], tensors["raw"] = logit.numpy(), logit.numpy().max(1)
    p = heatmap(torch.sigmoid(logit[ODD]).numpy().reshape(GRID, GRID))
    tensors["map_every7"] = np.log(p / (1 - p))[::7, ::7]
    write(
        out / "paper.safetensors",
        {"patch": patch16, "cls": cls16}
        | {name: np.asarray(t, np.float32) for name, t in tensors.items()},
        ("numpy", "scipy", "torch"),
        tolerance="as tests/c/test_paper.c explains",
    )

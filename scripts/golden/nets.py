"""Golden vectors of the methods whose nets learn from normal patches, l2bt and simplenet.

An oracle of all of their training in float64: PyTorch's autograd and torch.optim.Adam; only its
generator's draws are the detector's own. The folder has 10 photos of 5 x 5 patches, D = 12, two
blocks of 6, whose features are multiples of 1/256; patches of the last block follow those of the
first, but for a corner of photo 3. Tensors, n = 10, P = 25:
  patch             [n, P, D]   float16
For each METHOD, trained with seed SEED:
  loss_METHOD       [3, steps]  of the steps of each fold
  early_METHOD      [...]       every 37th parameter of the first fold's nets after EARLY steps
  distance_METHOD   [n, P]      of the folder's patches to the nets of the other folds
  outside_METHOD    [P]         of photo 0's as those of a photo outside the folder
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import write
from .train import BETA1, BETA2, EPSILON, LEARNING_RATE, SHRINKAGE, SLOPE, Generator

# Constants of the methods, named as in src/memory/nets.c and src/learn/nets_training.c.
L2BT_HIDDEN, SIMPLENET_HIDDEN = 96, 128
FOLDS, ROWS, LEARN_STEPS, BATCH = 3, 4096, 200, 256
MARGIN, NOISE = 0.5, 0.5
NETS_SHRINKAGE = 0.1  # SHRINKAGE of nets_training.c, before that of whitening.c

SEED = 9
GRID, WIDTH, PHOTOS = 5, 6, 10
P, DIM = GRID * GRID, 2 * WIDTH
EARLY, STRIDE = 10, 37


def folder() -> np.ndarray:
    rng = np.random.default_rng(33)
    first = rng.standard_normal((P, WIDTH)) + 0.5 * rng.standard_normal((PHOTOS, P, WIDTH))
    last = np.tanh(first @ rng.standard_normal((WIDTH, WIDTH)))
    last += 0.1 * rng.standard_normal(last.shape)
    last[3, :2] = rng.standard_normal((2, WIDTH))
    patch = np.round(256 * np.concatenate([first, last], 2)) / 256
    assert np.array_equal(patch, patch.astype(np.float16))
    return patch


def window_means(patch: np.ndarray) -> np.ndarray:
    image = patch.reshape(-1, GRID, GRID, DIM)
    out = np.empty_like(image)
    for y in range(GRID):
        for x in range(GRID):
            around = image[:, max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
            out[:, y, x] = around.mean((1, 2))
    return out.reshape(patch.shape)


def perceptron(rng: Generator, *widths: int) -> list:
    """Weights and biases of each layer, first to last."""
    out = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        bound = np.sqrt(6 / ((1 + SLOPE**2) * fan_in))
        weight = torch.tensor(bound * (2 * rng.uniform((fan_out, fan_in)) - 1))
        out += [weight, torch.zeros(fan_out, dtype=torch.float64)]
    return [p.requires_grad_() for p in out]


def forward(net: list, x: torch.Tensor) -> torch.Tensor:
    for i in range(0, len(net), 2):
        x = F.linear(x, net[i], net[i + 1])
        if i + 2 < len(net):
            x = F.leaky_relu(x, SLOPE)
    return x


class L2bt:
    window = False

    def __init__(self, rows: np.ndarray, rng: Generator):
        widths = WIDTH, L2BT_HIDDEN, L2BT_HIDDEN, WIDTH
        self.nets = perceptron(rng, *widths), perceptron(rng, *widths)
        self.rows = torch.tensor(rows)

    def apart(self, x: torch.Tensor) -> list:
        a, b = x[..., :WIDTH], x[..., -WIDTH:]
        pairs = (forward(self.nets[0], a), b), (forward(self.nets[1], b), a)
        return [1 - F.cosine_similarity(told, token, -1) for told, token in pairs]

    def loss(self, x: torch.Tensor, rng: Generator) -> torch.Tensor:
        return sum(apart.mean() for apart in self.apart(x))

    def distance(self, x: np.ndarray) -> np.ndarray:
        one, other = self.apart(torch.tensor(x))
        return 2 * (one * other).sqrt().detach().numpy()


class SimpleNet:
    window = True

    def __init__(self, rows: np.ndarray, rng: Generator):
        self.rows = torch.tensor(rows)
        covariance = rows.T @ rows / len(rows)
        for share in (NETS_SHRINKAGE, SHRINKAGE):
            covariance += share * np.trace(covariance) / DIM * np.eye(DIM)
        whitening = torch.tensor(np.linalg.inv(np.linalg.cholesky(covariance)))
        adapter = [whitening, torch.zeros(DIM, dtype=torch.float64)]
        self.nets = (
            [p.requires_grad_() for p in adapter],
            perceptron(rng, DIM, SIMPLENET_HIDDEN, 1),
        )

    def loss(self, x: torch.Tensor, rng: Generator) -> torch.Tensor:
        q = forward(self.nets[0], x)
        noise = NOISE * torch.tensor(rng.normal(q.numel()).reshape(q.shape))
        clean, noised = (forward(self.nets[1], v) for v in (q, q + noise))
        return F.relu(MARGIN - clean).mean() + F.relu(MARGIN + noised).mean()

    def distance(self, x: np.ndarray) -> np.ndarray:
        q = forward(self.nets[0], torch.tensor(x))
        return -forward(self.nets[1], q)[..., 0].detach().numpy()


def draw_rows(patch: np.ndarray, rng: Generator) -> np.ndarray:
    """Of the photos of a fold, which has fewer patches than could be drawn."""
    assert patch.shape[0] * P <= ROWS
    return np.concatenate([patch[i][rng.permutation(P)] for i in rng.permutation(len(patch))])


def train(kind: type, patch: np.ndarray) -> dict:
    rng, losses, nets = Generator(SEED), np.empty((FOLDS, LEARN_STEPS)), []
    embedded = window_means(patch) if kind.window else patch
    for fold in range(FOLDS):
        net = kind(draw_rows(embedded[fold::FOLDS], rng), rng)
        parameters = [p for part in net.nets for p in part]
        adam = torch.optim.Adam(parameters, LEARNING_RATE, (BETA1, BETA2), EPSILON)
        for step in range(LEARN_STEPS):
            loss = net.loss(net.rows[[rng.below(len(net.rows)) for _ in range(BATCH)]], rng)
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses[fold, step] = loss.item()
            if not fold and step + 1 == EARLY:
                early = torch.cat([p.detach().flatten() for p in parameters])[::STRIDE].numpy()
        nets.append(net)
    told = np.stack([net.distance(embedded) for net in nets])
    others = np.arange(FOLDS)[:, None] != np.arange(PHOTOS) % FOLDS
    distance = np.where(others[..., None], told, 0).sum(0) / (FOLDS - 1)
    return {"loss": losses, "early": early, "distance": distance, "outside": told[:, 0].mean(0)}


def make(out: Path) -> None:
    patch = folder()
    tensors = {"patch": patch.astype(np.float16)}
    for name, kind in (("l2bt", L2bt), ("simplenet", SimpleNet)):
        for key, value in train(kind, patch).items():
            tensors[f"{key}_{name}"] = value.astype(np.float32)
    write(
        out / "nets.safetensors",
        tensors,
        ("numpy", "torch"),
        tolerance="the first 10 losses and the parameters after them 1e-4; later ones 1e-2, "
        "distances 5e-2",
    )

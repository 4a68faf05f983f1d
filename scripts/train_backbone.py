#!/usr/bin/env python3
"""Trains the built-in backbone: dense distillation of a small ViT.

    /usr/bin/python3 scripts/train_backbone.py --photos DIR --teacher FILE OUT.safetensors

Needs PyTorch, NumPy and Pillow (Debian: python3-torch python3-numpy
python3-pil). DIR holds natural photographs (JPEG or PNG, short side 256 or
more), FILE the teacher: a ViT with patch 16 and DINO's tensor names, F32, such
as ViT-Ti/16 augreg, mean and std .5. models/README.md says which ones were
used and what came out.

The student (patch 8) sees a crop at 224x224, the teacher the same crop at
448x448, so both have 28x28 tokens. One linear layer on the student's tokens
has to predict the teacher's tokens of two middle blocks, each through a
LayerNorm without affine. The layer is thrown away at the end; the student is
written in F16 with the metadata that fleck reads.

The learning rate follows the clock, so that the run ends after --minutes.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from golden import vit_oracle, write

GRID = 28
STUDENT = dict(patch=8, dim=192, depth=6, heads=3, grid=GRID)
SIDE = 16 * GRID  # of the crop that the teacher sees


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        batch, count, dim = x.shape
        qkv = self.qkv(x).reshape(batch, count, 3, self.heads, dim // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        share = (q @ k.transpose(-2, -1) * (dim // self.heads) ** -0.5).softmax(-1)
        return self.proj((share @ v).transpose(1, 2).reshape(batch, count, dim))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=vit_oracle.EPS)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=vit_oracle.EPS)
        self.mlp = Mlp(dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch, dim):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    """DINO's layout: the state's keys are the file's."""

    def __init__(self, patch, dim, depth, heads, grid):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, grid * grid + 1, dim))
        self.patch_embed = PatchEmbed(patch, dim)
        self.blocks = nn.ModuleList(Block(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=vit_oracle.EPS)

    def embed(self, x):
        tokens = self.patch_embed(x)
        return torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], 1) + self.pos_embed

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def make_student():
    """Random weights; positions start as sines of row and column."""
    student = ViT(**STUDENT)
    for module in student.modules():
        if isinstance(module, nn.Linear):
            nn.init.trunc_normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)
    nn.init.trunc_normal_(student.cls_token, std=0.02)
    quarter = STUDENT["dim"] // 4
    wave = torch.arange(GRID)[:, None] / 10000 ** (torch.arange(quarter) / quarter)
    wave = torch.cat([wave.sin(), wave.cos()], 1)
    rows = wave[:, None].expand(GRID, GRID, -1)
    columns = wave[None].expand(GRID, GRID, -1)
    student.pos_embed.data[0, 1:] = 0.5 * torch.cat([rows, columns], 2).flatten(0, 1)
    return student


def load_teacher(path):
    """The teacher at 28x28 tokens, its position embedding interpolated once."""
    weights, meta = vit_oracle.load(path)
    heads = vit_oracle.heads_of(weights, meta)
    dim, _, patch, _ = weights["patch_embed.proj.weight"].shape
    if patch * GRID != SIDE:
        raise SystemExit(f"{path}: want patch {SIDE // GRID}, file has {patch}")
    weights["pos_embed"] = vit_oracle.position(weights, GRID)[None]
    teacher = ViT(patch, dim, vit_oracle.depth_of(weights), heads, GRID)
    teacher.load_state_dict(weights)
    return teacher.eval().requires_grad_(False)


@torch.no_grad()
def targets(teacher, x, blocks):
    """[B, P, dim * len(blocks)], every part of unit variance."""
    tokens, out = teacher.embed(x), []
    for number, block in enumerate(teacher.blocks[:max(blocks)], 1):
        tokens = block(tokens)
        if number in blocks:
            out.append(F.layer_norm(tokens.float(), tokens.shape[-1:])[:, 1:])
    return torch.cat(out, -1)


def read_photos(folder):
    """Centre squares at 256x256, uint8 [count, 256, 256, 3]."""
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        raise SystemExit(f"{folder}: no photos")
    out = np.empty((len(files), 256, 256, 3), np.uint8)
    for i, file in enumerate(files):
        image = Image.open(file).convert("RGB")
        left, top = ((side - min(image.size)) // 2 for side in image.size)
        square = image.crop((left, top, left + min(image.size), top + min(image.size)))
        out[i] = np.asarray(square.resize((256, 256), Image.BICUBIC))
    return out


def draw_batch(photos, random, size):
    """Augmented crops, [size, 3, SIDE, SIDE] in -1 to 1."""
    out = []
    for _ in range(size):
        x = torch.from_numpy(photos[random.randint(len(photos))]).permute(2, 0, 1)[None].float()
        full = x.shape[2]
        side = int(full * math.sqrt(random.uniform(0.12, 1)))
        top, left = random.randint(0, full - side + 1, 2)
        x = F.interpolate(x[:, :, top:top + side, left:left + side], size=(SIDE, SIDE),
                          mode="bicubic", align_corners=False).clamp(0, 255)
        if random.rand() < 0.5:
            x = x.flip(3)
        if random.rand() < 0.3:
            x = x.flip(2)
        if random.rand() < 0.3:
            x = x.transpose(2, 3)
        if random.rand() < 0.3:  # many product photos are grey
            x = x.mean(1, keepdim=True).expand(-1, 3, -1, -1)
        if random.rand() < 0.8:
            x = (x - 128) * random.uniform(0.5, 1.5) + 128 + random.uniform(-40, 40)
        if random.rand() < 0.2:
            x = x + torch.randn(x.shape) * random.uniform(0, 20)
        out.append(x.clamp(0, 255))
    return torch.cat(out) / 127.5 - 1


def train(photos, teacher, args):
    student = make_student()
    head = nn.Linear(STUDENT["dim"], teacher.cls_token.shape[-1] * len(args.blocks))
    parameters = [*student.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, weight_decay=0.02, betas=(0.9, 0.98))
    random = np.random.RandomState(args.seed)
    start, step, total = time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - start) / 60 / args.minutes) < 1:
        rate = 1.2e-3 * min(1, step / 200) * max(0.01, 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        x = draw_batch(photos, random, args.batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            want = targets(teacher, x, args.blocks)
            got = head(student(F.avg_pool2d(x, 2))[:, 1:])
        loss = F.mse_loss(got.float(), want)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        total += loss.item()
        if step % args.report == 0:
            print(f"{share * args.minutes:.1f} min, step {step}, loss {total / args.report:.4f}",
                  flush=True)
            total = 0.0
    return student


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT.safetensors")
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--teacher", type=Path, required=True, metavar="FILE")
    parser.add_argument("--blocks", type=int, nargs="+", default=[4, 7],
                        help="the teacher's blocks to predict, from 1 (default: 4 7)")
    parser.add_argument("--minutes", type=float, default=95, help="default: 95")
    parser.add_argument("--batch", type=int, default=16, help="crops a step (default: 16)")
    parser.add_argument("--report", type=int, default=25, help="steps a line (default: 25)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    student = train(read_photos(args.photos), load_teacher(args.teacher), args)
    tensors = {name: t.detach().half().numpy() for name, t in sorted(student.state_dict().items())}
    write(args.out, tensors, ("numpy", "torch"), command="scripts/train_backbone.py",
          model=args.out.stem, patch=STUDENT["patch"], heads=STUDENT["heads"],
          input=STUDENT["patch"] * GRID, mean="0.5,0.5,0.5", std="0.5,0.5,0.5",
          blocks=STUDENT["depth"])


if __name__ == "__main__":
    main()

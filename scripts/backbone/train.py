#!/usr/bin/env python3
"""Trains the built-in backbone: distillation of a ViT into a shorter one at half its input.

    /usr/bin/python3 scripts/backbone/train.py --photos DIR --teacher FILE OUT.safetensors

Needs PyTorch, NumPy and Pillow (Debian: python3-torch python3-numpy
python3-pil; with libopenblas0-pthread it is many times faster). DIR holds
natural photographs (JPEG or PNG), FILE the teacher: a ViT with patch 16 and
DINO's tensor names, mean and std .5, such as ViT-Ti/16 augreg.
models/README.md says which ones were used and what came out.

The student (patch 8) sees a crop at 224x224, the teacher the same crop at
448x448, so both have 28x28 tokens. It starts as the teacher with a few blocks
left out, its patch embedding folded to half the side, or as an earlier student
with fewer blocks; --hidden leaves its MLPs the neurons that matter most. It
learns until its tokens are the teacher's: those of its block --at are compared
with those of the teacher's block --match, its last block's with those of
--last. Both pass a LayerNorm without affine, as fleck uses them, so no further
layer is learnt and thrown away.

Photographs and drawn images take turns (scripts/backbone/images.py). What step
N sees follows from the seed and N alone. OUT.state keeps what is needed to go
on: the same command continues an interrupted run, and one that has ended when
--steps is raised. A GPU is used where there is one. Products are in bfloat16 on
a GPU and on processors that multiply it (AVX512-BF16; a step on Zen 4 is five
times as fast as in float32); weights stay in float32.
"""

import argparse
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path[0] = str(Path(__file__).resolve().parents[1])  # packages are found from scripts/
from backbone.images import draw_batch, read_photos
from backbone.vit import GRID, PATCH, load, make_student, thin
from golden import write


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("out", type=Path, metavar="OUT.safetensors")
    add("--photos", type=Path, required=True, metavar="DIR")
    add("--teacher", type=Path, required=True, metavar="FILE")
    add(
        "--start",
        type=Path,
        metavar="FILE",
        help="an earlier student to start from (default: the teacher)",
    )
    add(
        "--keep",
        type=int,
        nargs="+",
        default=[1, 2, 3, 4, 5, 7],
        metavar="BLOCK",
        help="blocks of the teacher, or of --start, that the student starts with "
        "(default: 1 2 3 4 5 7)",
    )
    add(
        "--hidden",
        type=int,
        metavar="NEURONS",
        help="of each MLP (default: as many as it starts with)",
    )
    add("--model", default="fleck-tiny", help="name and version for the file's metadata")
    add("--match", type=int, default=4, metavar="BLOCK", help="default: 4")
    add("--at", type=int, metavar="BLOCK", help="default: --match")
    add("--last", type=int, default=7, metavar="BLOCK", help="default: 7")
    add("--steps", type=int, default=1000, help="default: 1000")
    add("--batch", type=int, default=8, help="crops a step (default: 8)")
    add("--rate", type=float, default=3e-4, help="highest learning rate (default: 3e-4)")
    add("--save", type=int, default=25, help="steps between reports and saves (default: 25)")
    add("--dtype", choices=("f32", "bf16"), help="of products (default: what is faster here)")
    add("--threads", type=int, help="processor cores to use (default: all)")
    add(
        "--workers",
        type=int,
        help="processes that draw crops (default: with a GPU one a core, else none)",
    )
    add("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.at is None:
        args.at = args.match
    if args.at not in range(1, len(args.keep)):
        parser.error("--at is no block before the student's last one")
    return args


def fast_dtype(device):
    """bf16 on a GPU, and on a CPU that multiplies it: emulated it is slower than f32."""
    cpu = Path("/proc/cpuinfo")
    multiplies = device == "cuda" or cpu.exists() and "avx512_bf16" in cpu.read_text()
    return "bf16" if multiplies else "f32"


class Crops(torch.utils.data.Dataset):
    """What each step sees."""

    def __init__(self, args):
        self.photos, self.seed, self.size = read_photos(args.photos), args.seed, args.batch

    def __getitem__(self, step):
        return draw_batch(self.photos, np.random.default_rng((self.seed, step)), self.size)


def loss_of(got, want):
    return sum(F.mse_loss(a, b) for a, b in zip(got, want)) / len(want)


def save(args, student):
    tensors = {
        name: t.detach().cpu().half().numpy() for name, t in sorted(student.state_dict().items())
    }
    write(
        args.out,
        tensors,
        ("numpy", "torch"),
        command="scripts/backbone/train.py",
        model=args.model,
        patch=PATCH,
        heads=student.heads,
        input=PATCH * GRID,
        mean="0.5,0.5,0.5",
        std="0.5,0.5,0.5",
        blocks=f"{args.at},{len(args.keep)}",
    )


def keep(what, path):
    """A run that is stopped here still has the state before."""
    part = path.with_suffix(".part")
    torch.save(what, part)
    part.replace(path)


def train(args, device):
    crops, teacher = Crops(args), load(args.teacher)
    student = make_student(load(args.start) if args.start else teacher, args.keep)
    if args.hidden:
        thin(student, F.avg_pool2d(crops[args.steps], 2), args.hidden)
    student, teacher = student.to(device), teacher.to(device)
    parameters = [p for p in student.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, weight_decay=0.01, betas=(0.9, 0.98))
    state, first, total, start = args.out.with_suffix(".state"), 0, 0.0, time.monotonic()
    if state.exists():
        kept = torch.load(state, map_location=device)
        student.load_state_dict(kept["student"])
        optimiser.load_state_dict(kept["optimiser"])
        first = kept["steps"]
        print(f"going on after step {first}", flush=True)
    half = (args.dtype or fast_dtype(device)) == "bf16"
    workers = args.workers
    if workers is None:
        workers = os.cpu_count() if device == "cuda" else 0
    steps = range(first, args.steps)
    batches = torch.utils.data.DataLoader(
        crops, batch_size=None, sampler=steps, num_workers=workers, pin_memory=device == "cuda"
    )
    for step, x in zip(steps, batches):
        share = step / args.steps
        rate = args.rate * min(1, (step + 1) / 50) * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = rate
        x = x.to(device, non_blocking=True)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            with torch.no_grad():
                want = teacher.features(x, (args.match, args.last))
            got = student.features(F.avg_pool2d(x, 2), (args.at, len(args.keep)))
        loss = loss_of(got, want)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        total += loss.item()
        if (step + 1) % args.save == 0 or step + 1 == args.steps:
            keep(
                {
                    "student": student.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "steps": step + 1,
                },
                state,
            )
            each = (time.monotonic() - start) / (step + 1 - first)
            print(
                f"step {step + 1} of {args.steps}, loss {total / args.save:.4f}, "
                f"{each:.2f} s a step",
                flush=True,
            )
            total = 0.0
    save(args, student)


def main():
    args = parse()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    train(args, "cuda" if torch.cuda.is_available() else "cpu")


if __name__ == "__main__":
    main()

"""Teacher and student: vision transformers whose state has DINO's tensor names."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from golden import vit_oracle

GRID = 28  # patches on a side, of teacher and student alike
PATCH = 8  # of the student


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
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=vit_oracle.EPS)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=vit_oracle.EPS)
        self.mlp = Mlp(dim, hidden)

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
    """grid is of the position embedding; for other inputs it is interpolated, as by fleck."""

    def __init__(self, patch, dim, depth, heads, grid, hidden=None):
        super().__init__()
        self.heads, hidden = heads, hidden or 4 * dim
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, grid * grid + 1, dim))
        self.patch_embed = PatchEmbed(patch, dim)
        self.blocks = nn.ModuleList(Block(dim, heads, hidden) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=vit_oracle.EPS)

    def embed(self, x):
        tokens = self.patch_embed(x)
        position = vit_oracle.position({"pos_embed": self.pos_embed}, math.isqrt(tokens.shape[1]))
        return torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], 1) + position

    def forward(self, x):
        """Tokens [B, 1 + P, dim] of the last block, through the final norm."""
        tokens = self.embed(x)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)

    def features(self, x, blocks):
        """Tokens of these blocks, from 1, each through a LayerNorm without affine, as fleck
        uses them; float32."""
        tokens, out = self.embed(x), []
        for number, block in enumerate(self.blocks[: max(blocks)], 1):
            tokens = block(tokens)
            if number in blocks:
                out.append(F.layer_norm(tokens.float(), tokens.shape[-1:], eps=vit_oracle.EPS))
        return out


def load(path):
    """The transformer of a file, as it is."""
    weights, meta = vit_oracle.load(path)
    dim, _, patch, _ = weights["patch_embed.proj.weight"].shape
    if patch not in (PATCH, 2 * PATCH):
        raise SystemExit(f"{path}: want patch {PATCH} or {2 * PATCH}, the file has {patch}")
    grid = math.isqrt(weights["pos_embed"].shape[1] - 1)
    vit = ViT(
        patch,
        dim,
        vit_oracle.depth_of(weights),
        vit_oracle.heads_of(weights, meta),
        grid,
        len(weights["blocks.0.mlp.fc1.bias"]),
    )
    vit.load_state_dict(weights)
    return vit.eval().requires_grad_(False)


def halved(kernel):
    """Kernel of patch 16 [dim, 3, 16, 16] -> patch 8, which makes of a photo what the kernel
    makes of the photo at twice the size (bilinear, but for the edges of patches)."""
    enlarge = F.interpolate(
        torch.eye(PATCH)[:, None], size=2 * PATCH, mode="linear", align_corners=False
    )[:, 0]
    return torch.einsum("ocij,ai,bj->ocab", kernel, enlarge, enlarge)


def make_student(source, blocks):
    """Starts as the source with these blocks only, from 1; at half the input if the source has
    patch 16. Nothing is learnt by its last norm: it has no affine to anybody who looks at
    tokens."""
    kernel = source.patch_embed.proj
    student = ViT(
        PATCH,
        kernel.out_channels,
        len(blocks),
        source.heads,
        math.isqrt(source.pos_embed.shape[1] - 1),
        source.blocks[0].mlp.fc1.out_features,
    )
    state = source.state_dict()
    state = {name: t for name, t in state.items() if not name.startswith(("blocks.", "norm."))}
    if kernel.kernel_size[0] != PATCH:
        state["patch_embed.proj.weight"] = halved(kernel.weight)
    for to, number in enumerate(blocks):
        for name, t in source.blocks[number - 1].state_dict().items():
            state[f"blocks.{to}.{name}"] = t
    student.load_state_dict(state, strict=False)
    student.norm.requires_grad_(False)
    return student


@torch.no_grad()
def thin(vit, x, hidden):
    """Leaves each MLP this many of its neurons: those whose activations differ most between the
    tokens of x [B, 3, side, side], by what that does to the output. Of the others the bias keeps
    the mean."""
    tokens = vit.embed(x)
    for block in vit.blocks:
        fc1, fc2 = block.mlp.fc1, block.mlp.fc2
        between = tokens + block.attn(block.norm1(tokens))
        active = F.gelu(fc1(block.norm2(between)))
        tokens, active = between + fc2(active), active.flatten(0, 1)
        order = (active.std(0) * fc2.weight.norm(dim=0)).argsort(descending=True)
        keep, rest = order[:hidden].sort().values, order[hidden:]
        block.mlp = mlp = Mlp(fc1.in_features, len(keep)).to(x.device)
        mlp.fc1.weight.copy_(fc1.weight[keep])
        mlp.fc1.bias.copy_(fc1.bias[keep])
        mlp.fc2.weight.copy_(fc2.weight[:, keep])
        mlp.fc2.bias.copy_(fc2.bias + fc2.weight[:, rest] @ active.mean(0)[rest])

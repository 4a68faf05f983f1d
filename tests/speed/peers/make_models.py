#!/usr/bin/env python3
"""Makes what bench.mjs measures with: the same random networks for each engine.

    apt-get install python3-torch python3-onnx python3-numpy
    /usr/bin/python3 tests/speed/peers/make_models.py [--models s16,s8,b8] [OUT]

Into OUT (build/bench-models), for each ViT of DINO's architecture at 224x224:

    NAME.safetensors   weights in F16 under DINO's names, for fleck
    NAME-fp32.onnx     the same values, pixels [1, 3, 224, 224] -> tokens [1, N, dim]
    NAME-int8.onnx     the same as onnxruntime's quantize_dynamic would write it
    NAME.f32           tokens [N, dim] of the test photo, by PyTorch
    NAME.json          sizes; written last, so that its presence means complete
    photo.rgba         the test photo, 224x224

Speed does not depend on what weights are worth, as long as values lie where a
trained network's do; so these are random, with a fixed seed.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))
from backbone.vit import ViT  # noqa: E402

SIDE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VITS = {
    "s16": dict(patch=16, dim=384, heads=6),
    "s8": dict(patch=8, dim=384, heads=6),
    "b8": dict(patch=8, dim=768, heads=12),
}
DEPTH = 12
OPSET = 17


# ---- the network ----


def build_vit(name):
    """Each linear map keeps the scale of what it is given, as trained ones about do. Values are
    F16's, so that every file holds the same ones."""
    torch.manual_seed(list(VITS).index(name))
    vit = ViT(**VITS[name], depth=DEPTH, grid=SIDE // VITS[name]["patch"]).eval()
    for key, value in vit.named_parameters():
        if "norm" in key:
            nn.init.normal_(value.data, mean=float(key.endswith("weight")), std=0.1)
        elif value.dim() == 1:
            nn.init.normal_(value.data, std=0.1)
        elif key in ("cls_token", "pos_embed"):
            nn.init.normal_(value.data, std=0.5)
        else:
            std = value[0].numel() ** -0.5
            nn.init.trunc_normal_(value.data, std=std, a=-2 * std, b=2 * std)
        value.data = value.data.half().float()
        value.requires_grad_(False)
    return vit


def build_photo():
    """Noise of every scale: [SIDE, SIDE, 4] bytes."""
    random = np.random.default_rng(0)
    photo = np.full((SIDE, SIDE, 3), 128.0)
    for cell in (1, 4, 16, 56):
        noise = random.normal(scale=18, size=(SIDE // cell, SIDE // cell, 3))
        photo += noise.repeat(cell, 0).repeat(cell, 1)
    alpha = np.full((SIDE, SIDE, 1), 255.0)
    return np.concatenate([photo, alpha], 2).clip(0, 255).round().astype(np.uint8)


def pixels_of(photo):
    rgb = torch.from_numpy(photo[..., :3].astype(np.float32)) / 255
    return ((rgb - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1)[None]


# ---- files ----


def write_safetensors(path, vit, metadata):
    header, blobs, at = {"__metadata__": metadata}, [], 0
    for key, value in vit.state_dict().items():
        blob = value.half().numpy().tobytes()
        header[key] = dict(dtype="F16", shape=list(value.shape), data_offsets=[at, at + len(blob)])
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def quantize_weight(weight):
    """[in, out] -> int8 and scale [out], symmetric per output channel."""
    scale = np.maximum(np.abs(weight).max(0), np.finfo(np.float32).tiny) / 127
    return np.round(weight / scale).clip(-127, 127).astype(np.int8), scale.astype(np.float32)


def quantize_dynamic(model):
    """What onnxruntime's quantize_dynamic(per_channel=True) makes of a graph: each MatMul by a
    constant takes its left side as u8, with a scale and zero point found as it runs."""
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes, dropped = [], []

    def constant(name, value):
        graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        left, right = node.input
        out = node.output[0]
        dropped.append(weights[right])
        values, scale = quantize_weight(numpy_helper.to_array(weights[right]))
        zero = np.zeros(len(scale), np.int8)
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [left], [f"{out}_q", f"{out}_s", f"{out}_z"]),
            helper.make_node(
                "MatMulInteger",
                [
                    f"{out}_q",
                    constant(f"{right}_q", values),
                    f"{out}_z",
                    constant(f"{right}_z", zero),
                ],
                [f"{out}_i"],
            ),
            helper.make_node("Cast", [f"{out}_i"], [f"{out}_f"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}_s", constant(f"{right}_s", scale)], [f"{out}_ss"]),
            helper.make_node("Mul", [f"{out}_f", f"{out}_ss"], [out]),
        ]
    assert len(dropped) == 4 * DEPTH, f"{len(dropped)} linear maps became integer ones"
    for each in dropped:
        graph.initializer.remove(each)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def make_vit(out, name):
    shape = VITS[name]
    photo = build_photo()
    (out / "photo.rgba").write_bytes(photo.tobytes())
    vit, pixels = build_vit(name), pixels_of(photo)
    tokens = vit(pixels)
    (out / f"{name}.f32").write_bytes(tokens.numpy().tobytes())

    def listed(values):
        return ",".join(map(str, values))

    write_safetensors(
        out / f"{name}.safetensors",
        vit,
        {
            "patch": str(shape["patch"]),
            "heads": str(shape["heads"]),
            "input": str(SIDE),
            "mean": listed(MEAN),
            "std": listed(STD),
            "blocks": str(DEPTH),
        },
    )
    fp32 = out / f"{name}-fp32.onnx"
    torch.onnx.export(
        vit,
        pixels,
        fp32,
        opset_version=OPSET,
        do_constant_folding=True,
        input_names=["pixels"],
        output_names=["tokens"],
    )
    onnx.save(quantize_dynamic(onnx.load(fp32)), out / f"{name}-int8.onnx")
    (out / f"{name}.json").write_text(
        json.dumps(dict(shape, depth=DEPTH, side=SIDE, tokens=tokens.shape[1], mean=MEAN, std=STD))
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=Path("build/bench-models"))
    parser.add_argument("--models", default="", help="comma-separated, of " + ",".join(VITS))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in filter(None, args.models.split(",")):
        print(f"making {name}", flush=True)
        make_vit(args.out, name)


if __name__ == "__main__":
    main()

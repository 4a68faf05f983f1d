"""Small weight files for the fuzz targets of tests/fuzz to start from.

    cd scripts && python3 -m golden.fuzz_corpus ../tests/fuzz/corpus [MODEL ...]

Models, which only fleck can make, come from `fleck train` with a small backbone and a
few photos, one for each method; they are copied with a network of a few neurons:

    fleck train PHOTOS --save knn --method knn --backbone tests/golden/vit_c.safetensors
    fleck train PHOTOS --save paper --recipe paper --iterations 1 --backbone ...
    fleck train PHOTOS --save l2bt --method l2bt --blocks 1,2 --backbone ...
    fleck train PHOTOS --save area --method mahalanobis --tiles 3x3 --area FILE --backbone ...
"""

import io
import json
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

from . import backbone, write


class _Hostile:
    def __reduce__(self):
        return print, ("never",)


def _checkpoint(tensors, protocol: int = 2) -> bytes:
    stream = io.BytesIO()
    torch.save(tensors, stream, pickle_protocol=protocol)
    return stream.getvalue()


def _pickle_of(checkpoint: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(checkpoint)) as file:
        name = next(name for name in file.namelist() if name.endswith("data.pkl"))
        return file.read(name)


def make(out: Path) -> None:
    rng = np.random.default_rng(2411)
    tiny = {"dim": 4, "depth": 1, "patch": 1, "grid": 2, "hidden": 4}
    plain = backbone.random_weights(rng, **tiny, layer_scale=False, registers=0)
    scaled = backbone.random_weights(
        rng, **tiny, layer_scale=True, registers=1, dtype=torch.float16
    )
    folder = out / "safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in (("plain", "2"), ("input_64", "64"), ("input_2048", "2048")):
        write(
            folder / name,
            {k: v.numpy() for k, v in plain.items()},
            heads="2",
            input=size,
            mean="0.5,0.5,0.5",
            std="0.5,0.5,0.5",
            blocks="1",
        )
    write(
        folder / "hugging_face",
        {k: v.numpy() for k, v in backbone.hugging_face(plain, "vit.").items()},
    )
    write(folder / "registers", {k: v.numpy() for k, v in backbone.hugging_face(scaled).items()})

    # a fuzz target gives a bare pickle two storages: these need no more
    one = torch.arange(64, dtype=torch.float32)
    few = OrderedDict(cls_token=one[:4].view(1, 1, 4), pos_embed=one[4:24].view(1, 5, 4))
    whole = {
        "flat": _checkpoint(few),
        "training": _checkpoint(backbone.training(few, few)),
        "parameters": _checkpoint(
            {
                "state_dict": OrderedDict(
                    (f"module.{k}", torch.nn.Parameter(v)) for k, v in few.items()
                )
            }
        ),
        "protocol4": _checkpoint({"model": few}, 4),
        "strided": _checkpoint({"w": one.view(8, 8).t()}),
        "hostile": _checkpoint({"a": _Hostile()}),
    }
    for name, data in whole.items():
        for kind, content in (("zip", data), ("checkpoint", _pickle_of(data))):
            (out / kind).mkdir(parents=True, exist_ok=True)
            (out / kind / name).write_bytes(content)
    (out / "checkpoint" / "backbone").write_bytes(_checkpoint(plain))
    (out / "checkpoint" / "plain_values").write_bytes(
        pickle.dumps(
            {"a": [1, 2.5, None, True, "x", b"y", (1, 2, 3, 4), 2**40, -(2**70)], 1: ()}, 4
        )
    )


def shrink(model: Path, out: Path) -> None:
    """Copies a model file; its nets get widths of 2, and its labels some trust."""
    data = model.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    blobs, at = [], 0
    dim = int(header["__metadata__"]["dim"])
    l2bt = header["__metadata__"]["method"] == "7"
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        low, high = entry["data_offsets"]
        blob = data[start + low : start + high]
        if name == "net.widths":
            blob = np.full(3, 2, "<u4").tobytes()
        elif name == "net":
            entry["shape"] = [4 * dim + 17]  # two neurons a layer
            blob = np.linspace(-1, 1, entry["shape"][0], dtype="<f4").tobytes()
        elif name.endswith("nets.hidden"):
            blob = np.full(1, 2, "<u4").tobytes()
        elif name.endswith("nets"):
            width = dim // 2  # l2bt's, of two blocks
            net = [(width, 2), (2, 2), (2, width)] if l2bt else [(dim, 2), (2, 1)]
            count = 3 * (1 + l2bt) * sum(o * (i + 1) for i, o in net)
            entry["shape"] = [count]
            blob = np.linspace(-1, 1, count, dtype="<f4").tobytes()
        elif name == "trust":
            blob = np.full(1, 0.5, "<f4").tobytes()
        elif name == "discriminant":
            blob = np.linspace(-1, 1, dim, dtype="<f4").tobytes()
        entry["data_offsets"] = [at, at + len(blob)]
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    content = len(text).to_bytes(8, "little") + text + b"".join(blobs)
    out.write_bytes(content[:-8] + _fnv1a(content[:-8]).to_bytes(8, "little"))


def _fnv1a(data: bytes) -> int:
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    for file in map(Path, sys.argv[2:]):
        folder = Path(sys.argv[1]) / "model"
        folder.mkdir(exist_ok=True)
        shrink(file, folder / file.stem)

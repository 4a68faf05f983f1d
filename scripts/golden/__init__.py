"""Golden vectors: what a well-known implementation makes of fixed inputs.

One module a stage: it has make(out), which writes out/<stage>.safetensors with
write() below, and is named in STAGES.
"""

import importlib
import json
import platform
import sys
from pathlib import Path

import numpy as np

STAGES = (
    "image",
    "photos",
    "tiff",
    "pixels",
    "decoders",
    "metrics",
    "vit",
    "backbone",
    "heatmap",
    "regions",
    "groups",
    "area",
    "places",
    "marks",
    "train",
    "methods",
    "nets",
    "paper",
)

# NumPy has no bfloat16: its bit patterns travel as uint16.
_DTYPES = {
    "float32": "F32",
    "float16": "F16",
    "uint16": "BF16",
    "float64": "F64",
    "uint8": "U8",
    "int64": "I64",
}


def write(path: Path, tensors: dict, needs: tuple = (), **metadata) -> None:
    """Writes a safetensors file. needs names the modules whose versions are
    recorded; metadata are strings, `tolerance` among them. Equal input gives
    equal bytes."""
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {importlib.import_module(name).__version__}" for name in needs]
    header = {
        "__metadata__": {
            "command": f"scripts/golden/make.py {path.stem}",
            "versions": ", ".join(versions),
            **{key: str(value) for key, value in metadata.items()},
        }
    }
    blobs, at = [], 0
    for name, tensor in tensors.items():
        tensor = np.asarray(tensor)
        blob = tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": _DTYPES[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + len(blob)],
        }
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes", file=sys.stderr)

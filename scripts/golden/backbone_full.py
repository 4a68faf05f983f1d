"""Full-size backbones of random weights: fleck's tokens against the oracle's.

    cd scripts && python3 -m golden.backbone_full PROGRAM [MODEL ...]

PROGRAM is the built tests/test_backbone. Runs when FLECK_SLOW is set: a model
takes about a minute and 1 GB of memory.
"""

import os
import subprocess
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path

BLOCKS = (4, 7)

# Model: (dim, patch, grid, input, registers, layout), the layout as one is downloaded.
MODELS = {
    "dino_vits16": (384, 16, 14, 448, 0, "hf"),
    "dino_vits8": (384, 8, 28, 224, 0, "plain.pth"),
    "dino_vitb16": (768, 16, 14, 448, 0, "training.pth"),
    "dino_vitb8": (768, 8, 28, 224, 0, "hf"),
    "dinov2_vits14": (384, 14, 37, 448, 0, "plain.pth"),
    "dinov2_vits14_reg": (384, 14, 37, 448, 4, "hf"),
    "dinov2_vitb14": (768, 14, 37, 448, 0, "hf"),
    "dinov2_vitb14_reg": (768, 14, 37, 448, 4, "plain.pth"),
}


def check(program: str, name: str, folder: Path) -> bool:
    import numpy as np

    from . import backbone, vit, vit_oracle, write

    dim, patch, grid, size, registers, layout = MODELS[name]
    rng = np.random.default_rng([2411, 8, sorted(MODELS).index(name)])
    weights = backbone.random_weights(
        rng, dim, 12, patch, grid, name.startswith("dinov2"), registers
    )
    file = folder / (f"{name}.pth" if layout.endswith(".pth") else f"{name}.safetensors")
    how = {
        "hf": backbone.hugging_face,
        "plain.pth": OrderedDict,
        "training.pth": lambda w: backbone.training(w, {"cls_token": w["cls_token"]}),
    }
    backbone._save(file, how[layout](weights))
    wide = {key: t.double() for key, t in weights.items()}
    states = vit_oracle.stream(wide, {"heads": dim // 64}, vit.input_tensor(size))
    tokens = {}
    for blocks in (BLOCKS, (12,)):
        cls, rows = vit_oracle.readout(wide, states, blocks)
        label = f"{size}.{','.join(map(str, blocks))}"
        tokens |= {f"{label}.cls": vit._float32(cls), f"{label}.patch": vit._float32(rows)}
    golden = folder / "golden.safetensors"
    write(golden, tokens)
    del weights, wide, states, tokens
    print(f"{name}:", flush=True)
    paths = {"BACKBONE": str(file), "GOLDEN": str(golden)}
    passed = subprocess.run([program], env=os.environ | paths, check=False).returncode == 0
    file.unlink()
    return passed


def main() -> int:
    program, names = sys.argv[1], sys.argv[2:] or list(MODELS)
    if not os.environ.get("FLECK_SLOW"):
        print("skipped: FLECK_SLOW is not set")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        failed = [name for name in names if not check(program, name, Path(folder))]
    print(f"{len(names)} backbones, failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Golden vectors follow from the command that they name: a stage's script, run again, gives what
tests/golden holds. Of the stages, those that take a few seconds."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS.parent / "scripts"))

DTYPES = {
    "F32": np.float32,
    "F16": np.float16,
    "BF16": np.uint16,
    "F64": np.float64,
    "U8": np.uint8,
    "I64": np.int64,
}
# Libraries of other versions and processors sum in another order.
RELATIVE = 1e-4


def read(path):
    file = path.read_bytes()
    end = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:end])
    metadata = header.pop("__metadata__")
    del metadata["versions"]
    return metadata, {
        name: np.frombuffer(
            file[end:][slice(*entry["data_offsets"])], DTYPES[entry["dtype"]]
        ).reshape(entry["shape"])
        for name, entry in header.items()
    }


class Golden(unittest.TestCase):
    def check(self, stage):
        with tempfile.TemporaryDirectory() as folder:
            __import__(f"golden.{stage}", fromlist=["make"]).make(Path(folder))
            metadata, tensors = read(Path(folder) / f"{stage}.safetensors")
        kept_metadata, kept = read(TESTS / "golden" / f"{stage}.safetensors")
        self.assertEqual(metadata.keys(), kept_metadata.keys())
        for name, text in kept_metadata.items():
            if name == "command" or name == "tolerance":
                self.assertEqual(metadata[name], text)
            else:
                np.testing.assert_allclose(float(metadata[name]), float(text), RELATIVE, 0, name)
        self.assertEqual(tensors.keys(), kept.keys())
        for name, want in kept.items():
            have = tensors[name]
            self.assertEqual((have.dtype, have.shape), (want.dtype, want.shape), name)
            exact = want.dtype.kind != "f" or not want.size
            scale = 0 if exact else np.abs(want[np.isfinite(want)], dtype=np.float64).max()
            np.testing.assert_allclose(have, want, 0 if exact else RELATIVE, RELATIVE * scale, name)

    def test_metrics(self):
        self.check("metrics")

    def test_heatmap(self):
        self.check("heatmap")

    def test_methods(self):
        self.check("methods")


if __name__ == "__main__":
    unittest.main()

"""scripts/backbone/train.py on a teacher of random weights: the file it writes follows from its
arguments, also when a run is killed and started again, and training moves the student."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import numpy as np
import torch
from PIL import Image

from backbone.vit import ViT, load, thin
from golden import write

DEPTH, KEPT = 5, (1, 2, 4)


class TrainBackbone(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)
        random = np.random.default_rng(0)
        photos = cls.path / "photos"
        photos.mkdir()
        for i in range(3):
            pixels = random.integers(0, 256, (40, 50, 3), np.uint8)
            Image.fromarray(pixels).save(photos / f"{i}.png")
        torch.manual_seed(0)
        teacher = ViT(16, 64, DEPTH, 1, 14)
        torch.nn.init.normal_(teacher.pos_embed)
        write(
            cls.path / "teacher.safetensors",
            {name: t.numpy() for name, t in teacher.state_dict().items()},
        )

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start(self, name, *more):
        command = [
            sys.executable,
            SCRIPTS / "backbone" / "train.py",
            "--photos",
            self.path / "photos",
            "--teacher",
            self.path / "teacher.safetensors",
            "--match",
            "3",
            "--at",
            "2",
            "--last",
            str(DEPTH),
            "--keep",
            *map(str, KEPT),
            "--steps",
            "6",
            "--batch",
            "1",
            "--save",
            "2",
            "--threads",
            "1",
            *more,
            self.path / name,
        ]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_to_end(self, name, *more):
        out, error = self.start(name, *more).communicate()
        self.assertRegex(out, r"step (\d+) of \1,", error)
        return out, (self.path / name).read_bytes()

    def test_a_killed_run_goes_on_to_the_same_file(self):
        _, whole = self.run_to_end("whole.safetensors")
        run = self.start("killed.safetensors")
        with run:
            for line in run.stdout:
                if line.startswith("step 2 "):
                    run.kill()
                    break
        self.assertFalse((self.path / "killed.safetensors").exists())
        out, continued = self.run_to_end("killed.safetensors")
        self.assertIn("going on after step 2", out)
        self.assertEqual(whole, continued)
        _, other = self.run_to_end("other.safetensors", "--seed", "1")
        self.assertNotEqual(whole, other)

    def test_the_student_is_of_the_kept_blocks_and_learns_in_both_dtypes(self):
        files = set()
        for dtype in ("f32", "bf16"):
            name = f"{dtype}.safetensors"
            out, file = self.run_to_end(
                name,
                "--dtype",
                dtype,
                "--steps",
                "8",
                "--save",
                "2",
                "--rate",
                "6e-3",
                "--hidden",
                "96",
                "--model",
                "student v1",
            )
            losses = [float(line.split("loss ")[1].split(",")[0]) for line in out.splitlines()]
            self.assertLess(losses[-1], 0.9 * losses[0], out)
            self.assertIn(b'"model":"student v1"', file)
            self.assertIn(b'"blocks":"2,3"', file)
            blocks = load(self.path / name).blocks
            self.assertEqual([b.mlp.fc1.out_features for b in blocks], [96] * len(KEPT))
            files.add(file)
        self.assertEqual(len(files), 2)

    def test_neurons_that_do_not_differ_between_tokens_are_left_out_for_nothing(self):
        torch.manual_seed(1)
        vit, x = ViT(16, 64, 2, 1, 14).eval(), torch.randn(2, 3, 224, 224)
        for block in vit.blocks:
            torch.nn.init.zeros_(block.mlp.fc1.weight[::2])
        before = vit(x)
        thin(vit, x, 128)
        self.assertEqual(vit.blocks[1].mlp.fc1.out_features, 128)
        self.assertLess((vit(x) - before).abs().max(), 1e-5)
        thin(vit, x, 64)
        self.assertGreater((vit(x) - before).abs().max(), 1e-3)


if __name__ == "__main__":
    unittest.main()

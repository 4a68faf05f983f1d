"""The test beds of scripts/beds: the same bits from the same seed, and masks that hold all that is
wrong with a photo."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from beds import NAMES, bed
from beds.make import make

# Those that take more than a second a photo are drawn once only.
SLOW = os.environ.get("FLECK_SLOW")
QUICK = [name for name in NAMES if SLOW or name not in ("angles", "boards", "grain", "long")]


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Beds(unittest.TestCase):
    def test_defects_stay_in_their_masks(self):
        for name in NAMES:
            twin, none = bed.draw(name, 0, 7)
            self.assertIsNone(none)
            for harmed, kind in enumerate(bed.load(name).DEFECTS):
                with self.subTest(bed=name, defect=kind):
                    photo, mask = bed.draw(name, 0, 7, harmed)
                    self.assertEqual((photo.dtype, photo.shape), (np.uint8, twin.shape))
                    self.assertEqual((mask.dtype, mask.shape), (bool, photo.shape[:2]))
                    np.testing.assert_array_equal(photo[~mask], twin[~mask])
                    difference = np.abs(photo.astype(int) - twin)[mask]
                    self.assertGreater(difference.max(-1).mean(), bed.VISIBLE / 2)
                    self.assertGreaterEqual(mask.sum(), bed.LEAST)
                    self.assertLess(mask.mean(), 0.25)

    def test_photos_follow_from_their_numbers(self):
        if not SLOW:
            print("skipped: FLECK_SLOW is not set")
        for name in QUICK:
            with self.subTest(bed=name):
                photo, mask = bed.draw(name, 1, 3, 0)
                again, same = bed.draw(name, 1, 3, 0)
                np.testing.assert_array_equal(photo, again)
                np.testing.assert_array_equal(mask, same)
                good = bed.draw(name, 1, 3)[0]
                for other in (bed.draw(name, 2, 3)[0], bed.draw(name, 1, 4)[0]):
                    self.assertTrue((good != other).any())

    def test_sets_are_laid_out_the_same_each_time(self):
        for name in ("screens", "angles"):  # a PNG and a JPEG
            with self.subTest(bed=name), tempfile.TemporaryDirectory() as folder:
                first, second = Path(folder) / "first", Path(folder) / "second"
                kinds = bed.load(name).DEFECTS
                make(first, name, 5, 2, len(kinds), 1)
                make(second, name, 5, 2, len(kinds), 2)
                there = files(first)
                self.assertEqual(there, files(second))
                self.assertEqual({Path(path).parts[0] for path in there}, {name})
                self.assertEqual(len(list((first / name / "good").iterdir())), 2)
                for kind in kinds:
                    (path,) = (first / name / kind).iterdir()
                    truth = first / name / "ground_truth" / kind / f"{path.stem}_mask.png"
                    with Image.open(path) as photo, Image.open(truth) as mask:
                        self.assertEqual(photo.size, mask.size)
                        self.assertEqual(set(np.unique(mask)), {0, 255})
                # A set that is there is left as it is.
                stranger = first / name / "good" / "stranger"
                stranger.touch()
                make(first, name, 6, 1, 1, 1)
                self.assertTrue(stranger.exists())

    def test_masks_have_no_holes_and_no_dust(self):
        twin = np.zeros((40, 40, 3), np.uint8)
        photo = twin.copy()
        photo[10:20, 10:20] = 90
        photo[13:17, 13:17] = 0  # a ring
        photo[10:20, 21:24] = bed.VISIBLE  # beside it, with a gap of one pixel
        photo[30, 30] = 255  # a lone pixel
        photo[30:36, 5:11] = bed.VISIBLE - 1  # nobody sees it
        want = np.zeros((40, 40), bool)
        want[10:20, 10:24] = True
        want[[10, 19], 20] = False  # closed as round as a brush would
        np.testing.assert_array_equal(bed.changed(photo, twin), want)


if __name__ == "__main__":
    unittest.main()

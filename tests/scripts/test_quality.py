"""scripts/quality: what the evaluation counts, and what its tables say."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "quality"))

import evaluate
import report


def row(**values):
    return {
        **dict.fromkeys(report.COLUMNS),
        "backbone": "b",
        "data": "d",
        "contamination": 0.0,
        "seed": 0,
        "method": "irmb",
        "train_photos": 10,
        "train_defective": 0,
        "test_good": 10,
        "test_defective": 5,
        "separable": 0,
        "found": 0,
        "called": 0,
        "silent": 0,
        **values,
    }


class Counts(unittest.TestCase):
    def test_separable_is_above_98_percent_of_the_good(self):
        good = [(score / 100, "good", False) for score in range(100)]
        bad = [(0.97, "defect", True), (0.98, "good", True), (0.981, "good", True)]
        bad.append((2.0, "defect", True))
        self.assertEqual(evaluate.counts(good + bad), {"separable": 2, "found": 2, "called": 0})
        called = [(0.5, "defect", False)]
        self.assertEqual(evaluate.counts(called), {"separable": 0, "found": 0, "called": 1})
        self.assertEqual(evaluate.counts(bad)["separable"], 4)  # no good photo is in the way

    def test_a_split_leaves_photos_to_test_on(self):
        for good, bad, train, test in (
            (476, 392, 100, 100),  # mtd
            (360, 200, 100, 100),  # elpv
            (108, 20, 26, 82),  # ply: ten of its twenty defects are learnt from at 40 %
            (130, 80, 100, 30),  # a drawn set
            (20, 80, 16, 4),
        ):
            with self.subTest(good=good, bad=bad):
                self.assertEqual(evaluate.fitting(good, bad, 100, 100, 0.4), (train, test))


class Tables(unittest.TestCase):
    def test_verdicts_are_summed_over_folders(self):
        rows = [
            row(folder_says="clean", separable=4, found=3, called=1),
            row(seed=1, folder_says="defects", folder_estimate=2.0, separable=5, found=5),
            row(
                contamination=0.2,
                train_defective=2,
                folder_says="clean",
                folder_estimate=1.0,
                silent=1,
                separable=3,
                found=1,
            ),
            row(  # found although it is not separable
                contamination=0.4,
                train_defective=4,
                folder_says="defects",
                folder_estimate=4.0,
                found=1,
            ),
            row(seed=2, separable=None, found=None, called=None, silent=None),  # an old one
        ]
        want = [".83 (10 of 12)", "1.4 %", "1 of 2", "1 of 4", "3 of 2"]
        self.assertEqual(report.verdict_line(rows), want)
        text = "\n".join(report.verdicts_of_sets(rows, ["irmb"]))
        self.assertIn("| d | irmb | " + " | ".join(want) + " |", text)
        self.assertEqual(report.verdicts_of_sets(rows[-1:], ["irmb"]), [])

    def test_other_methods_win_in_bold(self):
        rows = [
            row(image_auroc=0.9, separable=4, found=1),
            row(method="knn", image_auroc=0.8, separable=4, found=3),
            row(method="musc", image_auroc=0.7, separable=4, found=0),
        ]
        text = report.where_others_win(rows, ["knn", "musc", "irmb"])
        self.assertIn("| d | .900 | .800 knn | – | – | .250 | **.750 knn** |", text)


if __name__ == "__main__":
    unittest.main()

"""Reads a data set in COCO's form, as its description says, and compares it with masks.

coco.py FILE MASKS: prints, as JSON, of each image what differs from its mask in MASKS, and how many
annotations are polygons and run lengths. What is not in COCO's form raises an error.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.draw import polygon2mask


def mask_of(segmentation, height: int, width: int) -> np.ndarray:
    if isinstance(segmentation, dict):  # run lengths down the columns, 0 first
        assert segmentation["size"] == [height, width]
        counts = segmentation["counts"]
        assert sum(counts) == height * width and all(n > 0 for n in counts[1:])
        values = np.repeat(np.arange(len(counts)) % 2, counts)
        return values.reshape(width, height).T.astype(bool)
    mask = np.zeros((height, width), bool)
    for polygon in segmentation:
        points = np.array(polygon).reshape(-1, 2)  # x, y; pixels' centres are at halves
        mask |= polygon2mask((height, width), points[:, ::-1] - 0.5)
    return mask


def main() -> None:
    file, folder = sys.argv[1:]
    data = json.loads(Path(file).read_text())
    categories = data["categories"]
    names = [f"group {i + 1}" for i in range(len(categories))]
    assert [c["id"] for c in categories] == list(range(1, len(categories) + 1))
    assert [c["name"] for c in categories] in (names, ["defect"])
    assert {c["supercategory"] for c in categories} == {"defect"}
    images = {image["id"]: image for image in data["images"]}
    ids = [a["id"] for a in data["annotations"]]
    assert len(images) == len(data["images"]) and len(set(ids)) == len(ids)
    found = {"images": {}, "polygons": 0, "runs": 0, "areas": 0}
    union = {i: np.zeros((im["height"], im["width"]), bool) for i, im in images.items()}
    for a in data["annotations"]:
        assert 1 <= a["category_id"] <= len(categories) and a["iscrowd"] == 0
        image = images[a["image_id"]]
        mask = mask_of(a["segmentation"], image["height"], image["width"])
        assert mask.any() and not (mask & union[image["id"]]).any()
        union[image["id"]] |= mask
        left, top, width, height = a["bbox"]
        rows, columns = mask.nonzero()
        assert left - 1 <= columns.min() and columns.max() + 1 <= left + width + 1
        assert top - 1 <= rows.min() and rows.max() + 1 <= top + height + 1
        # each pixel of its edge is half in, as a rule
        edge = 2 * (width + height) + 4
        found["areas"] = max(found["areas"], abs(mask.sum() - a["area"]) / edge)
        found["runs" if isinstance(a["segmentation"], dict) else "polygons"] += 1
    for i, image in images.items():
        drawn = np.array(
            Image.open(Path(folder) / (image["file_name"].replace("/", "__") + ".png"))
        )
        assert drawn.dtype == np.uint8 and set(np.unique(drawn)) <= {0, 255}
        assert drawn.shape == (image["height"], image["width"])
        found["images"][image["file_name"]] = {
            "differ": int(((drawn > 0) != union[i]).sum()),
            "marked": int((drawn > 0).sum()),
        }
    print(json.dumps(found))


main()

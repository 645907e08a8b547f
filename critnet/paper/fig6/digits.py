"""MNIST -> the few images with which a network trains in the page: grey values in sixteen levels."""

import numpy as np
import xarray as xr

from critnet.errors import UsageError
from critnet.training.datasets import MEAN, STD
from critnet.training.mlp import CLASSES

TRAIN, TEST = 60, 20  # images of each digit
LEVELS = 16


def few(digits, *, train=TRAIN, test=TEST):
    """The first images of each digit in file order, mixed as they are in the file.

    Parameters
    ----------
    digits : Digits
    train, test : int >= 1, images of each digit

    Returns
    -------
    xarray.Dataset
        Over `train_image` and `test_image`: `train_level` and `test_level` (n, 784), 0 is background and 15 is ink,
        with `..._label` and `..._place`, the place in the file counted from 0.

    Raises
    ------
    UsageError
        If there are too few images of a digit.

    Source: METHODS D2.
    """
    variables: dict[str, tuple] = {}
    for name, images, labels, each in (
        ("train", digits.images, digits.labels, train),
        ("test", digits.test_images, digits.test_labels, test),
    ):
        counts = np.bincount(labels, minlength=CLASSES)[:CLASSES]
        if counts.min() < each:
            raise UsageError(
                f"{each} {name} images of each digit are asked for; of {counts.argmin()} there are {counts.min()}"
            )
        place = np.sort(np.concatenate([np.flatnonzero(labels == digit)[:each] for digit in range(CLASSES)]))
        level = np.rint((images[place] * STD + MEAN) * (LEVELS - 1)).astype(np.uint8)
        row, about = f"{name}_image", {"units": "1", "D": "D2"}
        variables |= {
            f"{name}_level": ((row, "pixel"), level, {"long_name": "grey value in sixteen levels, 15 is ink", **about}),
            f"{name}_label": ((row,), labels[place].astype(np.uint8), {"long_name": "digit of an image", **about}),
            f"{name}_place": ((row,), place.astype(np.int32), {"long_name": "place in the file, from 0", **about}),
        }
    return xr.Dataset(variables)

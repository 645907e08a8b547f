"""A network that trains in the browser, a batch at a time or in one run, its correlations beside its loss."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

PIXELS, LEVELS = 784, 16
SIZES = (10, 20, 30, 50, 80)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
BATCHES = (8, 16, 32, 64, 128)
ITERATIONS = 1000


class TrainingExplorer(Explorer, scripts=("base/random", "core", "draw", "training")):
    """Choose a network and train it in the page, a step at a time or in one run (METHODS D1, D3, D8, D10).

    The reader sees the batch, its loss, the gradient and the change of the weights; loss, accuracy and correlation
    strength over the iterations; and the graph of strongly correlated neurons. Weights and batches come from random
    numbers of the page, the same in every browser.

    Parameters
    ----------
    train, test : (levels, labels)
        Levels of ink of images, whole numbers from 0 (background) to 15, shape (n, 784), and their digits, (n,).
        Batches are drawn from the first; accuracy and correlations are measured on the second.
    name : str
        Its id in the page.
    hidden, rate, size : one each of SIZES, RATES and BATCHES, shown first
    iterations : int >= 20, how far one can train
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If images, labels or a setting are outside their range, or there are fewer training images than the largest
        batch.
    """

    def __init__(
        self, train, test, *, name, hidden=50, rate=0.3, size=16, iterations=ITERATIONS, batches=BATCHES, caption="",
        words="", picture=None,
    ):  # fmt: skip
        for what, value, known in (("hidden", hidden, SIZES), ("rate", rate, RATES), ("size", size, batches)):
            if value not in known:
                raise UsageError(f"{what} is {value}; choose one of {', '.join(map(str, known))}")
        if iterations < 20:
            raise UsageError(f"iterations is {iterations}; let the reader train for 20 at least")
        if len(train[0]) < max(batches):
            raise UsageError(f"there are {len(train[0])} training images, fewer than a batch of {max(batches)}")
        given = {
            "name": name,
            "train": _given(*train),
            "test": _given(*test),
            "sizes": list(SIZES),
            "rates": list(RATES),
            "batches": list(batches),
            "hidden": hidden,
            "rate": rate,
            "size": size,
            "iterations": iterations,
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def _given(levels, labels):
    mask, ink = packed(levels)
    labels = np.asarray(labels)
    if labels.shape != (len(mask),) or labels.min() < 0 or labels.max() > 9:
        raise UsageError(f"labels have shape {labels.shape}; give one digit, 0 to 9, for each of {len(mask)} images")
    return {"mask": text_of(mask, "u1"), "ink": text_of(ink, "u1"), "label": text_of(labels, "u1")}


def packed(levels):
    """Images as a mask, a bit a pixel, and the levels of the pixels with ink, two a byte.

    Parameters
    ----------
    levels : int array, shape (n, 784), 0 to 15

    Returns
    -------
    mask : uint8 array, shape (n, 98), the low bit first
    ink : uint8 array, over all images in turn; the first of two in the low half

    Raises
    ------
    UsageError
        If the levels are not whole numbers from 0 to 15 of images with 784 pixels.

    >>> mask, ink = packed([[7, 0, 9, 15] + [0] * 780])
    >>> mask[0, 0], [hex(two) for two in ink]
    (np.uint8(13), ['0x97', '0xf'])
    """
    levels = np.asarray(levels)
    if levels.ndim != 2 or levels.shape[1] != PIXELS or not len(levels):
        raise UsageError(f"levels have shape {levels.shape}; give images (n, {PIXELS})")
    if levels.dtype.kind not in "iu" or levels.min() < 0 or levels.max() >= LEVELS:
        raise UsageError(f"levels run from {levels.min()} to {levels.max()}; give whole numbers from 0 to {LEVELS - 1}")
    ink = levels[levels > 0].astype(np.uint8)
    ink = np.append(ink, np.zeros(ink.size % 2, np.uint8))
    return np.packbits(levels > 0, axis=1, bitorder="little"), ink[::2] | (ink[1::2] << 4)

"""The manifold explorer: images in the space of neurons, on three axes that the reader turns."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

UNIT = 1 / 4096  # places are passed on in multiples of it
START = {"t": 100, "turn": -60, "tilt": 25}  # iteration; degrees, as the panel of Fig. 6c is drawn
DIGITS = 10


class ManifoldExplorer(Explorer, scripts=("core", "manifold")):
    """Turn a cloud of images by dragging or by arrow keys, over training; the reader sees how far the digits part.

    The ratio of the spread between digits to that within them is told as the cloud is seen, on its three axes and in
    all dimensions, with the boundary between the paper's stages P1 and P2 (METHODS D48, D27).

    Parameters
    ----------
    t : int array, shape (n_steps,), rising from 0 on; 100 must be among them
    places : array, shape (n_steps, 3, n_images), between -8 and 8
    labels : int array, shape (n_images,), 0 to 9
    circuits, outputs : array, shape (n_steps,), > 0
        The ratio in all dimensions of the circuits' neurons, and of the outputs.
    hues : ten colours, "#rrggbb"
    paper : int
        The iteration of the boundary that the paper states.
    found : pair of int
        Least and largest iteration of the boundary as it is found.
    name : str
        Its id in the page.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If shapes or numbers do not fit together.
    """

    def __init__(
        self, t, places, labels, *, circuits, outputs, hues, paper, found, name, caption="", words="", picture=None
    ):
        t, places, labels = np.asarray(t), np.asarray(places, float), np.asarray(labels)
        if t.ndim != 1 or t.size < 2 or t[0] < 0 or not (np.diff(t) > 0).all():
            raise UsageError(f"t is {t.tolist()}; give two rising iterations or more, from 0 on")
        if START["t"] not in t:
            raise UsageError(f"iteration {START['t']} is not among t; the explorer starts there")
        if labels.ndim != 1 or not labels.size or not np.isin(labels, range(DIGITS)).all():
            raise UsageError(f"labels have shape {labels.shape}; give a digit from 0 to 9 an image")
        if places.shape != (t.size, 3, labels.size) or not (np.abs(places) < 8).all():
            raise UsageError(
                f"places have shape {places.shape}; give numbers between -8 and 8, shape {(t.size, 3, labels.size)}"
            )
        for what, values in (("circuits", circuits), ("outputs", outputs)):
            values = np.asarray(values, float)
            if values.shape != t.shape or not (values > 0).all() or not np.isfinite(values).all():
                raise UsageError(f"{what} are {values.tolist()}; give a finite ratio above 0 an iteration")
        if len(hues) != DIGITS:
            raise UsageError(f"there are {len(hues)} hues; give one a digit, ten")
        if not 0 < found[0] <= found[1] or paper <= 0:
            raise UsageError(f"the boundary is {paper}, found from {found[0]} to {found[1]}; give iterations, rising")
        super().__init__(
            {
                "name": name,
                "caption": caption,
                "t": t.tolist(),
                "places": text_of(np.rint(places / UNIT), "<i2"),
                "unit": UNIT,
                "labels": text_of(labels, "u1"),
                "circuits": np.asarray(circuits, float).tolist(),
                "outputs": np.asarray(outputs, float).tolist(),
                "hues": list(hues),
                "paper": int(paper),
                "found": [int(end) for end in found],
                "start": START,
            },
            words=words,
            picture=picture,
        )

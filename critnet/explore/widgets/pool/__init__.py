"""The pool explorer: which circuits are pooled, and the exponent that the law of their sizes then has."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

FEWEST = 20  # sizes that a law is fitted to
KINDS = ("guessing", "untouched", "constant")
START = {"bins": 10, "least": 1}


class PoolExplorer(Explorer, scripts=("core", "pool")):
    """Drag the ranges of model size and mobility that are pooled, leave kinds of circuits out, choose the estimator.

    The reader sees the density of the sizes in bins that grow, the law that is fitted beside a slope of 3/2 and the
    total progeny of a critical branching process, and its exponent by two estimators (METHODS D44).

    Parameters
    ----------
    hidden : int array, shape (n_circuits,), > 0
        Neurons of a hidden layer of each circuit's network.
    log_mobility : array, shape (n_circuits,)
        ln of learning rate over batch size; to two digits in the page.
    neurons, edges : int array, shape (n_circuits,), >= 0
    kinds : mapping of each of `KINDS` to a bool array, shape (n_circuits,)
    name : str
        Its id in the page.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If shapes or numbers do not fit together, or a kind is missing.
    """

    def __init__(self, hidden, log_mobility, neurons, edges, kinds, *, name, caption="", words="", picture=None):
        hidden = np.asarray(hidden)
        if hidden.ndim != 1 or not hidden.size:
            raise UsageError(f"hidden has shape {hidden.shape}; give one number a circuit")
        given = {"log_mobility": log_mobility, "neurons": neurons, "edges": edges, **kinds}
        missing = [kind for kind in KINDS if kind not in kinds]
        if missing:
            raise UsageError(f"kinds lack {', '.join(missing)}; give {', '.join(KINDS)}")
        for what, values in given.items():
            if np.shape(values) != hidden.shape:
                raise UsageError(f"{what} has shape {np.shape(values)}; there are {hidden.size} circuits")
        for what, values, least in (("hidden", hidden, 1), ("neurons", neurons, 0), ("edges", edges, 0)):
            low, high = np.min(values), np.max(values)
            if not least <= low or not high <= 32767:
                raise UsageError(f"{what} run from {low} to {high}; give whole numbers from {least} to 32767")
        if not np.isfinite(np.asarray(log_mobility, float)).all():
            raise UsageError("log_mobility holds NaN or infinity")
        mobility = np.round(np.asarray(log_mobility, float), 2)
        mobilities, place = np.unique(mobility, return_inverse=True)
        super().__init__(
            {
                "name": name,
                "caption": caption,
                "hidden": text_of(hidden, "<i2"),
                "mobility": place.tolist(),
                "mobilities": mobilities.tolist(),
                "sizes": np.unique(hidden).tolist(),
                "neurons": text_of(neurons, "<i2"),
                "edges": text_of(edges, "<i2"),
                **{kind: text_of(np.asarray(kinds[kind]) != 0, "u1") for kind in KINDS},
                "fewest": FEWEST,
                "start": START,
            },
            words=words,
            picture=picture,
        )

"""The redistribution model, run in the browser: what its units prefer, and which exponent its tail has."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

WARM = 400  # steps by preference for the strengths before the last stage: at 1 % a step, e^-4 of the start is left
PROBABILITIES = np.arange(10, 91) / 100


class RedistributionExplorer(Explorer, scripts=("base/random", "core", "redistribution")):
    """Drag P_C and switch what is preferred; the last stage of the model runs in the reader's browser (METHODS D39).

    The reader sees how many pairs have how many units, the authors' line through a hundred linear bins and the exact
    stationary law; and the exponents of both against 1 / P_C.

    Parameters
    ----------
    strength : array, shape (n_pairs,), finite, >= 0, one above 0; n_pairs >= 100
        Measured correlations |C| of the pairs; passed on in float32.
    name : str
        Its id in the page.
    probability : float, one of 0.10, 0.11, ... 0.90
        The P_C shown first.
    units, pruned : float in (0, 1)
        Units of the model and pairs pruned at a step, as shares of the pairs.
    samples, between : int >= 1
        Samples of the last stage, and steps before each.
    slope : float
        The published exponent is 1 + slope / P_C.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If the strengths or P_C are outside their range.
    """

    def __init__(
        self, strength, *, name, units=0.1, pruned=0.01, samples=100, between=100, probability=0.37, slope=0.6,
        caption="", words="", picture=None,
    ):  # fmt: skip
        strength = np.asarray(strength, np.float64)
        if strength.ndim != 1 or strength.size < 100:
            raise UsageError(f"strength has shape {strength.shape}; give one number a pair, 100 or more")
        if not np.isfinite(strength).all() or strength.min() < 0 or not strength.max() > 0:
            raise UsageError(f"strength runs from {strength.min()} to {strength.max()}; give |C| >= 0, one of them > 0")
        if probability not in PROBABILITIES:
            raise UsageError(f"P_C is {probability}; choose one of 0.10, 0.11, ... 0.90")
        for what, share in (("units", units), ("pruned", pruned)):
            if not 1 / strength.size <= share < 1:
                raise UsageError(f"{what} is {share}; give a share of the pairs, at least one of them and not all")
        given = {
            "name": name,
            "strength": text_of(strength, "<f4"),
            "units": int(units * strength.size),
            "pruned": int(pruned * strength.size),
            "warm": WARM,
            "samples": samples,
            "between": between,
            "probability": float(probability),
            "slope": float(slope),
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)

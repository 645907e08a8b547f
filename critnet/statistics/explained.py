"""How much of the variance of numbers one way of grouping them explains."""

import numpy as np
from numpy.typing import ArrayLike

from critnet import checks
from critnet.errors import UsageError


def eta_squared(values: ArrayLike, groups: ArrayLike) -> float:
    """Share of the variance of values that lies between groups: the sum of squares between over that of all.

    Parameters
    ----------
    values : array, shape (n,), finite
    groups : array, shape (n,), of labels

    Returns
    -------
    float
        Between 0 and 1; nan where all values are equal.

    Raises
    ------
    UsageError
        If a value is not finite, or there are not as many labels as values.

    Examples
    --------
    >>> eta_squared([1, 1, 3, 3], ["a", "a", "b", "b"]), eta_squared([1, 3, 1, 3], ["a", "a", "b", "b"])
    (1.0, 0.0)

    Source: LEDGER 4; Fisher 1925, section 45.
    """
    found = np.asarray(checks.array("values", values)).ravel()
    if not np.isfinite(found).all():
        raise UsageError(f"{np.sum(~np.isfinite(found))} of {found.size} values are not finite; leave them out")
    labels, place = np.unique(np.asarray(groups).ravel().astype(str), return_inverse=True)
    if place.size != found.size:
        raise UsageError(f"there are {place.size} groups for {found.size} values; give each value its own label")
    centred = found - found.mean() if found.size else found
    total = float(centred @ centred)
    if total <= 1e-24 * float(found @ found):
        return float("nan")
    number = np.bincount(place, minlength=labels.size)
    means = np.bincount(place, centred, minlength=labels.size) / number
    return min(max(float(number @ means**2) / total, 0.0), 1.0)

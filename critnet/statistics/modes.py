"""One hump or several: Hartigan's dip, the least distance of a sample to any law with a single mode."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.statistics.shares import bootstrap_p

LARGEST = 400  # values of a simulated sample; beyond, sqrt(n) dip no longer changes


class DipTest(NamedTuple):
    """The dip, and the probability of one as large from a uniform law, the worst of those with one mode."""

    dip: float
    p_value: float


def dip_test(values, *, n_simulated=1000, random):
    """Hartigan's dip test: small p speaks for two modes or more.

    The dip is simulated on uniform samples of the same size (for more than 400 values on 400, scaled by sqrt(n)) and
    counted (k + 1) / (n + 1). It errs as often as it says on uniform samples and less on Gaussian ones; it sees two
    equal Gaussian humps of 40 values each where they are five standard deviations apart, and misses closer ones.

    Parameters
    ----------
    values : array, shape (n,), n >= 4
        Independent values: one a network, not the neurons of one.
    n_simulated : int >= 1
    random : numpy Generator

    Returns
    -------
    DipTest

    Raises
    ------
    UsageError
        If there are fewer than four values, one is not finite, or a parameter is out of range.

    Source: Hartigan and Hartigan 1985, Annals of Statistics 13, 70; LEDGER 6 (C70).

    >>> x = np.linspace(0, 1, 30)
    >>> two = dip_test(np.append(x, x + 5), n_simulated=200, random=np.random.default_rng(0))
    >>> two.dip > 0.15, two.p_value < 0.01
    (True, True)
    """
    values = np.sort(checks.sample("values", values, 4))
    n_simulated = checks.whole("n_simulated", n_simulated)
    checks.generator(random)
    n = min(values.size, LARGEST)
    simulated = [_dip(row) * np.sqrt(n) for row in np.sort(random.random((n_simulated, n)), axis=1)]
    dip = _dip(values)
    # A uniform sample and one of ties reach the least dip, 1 / (2 n), alike but for round-off.
    return DipTest(dip, bootstrap_p(np.sqrt(values.size) * dip * (1 - 1e-12), simulated))


def dip(values):
    """The dip: the least possible largest distance between the sample's distribution function and a unimodal one.

    Between 1 / (2 n) and 1 / 4.

    Parameters
    ----------
    values : array, shape (n,), n >= 1

    Returns
    -------
    float

    Raises
    ------
    UsageError
        If there is no value or one is not finite.

    Source: Hartigan and Hartigan 1985.

    >>> dip([1, 2, 3, 4, 5]), dip([0, 0, 0, 0, 1, 1, 1, 1])
    (0.1, 0.25)
    """
    return _dip(np.sort(checks.sample("values", values)))


def _dip(ordered):
    """A modal interval shrinks until no curve of one mode can do better; counts of values, ties at one place.

    On the interval the greatest convex minorant of the distribution function and its least concave majorant are
    compared. Where they are farthest apart lies the mode: the next interval reaches from the corner of the minorant
    before it to the corner of the majorant behind it, and what is cut off must be met by the convex curve on the left,
    by the concave one on the right.
    """
    places, many = np.unique(ordered, return_counts=True)
    after = np.cumsum(many)  # values <= place
    before = after - many
    low, high, found = 0, places.size - 1, 1.0
    while low < high:
        convex = _corners(places, before, low, high, 1)
        concave = _corners(places, after, low, high, -1)
        here = np.arange(low, high + 1)
        minorant = np.interp(places[here], places[convex], before[convex])
        majorant = np.interp(places[here], places[concave], after[concave])
        knots = np.union1d(convex, concave) - low
        widest = knots[np.argmax((majorant - minorant)[knots])]
        if majorant[widest] - minorant[widest] <= found:
            break
        left = convex[convex <= low + widest][-1]
        right = concave[concave >= low + widest][0]
        found = max(
            found,
            np.max((after[here] - minorant)[: left - low], initial=0),
            np.max((majorant - before[here])[right - low + 1 :], initial=0),
        )
        low, high = left, right
    return float(found / (2 * ordered.size))


def _corners(x, y, low, high, sign):
    """Indices of the corners of the greatest convex minorant (sign 1) or least concave majorant (-1) of points."""
    at, corners = list(zip(x[low : high + 1].tolist(), (sign * y[low : high + 1]).tolist(), strict=True)), [0]
    for i in range(1, len(at)):
        u, v = at[i]
        while len(corners) > 1:
            (a, b), (c, d) = at[corners[-2]], at[corners[-1]]
            if (v - d) * (c - a) > (d - b) * (u - c):
                break
            corners.pop()
        corners.append(i)
    return low + np.array(corners)

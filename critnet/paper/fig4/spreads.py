"""Fig. 4f-h: how the elements of noise, squared gradient and Hessian are spread, from the counts of data/fig4.nc."""

from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import published
from critnet.statistics.counted import fit_bins
from critnet.statistics.stretches import bin_slopes, straight_bins
from critnet.statistics.tails import line

QUANTITIES = {"noise": "C^g", "squared gradient": "S", "Hessian": "H"}  # of the three panels


class Spread(NamedTuple):
    """Moduli of the elements of one network, quantity and block, in ten bins a decade.

    `edges` (n + 1,), `counts` (n,) from the first to the last filled bin; `density` of all elements, zeros among them;
    `median` of all; `zero`, `negative` shares; `number` of elements.
    """

    edges: np.ndarray
    counts: np.ndarray
    density: np.ndarray
    median: float
    zero: float
    negative: float
    number: int

    @property
    def centre(self):
        """Geometric centres of the bins."""
        return np.sqrt(self.edges[1:] * self.edges[:-1])


class Law(NamedTuple):
    """How straight a spread is above its median: the longest stretch, in decades, over which the local slope of the
    density keeps within 0.3, and that slope; the line of least squares through the logarithms of all filled bins above
    the median, its R2 and how many decades it spans; the log-likelihood of a power law less that of an exponential over
    the stretch and beyond."""

    decades: float
    slope: float
    line_slope: float
    line_r2: float
    line_decades: float
    over_exponential: float


def place(data, seed, t):
    """Position of a stored network.

    Raises
    ------
    NoMatch
        Naming the iterations of that seed.
    """
    of_seed = data["network_seed"].values == seed
    (found,) = np.nonzero(of_seed & (data["network_step"].values == t))
    if not found.size:
        there = ", ".join(map(str, data["network_step"].values[of_seed]))
        raise NoMatch(f"No gradient of seed {seed} is kept at t = {t}; choose one of {there or 'another seed'}.")
    return int(found[0])


def spread(data, quantity, *, seed=0, t=published.LAST, block="all"):
    """The `Spread` of one network, quantity and block."""
    cell = data.isel(network=place(data, seed, t)).sel(quantity=quantity, block=block)
    counts, edges = cell["counts"].values, 10.0 ** data["element_edge"].values
    (filled,) = np.nonzero(counts)
    if not filled.size:
        raise NoMatch(f"Every element of {quantity} is 0 or beyond the bins in {block}, seed {seed}, t = {t}.")
    first, last = filled[0], filled[-1] + 1
    number = int(cell["number"])
    density = counts[first:last] / number / np.diff(edges[first : last + 1])
    median = float(cell["quantile"].sel(share=0.5))
    zero, negative = (int(cell[name]) / number for name in ("zeros", "negative"))
    return Spread(edges[first : last + 1], counts[first:last], density, median, zero, negative, number)


def slopes(found):
    """Local slopes above the median: centres of the windows and slopes."""
    local = bin_slopes(found.centre, found.density, found.counts, above=max(found.median, 1e-300))
    return found.centre[[i + 2 for i in local]], local


def law(found):
    """The `Law` of a spread; NaN where too few bins lie above the median."""
    stretch = straight_bins(found.centre, slopes(found)[1])
    upper = (found.centre >= found.median) & (found.counts > 0)
    line_slope = line_r2 = over = np.nan
    reach = 0.0
    if upper.sum() > 2:
        fit = line(found.centre[upper], found.density[upper])
        line_slope, line_r2 = fit.slope, fit.r_squared
        reach = float(np.log10(found.centre[upper][-1] / found.centre[upper][0]))
    if stretch.decades > 0:
        start = int(np.abs(np.log(found.centre / stretch.low)).argmin())
        try:
            over = fit_bins(found.edges[start:], found.counts[start:], x_min=found.edges[start]).ratio["exponential"]
        except UsageError:
            over = np.nan
    return Law(stretch.decades, stretch.slope, line_slope, line_r2, reach, float(over))


def width(data, quantity, *, block="all"):
    """ln(q99.9 / q50) of the moduli of all networks, shape (n_networks,); NaN where the median is 0."""
    chosen = data["quantile"].sel(quantity=quantity, block=block)
    most, middle = (chosen.sel(share=s).values for s in (0.999, 0.5))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(most / middle)
    return np.where(np.isfinite(found), found, np.nan)

"""Every tail of Fig. 4a, b, e and i fitted once, for panels and claims alike: data/tails.csv."""

import csv
import io
from typing import NamedTuple

import joblib
import numpy as np
from scipy.stats import kstest, norm

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper.fig4 import samples
from critnet.statistics.stretches import straight_stretch, student_log_likelihood
from critnet.statistics.tails import fit_tail, linear_bin_slope

LINE = {"weight": {"above": 0.15}, "irreversibility": {"first": 1, "below": 100.0}}  # the authors' choices (D32, D37)


class Row(NamedTuple):
    """One sample and what its tail is like.

    `alpha` to `ratio_student` describe the power law of maximum likelihood above `x_min` and its log-likelihood less
    that of each rival (negative: the rival is better; all but an exponential have one parameter more). `line_slope`
    and `line_r2` are the authors' least squares through a hundred linear bins. `stretch` is the longest stretch above
    the median, in decades, over which the local slope of the density stays within 0.3, and `stretch_slope` that slope.
    `spread` is ln(q99.9 / q50), `heaviness` q99.9 / q90. `gaussian` is the Kolmogorov-Smirnov distance of weights to a
    Gaussian of the same width, `initial` that to the values at t = 0.
    """

    quantity: str
    t: int
    seed: int
    part: str
    definition: str
    n: int
    alpha: float
    error: float
    x_min: float
    x_max: float
    n_tail: int
    decades: float
    ratio_lognormal: float
    ratio_exponential: float
    ratio_truncated: float
    ratio_student: float
    line_slope: float
    line_r2: float
    stretch: float
    stretch_slope: float
    spread: float
    heaviness: float
    gaussian: float
    initial: float


def table(data, *, jobs=1):
    """All rows, in the order of `samples.every`."""
    return joblib.Parallel(n_jobs=jobs)(joblib.delayed(measure)(data, key) for key in samples.every())


def measure(data, key):
    """One row; NaN where the sample has no such number."""
    values = samples.sample(data, key)
    positive = values[values > 0]
    fit = fit_tail(positive)
    stretch = straight_stretch(positive)
    middle, ninety, most = np.quantile(positive, (0.5, 0.9, 0.999))
    try:
        line = linear_bin_slope(positive, **LINE.get(key.quantity, {}))[:3]
    except UsageError:
        line = (np.nan, np.nan, np.nan)
    student = gaussian = initial = np.nan
    if key.quantity == "weight":
        tail = positive[positive >= fit.x_min]
        power = tail.size * np.log((fit.alpha - 1) / fit.x_min) - fit.alpha * np.log(tail / fit.x_min).sum()
        student = power - student_log_likelihood(tail, fit.x_min)
        gaussian = kstest(positive / np.sqrt((positive**2).mean()), lambda x: 2 * norm.cdf(x) - 1).statistic
        start = samples.sample(data, key._replace(t=0))
        initial = kstest(positive, start[start > 0]).statistic if key.t else 0.0
    of_tail = fit.alpha, fit.error, fit.x_min, fit.x_max, fit.n_tail, fit.decades
    ratios = (fit.ratio[name] for name in ("lognormal", "exponential", "truncated_power_law"))
    measured = [
        positive.size, *of_tail, *ratios, student, line[0], line[2], stretch.decades, stretch.slope,
        np.log(most / middle), most / ninety, gaussian, initial,
    ]  # fmt: skip
    return Row._make([*key, *measured])


def best_law(row):
    """The law of least AIC above x_min: "power law", "truncated power law", "log-normal", "exponential", "Student".

    >>> values = dict.fromkeys(Row._fields, 0.0) | {"ratio_lognormal": -5.0, "ratio_student": float("nan")}
    >>> best_law(Row(**values))
    'log-normal'
    """
    # AIC less that of the power law: 2 (more parameters) + 2 (log-likelihood of the power law less that of the rival)
    criteria = {
        "power law": 0.0, "log-normal": 2 + 2 * row.ratio_lognormal, "exponential": 2 * row.ratio_exponential,
        "truncated power law": 2 + 2 * row.ratio_truncated, "Student": 2 + 2 * row.ratio_student,
    }  # fmt: skip
    return min((name for name in criteria if criteria[name] == criteria[name]), key=lambda name: criteria[name])


def as_csv(rows):
    """The table as text: six digits, an empty field where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    for row in rows:
        writer.writerow(["" if v != v else f"{v:.6g}" if isinstance(v, float) else v for v in row])
    return text.getvalue()


def row_of(table, key):
    """One row of data/tails.csv, as `results.load("tails")` gives it.

    Raises
    ------
    NoMatch
        If no tail of that sample was fitted.
    """
    chosen = table
    for name, value in zip(samples.Key._fields, key, strict=True):
        chosen = chosen[chosen[name] == value]
    if len(chosen) != 1:
        raise NoMatch(f"No tail is fitted to {key.quantity} of {key.part}, seed {key.seed}, at t = {key.t}.")
    return Row(*chosen.iloc[0].tolist())

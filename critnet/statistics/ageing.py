"""Slow relaxation: does a quantity fall as the logarithm of time, and does that law foretell what comes?"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import exp1

from critnet.errors import UsageError

LAWS = ("log", "power", "stretched")
POINTS = 40


class Law(NamedTuple):
    """A fitted course y(t).

    log: y = A - alpha ln t. power: y = A + B t^a. stretched: y = A + B (1 - exp(-(t / tau)^beta)). `parameters` by
    these names; `r_squared` and `aic` (Gaussian residuals, least squares) on the points it was fitted to.
    """

    name: str
    parameters: dict
    r_squared: float
    aic: float

    def at(self, t):
        """The law's y at times t, shape of t."""
        t, p = np.asarray(t, np.float64), self.parameters
        if self.name == "log":
            return p["A"] - p["alpha"] * np.log(t)
        if self.name == "power":
            return p["A"] + p["B"] * t ** p["a"]
        return p["A"] + p["B"] * -np.expm1(-((t / p["tau"]) ** p["beta"]))


def fit_law(t, y, law, *, points=POINTS):
    """Least squares of one law, with equal weight for equal stretches of ln t.

    Parameters
    ----------
    t, y : array, shape (n,); t > 0, rising
    law : "log", "power" or "stretched"
    points : int or None
        Equal stretches of ln t, of each of which the mean of y and of ln t is one point (empty ones are left out); late
        snapshots would outweigh the early ones otherwise. None: the points as given.

    Returns
    -------
    Law
        Exponents are sought in a = -2 ... 2 and beta = 0.02 ... 2, tau from a tenth of the first time to ten times the
        last: a rival that wants to be the logarithm may come as close to it as these ranges allow.

    Raises
    ------
    UsageError
        If there are fewer than six points, a time is not positive or not rising, a value is not finite, or the law is
        unknown.

    Source: Liu & Wang 2025, section 4.3; METHODS D46 and section 11.

    >>> t = np.geomspace(1, 1e5, 60)
    >>> law = fit_law(t, 2 - 3 * np.log(t), "log")
    >>> round(law.parameters["alpha"], 9), round(law.r_squared, 9)
    (3.0, 1.0)
    """
    t, y = _checked(t, y)
    if law not in LAWS:
        raise UsageError(f"law is {law!r}; choose one of {', '.join(map(repr, LAWS))}")
    if points is not None:
        t, y = even_in_log(t, y, points)
    if len(t) < 6:
        raise UsageError(f"{len(t)} points; a law of up to four parameters needs six")
    u = np.log(t)
    if law == "log":
        (A, slope), left = _linear(u, y)
        found = {"A": A, "alpha": -slope}
    elif law == "power":
        tried = np.concatenate([-np.geomspace(2, 1e-2, 40), np.geomspace(1e-2, 2, 40)])
        best = tried[np.argmin([_linear(np.exp(a * u), y)[1] for a in tried])]
        sides = sorted([best / 1.2, best * 1.2])
        a = minimize_scalar(lambda a: _linear(np.exp(a * u), y)[1], bounds=sides, method="bounded").x
        (A, B), left = _linear(np.exp(a * u), y)
        found = {"A": A, "B": B, "a": float(a)}
    else:
        low, high = [u[0] - np.log(10), np.log(0.02)], [u[-1] + np.log(10), np.log(2)]

        def shape(p):
            log_tau, log_beta = np.clip(p, low, high)
            return -np.expm1(-np.exp(np.exp(log_beta) * (u - log_tau)))

        grid = [(a, b) for a in np.linspace(low[0], high[0], 20) for b in np.linspace(low[1], high[1], 15)]
        start = min(grid, key=lambda p: _linear(shape(p), y)[1])
        best = minimize(lambda p: _linear(shape(p), y)[1], start, method="Nelder-Mead", options={"maxiter": 400}).x
        (A, B), left = _linear(shape(best), y)
        log_tau, log_beta = np.clip(best, low, high)
        found = {"A": A, "B": B, "tau": float(np.exp(log_tau)), "beta": float(np.exp(log_beta))}
    spread = float(np.sum((y - y.mean()) ** 2))
    floor = max(np.finfo(float).eps * spread, np.finfo(float).tiny)  # an exact fit has no residual to take the log of
    aic = len(y) * np.log(max(left, floor) / len(y)) + 2 * (len(found) + 1)
    return Law(law, found, 1 - left / spread if spread > 0 else 1.0, float(aic))


def prediction_error(t, y, law, *, until, points=POINTS):
    """Relative error, over the times after `until`, of a law fitted to those before: max |law - y| / max |y|.

    Parameters
    ----------
    t, y, law, points : as for `fit_law`; the later times are averaged in ln t like the earlier ones
    until : float
        Last time that the fit sees.

    Returns
    -------
    float

    Raises
    ------
    UsageError
        As `fit_law`, or if no time lies after `until`, or y is 0 throughout afterwards.

    Source: METHODS section 11, D46.
    """
    t, y = _checked(t, y)
    late = t > until
    if not late.any():
        raise UsageError(f"no time lies after {until}; the last is {t[-1]}")
    fitted = fit_law(t[~late], y[~late], law, points=points)
    times, values = (t[late], y[late]) if points is None else even_in_log(t[late], y[late], points)
    largest = np.abs(values).max()
    if largest == 0:
        raise UsageError("y is 0 throughout after that time; a relative error has no scale")
    return float(np.abs(fitted.at(times) - values).max() / largest)


def even_in_log(t, y, points=POINTS):
    """Means of ln t and of y over equal stretches of ln t; empty stretches are left out.

    >>> even_in_log(np.array([1.0, 1.0001, 100.0]), np.array([1.0, 3.0, 5.0]), 2)[1].tolist()
    [2.0, 5.0]
    """
    t, y = _checked(t, y)
    u = np.log(t)
    edges = np.linspace(u[0], u[-1], points + 1)
    place = np.clip(np.searchsorted(edges, u, side="right") - 1, 0, points - 1)
    counts = np.bincount(place, minlength=points)
    some = counts > 0
    mean = [np.bincount(place, values, points)[some] / counts[some] for values in (u, y)]
    return np.exp(mean[0]), mean[1]


def upward_share(y):
    """Upward variation over total variation of a course: 0 if it only falls, 1 if it only rises; NaN if it is flat.

    >>> upward_share([3.0, 1.0, 2.0, 0.0])
    0.2
    """
    steps = np.diff(np.asarray(y, np.float64))
    total = np.abs(steps).sum()
    return float(steps[steps > 0].sum() / total) if total > 0 else float("nan")


def relaxation(t, slowest, fastest):
    """Mean of exp(-rate t) over rates with density 1 / rate between two limits: the origin of a logarithmic law.

    For 1 / fastest << t << 1 / slowest it is -(gamma_E + ln(slowest t)) / ln(fastest / slowest).

    Parameters
    ----------
    t : array, > 0
    slowest, fastest : floats, 0 < slowest < fastest

    Source: Amir, Oreg and Imry 2012, PNAS 109, 1850; METHODS D46.

    >>> bool(relaxation(1e-12, 1e-6, 1.0) > 0.999)
    True
    """
    t = np.asarray(t, np.float64)
    if not 0 < slowest < fastest or not (t > 0).all():
        raise UsageError(
            f"rates from {slowest} to {fastest} at times from {t.min()}; give 0 < slowest < fastest, t > 0"
        )
    return (exp1(slowest * t) - exp1(fastest * t)) / np.log(fastest / slowest)


def _linear(x, y):
    """(intercept, slope) and the residual sum of squares of y on x."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ y) / spread if spread > 0 else 0.0
    intercept = float(y.mean() - slope * x.mean())
    return (intercept, slope), float(np.sum((y - intercept - slope * x) ** 2))


def _checked(t, y):
    t, y = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if t.ndim != 1 or t.shape != y.shape or not len(t):
        raise UsageError(f"t has shape {t.shape} and y {y.shape}; give one y a time")
    if not (t > 0).all() or not (np.diff(t) > 0).all() or not np.isfinite(y).all():
        raise UsageError("times must be positive and rising, values finite; leave t = 0 out")
    return t, y

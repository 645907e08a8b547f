"""How improbable a low or high mean loss of a random batch is: rate function, quasi-thermal entropy, convergence."""

import numpy as np
from scipy.interpolate import InterpolatedUnivariateSpline

from critnet import checks
from critnet.errors import UsageError
from critnet.losses.tilting import Tilted, loss_array

DEFINITIONS = ("as-coded", "control", "upper-tail")
KNOTS = 100
LARGEST_BETA = 1e10
DEEPEST = 30.0  # as coded, weights further below the largest, in ln, become 1e-30: in all 4e-24 nats, so dropped here
DIVERGED_LOSS, DIVERGED_ENTROPY = 100.0, 1e-10


def inverse_temperature(losses, b):
    """beta(b), at which the mean of L under p_beta(x) ~ e^(-beta L_x) is b.

    Parameters
    ----------
    losses : array, shape (n_samples,)
        In nats, >= 0.
    b : float or array, nats
        From the smallest to the largest loss.

    Returns
    -------
    float or array like b, 1/nat; 0 at the mean loss, negative above it, +-inf at the smallest and largest loss.
    0 if all losses are equal.

    Raises
    ------
    UsageError
        If b is not finite or lies outside the losses, or a loss is NaN, infinite or negative.

    Source: METHODS D27.

    >>> round(inverse_temperature([0.0, 1.0], 0.75), 6)  # -ln 3
    -1.098612
    """
    tilted, points = Tilted(losses), _thresholds(b)
    outside = points[(points < tilted.low) | (points > tilted.high)]
    if outside.size:
        raise UsageError(
            f"b is {outside[0]}; no reweighting reaches it: choose b from {tilted.low} to {tilted.high}, "
            "the smallest and the largest loss"
        )
    return _like(b, -tilted.solve(points) / (tilted.range or 1.0))


def quasi_thermal(losses, beta):
    """Weights p_beta(x) = e^(-beta L_x) / Z over the samples.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    beta : float, 1/nat; +-inf leaves the samples of smallest (largest) loss, equally

    Returns
    -------
    array, shape (n_samples,), sum 1

    Raises
    ------
    UsageError
        If beta is NaN or a loss is NaN, infinite or negative.

    Source: METHODS D27.

    >>> quasi_thermal([0.0, np.log(3)], 1.0).tolist()
    [0.75, 0.25]
    """
    losses = loss_array(losses).astype(np.float64)
    beta = beta if isinstance(beta, float) and np.isinf(beta) else checks.number("beta", beta)
    away = losses - (losses.min() if beta > 0 else losses.max())
    with np.errstate(over="ignore"):
        weight = (away == 0).astype(np.float64) if np.isinf(beta) else np.exp(-beta * away)
    return weight / weight.sum()


def rate_function(losses, b):
    """Large-deviation rate of the mean loss of a random batch, exact and two-sided ("control").

    I(b) = sup_theta [theta b - ln <e^(theta L)>] = ln N - S(p_beta(b)), the divergence of p_beta(b) from uniform. For b
    above the mean, P(batch mean >= b) <= e^(-B I(b)); below, I bounds the lower tail.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    b : float or array, nats

    Returns
    -------
    float or array like b, nats, in [0, ln N]
        0 at the mean; ln(N / m) at an end that m samples share; ln N, the cap, outside the losses, where the
        probability is 0 and the rate infinite.

    Raises
    ------
    UsageError
        If b is not finite or a loss is NaN, infinite or negative.

    Source: Touchette 2009, section 4; METHODS D27 (ED-1).

    >>> round(rate_function([0.0, 1.0], 0.75), 6)  # Bernoulli(1/2): ln 2 - S(3/4)
    0.130812
    >>> round(float(np.exp(rate_function([0.0, 0.0, 1.0], 2.0))), 6)  # beyond all losses: the cap ln N
    3.0
    """
    return _like(b, Tilted(losses).rate(_thresholds(b)))


def upper_rate(losses, b):
    """The rate of the upper tail alone: `rate_function` above the mean loss, 0 at and below it ("upper-tail").

    Parameters, errors and source as for `rate_function`; METHODS D27 (ED-2).

    >>> upper_rate([0.0, 1.0], [0.25, 0.5]).tolist()
    [0.0, 0.0]
    """
    tilted, points = Tilted(losses), _thresholds(b)
    return _like(b, np.where(points > tilted.mean, tilted.rate(points), 0.0))


def spline_entropy(losses, b):
    """Entropy change as the authors compute it ("as-coded").

    I is tabulated at 100 equal steps from the mean to the largest loss, an interpolating quintic spline is laid through
    the table and read off at b; the absolute value is returned. It is the rate function at the 100 knots only. Below
    the mean (most of training, at b = 0.005) and above the largest loss it is an extrapolation to fifth order that no
    bound holds: it can exceed ln N a million times. `extrapolated` tells where.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
        Kept in their float type for the table of b, as in the authors' float32 pipeline.
    b : float or array, nats

    Returns
    -------
    float >= 0, or array like b

    Raises
    ------
    UsageError
        If b is not finite, a loss is NaN, infinite or negative, the losses are equal to rounding, so that no 100
        distinct knots exist, or their sum exceeds their type: use `rate_function`.

    Source: circuit_organization at 7df745e; METHODS D27 and section 10.

    >>> losses = np.r_[np.zeros(9), 1.0]
    >>> bool(abs(spline_entropy(losses, 0.5) - rate_function(losses, 0.5)) < 1e-4)
    True
    """
    losses, points = loss_array(losses), _thresholds(b)
    if not sums_up(losses):
        raise UsageError(
            f"the losses, up to {losses.max():.3g}, add up to more than a {losses.dtype} holds, so they have no mean; "
            'use definition="control", which needs none'
        )
    knots = np.linspace(losses.mean(), losses.max(), KNOTS, dtype=losses.dtype).astype(np.float64)
    if not (np.diff(knots) > 0).all():
        raise UsageError(
            f"losses run from {losses.min()} to {losses.max()}, too close for {KNOTS} knots above their mean; "
            'use definition="control", which needs none'
        )
    tilted = Tilted(losses)
    theta = np.minimum(tilted.solve(knots), LARGEST_BETA * tilted.range)
    table = tilted.rate(knots, theta)
    for i in np.flatnonzero(theta > DEEPEST):
        table[i] = tilted.truncated_rate(theta[i], DEEPEST)
    return _like(b, np.abs(InterpolatedUnivariateSpline(knots, table, k=5)(points)))


def sums_up(losses):
    """Whether the sum of losses, which are all finite and >= 0, is finite in their own type.

    >>> sums_up(np.full(2, 1e38, np.float32)), sums_up(np.full(4, 1e38, np.float32))
    (True, False)
    """
    return bool(losses.sum(dtype=np.float64) <= np.finfo(losses.dtype).max)


def entropy_change(losses, threshold, *, definition="control"):
    """Delta S(b) of the paper: how much less entropy the samples have once reweighted to mean loss b, in nats.

    Parameters
    ----------
    losses : array, shape (n_samples,), nats
    threshold : float or array, nats
        b; 0.005 in the paper.
    definition : "as-coded" (`spline_entropy`), "control" (`rate_function`) or "upper-tail" (`upper_rate`)

    Returns
    -------
    float or array like threshold, nats

    Raises
    ------
    UsageError
        As for those three, or if the definition is unknown.

    Source: Liu & Wang 2025, section 2.2 and Fig. 2d; METHODS D27.

    >>> round(entropy_change([0.0, 1.0], 0.75, definition="control"), 6)
    0.130812
    """
    checks.choice("definition", definition, DEFINITIONS)
    chosen = {"as-coded": spline_entropy, "control": rate_function, "upper-tail": upper_rate}[definition]
    return chosen(losses, threshold)


def extrapolated(losses, b):
    """Where b lies: -1 below the mean loss, 0 from the mean to the largest loss, +1 above the largest.

    Off 0, `spline_entropy` is an extrapolation.

    Parameters and errors as for `rate_function`. Returns an int or an int array like b. Source: METHODS D27, C134.

    >>> extrapolated([0.0, 1.0], [0.2, 0.5, 1.0, 1.1]).tolist()
    [-1, 0, 0, 1]
    """
    losses, points = loss_array(losses), _thresholds(b)
    side = (points > losses.max()).astype(int) - (points < losses.mean(dtype=np.float64))
    return side if np.ndim(b) else int(side[0])


def convergence_criterion(mean_loss, entropy_change):
    """ln(mean loss / Delta S): very negative for a converged run.

    Parameters
    ----------
    mean_loss, entropy_change : float or array, nats
        Of the same shape or one of them a number. Where either is NaN or infinite the run has diverged, and the
        authors' values 100 and 1e-10 stand for them.

    Returns
    -------
    float or array
        27.63 for a diverged run; +inf where Delta S is 0, -inf where only the mean loss is 0.

    Raises
    ------
    UsageError
        If a value is negative.

    Source: Liu & Wang 2025, section 2.2; METHODS D27a.

    >>> round(convergence_criterion(1e-3, 10.0), 4), round(convergence_criterion(np.nan, 1.0), 2)
    (-9.2103, 27.63)
    """
    loss, entropy = np.broadcast_arrays(
        checks.array("mean_loss", mean_loss), checks.array("entropy_change", entropy_change)
    )
    for name, values in (("mean_loss", loss), ("entropy_change", entropy)):
        if (values < 0).any():
            raise UsageError(f"{name} holds {np.nanmin(values)}; both are >= 0")
    diverged = ~(np.isfinite(loss) & np.isfinite(entropy))
    loss = np.where(diverged, DIVERGED_LOSS, loss)
    entropy = np.where(diverged, DIVERGED_ENTROPY, entropy)
    with np.errstate(divide="ignore"):
        criterion = np.where(entropy > 0, np.log(loss) - np.log(np.where(entropy > 0, entropy, 1.0)), np.inf)
    return criterion if criterion.ndim else float(criterion)


def free_energy(mean_loss, entropy_change, n_samples, *, multiplier=None):
    """F = mean loss - lambda S with S = ln N - Delta S, over the snapshots of a run, in nats.

    Parameters
    ----------
    mean_loss, entropy_change : array, shape (n_steps,), nats
    n_samples : int >= 1, N
    multiplier : float <= 0
        lambda. The paper gives none; by default the one that gives both terms the same range over the run.

    Returns
    -------
    array, shape (n_steps,)

    Raises
    ------
    UsageError
        If the shapes differ, a value is not finite, lambda is positive, or it is left out and Delta S never changes.

    Source: Liu & Wang 2025, section 2.2; METHODS D27a.

    >>> free_energy([2.0, 0.0], [0.0, 1.0], 1).tolist()  # lambda = -2
    [2.0, -2.0]
    """
    loss, entropy = checks.array("mean_loss", mean_loss), checks.array("entropy_change", entropy_change)
    if loss.shape != entropy.shape or loss.ndim != 1 or loss.size == 0:
        raise UsageError(
            f"mean_loss has shape {loss.shape} and entropy_change {entropy.shape}; give one of each a step"
        )
    if not (np.isfinite(loss).all() and np.isfinite(entropy).all()):
        raise UsageError("mean_loss or entropy_change holds NaN or infinite values; leave out the diverged steps")
    if multiplier is None:
        if np.ptp(entropy) == 0:
            raise UsageError("entropy_change never changes, so no lambda matches its range; give `multiplier`")
        multiplier = -np.ptp(loss) / np.ptp(entropy)
    multiplier = checks.number("multiplier", multiplier, high=0)  # lambda
    n_samples = checks.whole("n_samples", n_samples)
    return loss - multiplier * (np.log(n_samples) - entropy)


def _thresholds(b):
    points = np.atleast_1d(checks.array("b", b))
    if points.ndim != 1 or not np.isfinite(points).all():
        raise UsageError(f"b is {b}; give a finite number or a list of them, in nats")
    return points


def _like(b, values):
    return values if np.ndim(b) else float(values[0])

"""Spectra of the activity and of the correlation matrix, their power-law exponent, and the variance explained."""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.neurons.activity import BLOCK, standardise_samples

ROUND_OFF = 1e-7  # of the largest singular value; the Gram matrix resolves sqrt(2e-16) = 1.5e-8 of it at best


class Spectrum(NamedTuple):
    """A spectrum in falling order."""

    values: np.ndarray  #: singular values, or eigenvalues
    share: np.ndarray  #: values / their sum
    rank: int  #: how many are above round-off; those after it are neither to be compared nor fitted


def _spectrum(values, floor):
    total = values.sum()
    share = values / total if total > 0 else np.zeros_like(values)
    return Spectrum(values, share, int((values > floor * values[0]).sum()))


def activity_spectrum(activity, *, definition="control"):
    """Singular values of the uncentred activity, sigma_n and lambda_n = sigma_n / sum sigma.

    Exact, from the M x M Gram matrix in float64 (the authors use a randomised SVD without a seed, which agrees to
    1e-6). As coded the samples are z-scored across neurons first, so Z has rank at most 2h + 1 of its 2h + 10 rows
    (each column sums to 0, and the logits are an affine function of the neurons of layer 2): the last nine values are
    round-off, here as there. `rank` says how many values are not.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Raw activity, for either definition.
    definition : "as-coded" or "control" (no z-score)

    Returns
    -------
    Spectrum of min(n_neurons, n_samples, 1000) values
        All 0, rank 0, for an activity of zeros; so too for a single neuron as coded.

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix, holds NaN or infinity, or the definition is unknown.

    Source: METHODS D18 and section 10.

    >>> activity_spectrum(np.diag([3.0, 1.0]), definition="control").share.tolist()
    [0.75, 0.25]
    """
    values, _ = _decompose(_uncentred(activity, definition))
    return _spectrum(values[: min(*np.shape(activity), 1000)], ROUND_OFF)


def correlation_spectrum(correlation):
    """Eigenvalues of the correlation matrix, and their shares of its trace: what the paper's text describes.

    Parameters
    ----------
    correlation : array, shape (n_neurons, n_neurons)

    Returns
    -------
    Spectrum of n_neurons values
        Round-off below 0 is set to 0. All 0, rank 0, if all neurons are dead.

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1].

    Source: METHODS D18 (control).

    >>> correlation_spectrum(np.array([[1, 0.5], [0.5, 1]])).share.round(6).tolist()
    [0.75, 0.25]
    """
    values = np.linalg.eigvalsh(checks.correlation_matrix(correlation).astype(np.float64))[::-1]
    return _spectrum(np.maximum(values, 0.0), 1e-12)


def power_exponent(share, *, first=5, last=50):
    """Exponent alpha of share_n ~ n^-alpha: least squares of ln share on ln n with weights 1/n.

    Parameters
    ----------
    share : array, shape (n_values,)
        In falling order, from a `Spectrum`.
    first, last : int
        Ranks n to fit, counted from 1, both included; `last` may lie beyond the end of the spectrum.

    Returns
    -------
    float

    Raises
    ------
    UsageError
        If fewer than two ranks are left, or one of them is 0 or round-off (below 1e-7 of the largest): lower `last`.

    Source: Stringer et al. 2019, Nature 571, 361 (their fit, there over n = 11 to 500 of eigenvalues); METHODS D18.

    >>> round(power_exponent(np.arange(1.0, 61) ** -1.5), 9)
    1.5
    """
    share = checks.array("share", share)
    if share.ndim != 1:
        raise UsageError(f"share has shape {share.shape}; give one value a rank")
    checks.finite("share", share)
    first, last = checks.whole("first", first), min(checks.whole("last", last), share.size)
    if last - first < 1:
        raise UsageError(f"ranks {first} to {last} leave fewer than two values to fit; the spectrum has {share.size}")
    values = share[first - 1 : last]
    if not values.min() > ROUND_OFF * share[0]:
        usable = int((share > ROUND_OFF * share[0]).sum())
        raise UsageError(f"last is {last}, but only {usable} values of the spectrum are above round-off; lower it")
    n = np.arange(first, last + 1)
    design = np.stack([-np.log(n), np.ones(n.size)])  # (2, n_values)
    weighted = design / n
    alpha, _ = np.linalg.solve(weighted @ design.T, weighted @ np.log(values))
    return float(alpha)


def explained_variance(activity, *, definition="control", arithmetic="double"):
    """Cumulative share of the neurons' variance carried by the leading singular directions.

    The directions are those of the uncentred activity (`activity_spectrum`); the variance of a score is taken over the
    samples, centred, and divided by the sum of the variances of the neurons.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
    definition : "as-coded" (samples z-scored across neurons) or "control" (raw)
    arithmetic : "double" or "single"
        "single" adds up the variances sample by sample in float32, as the authors' pipeline does. Over 60000 samples
        that alone shifts the result by about 2e-5, which is why their numbers agree with "single" to 1e-5 and with
        "double", the true value, only to 2e-5.

    Returns
    -------
    array, shape (min(n_neurons, n_samples, 1000),), rising to 1
        All 0 if no neuron has variance (as with one sample).

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix, holds NaN or infinity, or a choice is unknown.

    Source: METHODS D18 and section 10.

    >>> explained_variance(np.array([[1.0, -1, 0, 0], [0, 0, 2, -2]]), definition="control").tolist()
    [0.8, 1.0]
    """
    checks.choice("arithmetic", arithmetic, ("double", "single"))
    values = _uncentred(activity, definition)
    _, directions = _decompose(values)
    directions = directions[:, : min(*np.shape(activity), 1000)]  # (n_neurons, n_values)
    kind = np.float64 if arithmetic == "double" else np.float32
    samples = np.ascontiguousarray(values.T, dtype=kind)  # (n_samples, n_neurons): numpy then adds row after row
    scores = samples @ directions.astype(kind)  # (n_samples, n_values)
    total = samples.var(axis=0).sum()
    if not total > 0:
        return np.zeros(directions.shape[1])
    return np.cumsum(scores.var(axis=0) / total).astype(np.float64)


def _uncentred(activity, definition):
    checks.choice("definition", definition, checks.DEFINITIONS)
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    return standardise_samples(activity) if definition == "as-coded" else activity


def _decompose(values):
    """Singular values and left singular vectors of (n_neurons, n_samples), in falling order."""
    gram = np.zeros((len(values), len(values)))
    for start in range(0, values.shape[1], BLOCK):
        block = values[:, start : start + BLOCK].astype(np.float64)
        gram += block @ block.T
    squares, vectors = np.linalg.eigh(gram)
    return np.sqrt(np.maximum(squares[::-1], 0.0)), vectors[:, ::-1]

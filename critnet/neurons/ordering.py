"""An order of neurons that puts like next to like, and how far a pattern of correlations persists."""

import contextlib
import logging
import warnings

import numpy as np

from critnet import checks
from critnet.errors import DataError, UsageError
from critnet.neurons.activity import dead_neurons, standardise_samples


def rastermap_order(activity, *, definition="control"):
    """Order of the neurons found by Rastermap, with the parameters of the paper; needs the `train` extra.

    100 clusters, 128 principal components, locality 0.9, no time lag, upsampling 10, symmetric. Constant neurons
    have no profile to sort by and come last, in index order; fewer than three others keep theirs too.
    Deterministic on one machine. Rastermap reseeds numpy's global generator and sets up logging; both are put back.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Raw activity at the step that fixes the order, the last one in the paper.
    definition : "as-coded" (samples z-scored across neurons first) or "control" (raw)

    Returns
    -------
    int array, shape (n_neurons,)
        A permutation: row r of the picture is neuron order[r].

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix, holds NaN or infinity, the definition is unknown, or Rastermap finds no
        order: profiles that repeat, hardly differ or have few samples.
    DataError
        If rastermap is not installed.

    Source: Stringer et al. 2025, Nat. Neurosci. 28, 201 (Rastermap); METHODS D21.
    See also: `spectral_order`, which needs nothing.
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)  # Rastermap looks at the first sample only
    values = standardise_samples(activity) if definition == "as-coded" else activity
    constant = dead_neurons(values)
    live = np.flatnonzero(~constant)
    if live.size >= 3:
        try:
            from rastermap import Rastermap
        except ImportError as error:
            raise DataError(
                "the Rastermap order needs the package rastermap: pip install critnet[train]; "
                "or use spectral_order, which does not"
            ) from error
        try:
            with _contained():
                model = Rastermap(
                    n_clusters=100,
                    n_PCs=128,
                    locality=0.9,
                    time_lag_window=0,
                    grid_upsample=10,
                    symmetric=True,
                    verbose=False,
                    keep_norm_X=False,
                ).fit(values[live].astype(np.float32), compute_X_embedding=False)
            found = np.asarray(model.isort)
            if not np.array_equal(np.sort(found), np.arange(live.size)):
                raise ValueError("what it returns is no order")
        except Exception as error:  # it fails in many ways on profiles that repeat or hardly differ
            profiles = len(np.unique(values[live], axis=0))
            raise UsageError(
                f"Rastermap finds no order of {live.size} neurons with {profiles} distinct profiles over "
                f"{values.shape[1]} samples ({type(error).__name__}: {error}); "
                "use spectral_order(correlation(activity)), which orders any"
            ) from error
        live = live[found]
    return np.concatenate([live, np.flatnonzero(constant)])


@contextlib.contextmanager
def _contained():
    """Undo what Rastermap does to the process: numpy's global generator, the root logger; its chatter."""
    state = np.random.get_state()  # noqa: NPY002
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning)  # few samples, or clusters found again
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
        root.handlers[:] = handlers
        root.setLevel(level)


def spectral_order(correlation):
    """Order of the neurons along the Fiedler vector of the graph with weights (1 + C) / 2.

    The vector of the second smallest eigenvalue of the Laplacian puts strongly correlated neurons next to each other;
    its entry of largest modulus is made positive, so the order is deterministic (and defined up to a tie).

    Parameters
    ----------
    correlation : array, shape (n_neurons, n_neurons)
        Dead neurons (rows of 0) count as uncorrelated with all.

    Returns
    -------
    int array, shape (n_neurons,), a permutation

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1].

    Source: METHODS D21 (fallback).

    >>> spectral_order(np.array([[1, -0.9, 0.8], [-0.9, 1, -0.5], [0.8, -0.5, 1]])).tolist()
    [0, 2, 1]
    """
    affinity = (1 + checks.correlation_matrix(correlation).astype(np.float64)) / 2
    if len(affinity) == 1:
        return np.zeros(1, dtype=np.int64)
    np.fill_diagonal(affinity, 0.0)
    _, vectors = np.linalg.eigh(np.diag(affinity.sum(axis=0)) - affinity)
    fiedler = vectors[:, 1]
    return np.argsort(fiedler * np.sign(fiedler[np.abs(fiedler).argmax()]), kind="stable")


def pattern_persistence(correlation, reference):
    """Pearson correlation between the upper triangles of C(t) and C(T): how much of the final pattern is there.

    Parameters
    ----------
    correlation, reference : arrays, shape (n_neurons, n_neurons)

    Returns
    -------
    float in [-1, 1]
        NaN where it is undefined: an upper triangle without variance (one or two neurons, all dead).

    Raises
    ------
    UsageError
        If either is not a square, symmetric, finite matrix in [-1, 1], or their sizes differ.

    Source: METHODS D21.

    >>> c = np.array([[1, 0.5, 0.1], [0.5, 1, 0.2], [0.1, 0.2, 1]])
    >>> round(pattern_persistence(c, c), 12)
    1.0
    """
    first, second = map(checks.correlation_matrix, (correlation, reference))
    checks.same_shape("correlation", first, "reference", second)
    pairs = np.triu_indices(len(first), 1)
    a, b = first[pairs].astype(np.float64), second[pairs].astype(np.float64)
    if a.size == 0 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))

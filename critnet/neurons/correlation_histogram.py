"""How the correlations of a network are distributed."""

import numpy as np

from critnet import checks

LOW, HIGH = 0.1, 0.99
BINS, STRENGTH_BINS = 100, 500
LOG_EDGES = np.logspace(-4, 0, 61)


def correlation_histogram(correlation, definition="control"):
    """Histogram of the correlations of one network: (counts, edges).

    As coded: 100 linear bins over the range of the entries 0.1 < C_ij < 0.99, negative ones left out, each pair twice.
    Control: |C_ij| of distinct pairs in 60 logarithmic bins from 1e-4 to 1; what is weaker is not counted.

    Parameters
    ----------
    correlation : array, shape (M, M)
    definition : "as-coded" or "control"

    Returns
    -------
    counts : int array, shape (n_bins,)
    edges : array, shape (n_bins + 1,), NaN if as coded nothing is counted

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1], or the definition is unknown.

    Source: Liu & Wang 2025, Fig. 4a; METHODS D22.

    >>> c = np.array([[1, 0.5, -0.5], [0.5, 1, 0.05], [-0.5, 0.05, 1]])
    >>> [int(correlation_histogram(c, d)[0].sum()) for d in ("as-coded", "control")]
    [2, 3]
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    correlation = checks.correlation_matrix(correlation)
    if definition == "control":
        strength = np.abs(correlation[np.triu_indices(len(correlation), 1)])
        return np.histogram(np.minimum(strength, 1.0), LOG_EDGES)  # float32 may exceed 1 by its rounding
    kept = correlation[(correlation > LOW) & (correlation < HIGH)].astype(np.float64)
    if not kept.size:
        return np.zeros(BINS, np.int64), np.full(BINS + 1, np.nan)
    return np.histogram(kept, BINS, checks.even_range(kept, BINS))


def strength_histogram(correlation, bins=STRENGTH_BINS):
    """Histogram of |C_ij| over the whole matrix, diagonal included, linear bins over its range: (counts, edges).

    Where all are equal to rounding they fall into one bin of a range of width one around them.

    Parameters
    ----------
    correlation : array, shape (M, M)
    bins : int >= 1

    Returns
    -------
    counts : int array, shape (bins,); sums to M^2
    edges : array, shape (bins + 1,)

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1], or bins is below 1.

    Source: Liu & Wang 2025, Fig. 4c; METHODS D22.

    >>> counts, edges = strength_histogram(np.eye(3), bins=2)
    >>> counts.tolist(), edges.tolist()
    ([6, 3], [0.0, 0.5, 1.0])
    """
    bins = checks.whole("bins", bins)
    strength = np.abs(checks.correlation_matrix(correlation)).ravel()
    return np.histogram(strength, bins, checks.even_range(strength, bins))

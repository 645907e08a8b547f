"""What a measure gives where its sentence is false by construction: the same data with one thing destroyed."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError


def shuffled_pairs(correlation, random):
    """A correlation matrix with its pairs dealt out anew: the same correlations, no graph.

    Which neuron correlates with which is destroyed; every measure that the distribution of correlations decides
    (survival probability, total strength, mean degree) stays. The result need not be a possible correlation matrix
    (it may have negative eigenvalues), so it is a null of graphs, not of spectra.

    Parameters
    ----------
    correlation : array, shape (M, M)
    random : numpy Generator

    Returns
    -------
    array, shape (M, M), symmetric, diagonal as it was

    Raises
    ------
    UsageError
        If correlation is not a square, symmetric, finite matrix in [-1, 1].

    Source: LEDGER 3 (a).

    >>> c = np.array([[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]])
    >>> np.sort(shuffled_pairs(c, np.random.default_rng(0))[np.triu_indices(3, 1)]).tolist()
    [0.1, 0.2, 0.3]
    """
    result = checks.correlation_matrix(correlation).copy()
    upper = np.triu_indices(len(result), 1)
    result[upper] = checks.generator(random).permutation(result[upper])
    result.T[upper] = result[upper]
    return result


def independent_neurons(activity, random):
    """Activity whose neurons are independent, each with exactly the values it had: every row permuted on its own.

    What is left of correlation is chance (about 1 / sqrt(n_samples)) and, as coded, what standardising the samples
    makes of unequal marginals. A sign of criticality that survives this is none.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
    random : numpy Generator

    Returns
    -------
    array of the same shape

    Raises
    ------
    UsageError
        If activity is not a non-empty matrix of finite numbers.

    Source: Touboul and Destexhe 2017, Phys. Rev. E 95, 012413; LEDGER 3 (b).

    >>> independent_neurons([[1, 1, 1], [2, 2, 2]], np.random.default_rng(0)).tolist()
    [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    """
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    return checks.generator(random).permuted(activity, axis=1)


def geometric_numbers(values, random, *, least=1):
    """As many geometric whole numbers of the same mean: counts without a scale-free tail.

    Parameters
    ----------
    values : array, shape (n,)
        Whole numbers such as degrees or sizes.
    random : numpy Generator
    least : whole number >= 0
        The smallest possible number: 1 for sizes, 0 for degrees.

    Returns
    -------
    float array, shape (n,), whole numbers >= least, with the mean of the values but for chance

    Raises
    ------
    UsageError
        If there is no value, one is not finite or below `least`.

    Source: LEDGER 3 (d).

    >>> geometric_numbers([3, 3, 3], np.random.default_rng(0), least=3).tolist()
    [3.0, 3.0, 3.0]
    """
    values, least = checks.sample("values", values), checks.whole("least", least, 0)
    if values.min() < least:
        raise UsageError(f"values holds {values.min()}, below least = {least}; give a smaller `least`")
    share = 1 / (values.mean() - least + 1)
    return checks.generator(random).geometric(share, values.size) + (least - 1.0)


def exponential_numbers(values, random, *, least=0.0):
    """As many exponential numbers of the same mean: magnitudes without a scale-free tail.

    Parameters
    ----------
    values : array, shape (n,)
    random : numpy Generator
    least : float
        Where the law begins.

    Returns
    -------
    array, shape (n,), all >= least

    Raises
    ------
    UsageError
        As for `geometric_numbers`.

    Source: LEDGER 3 (d).

    >>> exponential_numbers([2.0, 2.0], np.random.default_rng(0), least=2.0).tolist()
    [2.0, 2.0]
    """
    values, least = checks.sample("values", values), checks.number("least", least)
    if values.min() < least:
        raise UsageError(f"values holds {values.min()}, below least = {least}; give a smaller `least`")
    return least + (values.mean() - least) * checks.generator(random).standard_exponential(values.size)

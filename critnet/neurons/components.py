"""Connected components of the correlation graph: the largest one, and the fluctuations of the others."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from critnet import checks
from critnet.errors import UsageError


def component_sizes(adjacency):
    """Sizes of the connected components, largest first; an isolated neuron is a component of size 1.

    Parameters
    ----------
    adjacency : bool array, shape (n_neurons, n_neurons)
        Symmetric, empty diagonal.

    Returns
    -------
    int array, shape (n_components,); sums to n_neurons
        An empty graph gives n_neurons ones.

    Raises
    ------
    UsageError
        If adjacency is not square, symmetric, finite and without self-loops.

    Source: METHODS D14.

    >>> component_sizes([[0, 1, 0], [1, 0, 0], [0, 0, 0]]).tolist()
    [2, 1]
    """
    adjacency = checks.square_graph("adjacency", adjacency)
    _, label = connected_components(csr_array(adjacency != 0), directed=False)
    return np.sort(np.bincount(label))[::-1]


def _sizes(sizes):
    given = sizes
    sizes = checks.array("sizes", sizes)
    if sizes.ndim != 1 or sizes.size == 0 or not (np.isfinite(sizes) & (sizes == np.rint(sizes)) & (sizes >= 1)).all():
        raise UsageError(f"sizes are {given!r}; give component sizes >= 1 as integers, from component_sizes")
    return sizes.astype(np.int64)


def largest_component(sizes):
    """Size S1 of the largest component; 1 if there is no edge.

    Source: METHODS D14 and section 10 (the size; `largest_fraction` is the other reading). Raises UsageError if
    `sizes` is empty or not made of integers >= 1, as do all functions of sizes below.

    >>> largest_component([3, 2, 2])
    3
    """
    return int(_sizes(sizes).max())


def largest_fraction(sizes):
    """S1 / M, the share of neurons in the largest component; 0 if there is no edge.

    Source: METHODS D14 and section 10.

    >>> largest_fraction([3, 1]), largest_fraction([1, 1])
    (0.75, 0.0)
    """
    sizes = _sizes(sizes)
    return float(sizes.max() / sizes.sum()) if sizes.max() > 1 else 0.0


def mean_finite_component(sizes):
    """Mean size of the components smaller than the largest; 0 if there is none.

    Source: METHODS D14.

    >>> mean_finite_component([5, 3, 1])
    2.0
    """
    sizes = _sizes(sizes)
    finite = sizes[sizes < sizes.max()]
    return float(finite.mean()) if finite.size else 0.0


def susceptibility(sizes, definition="control"):
    """Fluctuation of the component sizes below the largest; it peaks at the percolation transition.

    As coded: (<s^2> - <s>^2) / <s> over the components smaller than the largest (all ties of the maximum left out).
    Control, as in percolation: sum' s^2 / M, with one largest component left out of the sum.

    Parameters
    ----------
    sizes : int array, shape (n_components,)
    definition : "as-coded" or "control"

    Returns
    -------
    float >= 0, in neurons
        0 if nothing is left beside the largest.

    Raises
    ------
    UsageError
        If sizes is empty or not made of integers >= 1, or the definition is unknown.

    Source: METHODS D14.

    >>> susceptibility([5, 3, 1], "as-coded"), susceptibility([2, 2], "as-coded"), susceptibility([2, 2])
    (0.5, 0.0, 1.0)
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    sizes = _sizes(sizes)
    largest = sizes.max()
    if definition == "control":
        return float((np.dot(sizes, sizes) - largest**2) / sizes.sum())
    finite = sizes[sizes < largest]
    if not finite.size:
        return 0.0
    mean = finite.mean()
    return float((np.dot(finite, finite) / finite.size - mean**2) / mean)

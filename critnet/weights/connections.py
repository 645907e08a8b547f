"""Critical and redundant connections: which weights join neurons that are, or were, strongly correlated.

A connection is named by its place in the vector of all parameters, W1, b1, W2, b2, W3, b3 row by row, W (n_out, n_in).
Only weights between neurons can be critical: pixels are no neurons, so W1 and the biases never are.
"""

import numpy as np

from critnet import checks
from critnet.errors import UsageError

THRESHOLD = 0.5
INPUTS, CLASSES = 784, 10
NEAREST = 5


def critical_connections(correlation, threshold=THRESHOLD, *, definition="control", n_inputs=INPUTS, n_classes=CLASSES):
    """Weights between adjacent layers whose two neurons are strongly correlated.

    As coded |C_ij| > threshold; in the control, as the paper writes it, C_ij >= threshold. (The authors' extra rule for
    neurons of one layer marks only weights that are marked already.)

    Parameters
    ----------
    correlation : array, shape (M, M), M = 2h + n_classes
        In the order hidden layer 1, hidden layer 2, outputs; at the last iteration.
    threshold : float in [0, 1]
    definition : "as-coded" or "control"
    n_inputs, n_classes : int
        Of the network.

    Returns
    -------
    int array, rising: places in the parameter vector

    Raises
    ------
    UsageError
        If correlation is not a finite matrix of such a network, the threshold is outside [0, 1], or the definition is
        unknown.

    Source: Liu & Wang 2025, section 3.2; METHODS D31.

    >>> c = np.eye(4)
    >>> c[0, 1] = c[1, 0] = -0.9  # layer 1 to layer 2, one neuron each
    >>> critical_connections(c, n_inputs=3, n_classes=2, definition="as-coded").tolist()  # behind W1 and b1
    [4]
    >>> critical_connections(c, n_inputs=3, n_classes=2).tolist()
    []
    """
    correlation, hidden = _matrix("correlation", correlation, n_classes)
    _check(threshold, definition)
    strong = np.abs(correlation) > threshold if definition == "as-coded" else correlation >= threshold
    second, third = _adjacent(strong, hidden)
    return _places(second, third, n_inputs)


def redundant_connections(
    early, late, threshold=THRESHOLD, *, definition="control", n_inputs=INPUTS, n_classes=CLASSES
):
    """Weights whose neurons were strongly correlated at the transition and are not at the end.

    Control: |C_ij| > threshold early and < threshold late. As coded: a weight between adjacent layers whose correlation
    changed by more than the threshold, up or down, and by two quirks of the program also

    - for a pair of layer-1 neuron i and output k that changed: W2[k, i], a weight to the k-th *layer-2* neuron (where
      there is one);
    - for two neurons of one layer whose correlation changed: both their weights to each neuron of the next layer (for
      outputs: of layer 2) with which both correlate more strongly than the threshold *at the end* - so critical ones.

    Parameters
    ----------
    early, late : array, shape (M, M)
        Correlations at t = 100 and at the last iteration.
    threshold, definition, n_inputs, n_classes : as for `critical_connections`

    Returns
    -------
    int array, rising: places in the parameter vector

    Raises
    ------
    UsageError
        As for `critical_connections`, or if the matrices differ in size.

    Source: Liu & Wang 2025, section 3.2; METHODS D31.

    >>> early, late = np.eye(4), np.eye(4)
    >>> early[1, 2] = early[2, 1] = 0.8  # layer 2 to output 0
    >>> redundant_connections(early, late, n_inputs=3, n_classes=2, definition="as-coded").tolist()
    [6]
    """
    early, hidden = _matrix("early", early, n_classes)
    late, _ = _matrix("late", late, n_classes)
    _check(threshold, definition)
    if early.shape != late.shape:
        raise UsageError(f"early has shape {early.shape} and late {late.shape}; both must be of one network")
    if definition == "control":
        lost = (np.abs(early) > threshold) & (np.abs(late) < threshold)
        second, third = _adjacent(lost, hidden)
        return _places(second, third, n_inputs)
    changed = np.abs(early - late) > threshold
    second, third = (mask.copy() for mask in _adjacent(changed, hidden))
    first, middle, out = slice(hidden), slice(hidden, 2 * hidden), slice(2 * hidden, None)
    rows = min(hidden, n_classes)
    second[:rows] |= changed[out, first][:rows]
    tied = np.abs(late) > threshold
    np.fill_diagonal(changed, False)
    second |= _shared(changed[first, first], tied[first, middle]).T
    third |= _shared(changed[middle, middle], tied[middle, out]).T
    third |= _shared(changed[out, out], tied[out, middle])
    return _places(second, third, n_inputs)


def matched_complement(connections, hidden, *, n_inputs=INPUTS, n_classes=CLASSES):
    """The other weights of W2 and W3: the fair set of non-critical weights, without W1 and the biases.

    Parameters
    ----------
    connections : int array, places in W2 and W3
    hidden : int, h
    n_inputs, n_classes : as for `critical_connections`

    Returns
    -------
    int array, rising; together with `connections` all h^2 + 10 h weights

    Raises
    ------
    UsageError
        If a place is not in W2 or W3.

    Source: METHODS D31.

    >>> matched_complement([4], 1, n_inputs=3, n_classes=2).tolist()
    [6, 7]
    """
    hidden, n_classes = checks.whole("hidden", hidden), checks.whole("n_classes", n_classes)
    connections = checks.array("connections", connections)
    everything = _places(np.ones((hidden, hidden), bool), np.ones((n_classes, hidden), bool), n_inputs)
    outside = np.setdiff1d(connections, everything)
    if outside.size:
        raise UsageError(
            f"connection {outside[0]:g} is no weight of W2 or W3 of a network with {hidden} hidden neurons"
        )
    return np.setdiff1d(everything, connections)


def matched_control(connections, hidden, random, *, values=None, nearest=NEAREST, n_inputs=INPUTS, n_classes=CLASSES):
    """As many other weights of the same layers, drawn at random: any, or those of like size, or of like displacement.

    With values each connection, in random order, is given one of the weights nearest to it in |value| that are not
    taken yet. So the two sets have equal numbers in W2 and in W3 and nearly equal distributions of |value|.

    Parameters
    ----------
    connections : int array, places in W2 and W3, at least one
    hidden : int, h
    random : numpy Generator
    values : array, shape (n_parameters,), or None
        What to match: w for size, w_T - w_t for displacement. None: layer and number only.
    nearest : int >= 1
        How many candidates each connection chooses from.
    n_inputs, n_classes : as for `critical_connections`

    Returns
    -------
    int array, rising

    Raises
    ------
    UsageError
        If there is no connection or a place is not in W2 or W3, a layer has fewer others than connections, or values
        are not finite or not one a parameter.

    Source: METHODS sections 10 and 11, C96 to C100, C104.

    >>> w = np.array([0.0] * 4 + [1.0, 2.0, 2.9, 9.0] + [0.0] * 2 + [5.0] * 4 + [0.0] * 2)  # W2 from 4, W3 from 10
    >>> matched_control([5], 2, np.random.default_rng(0), values=w, nearest=1, n_inputs=1, n_classes=2).tolist()
    [6]
    """
    checks.generator(random)
    nearest = checks.whole("nearest", nearest)
    values = None if values is None else _values(values, hidden, n_inputs, n_classes)
    found = []
    for mine, others in _by_layer(connections, hidden, n_inputs, n_classes):
        if values is None:
            found.append(random.choice(others, mine.size, replace=False))
            continue
        size, free = values[others], np.ones(others.size, bool)
        for place in random.permutation(mine):
            left = np.flatnonzero(free)
            apart = np.abs(size[left] - values[place])
            close = np.argpartition(apart, nearest - 1)[:nearest] if nearest < left.size else np.arange(left.size)
            chosen = left[random.choice(close)]
            free[chosen] = False
            found.append(others[[chosen]])
    return np.sort(np.concatenate(found))


def most_moved(connections, displacement, hidden, *, n_inputs=INPUTS, n_classes=CLASSES):
    """As many other weights of the same layers, those that moved most.

    Parameters
    ----------
    connections : int array, places in W2 and W3, at least one
    displacement : array, shape (n_parameters,)
    hidden, n_inputs, n_classes : as for `matched_control`

    Returns
    -------
    int array, rising

    Raises
    ------
    UsageError
        As for `matched_control`.

    Source: METHODS section 11, C104.

    >>> w = np.array([0.0] * 4 + [1.0, 2.0, -9.0, 3.0] + [0.0] * 2 + [5.0] * 4 + [0.0] * 2)
    >>> most_moved([4], w, 2, n_inputs=1, n_classes=2).tolist()
    [6]
    """
    size = _values(displacement, hidden, n_inputs, n_classes)
    layers = _by_layer(connections, hidden, n_inputs, n_classes)
    most = [others[np.argsort(-size[others], kind="stable")[: mine.size]] for mine, others in layers]
    return np.sort(np.concatenate(most))


def _by_layer(connections, hidden, n_inputs, n_classes):
    """Of W2 and of W3: the connections, and the others, at least as many."""
    connections = np.unique(np.asarray(connections, np.int64))
    if connections.size == 0:
        raise UsageError("there is no connection to match; a graph without critical or redundant ones has no control")
    rest = matched_complement(connections, hidden, n_inputs=n_inputs, n_classes=n_classes)
    behind = hidden * (n_inputs + 1) + hidden * hidden
    found = []
    for name, mine, others in (
        ("W2", connections[connections < behind], rest[rest < behind]),
        ("W3", connections[connections >= behind], rest[rest >= behind]),
    ):
        if mine.size > others.size:
            raise UsageError(
                f"{mine.size} connections of {name} leave {others.size} others, too few to match them; "
                "raise the threshold, or compare with `matched_complement`"
            )
        found.append((mine, others))
    return found


def _values(values, hidden, n_inputs, n_classes):
    values = checks.sample("values", values)
    size = hidden * (n_inputs + 1) + hidden * (hidden + 1) + n_classes * (hidden + 1)
    if values.size != size:
        raise UsageError(f"values holds {values.size} numbers; give one for each of the {size} parameters")
    return np.abs(values)


def _adjacent(pairs, hidden):
    """Masks like W2 (h, h) and W3 (classes, h) of the pairs of adjacent layers."""
    return pairs[hidden : 2 * hidden, :hidden], pairs[2 * hidden :, hidden : 2 * hidden]


def _shared(changed, tied):
    """Which x are tied to z together with a neuron whose correlation to x changed, shape (n_x, n_z)."""
    return tied & (changed.astype(np.int64) @ tied > 0)


def _places(second, third, n_inputs):
    hidden, n_inputs = len(second), checks.whole("n_inputs", n_inputs)
    start = hidden * (n_inputs + 1)
    behind = start + hidden * (hidden + 1)
    return np.concatenate([start + np.flatnonzero(second), behind + np.flatnonzero(third)])


def _matrix(name, correlation, n_classes):
    array = checks.array(name, correlation)
    n_classes = checks.whole("n_classes", n_classes)
    hidden = (array.shape[0] - n_classes) // 2 if array.ndim == 2 else 0
    if array.ndim != 2 or array.shape != (2 * hidden + n_classes,) * 2 or hidden < 1:
        raise UsageError(
            f"{name} has shape {array.shape}; give the square matrix of two equal hidden layers and {n_classes} outputs"
        )
    if not np.isfinite(array).all():
        raise UsageError(f"{name} holds NaN or infinite values; leave out the diverged step first")
    return array, hidden


def _check(threshold, definition):
    checks.fraction("threshold", threshold)
    checks.choice("definition", definition, checks.DEFINITIONS)

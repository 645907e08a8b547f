"""What a circuit looks for in an image: its first-layer weights, summed as the circuit weighs them."""

import numpy as np

from critnet.circuits.edges import edge_masks, matrices
from critnet.errors import UsageError

DEFINITIONS = ("paths x activity", "activity", "paths")


def feature_image(weights, edges, mean_activity, digit, *, definition="paths x activity"):
    """Phi = sum over the circuit's first-layer neurons i of kappa_i W1[i].

    Parameters
    ----------
    weights : mapping with W1 (h1, n_inputs), b1, W2, b2, W3, b3
    edges : int array, shape (n_edges, 3)
    mean_activity : array, shape (h1,)
        Mean activity of the first layer over images of the digit.
    digit : int
    definition : one of DEFINITIONS
        kappa_i is the mean activity times the weight of all paths i -> j -> digit within the circuit; the mean activity
        alone ("weighted summation of first-layer neurons"); or the paths alone. The code of the authors has none.

    Returns
    -------
    array, shape (n_inputs,)
        NaN for a circuit without first-layer neurons, which looks for nothing.

    Raises
    ------
    UsageError
        If the definition is unknown, an edge does not exist, or shapes do not fit.

    Source: Liu & Wang 2025, Fig. 5a; METHODS D42 and section 11.

    >>> net = {"W1": np.eye(2), "b1": [0, 0], "W2": [[2.0, 1.0]], "b2": [0], "W3": [[3.0], [1.0]], "b3": [0, 0]}
    >>> feature_image(net, [[1, 0, 0], [2, 0, 0]], [0.5, 1.0], 0).tolist()
    [3.0, 0.0]
    """
    if definition not in DEFINITIONS:
        raise UsageError(f"definition is {definition!r}; choose one of {', '.join(map(repr, DEFINITIONS))}")
    W1, W2, W3 = matrices(weights)
    middle, last = edge_masks(weights, edges)
    mean_activity = np.asarray(mean_activity, np.float64)
    if mean_activity.shape != (len(W1),) or not 0 <= digit < len(W3):
        raise UsageError(
            f"mean_activity has shape {mean_activity.shape} and the digit is {digit}; the network has {len(W1)} "
            f"first-layer neurons and {len(W3)} outputs"
        )
    inside = middle.any(axis=0)
    if not inside.any():
        return np.full(W1.shape[1], np.nan)
    paths = (W3[digit] * last[digit]) @ (W2 * middle)  # (h1,)
    kappa = {"paths x activity": mean_activity * paths, "activity": mean_activity, "paths": paths}[definition]
    return (kappa * inside) @ W1


def feature_match(features, class_means):
    """Correlation of each feature image with each class mean, the grand mean taken off the means.

    Parameters
    ----------
    features : array, shape (n_features, n_inputs)
    class_means : array, shape (n_classes, n_inputs)

    Returns
    -------
    array, shape (n_features, n_classes)
        NaN in the row of a feature image that is NaN or constant.

    Source: METHODS section 11, D42.

    >>> feature_match([[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).argmax()
    np.int64(0)
    """
    features, means = np.asarray(features, np.float64), np.asarray(class_means, np.float64)
    if features.ndim != 2 or means.ndim != 2 or features.shape[1] != means.shape[1]:
        raise UsageError(f"features have shape {features.shape}, class_means {means.shape}; give a row of inputs each")
    means = means - means.mean(axis=0)
    rows = [m - m.mean(axis=1, keepdims=True) for m in (features, means)]
    lengths = [np.linalg.norm(m, axis=1) for m in rows]
    scale = np.outer(*lengths)
    return np.divide(rows[0] @ rows[1].T, scale, out=np.full(scale.shape, np.nan), where=scale > 0)

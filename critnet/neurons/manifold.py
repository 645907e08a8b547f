"""The shape that activity takes: how many dimensions it fills, and how far the classes in it lie apart."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError


def components_for(activity, share=0.9):
    """The least number of principal components that hold a share of the variance.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
        Centred here; not scaled.
    share : float in [0, 1]

    Returns
    -------
    int
        0 if nothing varies.

    Source: METHODS D48, claim C130.

    >>> components_for([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.1, -0.1]])
    1
    """
    share = checks.fraction("share", share)
    values = spectrum(activity)
    total = values.sum()
    return int(np.searchsorted(np.cumsum(values) / total, share - 1e-12) + 1) if total > 0 else 0


def spectrum(activity):
    """Variances along the principal components, descending, shape (n_neurons,); in units of activity squared."""
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    centred = activity - activity.mean(axis=1, keepdims=True, dtype=np.float64)
    return np.clip(np.linalg.eigvalsh(centred @ centred.T / activity.shape[1])[::-1], 0, None)


def principal_axes(activity, count):
    """The first principal axes, shape (n_neurons, count), each with its largest entry positive.

    >>> principal_axes([[1.0, -1.0], [0.0, 0.0]], 1).tolist()
    [[1.0], [0.0]]
    """
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    if not 1 <= count <= len(activity):
        raise UsageError(f"count is {count}; there are {len(activity)} neurons, so 1 to {len(activity)} axes")
    centred = activity - activity.mean(axis=1, keepdims=True, dtype=np.float64)
    axes = np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
    return axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(count)] < 0, -1, 1) + 0.0


def fisher_ratio(activity, labels):
    """Trace ratio of the scatter between classes to that within them, tr S_B / tr S_W.

    Parameters
    ----------
    activity : array, shape (n_neurons, n_samples)
    labels : array, shape (n_samples,)

    Returns
    -------
    float
        Infinite if nothing varies within a class but the classes differ; NaN if nothing varies.

    Raises
    ------
    UsageError
        If shapes do not fit or there is only one class.

    Source: METHODS D48 and section 11.

    >>> fisher_ratio([[0.0, 2.0, 4.0, 6.0]], [0, 0, 1, 1])
    4.0
    """
    activity = checks.activity_matrix(activity)
    checks.finite("activity", activity)
    labels = np.asarray(labels)
    if labels.shape != activity.shape[1:]:
        raise UsageError(f"activity has shape {activity.shape} and labels {labels.shape}; give a label a sample")
    classes, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(classes) < 2:
        raise UsageError(f"all samples are of class {classes[0]}; a ratio between classes needs two")
    mean = activity.mean(axis=1, dtype=np.float64)
    means = np.stack([np.bincount(inverse, row, len(classes)) for row in activity]) / counts
    between = float((counts * (means - mean[:, None]) ** 2).sum())
    within = float(np.square(activity - means[:, inverse]).sum())
    return between / within if within > 0 else float("inf" if between > 0 else "nan")

"""Argument checks of this wing: each error names the value, the allowed range and the way out."""

import numpy as np

from critnet.errors import UsageError

DEFINITIONS = ("as-coded", "control")
CONVENTIONS = ("signed", "absolute", "fisher")


def choice(name, value, allowed):
    """Return `value` if it is one of `allowed`."""
    if value not in allowed:
        raise UsageError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")
    return value


def fraction(name, value):
    """Return `value` as a float in [0, 1]."""
    number = float(value)
    if not 0.0 <= number <= 1.0:
        raise UsageError(f"{name} is {number}; it must lie in [0, 1]: correlations do")
    return number


def finite(name, array):
    """Raise if `array` holds NaN or infinity."""
    if not np.isfinite(array).all():
        bad = int(np.size(array) - np.isfinite(array).sum())
        raise UsageError(f"{name} holds {bad} NaN or infinite values; leave out the diverged step or samples first")


def activity_matrix(activity, name="activity"):
    """Return a floating (n_neurons, n_samples) array with at least one neuron and one sample.

    Finiteness is checked where the values are read, block by block.
    """
    array = np.asarray(activity)
    if array.ndim != 2 or 0 in array.shape:
        raise UsageError(
            f"{name} has shape {array.shape}; give a row a neuron and a column a sample, at least one of each"
        )
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    return array


def correlation_matrix(correlation):
    """Return a square, symmetric, finite floating matrix with entries in [-1, 1]."""
    return correlation_matrices(np.asarray(correlation)[None])[0]


def correlation_matrices(stack):
    """Return a stack (n, M, M) of such matrices."""
    array = np.asarray(stack)
    if array.ndim != 3 or array.shape[1] != array.shape[2] or array.shape[1] == 0:
        raise UsageError(f"correlation has shape {array.shape[1:]}; give a square (n_neurons, n_neurons) matrix")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    largest = max(array.max(), -array.min())
    if not np.isfinite(largest):  # max and min pass NaN on
        finite("correlation", array)
    if largest > 1 + 1e-6:  # what float32 round-off can add
        raise UsageError(f"correlation holds a value of modulus {largest}; correlations lie in [-1, 1]")
    asymmetry = (array - array.transpose(0, 2, 1)).max()  # its negative is the minimum
    if asymmetry > 1e-6:
        raise UsageError(f"correlation differs from its transpose by {asymmetry}; give a symmetric matrix")
    return array


def square_graph(name, matrix):
    """Return a square, symmetric matrix with an empty diagonal: an undirected graph without self-loops."""
    array = np.asarray(matrix)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.shape[0] == 0:
        raise UsageError(f"{name} has shape {array.shape}; give a square (n_neurons, n_neurons) matrix")
    finite(name, array)
    if array.diagonal().any():
        raise UsageError(f"{name} has {np.count_nonzero(array.diagonal())} self-loops; set its diagonal to 0")
    if not np.array_equal(array, array.T):
        raise UsageError(f"{name} is not symmetric; the graphs here are undirected")
    return array


def same_shape(name, array, other_name, other):
    """Raise if two arrays differ in shape."""
    if array.shape != other.shape:
        raise UsageError(f"{name} has shape {array.shape} and {other_name} {other.shape}; they must agree")


def whole(name, value, least=1):
    """Return `value` as an int that is at least `least`."""
    if int(value) != value or value < least:
        raise UsageError(f"{name} is {value}; give a whole number >= {least}")
    return int(value)

"""Argument checks of the library: each error names the value, the allowed range and the way out."""

import numbers

import numpy as np

from critnet.errors import UsageError

DEFINITIONS = ("as-coded", "control")
CONVENTIONS = ("signed", "absolute", "fisher")


def array(name, values, dtype=np.float64):
    """Values as a plain array of real numbers, whatever holds them.

    Tensors are taken as they come from a hook (with a gradient, bfloat16, sparse, on a device), scipy's sparse matrices
    are filled. What an array of numbers would drop without a word is refused: masks, imaginary parts, text.

    Parameters
    ----------
    name : str, for the message
    values : array-like, tensor or sparse matrix
    dtype : numpy dtype or None
        None keeps float32 and float64, and makes anything else float64.

    Returns
    -------
    array

    Raises
    ------
    UsageError
        If a value is masked or complex, or there are values that are no numbers.

    >>> array("x", [1, 2]).tolist()
    [1.0, 2.0]
    """
    if hasattr(values, "detach"):  # a tensor of torch, which need not be installed
        values = values.detach()
        values = values.to_dense() if str(values.layout) != "torch.strided" else values
        values = values.cpu()
        if not values.is_complex():
            values = (values if str(values.dtype) in ("torch.float32", "torch.float64") else values.double()).numpy()
        else:
            values = values.resolve_conj().numpy()
    elif hasattr(values, "toarray"):
        values = values.toarray()
    if np.ma.isMaskedArray(values) and np.ma.getmaskarray(values).any():
        n = int(np.ma.getmaskarray(values).sum())
        raise UsageError(f"{name} has {n} masked of {values.size} values; leave them out or fill them, and say so")
    try:
        found = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{name} is no array of numbers: {error}") from error
    if found.dtype.kind == "c":
        raise UsageError(f"{name} is complex; give its real part or its modulus, and say so")
    if found.dtype.kind == "O":
        try:
            if any(v is None for v in found.flat):  # numpy would make it NaN
                raise TypeError("None is among them")
            found = found.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise UsageError(f"{name} holds values that are no numbers: {error}") from error
    if found.dtype.kind not in "biuf":
        raise UsageError(f"{name} holds {found.dtype} values; give numbers")
    if dtype is None:
        dtype = found.dtype if found.dtype in (np.float32, np.float64) else np.float64
    return found.astype(dtype, copy=False)


def number(name, value, low=-np.inf, high=np.inf, *, above=None, below=None):
    """Return `value` as a finite float in [low, high], and strictly inside (above, below) where they are given."""
    allowed = _range_words(low, high, above, below)
    real = _real(value)
    if real is None or not np.isfinite(real):
        raise UsageError(f"{name} is {value!r}; give a finite number{allowed}")
    if not low <= real <= high or (above is not None and real <= above) or (below is not None and real >= below):
        raise UsageError(f"{name} is {value}; give a number{allowed}")
    return real


def _range_words(low, high, above, below):
    lower = f"> {above:g}" if above is not None else f">= {low:g}" if np.isfinite(low) else ""
    upper = f"< {below:g}" if below is not None else f"<= {high:g}" if np.isfinite(high) else ""
    return " " + " and ".join(filter(None, (lower, upper))) if lower or upper else ""


def _real(value):
    """The float a scalar stands for; None if it is not a real number."""
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 and not np.ma.is_masked(value):
        value = value.item()  # of numpy or torch
    return float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else None


def whole(name, value, least=1, most=np.inf):
    """Return `value` as an int in [least, most]."""
    real = _real(value)
    if real is None or not np.isfinite(real) or real != int(real) or not least <= real <= most:
        upper = f" and <= {most}" if np.isfinite(most) else ""
        raise UsageError(f"{name} is {value!r}; give a whole number >= {least}{upper}")
    return int(real)


def level(value):
    """Return the coverage of an interval as a float in (0, 1)."""
    return number("level", value, above=0, below=1)


def generator(random, why="it draws at random"):
    """Return `random` if it is a numpy Generator."""
    if not isinstance(random, np.random.Generator):
        raise UsageError(f"random is {random!r}, but {why}; give a numpy Generator, as numpy.random.default_rng(0)")
    return random


def choice(name, value, allowed):
    """Return `value` if it is one of `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise UsageError(f"{name} is {value!r}; choose one of {', '.join(map(repr, allowed))}")
    return value


def fraction(name, value):
    """Return `value` as a float in [0, 1]."""
    real = _real(value)
    if real is None or not 0.0 <= real <= 1.0:
        raise UsageError(f"{name} is {value!r}; it must lie in [0, 1]")
    return real


def finite(name, values):
    """Raise if `values` holds NaN or infinity."""
    if not np.isfinite(values).all():
        bad = int(np.size(values) - np.isfinite(values).sum())
        raise UsageError(f"{name} holds {bad} NaN or infinite values; leave out the diverged step or samples first")


def pairs(name, first, other_name, second, least=1):
    """Return two finite arrays of one dimension and equal length, at least `least`."""
    first, second = array(name, first), array(other_name, second)
    if first.shape != second.shape or first.ndim != 1 or first.size < least:
        raise UsageError(
            f"{name} has shape {first.shape} and {other_name} {second.shape}; give one {other_name} a {name}, "
            f"at least {least}"
        )
    finite(name, first)
    finite(other_name, second)
    return first, second


def sample(name, values, least=1):
    """Return a finite array of one dimension with at least `least` values."""
    found = array(name, values).ravel()
    if found.size < least:
        raise UsageError(f"{name} holds {found.size} values; give at least {least}")
    finite(name, found)
    return found


def even_range(values, bins):
    """The range of finite values that a histogram of equal bins can divide; a range of rounding alone counts as none.

    Values that are equal, or differ by less than their last digits can divide into so many bins, get a range of width
    one around them, so that all fall into one bin.

    >>> low, high = even_range(np.array([0.3, 0.1 + 0.2]), 99)
    >>> round(low, 6), round(high, 6)
    (-0.2, 0.8)
    """
    low, high = float(values.min()), float(values.max())
    grain = np.spacing(max(abs(low), abs(high)))
    if high - low <= 2 * bins * grain:
        half = max(0.5, 2 * bins * grain)
        shift = half / bins if high > low and bins % 2 == 0 else 0.0  # no edge between them
        low, high = low - half - shift, high + half - shift
    return low, high


def activity_matrix(activity, name="activity"):
    """Return a floating (n_neurons, n_samples) array with at least one neuron and one sample.

    Finiteness is checked where the values are read, block by block.
    """
    found = array(name, activity, None)
    if found.ndim != 2 or 0 in found.shape:
        raise UsageError(
            f"{name} has shape {found.shape}; give a row a neuron and a column a sample, at least one of each"
        )
    return found


def correlation_matrix(correlation):
    """Return a square, symmetric, finite floating matrix with entries in [-1, 1]."""
    return correlation_matrices(array("correlation", correlation)[None])[0]


def correlation_matrices(stack):
    """Return a stack (n, M, M) of such matrices."""
    found = array("correlation", stack)  # in float64: numpy 1 rounds a threshold to the type of a float32 matrix
    if found.ndim != 3 or found.shape[1] != found.shape[2] or found.shape[1] == 0:
        raise UsageError(f"correlation has shape {found.shape[1:]}; give a square (n_neurons, n_neurons) matrix")
    largest = max(found.max(), -found.min())
    if not np.isfinite(largest):  # max and min pass NaN on
        finite("correlation", found)
    if largest > 1 + 1e-6:  # what float32 round-off can add
        raise UsageError(f"correlation holds a value of modulus {largest}; correlations lie in [-1, 1]")
    asymmetry = (found - found.transpose(0, 2, 1)).max()  # its negative is the minimum
    if asymmetry > 1e-6:
        raise UsageError(f"correlation differs from its transpose by {asymmetry}; give a symmetric matrix")
    return found


def square_graph(name, matrix):
    """Return a square, symmetric matrix with an empty diagonal: an undirected graph without self-loops."""
    as_it_is = isinstance(matrix, np.ndarray) and matrix.dtype == bool and not np.ma.isMaskedArray(matrix)
    found = matrix if as_it_is else array(name, matrix, None)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.shape[0] == 0:
        raise UsageError(f"{name} has shape {found.shape}; give a square (n_neurons, n_neurons) matrix")
    finite(name, found)
    if found.diagonal().any():
        raise UsageError(f"{name} has {np.count_nonzero(found.diagonal())} self-loops; set its diagonal to 0")
    if not np.array_equal(found, found.T):
        raise UsageError(f"{name} is not symmetric; the graphs here are undirected")
    return found


def same_shape(name, found, other_name, other):
    """Raise if two arrays differ in shape."""
    if found.shape != other.shape:
        raise UsageError(f"{name} has shape {found.shape} and {other_name} {other.shape}; they must agree")

"""Controls: the values a reader can choose for one parameter of a panel, and how they are shown."""

import itertools
import math
import numbers
import re
from dataclasses import dataclass

import numpy as np

from critnet.errors import UsageError

_FEW = 5  # up to this many short values are shown side by side
_SHORT = 44  # characters of all values together


@dataclass(frozen=True)
class Control:
    """One parameter of a panel: its values, their labels, where it starts and how it is drawn.

    Attributes
    ----------
    name, label : str
        Parameter of the panel; what the reader sees.
    values : tuple of str, int, float or bool
        In the order shown. Of a continuous control: the steps of the static page.
    texts, keys : tuple of str
        What the reader sees of each value; how a permalink writes it.
    start : int
        Position of the first value shown; 0 for an empty control.
    kind : "radio" | "select" | "slider"
    span : (low, high) or None
        Limits of a continuous control.
    show : callable
        Value to text.
    """

    name: str
    label: str
    values: tuple
    texts: tuple
    keys: tuple
    start: int
    kind: str
    span: tuple | None
    show: object


def make_control(name, values, *, label=None, value_labels=None, form=None, initial=None, steps=6):
    """Read one control from what the caller wrote.

    Parameters
    ----------
    name : str
    values : list, range or array of values; or a tuple (low, high) of two numbers, continuous
    label : str, optional
    value_labels : dict, optional
        Value to text, for some or all values.
    form : str or callable, optional
        `"{:.2f}"` or a function of the value.
    initial : value, optional
        Default: the first value.
    steps : int
        Frames of a continuous control in the static page.

    Raises
    ------
    UsageError
        For values that are not text, finite numbers or booleans, for duplicates, for an empty or reversed
        range, and for an initial value that is not among the values.

    >>> make_control("t", [0, 1, 10, 100, 1000, 20000]).texts[-1]
    '20\u202f000'
    >>> make_control("threshold", (0.5, 1.0), steps=3).values
    (0.5, 0.75, 1.0)
    """
    if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__"):
        raise UsageError(f"control {name!r} is {values!r}; give a list of values, or (low, high) for a continuous one")
    continuous = isinstance(values, tuple)
    plain = tuple(_plain(name, value) for value in values)
    span = None
    if continuous:
        span = _span(name, plain)
        plain = _steps(span, steps, name, initial)
    keys = tuple(key_of(value) for value in plain)
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UsageError(f"control {name!r} holds the value {twice} twice; each value may occur once")
    show = _formatter(name, value_labels or {}, form)
    texts = tuple(show(value) for value in plain)
    start = 0
    if initial is not None:
        wanted = key_of(_plain(name, initial))
        if wanted not in keys:
            raise UsageError(f"control {name!r} cannot start at {initial!r}; it has {', '.join(keys) or 'no values'}")
        start = keys.index(wanted)
    return Control(
        name, label or name.replace("_", " "), plain, texts, keys, start, _kind(plain, texts, span), span, show
    )


def key_of(value):
    """How a permalink writes a value: `0.7`, `2`, `true`, `as-coded`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def show_value(value):
    """Default text of a value: six digits for floats, thin spaces between the thousands of large integers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f") if abs(value) >= 10_000 else str(value)
    return f"{value:.6g}" if isinstance(value, float) else value


def _plain(name, value):
    """A numpy scalar as the Python value it stands for; anything but text, finite number, boolean is refused."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return value if isinstance(value, int) else float(value)
    raise UsageError(f"control {name!r} holds {value!r}; values are text, finite numbers, True or False")


def _span(name, plain):
    if len(plain) != 2 or any(isinstance(value, (str, bool)) for value in plain):
        raise UsageError(f"control {name!r} is the tuple {plain!r}; a tuple is (low, high), use a list for choices")
    low, high = plain
    if not low < high:
        raise UsageError(f"control {name!r} runs from {low} to {high}; low must be below high")
    return low, high


def _steps(span, steps, name, initial):
    """Equal steps from low to high, and the initial value among them."""
    if not isinstance(steps, int) or steps < 2:
        raise UsageError(f"frames={steps!r} for the continuous control {name!r}; give an integer of at least 2")
    low, high = span
    if isinstance(low, int) and isinstance(high, int):
        found = {round(value) for value in np.linspace(low, high, steps).tolist()}
    else:
        found = {float(f"{value:.6g}") for value in np.linspace(low, high, steps).tolist()}
    if initial is not None:
        initial = _plain(name, initial)
        if isinstance(initial, (str, bool)) or not low <= initial <= high:
            raise UsageError(f"control {name!r} cannot start at {initial!r}; it runs from {low} to {high}")
        found.add(initial)
    return tuple(sorted(found))


def _formatter(name, value_labels, form):
    known = {key_of(_plain(name, value)): str(text) for value, text in value_labels.items()}
    if form is None:
        spell = show_value
    elif callable(form):
        spell = form
    elif isinstance(form, str) and re.search(r"\{.*\}", form):
        spell = form.format
    else:
        raise UsageError(f"the format of control {name!r} is {form!r}; give '{{:.2f}}' or a function of the value")

    def show(value):
        return known.get(key_of(value)) or str(spell(value))

    return show


def _kind(values, texts, span):
    numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    ordered = numeric and all(a < b for a, b in itertools.pairwise(values))
    if span or (ordered and len(values) > _FEW):
        return "slider"
    if len(values) <= _FEW and sum(map(len, texts)) <= _SHORT:
        return "radio"
    return "slider" if ordered else "select"

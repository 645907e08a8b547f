"""Small panels for the tests of explore: importable, so that other processes can draw them too."""

from contextlib import contextmanager

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from critnet.explore import Drawing, NoMatch

EVIL = "<img src=x onerror='window.pwned=1'>"
NAMES = ["a long name of a run", "another long name of a run", EVIL]
INK = {"as-coded": "#2457A6", "control": "#C8590B"}


def power(exponent):
    """Values of x^exponent at eleven points, as the table of `curve` holds them."""
    x = np.linspace(0, 1, 11)
    return pd.DataFrame({"x": x, "y": x**exponent})


def curve(t, seed=0, definition="as-coded", scale=1.0):
    """A power law whose exponent is t + 1; seed 2 has no run at t = 10."""
    if (t, seed) == (10, 2):
        raise NoMatch("No run matches seed 2 at t = 10.")
    table = power(t + 1)
    figure = Figure(figsize=(3.8, 2), layout="constrained")
    axes = figure.add_subplot(xlabel="x", ylabel="y")
    axes.plot(table.x, scale * (table.y + 0.1 * seed), color=INK[definition])
    axes.axhline(0.5, color=matplotlib.rcParams["text.color"], lw=0.5)
    return Drawing(figure, f"At t = {t}, seed {seed}, {definition}, y(0.5) is {0.5 ** (t + 1):.4g}.", table)


def course(t, definition="as-coded", scale="log"):
    """Two axes over the same iterations, of which the lower one is named, and one of something else."""
    figure = Figure(figsize=(5, 4), layout="constrained")
    upper, lower, other = figure.subplots(3, 1)
    upper.sharex(lower)
    lower.set(xscale=scale, xlim=(1, 1e4), xlabel="1 + iteration t")
    other.set(xlabel="size", title=f"t = {t}")
    upper.plot([1, 1e4], [0, t], color=INK[definition])
    return Drawing(figure, f"{definition} at t = {t}.")


def long_table(t):
    """A panel with so many data that those of all values are kept in one pack; at t = 3 it has none."""
    table = pd.DataFrame({"x": np.arange(500), "definition": "as-coded", "y": np.arange(500) % 7 * float(t)})
    return curve(t)._replace(table=None if t == 3 else table)


def bare(t):
    """A panel without a text alternative or data."""
    return curve(t).figure


def hostile(word):
    """Markup in every place where text can stand."""
    return curve(0)._replace(alt=f"alt {word}", table=pd.DataFrame({word: [1]}))


@contextmanager
def loud(theme):
    """A style in which light and dark cannot be confused."""
    ink = {"light": "#000000", "dark": "#ffffff"}[theme]
    inks = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    with matplotlib.rc_context(dict.fromkeys(inks, ink) | {"axes.facecolor": "none"}):
        yield

"""One visual language: the same colour for the same thing in every chapter, on light and on dark pages."""

import contextlib
import contextvars
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

LAST = 200_000


class Colours(NamedTuple):
    """Roles of one theme."""

    ink: str  #: text, axes, and the paper's published values
    page: str
    faint: str  #: grids, other seeds
    as_coded: str
    control: str
    positive: str  #: correlated pairs
    negative: str  #: anticorrelated pairs
    quantities: tuple  #: four further quantities of one panel
    critical: str  #: connections
    redundant: str
    other: str  #: connections that are neither


LIGHT = Colours(
    "#1F2328",
    "#FFFFFF",
    "#9AA1A9",
    "#2457A6",
    "#C8590B",
    "#7B3FA0",
    "#1B7F5C",
    ("#2457A6", "#B0317A", "#1B7F5C", "#A66A00"),
    "#B3123B",
    "#A66A00",
    "#70777F",
)
DARK = Colours(
    "#E6E6E6",
    "#15181C",
    "#70777F",
    "#7FA8E8",
    "#F0A35E",
    "#C79BE6",
    "#5CC9A0",
    ("#7FA8E8", "#F08FC0", "#5CC9A0", "#E6B84D"),
    "#FF7A93",
    "#E6B84D",
    "#9AA1A9",
)
# Petroff's ten, for the digits 0...9 (arXiv:2107.02270)
DIGITS = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
_theme = contextvars.ContextVar("theme", default="light")


@contextlib.contextmanager
def theme(name):
    """Draw for a "light" or a "dark" page within this context."""
    colours = {"light": LIGHT, "dark": DARK}[name]
    ink = colours.ink
    settings: dict[Any, Any] = {
        "text.color": ink,
        "axes.edgecolor": ink,
        "axes.labelcolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
    token = _theme.set(name)
    try:
        with mpl.rc_context():
            matplotlib.style.use(Path(__file__).with_name("critnet.mplstyle"))
            mpl.rcParams.update(settings)
            yield colours
    finally:
        _theme.reset(token)


def colours():
    return DARK if _theme.get() == "dark" else LIGHT


def of_definition(definition):
    return colours().control if definition == "control" else colours().as_coded


def time_map():
    """Sequential map over ln t; early is dark on a light page, and the light end stays readable on it."""
    return (
        mpl.colormaps["viridis"]
        if _theme.get() == "dark"
        else LinearSegmentedColormap.from_list("time", mpl.colormaps["viridis"](np.linspace(0, 0.88, 128)))
    )


def time_colour(step):
    """The colour of an iteration, the same in every chapter."""
    return time_map()(np.log1p(np.asarray(step, float)) / np.log1p(LAST))


def size_map():
    """Sequential map over ln of the size, for nothing else; small is dark, and both ends stay readable."""
    return _shortened("plasma", 0.02, 0.84, 0.16, 0.98)


def size_colour(hidden):
    """The colour of a model size h, from 2 to 500, the same in every chapter."""
    return size_map()(np.log(np.asarray(hidden, float) / 2) / np.log(250))


def mobility_map():
    """Sequential map over ln of the mobility, for nothing else; small is dark."""
    return _shortened("cividis", 0.0, 0.86, 0.18, 1.0)


def mobility_colour(mobility):
    """The colour of a mobility, from 1.5e-6 to 0.05, the same in every chapter."""
    return mobility_map()(np.log(np.asarray(mobility, float) / 1.5e-6) / np.log(0.05 / 1.5e-6))


def state_map():
    """Sequential map of the state of a run in the phase diagram; both ends stand out from the page."""
    return _shortened("magma", 0.0, 0.88, 0.28, 1.0)


def _shortened(name, low, high, dark_low, dark_high):
    ends = (dark_low, dark_high) if _theme.get() == "dark" else (low, high)
    return LinearSegmentedColormap.from_list(name, mpl.colormaps[name](np.linspace(*ends, 128)))


def not_published(axis, low, high, *, direction="x", **options):
    """Hatched grey over a stretch of an axis: what is extrapolated, truncated or missing."""
    span = axis.axvspan if direction == "x" else axis.axhspan
    return span(low, high, facecolor="none", edgecolor=colours().faint, hatch="////", lw=0, zorder=0, **options)


def correlation_map():
    """Diverging map for [-1, 1]: green, the page, purple."""
    c = colours()
    return LinearSegmentedColormap.from_list("correlation", [c.negative, c.page, c.positive])


def activity_map():
    """Sequential map of an activity, from the page to the ink."""
    c = colours()
    return LinearSegmentedColormap.from_list("activity", [c.page, c.ink])


def subplots(rows=1, columns=1, *, figsize, **options):
    """A figure and its axes outside pyplot, which would keep every figure it makes."""
    figure = Figure(figsize=figsize)
    return figure, figure.subplots(rows, columns, **options)


def log_iterations(axis, first=1, last=LAST):
    """A logarithmic axis of iterations with clean decades."""
    axis.set_xscale("log")
    axis.set_xlim(first, last)
    axis.set_xticks([10.0**k for k in range(int(np.log10(first)), int(np.log10(last)) + 1)])
    axis.set_xlabel("iteration t")


def letter(axis, text):
    """The panel letter of the paper, at the upper left."""
    axis.annotate(
        text,
        (0, 1),
        xytext=(-30, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=11,
        fontweight="bold",
        va="bottom",
    )

"""One visual language: the same colour for the same thing in every chapter, on light and on dark pages."""

import contextlib
import contextvars
import functools
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgba_array
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
    quantities: tuple  #: four further quantities of one panel, in colours of no other role
    critical: str  #: connections
    redundant: str
    other: str  #: connections that are neither
    over_map: str  #: marks over a map that both themes share, so in both the same; no other role has it

    def in_dark(self, colour):
        """What a colour of a light drawing is in the dark one: roles exactly, those of a map by their place in it.

        Parameters
        ----------
        colour : "#rrggbb"

        Returns
        -------
        "#rrggbb"; the same for a colour of no role, nor of a map that was asked for within this theme.

        >>> LIGHT.in_dark("#1f2328"), LIGHT.in_dark("#3f90da")
        ('#e6e6e6', '#3f90da')
        """
        return _ROLES.get(colour) or _maps.get().get(colour, colour)


LIGHT = Colours(
    "#1F2328",
    "#FFFFFF",
    "#9AA1A9",
    "#2457A6",
    "#C8590B",
    "#7B3FA0",
    "#1B7F5C",
    ("#0A8098", "#9D1B75", "#6E7A0C", "#7D5546"),
    "#B3123B",
    "#A66A00",
    "#70777F",
    "#70777E",
)
DARK = Colours(
    "#E6E6E6",
    "#15181C",
    "#70777F",
    "#7FA8E8",
    "#F0A35E",
    "#C79BE6",
    "#5CC9A0",
    ("#62D3EA", "#EA6CB5", "#B9C64A", "#C9A08C"),
    "#FF7A93",
    "#E6B84D",
    "#9AA1A9",
    "#70777E",
)


def _flat(colours):
    return [c.lower() for role in colours for c in ((role,) if isinstance(role, str) else role)]


_ROLES = dict(zip(_flat(LIGHT), _flat(DARK), strict=True))
# Petroff's ten, for the digits 0...9 (arXiv:2107.02270)
DIGITS = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
_theme = contextvars.ContextVar("theme", default="light")
# Colours, light to dark, of the maps that were asked for within a theme.
_maps: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("maps", default={})  # noqa: B039 - a new one a theme


@contextlib.contextmanager
def theme(name):
    """Draw for a "light" or a "dark" page within this context."""
    colours = of_theme(name)
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
    token, maps = _theme.set(name), _maps.set({})
    try:
        with mpl.rc_context():
            matplotlib.style.use(Path(__file__).with_name("critnet.mplstyle"))
            mpl.rcParams.update(settings)
            yield colours
    finally:
        _theme.reset(token)
        _maps.reset(maps)


def of_theme(name):
    """The roles of the "light" or the "dark" theme."""
    return {"light": LIGHT, "dark": DARK}[name]


def colours():
    """The roles of the theme that is drawn for."""
    return of_theme(_theme.get())


def of_definition(definition, roles=None):
    roles = roles or colours()
    return roles.control if definition == "control" else roles.as_coded


def themed_map(name, light, dark):
    """A colour map that depends on the theme; what it is in the other one is kept for `Colours.in_dark`.

    Parameters
    ----------
    name : str
    light, dark : lists of colours, evenly spaced
    """
    found, in_dark = _both_maps(name, *(to_rgba_array(colours).tobytes() for colours in (light, dark)))
    _maps.get().update(in_dark)
    return found[_theme.get() == "dark"]


@functools.lru_cache(64)
def _both_maps(name, light, dark):
    """The map of each theme, and the colours of the light one to those of the dark one."""
    stops = (np.frombuffer(colours).reshape(-1, 4) for colours in (light, dark))
    both = [LinearSegmentedColormap.from_list(name, colours) for colours in stops]
    steps = np.arange(both[0].N)
    pairs = zip(*(map(to_hex, found(steps)) for found in both), strict=True)
    return both, dict(reversed(list(pairs)))


def time_map():
    """Sequential map over ln t; early is dark on a light page, and the light end stays readable on it."""
    viridis = mpl.colormaps["viridis"]
    return themed_map("time", viridis(np.linspace(0, 0.88, 128)), viridis(np.arange(256)))


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
    found = mpl.colormaps[name]
    return themed_map(name, found(np.linspace(low, high, 128)), found(np.linspace(dark_low, dark_high, 128)))


def not_published(axis, low, high, *, direction="x", **options):
    """Hatched grey over a stretch of an axis: what is extrapolated, truncated or missing."""
    span = axis.axvspan if direction == "x" else axis.axhspan
    return span(low, high, facecolor="none", edgecolor=colours().faint, hatch="////", lw=0, zorder=0, **options)


def correlation_map():
    """Diverging map for [-1, 1]: green, the page, purple."""
    return themed_map("correlation", *([c.negative, c.page, c.positive] for c in (LIGHT, DARK)))


def loss_map(definition):
    """Sequential map of a loss in the colour of the definition, from the page to the ink."""
    return themed_map("loss", *([c.page, of_definition(definition, c), c.ink] for c in (LIGHT, DARK)))


def activity_map():
    """Sequential map of an activity, from the page to the ink."""
    return themed_map("activity", *([c.page, c.ink] for c in (LIGHT, DARK)))


def ends_map():
    """Where a path ends, from the colour of as coded over that of other seeds to a third one."""
    return themed_map("ends", *([c.as_coded, c.faint, c.quantities[1]] for c in (LIGHT, DARK)))


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

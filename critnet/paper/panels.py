"""Every panel of the paper by its name, and how to draw one into a file."""

from collections.abc import Callable
from pathlib import Path

from critnet.errors import DataError, UsageError
from critnet.paper import results, style
from critnet.paper.fig1 import distribution_panels, scaling_panels
from critnet.paper.fig1 import panels as fig1
from critnet.paper.fig2 import cooperation_panels, phase_panels
from critnet.paper.fig2 import panels as fig2

# Each has PANELS, name to function, and DATA, the results that the functions take: one name, or several for a dict.
MODULES = (fig1, scaling_panels, distribution_panels, fig2, phase_panels, cooperation_panels)
PANELS: dict[str, Callable] = dict(sorted((name, draw) for m in MODULES for name, draw in m.PANELS.items()))
FORMATS = ("svg", "png", "pdf")


def data_of(name):
    """What a panel takes as its first argument: a Dataset, or a dict of several by the name of their file."""
    (given,) = [m.DATA for m in MODULES if name in m.PANELS]
    return results.load_all(given)


def save(name, path, *, theme="light"):
    """Draw a panel in its default state from the committed results, on the theme's page colour.

    Raises
    ------
    UsageError
        If the panel or the format is not known.
    """
    path = Path(path)
    if name not in PANELS:
        raise UsageError(f"panel {name!r} is not known; the panels are {', '.join(PANELS)}")
    if path.suffix.lstrip(".") not in FORMATS:
        raise UsageError(f"{path} ends in {path.suffix!r}; the ending must be one of {', '.join(FORMATS)}")
    with style.theme(theme) as colours:
        figure = PANELS[name](data_of(name)).figure
        try:
            figure.savefig(
                path,
                facecolor=colours.page,
                transparent=False,
                dpi=200,
                metadata={"Date": None} if path.suffix == ".svg" else None,
            )
        except OSError as e:
            raise DataError(f"{path} cannot be written: {e.strerror}; choose another file with --out") from e

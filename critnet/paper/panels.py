"""Every panel of the paper by its name, and how to draw one into a file."""

from collections.abc import Callable
from pathlib import Path

from critnet.errors import DataError, UsageError
from critnet.paper import results, style
from critnet.paper.fig1 import panels as fig1

PANELS: dict[str, Callable] = {"1a": fig1.fig1a, "1b": fig1.fig1b, "1c": fig1.fig1c, "1d": fig1.fig1d}
FORMATS = ("svg", "png", "pdf")


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
        figure = PANELS[name](results.load(f"fig{name[0]}")).figure
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

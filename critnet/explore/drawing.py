"""What a panel function gives to `explore`: a figure, its text alternative, and the numbers drawn."""

from typing import TYPE_CHECKING, NamedTuple

from matplotlib.figure import Figure

from critnet.errors import UsageError

if TYPE_CHECKING:
    from pandas import DataFrame


class Drawing(NamedTuple):
    """A figure with what a reader who cannot see it, or does not trust it, needs.

    Parameters
    ----------
    figure : matplotlib Figure
    alt : str
        The text alternative: one or two sentences that state the numbers shown.
    table : pandas DataFrame, optional
        The data of this frame, offered as CSV.
    """

    figure: Figure
    alt: str = ""
    table: "DataFrame | None" = None


class NoMatch(Exception):
    """Raised by a panel function when no run matches the chosen values; the reader sees the message."""

    def __str__(self):
        return super().__str__() or "No run matches this combination."


def as_drawing(result, name):
    """The panel's result as a `Drawing`; a bare Figure gets an empty alt text and no table."""
    if isinstance(result, Figure):
        return Drawing(result)
    if isinstance(result, Drawing) and isinstance(result.figure, Figure):
        return result
    raise UsageError(
        f"the panel of {name!r} returned {type(result).__name__}; return a matplotlib Figure or a "
        "critnet.explore.Drawing(figure, alt, table)"
    )

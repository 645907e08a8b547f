"""The manifold of Fig. 6c to be turned by hand, and what stands in for it without scripts."""

from critnet.errors import DataError
from critnet.explore import render
from critnet.explore.widgets.manifold import ManifoldExplorer
from critnet.paper import anchors, ledger, published, style
from critnet.paper.fig6.panels import fig6c

BOUNDARY = "C60"  # the claim that tells when entropy takes over from energy


def boundary(rows):
    """Range over the seeds of the iteration at which entropy takes over from energy, of rows of the ledger.

    Raises
    ------
    DataError
        If the ledger has no number for it.
    """
    found = [row for row in rows if (row.id, row.definition) == (BOUNDARY, "control")]
    if not found or found[0].low != found[0].low:
        raise DataError(f"the ledger has no range for {BOUNDARY}; judge with `critnet claims`")
    return int(found[0].low), int(found[0].high)


def words(data):
    """What the picture shows, in numbers."""
    return fig6c(data).alt


def manifold_explorer(data, rows=None, *, name="manifold-explorer"):
    """Turn a thousand images in the space of the circuits' neurons by hand, from the start to the end of training.

    Parameters
    ----------
    data : results by name, "fig6" among them
    rows : rows of the ledger; those of data/claims.csv if left out
    name : str
        Id of the explorer in its page.

    Returns
    -------
    ManifoldExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    fig6 = data["fig6"]
    s = anchors.of_seed(fig6, fig6.attrs["shown_seed"])
    ratio = {name: fig6["fisher"].sel(neurons=name).values[s] for name in ("circuits", "outputs")}
    with style.theme("light"):
        said = words(data)
    caption = (
        f"{fig6.sizes['image']} training images of seed {fig6.attrs['shown_seed']} on the first three principal axes "
        f"of the {int(fig6['n_circuit'].values[s])} hidden neurons of its circuits, at {fig6.sizes['kept']} stored "
        "iterations, scaled to one size and turned to match. P1 is the paper's stage of energy, P2 that of entropy; "
        "dashed: its boundary; grey: that of Fig. 2d here, of five seeds (C60)."
    )
    return ManifoldExplorer(
        fig6["kept"].values,
        fig6["place"].values,
        fig6["place_label"].values,
        **ratio,
        hues=style.DIGITS,
        paper=published.SHIFT,
        found=boundary(ledger.read() if rows is None else rows),
        name=name,
        caption=caption,
        words=said,
        picture=render.draw(fig6c, {"data": data}, name=name, style=style.theme).image,
    )

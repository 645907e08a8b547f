"""The network that trains in the page, on the stored digits, and what stands in for it without scripts."""

from critnet.explore import Drawing, render
from critnet.explore.widgets.training import TrainingExplorer
from critnet.paper import style
from critnet.paper.fig6.training_panels import fig6a


def words(data):
    """What the picture shows, in numbers."""
    return fig6a(data).alt


def picture(data):
    """What a page without scripts shows: Fig. 6a."""
    drawing = fig6a(data)
    return Drawing(drawing.figure, drawing.alt, drawing.table)


def training_explorer(digits, fig1, *, name="training-explorer"):
    """Train a network on a few hundred digits in the page, a batch or a thousand at a time.

    Parameters
    ----------
    digits : the results "digits"
    fig1 : the results "fig1", for a page without scripts
    name : str
        Id of the explorer in its page.

    Returns
    -------
    TrainingExplorer, displayed by the notebook where it is the last expression of a cell.
    """
    train, test = ((digits[f"{part}_level"].values, digits[f"{part}_label"].values) for part in ("train", "test"))
    caption = (
        f"A network 784-h-h-10 that trains in your browser on {len(train[0])} images of MNIST. Accuracy and "
        f"correlations as coded are on {len(test[0])} test images, which it does not learn from. Grey values have "
        "sixteen levels. Weights and batches are drawn by the page: no seed here is one of the book's."
    )
    with style.theme("light"):
        said = words(fig1)
    return TrainingExplorer(
        train,
        test,
        name=name,
        caption=caption,
        words=said,
        picture=render.draw(picture, {"data": fig1}, name=name, style=style.theme).image,
    )

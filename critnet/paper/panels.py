"""Every panel of the paper by its name, and how to draw one into a file."""

import io
from collections.abc import Callable
from pathlib import Path

from critnet import archive
from critnet.errors import UsageError
from critnet.explore import explore
from critnet.paper import results, specification, style
from critnet.paper.fig1 import distribution_panels, peak_panels, scaling_panels
from critnet.paper.fig1 import panels as fig1
from critnet.paper.fig2 import cooperation_panels, energy, phase_panels
from critnet.paper.fig2 import panels as fig2
from critnet.paper.fig3 import course_panels, flux_panels
from critnet.paper.fig4 import cohort_panels, element_panels, model_panels, restored_panels, tail_panels
from critnet.paper.fig5 import (
    answer_panels,
    avalanche_panels,
    circuit_panels,
    coupling_panels,
    frozen_panels,
    pool_panels,
)
from critnet.paper.fig6 import panels as fig6
from critnet.paper.fig6 import training_panels

# Each has PANELS, name to function, and DATA, the results that the functions take: one name, or several for a dict.
MODULES = (
    fig1,
    scaling_panels,
    peak_panels,
    distribution_panels,
    fig2,
    energy,
    phase_panels,
    cooperation_panels,
    course_panels,
    flux_panels,
    tail_panels,
    cohort_panels,
    element_panels,
    model_panels,
    restored_panels,
    circuit_panels,
    answer_panels,
    avalanche_panels,
    coupling_panels,
    pool_panels,
    frozen_panels,
    training_panels,
    fig6,
    specification,
)
PANELS: dict[str, Callable] = dict(sorted((name, draw) for m in MODULES for name, draw in m.PANELS.items()))
FORMATS = ("svg", "png", "pdf")
# What the controls are called and how their values read, wherever a panel has them.
LABELS = {"t": "iteration t", "b": "threshold b (nats)", "size": "hidden neurons h"}
DEFINITIONS = {"as-coded": "as coded"}
FORMS = {"threshold": "{:.2f}", "b": "{:g}"}


def data_of(name):
    """What a panel takes as its first argument: a Dataset, or a dict of several by the name of their file."""
    (given,) = [m.DATA for m in MODULES if name in m.PANELS]
    return results.load_all(given)


def about(name):
    """What a panel shows, in one line; of a panel of a family, with what is special in it.

    >>> about("1d")
    'Complexity-information diagram: correlation strength against information gained.'
    """
    panel = PANELS[name]
    line = (getattr(panel, "func", panel).__doc__ or "").strip().splitlines()[0]
    special = ", ".join(f"{k} {v}" for k, v in getattr(panel, "keywords", {}).items() if k != "letter")
    return f"{line} ({special})" if special else line


def show(name, *, caption, labels=None, formats=None, **controls):
    """A panel in its chapter: `explore` with the name, the data, the style and the cache key that its name implies.

    Parameters
    ----------
    name : a key of PANELS, which also names the figure in its page ("2d" -> fig-2d)
    caption, labels, formats, controls : as `critnet.explore.explore` takes them; `LABELS` and `FORMS` hold for
        controls that are not named here, and "as-coded" reads "as coded"

    Raises
    ------
    UsageError
        If there is no such panel.
    """
    _known(name)
    labels = {k: v for k, v in LABELS.items() if k in controls} | (labels or {})
    if "definition" in controls:
        text, values = labels.get("definition", ("definition", {}))
        labels["definition"] = (text, DEFINITIONS | values)
    return explore(
        PANELS[name],
        name=f"fig-{name}",
        fixed={"data": data_of(name)},
        style=style.theme,
        cache_key="fixed",
        caption=caption,
        labels=labels,
        formats={k: v for k, v in FORMS.items() if k in controls} | (formats or {}),
        **controls,
    )


def _known(name):
    if name not in PANELS:
        raise UsageError(f"panel {name!r} is not known; the panels are {', '.join(PANELS)}")


def save(name, path, *, theme="light"):
    """Draw a panel in its default state from the committed results, on the theme's page colour.

    Raises
    ------
    UsageError
        If the panel or the format is not known.
    DataError
        If the file cannot be written. A file that was there before is untouched then.
    """
    path = Path(path)
    _known(name)
    if path.suffix.lstrip(".") not in FORMATS:
        raise UsageError(f"{path} ends in {path.suffix!r}; the ending must be one of {', '.join(FORMATS)}")
    with style.theme(theme) as colours:
        figure = PANELS[name](data_of(name)).figure
        drawn = io.BytesIO()
        figure.savefig(
            drawn,
            format=path.suffix.lstrip("."),
            facecolor=colours.page,
            transparent=False,
            dpi=200,
            metadata={"Date": None} if path.suffix == ".svg" else None,
        )
    archive.atomic_write(path, drawn.getvalue())

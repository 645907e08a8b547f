"""What claims of sections 1.2 and 1.3 share: an exponent of the size, and that of the other graph beside it."""

from critnet.paper.fig1 import scaling
from critnet.paper.measured import SIZES, NotTestable, estimate


def exponent(data, measure, step, definition, *, shift=0.0, axis="M", first=5):
    """The exponent of one measure over the sizes, moved by `shift`, with its bootstrap over sizes and seeds."""
    fit = scaling.exponents(data, step, definition, axis=axis, first=first).get(measure)
    if fit is None:
        raise NotTestable("fewer than three sizes, or 0 at one of them")
    return estimate((fit.value + shift, fit.low + shift, fit.high + shift), SIZES, fit.n_runs)


def other_graph(data, measure, step, definition, **options):
    """The exponent in the graph of |C| >= 0.5, beside that of the Fisher threshold; nothing for the control."""
    fit = scaling.exponents(data, step, "as-coded absolute", **options).get(measure)
    if definition == "control" or fit is None:
        return {}
    other = estimate(fit[:3], SIZES, fit.n_runs)
    return {"with edges at |C| >= 0.5 instead of the Fisher threshold": other}

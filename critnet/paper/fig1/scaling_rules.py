"""Rules that sections 1.2 and 1.3 share: an exponent of the size, its verdict, and the graph it was measured on.

An exponent is reproduced within 0.15 or 10 % of the paper's and partly within 0.4. The rules of the ledger also allow
"right sign and ordering" for partly; every law that falls has the right sign, so that is left out.
"""

from critnet.paper.fig1 import scaling
from critnet.paper.ledger import UNTESTABLE, Measured, verdict


def exponent_verdict(value, paper):
    """The default rule for exponents."""
    away = abs(value - paper)
    return verdict(away <= max(0.15, 0.1 * abs(paper)), away <= 0.4)


def exponent(data, measure, step, definition, *, axis="M", first=5):
    """The exponent of one measure over the sizes; None without enough sizes."""
    return scaling.exponents(data, step, definition, axis=axis, first=first).get(measure)


def measured_exponent(fit, paper, note="", *, shift=0.0, reproduced=None, partly=None):
    """The row of an exponent: its value moved by `shift`, its interval, the default verdict or that of two bands."""
    if fit is None:
        return Measured([], UNTESTABLE, "fewer than three sizes, or 0 at one of them")
    value = fit.value + shift
    given = exponent_verdict(value, paper)
    if reproduced is not None:
        given = verdict(reproduced[0] <= value <= reproduced[1], partly[0] <= value <= partly[1])
    return Measured([value], given, note, (fit.low + shift, fit.high + shift), fit.n_runs)


def other_graph(data, measure, step, definition, **options):
    """A note that gives the exponent of the graph of |C| >= 0.5 beside that of the Fisher threshold."""
    if definition == "control":
        return ""
    fit = exponent(data, measure, step, "as-coded absolute", **options)
    return "" if fit is None else f"with edges at |C| >= 0.5 instead of the Fisher threshold: {fit.value:.2f}"

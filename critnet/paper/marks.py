"""What panels are made of: one idea on an axis each, and the words that say what was drawn.

A function here draws one thing in the roles of `style` - a course over training with the range of its seeds, a
published value with its number, a level, what is not published, a bar of colours, a fitted law - or turns numbers that
were drawn into words. None knows a figure; axes and arrays go in. `stored` finds what a control asks for, or says what
there is.
"""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize

from critnet.explore import NoMatch
from critnet.paper import style

_DECADES = {np.log1p(10**k): f"$10^{k}$" for k in range(6)}
# label, map, norm and ticks of what is told by colour
BARS = {
    "t": ("iteration t", style.time_map, lambda: Normalize(0, np.log1p(style.LAST)), {0: "0", **_DECADES}),
    "h": ("hidden neurons h", style.size_map, lambda: LogNorm(2, 500), {h: str(h) for h in (2, 5, 20, 50, 100, 500)}),
    "gamma": ("mobility γ", style.mobility_map, lambda: LogNorm(1.5e-6, 0.05), None),
}


# --- on an axis ---


def course(axis, t, values, seed, colour, label=None, *, first=1, **line):
    """A quantity over training: one run as a line, the range of all runs as a band.

    Parameters
    ----------
    t : array (n_steps,)
    values : array (n_runs, n_steps)
        NaN where there is nothing.
    seed : int or None
        Position of the run drawn as the line; None draws the median.
    first : first iteration drawn (a logarithmic axis has no 0)
    line : options of the line
    """
    band(axis, t, values, colour, first=first)
    t, known = _known(t, values, first)
    axis.plot(t, np.nanmedian(known, axis=0) if seed is None else known[seed], color=colour, label=label, **line)


def band(axis, t, values, colour, *, first=1, alpha=0.22):
    """The range of all runs over training; what is not finite is left out."""
    t, known = _known(t, values, first)
    axis.fill_between(t, np.nanmin(known, axis=0), np.nanmax(known, axis=0), color=colour, alpha=alpha, lw=0)


def _known(t, values, first):
    """Iterations from the first one on at which any run has a number, and the numbers, NaN where there is none."""
    known = np.where(np.isfinite(values), values, np.nan)
    kept = (t >= first) & ~np.isnan(known).all(axis=0)
    return t[kept], known[:, kept]


def published(axis, text="", *, x=None, y=None, at=0.5, below=False, **options):
    """The paper's value: a thin dashed line across the axis, and its number at a share `at` of the way along it."""
    ink = {"color": style.colours().ink, "lw": 0.9, "ls": "--"}
    if x is None:
        level(axis, y, text, at=at, below=below, **ink)
        return
    axis.axvline(x, **ink)
    shift = (-6, 0) if options.get("ha") == "right" else (6, 0)
    _say(axis, text, (x, at), axis.get_xaxis_transform(), shift, **options)


def level(axis, y, text="", *, at=0.02, below=False, **line):
    """A level that is no measurement: a cap, a threshold, a bound, the value of a null."""
    axis.axhline(y, **{"color": style.colours().faint, "lw": 0.9, "zorder": 0} | line)
    shift, side = (-3, "top") if below else (3, "bottom")
    _say(axis, text, (at, y), axis.get_yaxis_transform(), (0, shift), va=side)


def _say(axis, text, place, frame, shift, **options):
    """A label that neither hatching nor a line crosses; none without text."""
    if text:
        ground = {"facecolor": style.colours().page, "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
        settings = {"xycoords": frame, "xytext": shift, "textcoords": "offset points", "bbox": ground, "zorder": 5}
        axis.annotate(text, place, **settings | options)


def outside(axis, t, hidden):
    """Hatch the stretches of t at which `hidden` is true: what is extrapolated, truncated or missing there."""
    edges = np.flatnonzero(np.diff(np.r_[False, hidden, False]))
    for first, end in edges.reshape(-1, 2):
        style.not_published(axis, max(t[first], 1), t[min(end, len(t) - 1)])


def changes(axis, steps, text=""):
    """Mark moments, such as changes of the spacing of snapshots, by short ticks at the foot of an axis."""
    for step in steps:
        axis.axvline(step, ymax=0.05, color=style.colours().ink, lw=1.4)
    if text and len(steps):
        _say(axis, text, (steps[0], 0.06), axis.get_xaxis_transform(), (0, 0), va="bottom")


def bundle(axis, curves, colour, *, log=False, n=160, fewest=2):
    """Many curves as one: their median, the middle half and the range, where at least `fewest` of them reach.

    Parameters
    ----------
    curves : list of (x, y), each with x rising
        Between its points a curve is straight; beyond its ends it is not there.
    log : bool
        Both are logarithms of what the axis shows.
    """
    x = np.linspace(min(c[0][0] for c in curves), max(c[0][-1] for c in curves), n)
    y = np.array([np.interp(x, cx, cy, left=np.nan, right=np.nan) for cx, cy in curves])
    kept = (~np.isnan(y)).sum(axis=0) >= min(fewest, len(curves))
    levels = np.nanquantile(y[:, kept], (0, 0.25, 0.5, 0.75, 1), axis=0)
    x, levels = (np.exp(x[kept]), np.exp(levels)) if log else (x[kept], levels)
    for low, high, alpha in ((0, 4, 0.12), (1, 3, 0.25)):
        axis.fill_between(x, levels[low], levels[high], color=colour, alpha=alpha, lw=0)
    axis.plot(x, levels[2], color=colour, lw=1.5)


def tail(axis, x, density, colour, label=None, **options):
    """A distribution on two logarithmic axes, empty bins left out."""
    full = (density > 0) & (np.asarray(x) > 0)
    axis.plot(np.asarray(x)[full], density[full], **{"marker": "o", "ms": 2.6, "mew": 0, "lw": 0.8} | options,
              color=colour, label=label)  # fmt: skip
    axis.set(xscale="log", yscale="log")


def law(axis, x, y, fit, colour, paper=None, *, place=(0.04, 0.97), va="top", **options):
    """Our power law and the paper's exponent through the middle of the points; the words that say both.

    Parameters
    ----------
    x, y : arrays of the points, above 0
    fit : has `value`, `low`, `high` (the exponent and its interval) and `intercept` (of ln y at ln x = 0)
    paper : the paper's exponent, or None
    place, va : where the words stand on the axis, in shares of it

    Returns
    -------
    str, "ours 0.52 (0.48 to 0.55), paper 0.50"
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    ends = np.array([x.min(), x.max()])
    axis.plot(ends, np.exp(fit.intercept) * ends**fit.value, color=colour, lw=1.3)
    said = [f"ours {fit.value:.2f} ({fit.low:.2f} to {fit.high:.2f})"]
    if paper is not None:
        slope(axis, x, y, paper)
        said.append(f"paper {paper:.2f}")
    axis.text(*place, "\n".join(said), transform=axis.transAxes, va=va, **options)
    return ", ".join(said)


def slope(axis, x, y, exponent, text="", *, ends=None, **line):
    """A power law through the middle of points on logarithmic axes, over them or between `ends`.

    Dashed, as all that is published; a law of ours brings its own colour and dash.
    """
    ends = np.array([np.min(x), np.max(x)] if ends is None else ends, float)
    middle = np.exp(np.mean(np.log(y)) - exponent * np.mean(np.log(x)))
    ink = {"color": style.colours().ink, "lw": 0.9, "ls": "--", "label": text or None}
    axis.plot(ends, middle * ends**exponent, **ink | line)


def bar(figure, axes, kind, **options):
    """The bar of colours of iterations ("t"), sizes ("h") or mobilities ("gamma")."""
    label, colours, norm, ticks = BARS[kind]
    made = figure.colorbar(ScalarMappable(norm(), colours()), ax=axes, **{"label": label, "pad": 0.02} | options)
    if ticks:
        made.set_ticks(list(ticks), labels=list(ticks.values()))
    made.minorticks_off()
    return made


def absent(axis, text):
    """An axis that has nothing to show says why."""
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, color=style.colours().ink)
    axis.set(xticks=[], yticks=[])


# --- what a control asks for, and words ---


def stored(values, wanted, what):
    """Position of a stored value.

    >>> stored([0, 1, 100], 100, "iteration t")
    2

    Raises
    ------
    NoMatch
        Naming the values that are stored.
    """
    (found,) = np.nonzero(np.isclose(np.asarray(values, float), wanted))
    if not found.size:
        raise NoMatch(f"Nothing is stored at {what} = {wanted:g}; choose one of {', '.join(f'{v:g}' for v in values)}.")
    return int(found[0])


def when(values, t):
    """The iteration of the largest value.

    >>> when([1, 3, 2], [0, 5, 10])
    5
    """
    return int(t[int(np.nanargmax(values))])


def told(values, t, at, unit="", form="{:.3g}"):
    """A series in words at some iterations.

    >>> told([2.3, 0.31, 1.2e-5], [1, 100, 200000], (1, 100, 200000), "nats")
    '2.3 nats at t = 1, 0.31 at t = 100, 1.2e-05 at the end'

    Raises
    ------
    NoMatch
        If an iteration is not among `t`.
    """
    first, *rest = [(values[stored(t, k, "iteration t")], "the end" if k == t[-1] else f"t = {k:g}") for k in at]
    words = [f"{form.format(first[0])}{' ' if unit else ''}{unit} at {first[1]}"]
    words += [f"{form.format(v)} at {w}" for v, w in rest]
    return ", ".join(words)


def spread(values, form="{:.3g}"):
    """Median and range of the seeds in words.

    >>> spread([1, 2, 4])
    '2 (1 to 4)'
    """
    return "{} ({} to {})".format(*(form.format(f(values)) for f in (np.nanmedian, np.nanmin, np.nanmax)))

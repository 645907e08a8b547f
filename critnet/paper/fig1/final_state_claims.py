"""Claims of section 1.3, the scale-free final state: exponents of distributions and of sizes, each with its rule.

As coded an exponent of a distribution is minus the slope of the authors' pooled line (D19); the control is maximum
likelihood on the same stretch, in the graph of the raw activity where its counts are stored (degrees, components).
"""

import contextlib
import functools

import numpy as np

from critnet.errors import UsageError
from critnet.paper import anchors, ledger
from critnet.paper.fig1 import distributions, series
from critnet.paper.fig1.scaling_rules import exponent, other_graph
from critnet.paper.measured import NETWORKS, Measured, NotTestable, estimate
from critnet.paper.rules import above, all_of, at_least, below, both, for_reproduced, near, within
from critnet.paper.sweeps import select

claim = functools.partial(
    ledger.claim, section="1.3", data=("sweeps", "fig1"), population="the first seed of each size"
)
FIRST, LAST = select.TRANSITION, select.LAST


@contextlib.contextmanager
def _tail():
    """What the library refuses to fit, for want of values, cannot be tested."""
    try:
        yield
    except UsageError as error:
        raise NotTestable("too few bins or values above the lower end of the line") from error


def _fit(data, kind, t, definition):
    """(exponent, numbers beside it, note) of a distribution in one definition."""
    sweeps, rule = data["sweeps"], distributions.RULES[kind]
    runs = distributions.fitted_runs(sweeps, kind, t)
    if definition == "control":
        graph = "control" if kind == "degree" else "as-coded"
        fit = distributions.likelihood(sweeps, kind, runs, t, graph, x_min=rule.first)
        best = distributions.likelihood(sweeps, kind, runs, t, graph)
        ahead = [name.replace("_", " ") for name in fit.ratio if fit.ratio[name] < 0 and fit.ratio_p[name] < 0.01]
        note = (
            f"maximum likelihood on {fit.n_tail} values from {rule.first:.3g} on; significantly better: "
            f"{', '.join(ahead) or 'no rival'}"
        )
        also = {"decades on which a power law fits best": best.decades}
        interval = distributions.exponent_interval(sweeps, kind, runs, t, graph, x_min=rule.first)
        return estimate(interval, NETWORKS, runs.size), also, note
    line, slope, intercept = distributions.authors_line(sweeps, kind, t)
    also = {"intercept": estimate((line.intercept, *intercept), NETWORKS, runs.size), "R2": line.r_squared}
    return estimate((-line.slope, -slope[1], -slope[0]), NETWORKS, runs.size), also, f"{line.n_points} points"


@claim("C34", "1f", "the degree distribution at the end is a power law", "exponent 1.34", near(1.34),
       quantity="exponent of the degree distribution at T")  # fmt: skip
def degree_exponent(data, definition):
    """Exponent of the degree distribution at T: the authors' line above k = 1, or maximum likelihood from 2 on."""
    with _tail():
        value, also, note = _fit(data, "degree", LAST, definition)
        if definition == "as-coded":
            other, slope, _ = distributions.authors_line(data["sweeps"], "degree", LAST, "as-coded absolute")
            also["with edges at |C| >= 0.5"] = estimate((-other.slope, -slope[1], -slope[0]), NETWORKS, value.n)
    groups = _each_size(data["sweeps"], "degree")
    graph = "control" if definition == "control" else "as-coded"
    wide = [g for g in groups if distributions.spans(data["sweeps"], "degree", g, LAST, graph) >= distributions.DECADES]
    good = sum(bool(distributions.supported(data["sweeps"], "degree", group, LAST, graph)) for group in wide)
    note += (
        f"; degrees span 1.5 decades at {len(wide)} of {len(groups)} sizes; a power law is supported at {good} of these"
    )
    return Measured(value, also, note)


def _each_size(data, kind):
    runs = distributions.fitted_runs(data, kind, LAST)
    hidden = select.hidden(data, runs)
    return [runs[hidden == h] for h in np.unique(hidden)]


@claim("C35", "1f", "the degree exponent is that of the transition", "equal", within((-0.2, 0.2), (-0.5, 0.5)),
       quantity="degree exponent at T less that at t = 100")  # fmt: skip
def degree_exponent_kept(data, definition):
    """Difference of the degree exponents at T and at t = 100."""
    with _tail():
        last, first = (_fit(data, "degree", t, definition)[0] for t in (LAST, FIRST))
        return Measured(_difference(data, "degree", definition), {"at T": last, "at t = 100": first})


def _difference(data, kind, definition):
    """Exponent at T less that at t = 100, with a bootstrap over the networks that have both."""
    sweeps = data["sweeps"]
    runs = np.intersect1d(*(distributions.fitted_runs(sweeps, kind, t) for t in (LAST, FIRST)))
    graph = "as-coded" if definition == "as-coded" or kind == "clique" else "control"
    interval = distributions.difference_interval(
        sweeps, kind, runs, (LAST, FIRST), graph, lines=definition == "as-coded"
    )
    return estimate(interval, NETWORKS, runs.size)


@claim("C36", "1f", "the degree exponent is below the usual 2 to 3", "< 2",
       both(below(2), below(2, of="at t = 100")),
       quantity="exponent of the degree distribution at T", follows_from="C34")  # fmt: skip
def degree_exponent_low(data, definition):
    """The degree exponent at T."""
    with _tail():
        last, first = (_fit(data, "degree", t, definition)[0] for t in (LAST, FIRST))
    return Measured(last, {"at t = 100": first})


def _clique_exponent(data, t, paper, definition):
    """The authors' line through clique sizes above 4: of minus slope and intercept, the one nearer to the paper's."""
    with _tail():
        value, also, note = _fit(data, "clique", t, definition)
    if definition == "control":
        return Measured(value, also, f"{note}; cliques of the graph as coded, the only ones stored")
    named = {"minus the slope": value, "the intercept": also.pop("intercept")}
    nearer, other = sorted(named, key=lambda name: abs(named[name].value - paper))
    note = f"nearer to the paper: {nearer}; {note}"
    if cut := distributions.whole_runs(data["sweeps"], t)[1].size:
        note += f"; {cut} runs with a truncated list left out"
    return Measured(named[nearer], {other: named[other], **also}, note)


@claim("C37", "1g", "clique sizes at the end follow a power law", "exponent 3.02", near(3.02),
       quantity="exponent of the clique sizes at T")  # fmt: skip
def clique_exponent(data, definition):
    """Exponent of the clique sizes at T."""
    return _clique_exponent(data, LAST, 3.02, definition)


@claim("C38", "1g", "clique sizes at the transition follow a power law", "exponent 1.97", near(1.97),
       quantity="exponent of the clique sizes at t = 100")  # fmt: skip
def clique_exponent_at_transition(data, definition):
    """Exponent of the clique sizes at t = 100."""
    return _clique_exponent(data, FIRST, 1.97, definition)


@claim("C39", "1g", "the clique exponent at the end exceeds that at the transition", "3.02 > 1.97", above(0.3, 0),
       quantity="clique exponent at T less that at t = 100", kind="existence")  # fmt: skip
def clique_exponent_grows(data, definition):
    """Exponent of the clique sizes at T less that at t = 100; the slopes, not the intercepts."""
    with _tail():
        (last, at_last, _), (first, at_first, _) = (_fit(data, "clique", t, definition) for t in (LAST, FIRST))
        also = {"at T": last, "at t = 100": first}
        if definition == "as-coded":
            also |= {"intercept at T": at_last["intercept"], "intercept at t = 100": at_first["intercept"]}
        return Measured(_difference(data, "clique", definition), also)


@claim("C40", "1h", "clique activities follow a power law", "a power law", {
    "as-coded": all_of(at_least(0.9, 0.75), for_reproduced(at_least(0.5, of="decades")),
                       for_reproduced(above(0, of="R2 less that of an exponential on the same points"))),
    "control": all_of(at_least(0.5), above(0.1, of="p"), for_reproduced(at_least(1, of="supported by D38"))),
},
       quantity="R2 of the line (control: decades of the best tail)", kind="existence")  # fmt: skip
def activity_power_law(data, definition):
    """R2 of the authors' line through clique activities (h > 300, a_C > 6); control: decades of the best tail."""
    sweeps, rule = data["sweeps"], distributions.RULES["activity"]
    runs = distributions.fitted_runs(sweeps, "activity", LAST)
    with _tail():
        if definition == "control":
            best = distributions.likelihood(sweeps, "activity", runs, LAST, n_bootstrap=100)
            also = {"exponent": best.alpha, "p": best.p_value, "supported by D38": float(best.supported)}
            return Measured(best.decades, also, n_runs=runs.size)
        line = distributions.authors_line(sweeps, "activity", LAST)[0]
        points = np.concatenate([m.centre for m in distributions.models(sweeps, "activity", runs, LAST)])
    used = np.trunc(points[np.trunc(points) > rule.above])
    straight = distributions.rivals(sweeps, "activity", LAST)
    also = {
        "decades": np.log10(used.max() / used.min()),
        "minus slope": -line.slope,
        "R2 less that of an exponential on the same points": straight.power - straight.exponential,
    }
    return Measured(line.r_squared, also, f"{line.n_points} points", n_runs=runs.size)


@claim("C41", "1g, 1h", "component sizes, clique sizes and activities are power laws with a cut-off",
       "at all thresholds", at_least(0.8, 0.5),
       quantity="share of the tails that a power law with a cut-off fits", kind="existence")  # fmt: skip
def all_power_laws(data, definition):
    """Share of the tails at T that span 1.5 decades and that a power law with a cut-off fits, by its own test.

    Asked are component sizes at ten thresholds, and clique sizes and activities at 0.5, of all sizes together.
    """
    sweeps, found, short = data["sweeps"], {}, []
    asked = [("component", threshold) for threshold in sweeps["threshold"].values] + [
        ("clique", 0.5),
        ("activity", 0.5),
    ]
    for kind, threshold in asked:
        graph, runs = definition if kind == "component" else "as-coded", distributions.runs_with(sweeps, kind, LAST)
        if distributions.spans(sweeps, kind, runs, LAST, graph, threshold) < distributions.DECADES:
            short.append(f"{kind} at {threshold:.2f}")
            continue
        cut = distributions.cut_off_supported(sweeps, kind, runs, LAST, graph, threshold)
        if cut is not None:
            found[f"{kind} at {threshold:.2f}"] = (
                distributions.supported(sweeps, kind, runs, LAST, graph, threshold),
                cut,
            )
    if not found:
        raise NotTestable("no tail spans 1.5 decades")
    plain, with_cut = np.mean(list(found.values()), axis=0)
    fitted = [name for name, (_, cut) in found.items() if cut]
    note = (
        f"{len(found)} of {len(asked)} tails can be asked; too short for it: {', '.join(short) or 'none'}"
        + (f"; fitted: {', '.join(fitted)}" if fitted else "")
        + "; cliques at one threshold only, those of the graph as coded"
    )
    n = distributions.runs_with(sweeps, "component", LAST).size
    return Measured(with_cut, {"share that the pure power law fits": plain}, note, n_runs=n)


def _options(definition):
    """The authors fit against h from 10 on; the control against M."""
    return {"axis": "h" if definition == "as-coded" else "M", "first": 10}


@claim("C42", "1i", "at the end the strength grows as M^(7/4)", "1.75", near(1.75),
       population="the runs of the size sweep from h = 10 on",
       quantity="exponent of F2 at T")  # fmt: skip
def strength_at_end(data, definition):
    """Exponent of F2 at T: 2 plus that of F2 / M^2 in h (the authors' abscissa) or M (control), from h = 10 on."""
    fit = exponent(data["sweeps"], "strength", LAST, definition, shift=2.0, **_options(definition))
    axis = "M" if definition == "as-coded" else "h"
    other = exponent(data["sweeps"], "strength", LAST, definition, shift=2.0, axis=axis)
    return Measured(fit, {f"against {axis}, from h = 5 on": other, "exponent of the norm itself": fit.value / 2})


@claim("C43", "1i", "at the end the largest component grows as M", "1", within((0.85, 1.15), (0.6, 1.4)),
       population="the runs of the size sweep from h = 10 on",
       quantity="exponent of the largest component at T")  # fmt: skip
def largest_at_end(data, definition):
    """Exponent of S1 at T."""
    options = _options(definition)
    fit = exponent(data["sweeps"], "largest", LAST, definition, **options)
    return Measured(fit, other_graph(data["sweeps"], "largest", LAST, definition, **options))


@claim("C44", "1i", "at the end the mean degree grows as M^(1/2)", "0.5", near(0.5),
       population="the runs of the size sweep from h = 10 on",
       quantity="exponent of the mean degree at T")  # fmt: skip
def degree_at_end(data, definition):
    """Exponent of the mean degree at T."""
    options = _options(definition)
    fit = exponent(data["sweeps"], "mean_degree", LAST, definition, **options)
    return Measured(fit, other_graph(data["sweeps"], "mean_degree", LAST, definition, **options))


@claim("C45", "1b, 1i", "the end state is quasi-critical: near the transition but below it", "below", at_least(3, 2),
       population="the five anchor runs",
       quantity="of three measures, those at T between t = 0 and 100", kind="mechanism")  # fmt: skip
def quasi_critical(data, definition):
    """How many of mean degree, S1 / M and susceptibility are at T above t = 0 and below t = 100; a seed each."""
    fig1 = data["fig1"]
    inside = {}
    for name in ("mean_degree", "largest", "susceptibility"):
        v = series.graph(fig1, name, definition)
        start, early, end = (anchors.at(fig1, v, t) for t in (0, FIRST, LAST))
        inside[name] = (start < end) & (end < early)
    count = np.sum(list(inside.values()), axis=0)
    note = ", ".join(f"{name.replace('_', ' ')} in {int(v.sum())} of {v.size} seeds" for name, v in inside.items())
    return Measured(count, note=note)

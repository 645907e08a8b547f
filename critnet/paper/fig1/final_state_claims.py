"""Claims of section 1.3, the scale-free final state: exponents of distributions and of sizes, each with its rule.

As coded an exponent of a distribution is minus the slope of the authors' pooled line (D19); the control is maximum
likelihood on the same stretch, in the graph of the raw activity where its counts are stored (degrees, components).
"""

import numpy as np

from critnet.errors import UsageError
from critnet.paper import anchors
from critnet.paper.fig1 import distributions, series
from critnet.paper.fig1.scaling_rules import exponent, exponent_verdict, measured_exponent, other_graph
from critnet.paper.ledger import UNTESTABLE, Claim, Measured, verdict
from critnet.paper.sweeps import select

FIRST, LAST = select.TRANSITION, select.LAST
NO_TAIL = "too few bins or values above the lower end of the line"


def _fit(data, kind, t, definition):
    """(exponent, low, high, note) of a distribution in one definition."""
    sweeps, rule = data["sweeps"], distributions.RULES[kind]
    runs = distributions.fitted_runs(sweeps, kind, t)
    if definition == "control":
        graph = "control" if kind == "degree" else "as-coded"
        fit = distributions.likelihood(sweeps, kind, runs, t, graph, x_min=rule.first)
        best = distributions.likelihood(sweeps, kind, runs, t, graph)
        ahead = [name.replace("_", " ") for name in fit.ratio if fit.ratio[name] < 0 and fit.ratio_p[name] < 0.01]
        note = (
            f"maximum likelihood on {fit.n_tail} values from {rule.first:.3g} on; significantly better: "
            f"{', '.join(ahead) or 'no rival'}; a power law fits best on {best.decades:.2f} decades"
        )
        return fit.alpha, fit.alpha - 1.96 * fit.error, fit.alpha + 1.96 * fit.error, note
    line, slope, _ = distributions.authors_line(sweeps, kind, t)
    note = f"slope {line.slope:.2f}, intercept {line.intercept:.2f}, R2 {line.r_squared:.2f} of {line.n_points} points"
    return -line.slope, -slope[1], -slope[0], note


def _runs(data, kind, t):
    return distributions.fitted_runs(data["sweeps"], kind, t).size


def degree_exponent(data, definition):
    """Exponent of the degree distribution at T: the authors' line above k = 1, or maximum likelihood from 2 on."""
    try:
        value, low, high, note = _fit(data, "degree", LAST, definition)
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    if definition == "as-coded":
        other = distributions.authors_line(data["sweeps"], "degree", LAST, "as-coded absolute")[0]
        note += f"; with edges at |C| >= 0.5: {-other.slope:.2f}"
    sizes = [
        distributions.supported(data["sweeps"], "degree", group, LAST, definition)
        for group in _each_size(data["sweeps"], "degree")
    ]
    judged = [s for s in sizes if s is not None]
    note += f"; D38 supports a power law at {sum(s[0] for s in judged)} of {len(judged)} sizes"
    return Measured([value], exponent_verdict(value, 1.34), note, (low, high), _runs(data, "degree", LAST))


def _each_size(data, kind):
    runs = distributions.fitted_runs(data, kind, LAST)
    hidden = select.hidden(data, runs)
    return [runs[hidden == h] for h in np.unique(hidden)]


def degree_exponent_kept(data, definition):
    """Difference of the degree exponents at T and at t = 100."""
    try:
        last, first = (_fit(data, "degree", t, definition)[0] for t in (LAST, FIRST))
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    away = abs(last - first)
    note = f"{last:.2f} at T, {first:.2f} at t = 100"
    return Measured([last - first], verdict(away <= 0.2, away <= 0.5), note, n_runs=_runs(data, "degree", LAST))


def degree_exponent_low(data, definition):
    """The degree exponent at T, below 2 or not."""
    try:
        value, low, high, _ = _fit(data, "degree", LAST, definition)
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    return Measured([value], verdict(value < 2, False), "", (low, high), _runs(data, "degree", LAST))


def _clique_exponent(data, t, paper, definition):
    """The authors' line through clique sizes above 4: of minus slope and intercept, the one nearer to the paper's."""
    try:
        value, low, high, note = _fit(data, "clique", t, definition)
        if definition == "control":
            note += "; cliques of the graph as coded, the only ones stored"
            return Measured([value], exponent_verdict(value, paper), note, (low, high), _runs(data, "clique", t))
        line, slope, intercept = distributions.authors_line(data["sweeps"], "clique", t)
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    cut = distributions.whole_runs(data["sweeps"], t)[1]
    both = {"minus the slope": (-line.slope, (-slope[1], -slope[0])), "the intercept": (line.intercept, intercept)}
    name = min(both, key=lambda n: abs(both[n][0] - paper))
    value, interval = both[name]
    other = next(v for n, (v, _) in both.items() if n != name)
    note = f"nearer to the paper: {name}; the other is {other:.2f}; R2 {line.r_squared:.2f} of {line.n_points} points"
    if cut.size:
        note += f"; {cut.size} runs with a truncated list left out"
    return Measured([value], exponent_verdict(value, paper), note, interval, _runs(data, "clique", t))


def clique_exponent(data, definition):
    """Exponent of the clique sizes at T."""
    return _clique_exponent(data, LAST, 3.02, definition)


def clique_exponent_at_transition(data, definition):
    """Exponent of the clique sizes at t = 100."""
    return _clique_exponent(data, FIRST, 1.97, definition)


def clique_exponent_grows(data, definition):
    """Exponent of the clique sizes at T less that at t = 100; the slopes, not the intercepts."""
    try:
        last, first = (_fit(data, "clique", t, definition)[0] for t in (LAST, FIRST))
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    note = f"{last:.2f} at T, {first:.2f} at t = 100"
    if definition == "as-coded":
        lines = [distributions.authors_line(data["sweeps"], "clique", t)[0].intercept for t in (LAST, FIRST)]
        note += f"; intercepts {lines[0]:.2f} and {lines[1]:.2f}"
    return Measured([last - first], verdict(last - first > 0.3, last > first), note, n_runs=_runs(data, "clique", LAST))


def activity_power_law(data, definition):
    """R2 of the authors' line through clique activities (h > 300, a_C > 6) and the decades it spans; control: D38."""
    sweeps, rule = data["sweeps"], distributions.RULES["activity"]
    runs = distributions.fitted_runs(sweeps, "activity", LAST)
    try:
        if definition == "control":
            best = distributions.likelihood(sweeps, "activity", runs, LAST, n_bootstrap=100)
            note = f"the value: decades of the best tail, exponent {best.alpha:.2f}, p = {best.p_value:.2f}"
            partly = best.p_value > 0.1 and best.decades >= 0.5
            return Measured([best.decades], verdict(best.supported, partly), note, n_runs=runs.size)
        line = distributions.authors_line(sweeps, "activity", LAST)[0]
        points = np.concatenate([m.centre for m in distributions.models(sweeps, "activity", runs, LAST)])
    except UsageError:
        return Measured([], UNTESTABLE, NO_TAIL)
    used = np.trunc(points[np.trunc(points) > rule.above])
    decades = np.log10(used.max() / used.min())
    straight = line.r_squared >= 0.9 and decades >= 0.5
    note = f"over {decades:.2f} decades, {line.n_points} points; minus slope {-line.slope:.2f}"
    return Measured([line.r_squared], verdict(straight, line.r_squared >= 0.75), note, n_runs=runs.size)


def all_power_laws(data, definition):
    """Share of component sizes at ten thresholds, cliques and activities at 0.5, whose tail D38 supports at T."""
    sweeps = data["sweeps"]
    asked = [("component", threshold) for threshold in sweeps["threshold"].values]
    asked += [("clique", 0.5), ("activity", 0.5)]
    found = {}
    for kind, threshold in asked:
        graph = definition if kind == "component" else "as-coded"
        runs = distributions.runs_with(sweeps, kind, LAST)
        found[kind, threshold] = distributions.supported(sweeps, kind, runs, LAST, graph, threshold)
    judged = {k: v for k, v in found.items() if v is not None}
    if not judged:
        return Measured([], UNTESTABLE, NO_TAIL)
    share = np.mean([s for s, _ in judged.values()])
    with_cut = np.mean([s for _, s in judged.values()])
    names = [f"{kind} at {threshold:.2f}" for (kind, threshold), s in judged.items() if s[1]]
    note = (
        f"{len(judged)} of {len(found)} tails long enough to ask; with a cut-off allowed {with_cut:.2f}"
        + (f" ({', '.join(names)})" if names else "")
        + "; cliques at one threshold only, those of the graph as coded"
    )
    return Measured([share], verdict(share >= 0.8, share >= 0.5), note, n_runs=select.runs_of(sweeps, "sizes").size)


def _options(definition):
    """The authors fit against h from 10 on; the control against M."""
    return {"axis": "h" if definition == "as-coded" else "M", "first": 10}


def strength_at_end(data, definition):
    """Exponent of F2 at T: 2 plus that of F2 / M^2 in h (the authors' abscissa) or M (control), from h = 10 on."""
    fit = exponent(data["sweeps"], "strength", LAST, definition, **_options(definition))
    note = ""
    if fit is not None:
        axis = "M" if definition == "as-coded" else "h"
        other = exponent(data["sweeps"], "strength", LAST, definition, axis=axis)
        note = f"against {axis}, from h = 5 on: {2 + other.value:.2f}; the norm itself {1 + fit.value / 2:.2f}"
    return measured_exponent(fit, 1.75, note, shift=2.0)


def largest_at_end(data, definition):
    """Exponent of S1 at T."""
    options = _options(definition)
    fit = exponent(data["sweeps"], "largest", LAST, definition, **options)
    note = other_graph(data["sweeps"], "largest", LAST, definition, **options)
    return measured_exponent(fit, 1.0, note, reproduced=(0.85, 1.15), partly=(0.6, 1.4))


def degree_at_end(data, definition):
    """Exponent of the mean degree at T."""
    options = _options(definition)
    fit = exponent(data["sweeps"], "mean_degree", LAST, definition, **options)
    return measured_exponent(fit, 0.5, other_graph(data["sweeps"], "mean_degree", LAST, definition, **options))


def quasi_critical(data, definition):
    """How many of mean degree, S1 / M and susceptibility lie at T between t = 0 and t = 100; a seed each."""
    fig1 = data["fig1"]
    inside = {}
    for name in ("mean_degree", "largest", "susceptibility"):
        v = series.graph(fig1, name, definition)
        start, early, end = (anchors.at(fig1, v, t) for t in (0, FIRST, LAST))
        inside[name] = (np.minimum(start, early) < end) & (end < np.maximum(start, early))
    count = np.sum(list(inside.values()), axis=0)
    note = ", ".join(f"{name.replace('_', ' ')} in {int(v.sum())} of {v.size} seeds" for name, v in inside.items())
    return Measured(count, verdict(np.median(count) == 3, np.median(count) >= 2), note)


DATA = ("sweeps", "fig1")
CLAIMS = [
    Claim(
        "C34", "1.3", "1f", "the degree distribution at the end is a power law", "exponent 1.34",
        "R: exponent within 0.15; P: within 0.4; the support by D38 is in the note", degree_exponent,
    ),
    Claim(
        "C35", "1.3", "1f", "the degree exponent is that of the transition", "equal",
        "R: exponents at T and at 100 differ by <= 0.2; P: <= 0.5", degree_exponent_kept,
    ),
    Claim(
        "C36", "1.3", "1f", "the degree exponent is below the usual 2 to 3", "< 2", "R: < 2", degree_exponent_low,
    ),
    Claim(
        "C37", "1.3", "1g", "clique sizes at the end follow a power law", "exponent 3.02",
        "R: slope or intercept, whichever is nearer, within 10 %; P: within 0.4", clique_exponent,
    ),
    Claim(
        "C38", "1.3", "1g", "clique sizes at the transition follow a power law", "exponent 1.97",
        "R: slope or intercept, whichever is nearer, within 10 %; P: within 0.4", clique_exponent_at_transition,
    ),
    Claim(
        "C39", "1.3", "1g", "the clique exponent at the end exceeds that at the transition", "3.02 > 1.97",
        "R: difference of the slopes > 0.3; P: > 0", clique_exponent_grows,
    ),
    Claim(
        "C40", "1.3", "1h", "clique activities follow a power law", "a power law",
        "R: R2 of the line >= 0.9 over >= 0.5 decades; P: >= 0.75; control: D38, P: p > 0.1 over 0.5 decades",
        activity_power_law,
    ),
    Claim(
        "C41", "1.3", "1g, 1h", "component sizes, clique sizes and activities are power laws with a cut-off",
        "at all thresholds", "R: D38 supports >= 80 % of the tails stored; P: >= 50 %", all_power_laws,
    ),
    Claim(
        "C42", "1.3", "1i", "at the end the strength grows as M^(7/4)", "1.75",
        "R: exponent of F2 within 10 %; P: within 0.4", strength_at_end,
    ),
    Claim(
        "C43", "1.3", "1i", "at the end the largest component grows as M", "1",
        "R: exponent in [0.85, 1.15]; P: in [0.6, 1.4]", largest_at_end,
    ),
    Claim(
        "C44", "1.3", "1i", "at the end the mean degree grows as M^(1/2)", "0.5",
        "R: exponent within 0.15; P: within 0.4", degree_at_end,
    ),
    Claim(
        "C45", "1.3", "1b, 1i", "the end state is quasi-critical: near the transition but below it", "below",
        "R: mean degree, S1 / M and susceptibility at T all between t = 0 and t = 100; P: two", quasi_critical,
    ),
]  # fmt: skip

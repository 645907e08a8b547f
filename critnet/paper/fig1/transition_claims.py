"""Claims of section 1.2, the connectivity transition, and C02: what the sweeps say."""

import functools

import numpy as np

from critnet.paper import anchors, ledger, published
from critnet.paper.fig1 import scaling, series
from critnet.paper.fig1.scaling_rules import exponent, other_graph
from critnet.paper.ledger import Amended
from critnet.paper.measured import (
    SIZES,
    Measured,
    NotTestable,
    estimate,
    over_networks,
    rank_of_runs,
    rank_over_sizes,
    share,
)
from critnet.paper.rules import above, all_of, at_least, at_most, below, both, for_reproduced, near, within
from critnet.paper.sweeps import select
from critnet.statistics.scaling import exponent_with_zeros, scaling_exponent

claim = functools.partial(
    ledger.claim,
    section="1.2",
    data=("sweeps", "anchors", "fig1"),
    population="the runs of the size sweep, those that guess included",
)
SMALL = 400  # M, the paper's bound of small models
GAP = "largest gap between neighbouring seeds over the rise of F2"
LARGE = 250  # h, from where the paper's large models start
# name in data/fig1.nc, and whether it rises (1) or falls (-1) at the transition
METRICS = {
    "survival": 1, "mean_degree": 1, "entropy": 1, "largest": 1, "n_components": -1, "mean_finite": 1,
    "susceptibility": 1,
}  # fmt: skip


@claim("C02", "1a", "the same for all initialisations, hyperparameters and sizes", "universal",
       at_least(0.9, 0.6), section="1.1",
       population="all runs over initialisations, sizes, batch sizes and rates, each once",
       quantity="share of runs that show C01", kind="existence")  # fmt: skip
def universal(data, definition):
    """Share of the runs over initialisations, sizes, batch sizes and rates, each counted once, that show C01."""
    sweeps = data["sweeps"]
    runs = {name: select.runs_of(sweeps, name) for name in ("inits", "sizes", "batches", "rates")}
    unique = np.unique(np.concatenate(list(runs.values())))
    kept, hundred = sweeps["persistence"].sel(definition=definition).values, select.at(sweeps, select.TRANSITION)
    shows = (kept[:, hundred] >= 0.6) & (kept[:, hundred] >= 2 * np.abs(kept[:, 0]))
    learned = unique[select.learned(sweeps, unique)]
    also = {"of those that learn": share(shows[learned].sum(), learned.size)} if learned.size else {}
    note = ", ".join(f"{name} {shows[r].sum()} of {r.size}" for name, r in runs.items() if r.size)
    return Measured(share(shows[unique].sum(), unique.size), also, note)


@claim("C23", "1b, 1e", "all graph metrics show the same sharp transition", "all", at_least(0.8, 0.5),
       population="the five anchor runs",
       quantity="share of 8 metrics with an inner extremum at t in [5, 300]", kind="existence")  # fmt: skip
def all_metrics(data, definition):
    """Share of eight metrics with an extremum, beyond both ends, at t in [5, 300]; a seed each."""
    fig1 = data["fig1"]
    t, shares = anchors.steps(fig1), []
    values = [series.strength(fig1, definition)]
    values += [sign * series.graph(fig1, name, definition) for name, sign in METRICS.items()]
    for seed in range(fig1.sizes["seed"]):
        inside = []
        for v in values:
            when = t[v[seed].argmax()]
            inside.append(5 <= when <= 300 and v[seed].max() > max(v[seed, 0], v[seed, -1]))
        shares.append(np.mean(inside))
    names = ["strength", *METRICS]
    always = [n for n, v in zip(names, values, strict=True)
              if all(5 <= t[row.argmax()] <= 300 and row.max() > max(row[0], row[-1]) for row in v)]  # fmt: skip
    return Measured(shares, note=f"in every seed: {', '.join(always) or 'none'}")


@claim("C24", "1e", "at the transition the strength grows as M^(3/2)", "1.5", near(1.5),
       quantity="exponent of F2 in M at t = 100")  # fmt: skip
def strength_at_transition(data, definition):
    """Exponent of F2 = ||C||^2 in M at t = 100, from h = 5 on."""
    fit = exponent(data["sweeps"], "strength", select.TRANSITION, definition, shift=2.0)
    return Measured(fit, {"exponent of the norm itself": fit.value / 2})


@claim("C25", "1e", "at the transition the largest component grows as M", "1", within((0.85, 1.15), (0.6, 1.4)),
       quantity="exponent of the largest component in M at t = 100")  # fmt: skip
def largest_at_transition(data, definition):
    """Exponent of S1 in M at t = 100."""
    fit = exponent(data["sweeps"], "largest", select.TRANSITION, definition)
    return Measured(fit, other_graph(data["sweeps"], "largest", select.TRANSITION, definition))


@claim("C26", "1e", "at the transition the mean degree is of order one at all sizes", "~ 1",
       within((-0.2, 0.2), (-0.4, 0.4)),
       quantity="exponent of the mean degree in M at t = 100")  # fmt: skip
def degree_at_transition(data, definition):
    """Exponent of the mean degree in M at t = 100: "~ 1" is the notation of a scaling law, M to the power of 0."""
    sweeps = data["sweeps"]
    fit = exponent(sweeps, "mean_degree", select.TRANSITION, definition)
    runs, values = scaling.sizes_at(sweeps, select.TRANSITION, definition)
    mean = select.by_size(sweeps, runs, values["mean_degree"])[1].mean()
    return Measured(fit, {"mean over the sizes": mean})


def _peaks(data, experiment, definition):
    """Runs of a sweep that learn and whose strength has an inner maximum, its times, and how many were left out."""
    runs = select.runs_of(data, experiment)
    learned = runs[select.learned(data, runs)]
    times = select.peak_times(data, learned, definition)
    inner = np.array([steps_inside(p, select.steps(data)) for p in times], dtype=bool)
    if inner.sum() < 3:
        raise NotTestable(f"{inner.sum()} of the {experiment} with a peak")
    return learned[inner], np.array([p.value for p in times])[inner], runs.size - int(inner.sum())


def steps_inside(peak, steps):
    return steps[0] < peak.value < steps[-1] - 1e-6


@claim("C27", "1e", "the transition does not depend on the batch size", "insensitive", at_most(0.3, 0.6),
       population="the runs over batch sizes that learn and have an inner peak",
       quantity="standard deviation of the peak time over its mean", kind="mechanism")  # fmt: skip
def insensitive_to_batch(data, definition):
    """Standard deviation of the peak time of F2 over batch sizes at the rate 0.1, over its mean."""
    runs, times, out = _peaks(data["sweeps"], "batches", definition)
    seeds = [p.value for p in select.peak_times(data["anchors"], np.arange(data["anchors"].sizes["run"]), definition)]
    also = {
        "the same of five seeds at B = 64": np.std(seeds) / np.mean(seeds),
        "Spearman with B": rank_of_runs(data["sweeps"]["batch_size"].values[runs], times),
    }
    note = (
        f"peaks at {times.min():.0f} to {times.max():.0f}; {out} runs that do not learn or have no inner peak left "
        "out; peaks interpolated on the measured iterations"
    )
    return Measured(over_networks(times, lambda x, axis: x.std(axis=axis) / x.mean(axis=axis)), also, note)


@claim("C28", "1e", "the transition comes earlier at larger learning rates", "earlier", at_most(-0.8, -0.5),
       population="the runs over learning rates that learn and have an inner peak",
       quantity="rank correlation of peak time and learning rate", kind="mechanism")  # fmt: skip
def earlier_with_rate(data, definition):
    """Spearman correlation of the peak time of F2 with the learning rate, at B = 64."""
    sweeps = data["sweeps"]
    runs, times, out = _peaks(sweeps, "rates", definition)
    rates = sweeps["learning_rate"].values[runs]
    slope = scaling_exponent(rates, times, random=np.random.default_rng(0))
    every = select.runs_of(sweeps, "rates")
    all_times = [p.value for p in select.peak_times(sweeps, every, definition)]
    also = {
        "exponent of the peak time in the rate": estimate(slope[:3], SIZES, slope.n_runs),
        "Spearman with all runs": rank_of_runs(sweeps["learning_rate"].values[every], all_times),
    }
    note = f"{out} runs that do not learn or have no inner peak left out"
    return Measured(rank_of_runs(rates, times), also, note)


@claim("C29", "1b, 1e", "the susceptibility jumps at the transition", "peak",
       all_of(at_least(3, 1.5), at_most(3, of="factor between its peak and that of F2")),
       population="the five anchor runs",
       quantity="peak of the susceptibility over its median", kind="existence")  # fmt: skip
def susceptibility_jump(data, definition):
    """Peak of the susceptibility over its median over the snapshots, a seed each."""
    fig1 = data["fig1"]
    t, chi = anchors.steps(fig1), series.graph(fig1, "susceptibility", definition)
    ratio = chi.max(axis=1) / np.maximum(np.median(chi, axis=1), 1e-9)
    when = np.maximum(t[chi.argmax(axis=1)], 0.5)
    peak = t[series.strength(fig1, definition).argmax(axis=1)]
    factor = np.maximum(when / peak, peak / when)
    note = f"largest at t = {', '.join(f'{w:g}' for w in when)}; the peak of F2 at {', '.join(map(str, peak))}"
    return Measured(ratio, {"factor between its peak and that of F2": factor}, note)


@claim("C30", "1e", "the transition vanishes gradually for larger models", "vanishes",
       all_of(at_most(-0.8, below=0), for_reproduced(at_most(1.05, of="F2(peak) / F2(T) at the largest"))),
       quantity="rank correlation of F2(peak) / F2(T) with M", kind="existence")  # fmt: skip
def vanishes(data, definition):
    """Spearman correlation of F2(peak) / F2(T) with the size."""
    sweeps = data["sweeps"]
    runs = select.runs_of(sweeps, "sizes")
    f = select.strength(sweeps, runs, definition)
    every = f.max(axis=1) / f[:, -1]
    sizes, ratio = select.by_size(sweeps, runs, every)
    if sizes.size < 5:
        raise NotTestable(f"{sizes.size} sizes")
    gone = sizes[[(ratio[k:] <= 1.05).all() for k in range(sizes.size)]]
    note = f"the largest has h = {sizes[-1]}" + (f"; at most 1.05 from h = {gone[0]} on" if gone.size else "")
    also = {"F2(peak) / F2(T) at the largest": ratio[-1]}
    return Measured(rank_over_sizes(select.hidden(sweeps, runs), every), also, note)


@claim("C31", "1e, 1i", "large models keep an extensive graph at the end", "highest connectivity at T",
       at_least(1, 0.8), population="the runs of the size sweep with h >= 250",
       quantity="mean degree at T over t = 100", kind="existence")  # fmt: skip
def large_stay_connected(data, definition):
    """Mean degree at T over that at t = 100 of the networks with h >= 250, their median."""
    runs, k, _ = _ends(data["sweeps"], definition, lambda h: h >= LARGE)
    ratio = k[1] / k[0]
    return Measured(over_networks(ratio), {"share of them that grow": share((ratio >= 1).sum(), runs.size)})


@claim("C33", "1b, 1i", "small models end fragmented, below the connectivity of the transition", "M <= 400",
       at_least(0.8, 0.5), section="1.3", population="the runs of the size sweep with M <= 400",
       quantity="share of runs with more components and a smaller mean degree at T than at t = 100",
       kind="existence")  # fmt: skip
def small_end_fragmented(data, definition):
    """Share of the networks with M <= 400 with more components and a smaller mean degree at T than at t = 100."""
    sweeps = data["sweeps"]
    runs, k, n = _ends(sweeps, definition, lambda h: published.neurons(h) <= SMALL)
    shows = (k[1] < k[0]) & (n[1] > n[0])
    sizes, most = select.by_size(sweeps, runs, shows.astype(float))
    against = sizes[most <= 0.5]
    note = f"{sizes.size} sizes" + (f"; not at h = {', '.join(map(str, against))}" if against.size else "")
    return Measured(share(shows.sum(), runs.size), note=note)


def _ends(data, definition, chosen):
    """Runs of the chosen sizes; their mean degree and number of components at t = 100 and at T, (2, run) each."""
    runs = select.runs_of(data, "sizes")
    runs = runs[chosen(select.hidden(data, runs))]
    if not runs.size:
        raise NotTestable("no run of these sizes")
    ends = [select.at(data, select.TRANSITION), select.at(data, select.LAST)]
    k, n = (select.graph(data, m, runs, definition)[:, ends].T for m in ("mean_degree", "n_components"))
    return runs, k, n


@claim("C32", "1e", "the transition is of second order", "continuous",
       both(above(0.2), above(0, of="exponent of the largest slope of F2 / M^2 in ln t")),
       amended=Amended(both(above(0.2), below(0.5, of=GAP)),
                       "no five seeds can fail its second condition; now it is the paper's, that derivatives sharpen"),
       quantity="exponent of the largest susceptibility in M", kind="mechanism")  # fmt: skip
def second_order(data, definition):
    """Exponent of the largest susceptibility in M from h = 5 on, networks without one (0) included."""
    sweeps, five = data["sweeps"], data["anchors"]
    runs = select.runs_of(sweeps, "sizes")
    runs = runs[select.hidden(sweeps, runs) >= 5]
    m, random = select.neurons(sweeps, runs), np.random.default_rng(0)
    if np.unique(m).size < 3:
        raise NotTestable("fewer than three sizes")
    chi = select.graph(sweeps, "susceptibility", runs, definition).max(axis=1)
    f, x = select.strength(sweeps, runs, definition), np.log1p(select.steps(sweeps))
    early = np.exp(x) - 1 <= 300
    rise = np.maximum((np.diff(f[:, early], axis=1) / np.diff(x[early])).max(axis=1) / m**2, 0)
    growth, sharp = (exponent_with_zeros(m, y, random=random) for y in (chi, rise))
    seeds = select.strength(five, np.arange(five.sizes["run"]), definition)
    inner = (select.steps(five) >= 1) & (select.steps(five) <= 300)
    gap = np.diff(np.sort(seeds[:, inner], axis=0), axis=0).max() / np.mean(seeds.max(axis=1) - seeds[:, 0])
    also = {"exponent of the largest slope of F2 / M^2 in ln t": estimate(sharp[:3], SIZES, sharp.n_runs), GAP: gap}
    note = f"{(chi == 0).sum()} of {runs.size} networks have no susceptibility, in {(rise == 0).sum()} F2 never rises"
    return Measured(estimate(growth[:3], SIZES, growth.n_runs), also, note)
